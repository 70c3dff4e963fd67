package locale_test

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"

	"olivebranch/pkg/locale"
)

// sorted puts names in the order of a register.
func sorted(l *locale.Locale, list []string) []string {
	order := l.Collator()
	_, rank := l.Index()
	return slices.SortedStableFunc(slices.Values(list), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), order.CompareString(a, b))
	})
}

func TestNamesStandUnderTheLettersOfTheReader(t *testing.T) {
	t.Parallel()
	all := []string{
		"100 voices", "Zebra", "apple", "Äpfel", "Ñandú", "Nube", "Ørsted", "Łódź", "école", "Eden", "Çelik", "Œuvre", "Ŋäm",
		"Яблоня", "Йога", "Иван", "Ёлка", "Берег", "арка", "Ґанок", "Ω-Kreis", "ειρήνη",
		"한들", "까치", "가람", "새벽", "씨앗", "하늘", "ひだまり", "ガラス", "ぱん", "やま", "わか", "平和", "国际", "阿姨", "竹影", "青石",
		"سلام", "أزهار", "انجمن", "آرمان", "پیام", "شالوم", "שלום", "शान्ति", "শান্তি", "அமைதி", "สันติ", "ខ្មែរ", "ყვავილი", "Ծիրանի", "ሰላም", "සාමය", "ငြိမ်း",
	}
	catalogues := load(t, files(t, map[string]string{"en": "", "ko": "", "ar": "", "fr": "", "es": "", "de": "", "ru": "", "zh": "", "ja": "", "id": ""}))
	for _, lang := range catalogues.Languages() {
		l := catalogues.For(lang.Code)
		letter, _ := l.Index()
		seen, last := map[string]bool{}, ""
		for _, name := range sorted(l, all) {
			at := letter(name)
			if at != last && seen[at] {
				t.Errorf("%s: %s stands under %s, away from the others there: %v", lang.Code, name, at, sorted(l, all))
			}
			last, seen[at] = at, true
			if at == "…" || at == "" {
				t.Errorf("%s: %s stands under %q", lang.Code, name, at)
			}
		}
	}
	for lang, want := range map[string]string{
		"en": "apple A, 한들 가, أزهار ع, 100 voices #, «Zebra» Z", "ko": "한들 ㅎ, 까치 ㄱ, 씨앗 ㅅ, 平和 ㅍ, 国际 字, apple A",
		"ar": "أزهار ا, آرمان ا, سلام س, 한들 가", "ru": "Яблоня Я, Йога Й, арка А, apple A", "zh": "国际 G, 阿姨 A, 竹影 Z, 青石 Q, 平和 P",
		"ja": "ひだまり は, ガラス か, ぱん は, やま や, わか わ, 平和 字",
	} {
		letter, _ := catalogues.For(lang).Index()
		for pair := range strings.SplitSeq(want, ", ") {
			cut := strings.LastIndexByte(pair, ' ')
			if got := letter(pair[:cut]); got != pair[cut+1:] {
				t.Errorf("%s: %s stands under %s, want %s", lang, pair[:cut], got, pair[cut+1:])
			}
		}
	}
}

func TestContinentsHoldEveryRegionOnce(t *testing.T) {
	t.Parallel()
	l := load(t, files(t, map[string]string{"en": ""})).For("en")
	seen := map[string]bool{}
	for _, c := range l.Continents() {
		for _, code := range append([]string{c.Code}, c.Parts...) {
			if seen[code] || l.Region(code) == "" {
				t.Errorf("region %s stands there twice, or has no name", code)
			}
			seen[code] = true
		}
	}
	want := map[string]bool{}
	for _, country := range locale.Countries() {
		for _, code := range locale.RegionsOf(country) {
			want[code] = code != "001"
		}
	}
	delete(want, "001")
	if !maps.Equal(seen, want) {
		t.Errorf("regions %v, want %v", slices.Sorted(maps.Keys(seen)), slices.Sorted(maps.Keys(want)))
	}
	if l.Continents()[0].Code != "002" {
		t.Errorf("Africa does not come first: %v", l.Continents())
	}
}

func TestOwnNames(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"ko": "한국어", "fr": "Français", "pt-BR": "Português", "th": "ไทย", "zz": "zz"} {
		if got := locale.OwnName(code); !strings.EqualFold(got, want) && !strings.HasPrefix(got, want) {
			t.Errorf("%s is %s, want %s", code, got, want)
		}
	}
	if locale.IsTag("not a tag") || !locale.IsTag("zh-Hant") {
		t.Error("what a tag is")
	}
}
