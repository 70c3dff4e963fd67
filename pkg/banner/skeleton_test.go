package banner_test

import (
	"strings"
	"testing"

	"olivebranch/pkg/banner"
)

func TestSpliceFillsEverySlotAndEscapesPeoplesWords(t *testing.T) {
	t.Parallel()
	doc := banner.Before.Mark() + "<b>" + banner.Number.Mark() + "</b>" + banner.After.Mark() +
		" " + banner.Name.Mark() + "|" + banner.NameLang.Mark() + "|" + banner.Slug.Mark() + "|" + banner.Name.Mark()
	v := &banner.Values{Name: `<"A"&'B'>`, NameLang: `"`, Slug: "ab", Phrase: banner.NewPhrase(english{}, 1234)}
	const name = "&lt;&#34;A&#34;&amp;&#39;B&#39;&gt;"
	want := "<b>1,234</b> people have signed " + name + "|&#34;|ab|" + name
	if got := string(banner.Cut([]byte(doc)).Append(nil, v)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestADocumentWithSomethingLikeAMarkIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{"", "~olive~", "~olive~Z~", "~olive~a", "x~olive~~olive~", "~olive"} {
		if got := string(banner.Cut([]byte(doc)).Append(nil, &banner.Values{})); got != doc {
			t.Errorf("%q became %q", doc, got)
		}
	}
}

func TestEscapeLeavesOutWhatActsOnTheTextAround(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"O'Brien":              "O&#39;Brien",
		"</script>":            "&lt;/script&gt;",
		"a\u202Eb\u2069c":      "abc",
		"a\x00b\x1Bc\nd":       "abc d",
		"a\xFFb":               "a\uFFFDb",
		"\uFFFD":               "\uFFFD",
		"평화 سلام 👩‍👩‍👧":        "평화 سلام 👩‍👩‍👧",
		"\uFFFE":               " ",
		strings.Repeat("&", 3): "&amp;&amp;&amp;",
	} {
		if got := banner.Escape(text); got != want {
			t.Errorf("Escape(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestTheSumDiffersWithEverythingThatIsShown(t *testing.T) {
	t.Parallel()
	of := func(doc, name, lang, slug string, n int64) uint64 {
		return banner.Cut([]byte(doc)).Sum(&banner.Values{Name: name, NameLang: lang, Slug: slug, Phrase: banner.NewPhrase(english{}, n)})
	}
	first := of("doc", "ab", "c", "d", 1)
	if first != of("doc", "ab", "c", "d", 1) {
		t.Fatal("equal documents have different sums")
	}
	for what, other := range map[string]uint64{
		"document": of("dock", "ab", "c", "d", 1),
		"name":     of("doc", "abc", "c", "d", 1),
		"border":   of("doc", "a", "bc", "d", 1),
		"lang":     of("doc", "ab", "x", "d", 1),
		"slug":     of("doc", "ab", "c", "x", 1),
		"number":   of("doc", "ab", "c", "d", 2),
	} {
		if other == first {
			t.Errorf("another %s has the same sum", what)
		}
	}
}

// Who has the picture of an older program must not be told that it is the same.
func TestTheSumDiffersWithTheWordsAroundWhatIsSpliced(t *testing.T) {
	t.Parallel()
	v := &banner.Values{Name: "ACME", Line: "Because.", Phrase: banner.NewPhrase(english{}, 1234)}
	sum := func(l banner.Layout, w spoken) uint64 {
		w.lang, w.dir = "en", "ltr"
		return banner.SVG(banner.Picture{Layout: l, Variant: banner.WithLine, Design: &banner.Design{}}, w, peace).Sum(v)
	}
	for l, w := range map[banner.Layout]spoken{banner.Bar: {with: "beside {{.Name}}"}, banner.Box: {line: "‘{{.Line}}’"}, banner.Badge: {sign: "Join"}} {
		usual := sum(l, spoken{})
		if usual != sum(l, spoken{}) {
			t.Errorf("%s: equal pictures have different sums", l)
		}
		if usual == sum(l, w) {
			t.Errorf("%s: other words have the same sum", l)
		}
	}
}
