package plaintext

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"olivebranch/pkg/fault"
)

// keyOf is the message key of err, "" for none.
func keyOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind != fault.Invalid {
		t.Fatalf("not an Invalid fault: %v", err)
	}
	return e.Key
}

func TestNamesThatPeopleHave(t *testing.T) {
	t.Parallel()
	names := []string{
		"O'Brien", "O’Brien", "Null", "undefined", "X", "李", "Ł", "김민수", "남궁민수", "D'Angelo-Šmídová",
		"Nguyễn Thị Minh Khai", "محمد بن عبد الله", "علی\u200Cرضا", "می\u200Cخواهم", "מַלְאָךְ", "יְרוּשָׁלִַ֗ם",
		"क्\u200Dष", "श्री\u200Cमान", "ශ්\u200Dරී", "র\u200D্যাব", "สมชาย ชื่นใจ", "བསྟན་འཛིན་རྒྱ་མཚོ", "ཧཀྵྨླྺྼྻྂ",
		"မြန်မာနိုင်ငံ", "ខ្មែរ", "കൃഷ്ണൻ", "நாராயணன்", "ᠮᠣᠩᠭᠣᠯ\u180Eᠠ", "ßtraße", "İbrahim Işık", "葛\U000E0100城市",
		"👩\u200D👩\u200D👧\u200D👦", "🏳\uFE0F\u200D🌈", "👩🏻\u200D❤\uFE0F\u200D💋\u200D👩🏽", "❤\uFE0F", "1\uFE0F\u20E3", "🇰🇷",
		strings.Repeat("a", 60), "J.R.R. Tolkien", "Dr.Kim", "J.Li", "J.R.KIM", "St.Mary", "M. Sc. Ana", "Ph.D. Bo", "Ana/Bo", "Mary-Ann (Polly) Jr.",
		"Martin Luther King, Jr.", "100% Peace", "Peace & Co", "<b>Bo</b>", "a=b",
	}
	for _, name := range names {
		want := norm.NFC.String(name)
		got, err := Name(name, PersonName)
		if err != nil || got != want {
			t.Errorf("Name(%+q) = %+q, %v; want %+q", name, got, err, want)
		}
		if again, err := Clean(norm.NFD.String(name), PersonName); err != nil || again != want {
			t.Errorf("decomposed %+q cleans to %+q, %v", name, again, err)
		}
	}
}

func TestCleanRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string][]string{
		"text.encoding": {
			"a\xff", "\x00", "a\x00b", "\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\x80", "\xed\xa0\x80", "\xed\xbf\xbf",
			"\xf4\x90\x80\x80", "a\xc3", "\uFFFE", "a\uFFFF", "\uFDD0", "\U0010FFFF", "caf\uFFFD",
		},
		"text.control": {
			"a\u202Eb", "\u202A", "a\u202D", "\u2066a\u2069", "\u2067x", "\u2068x", "\u202Ca", "a\u0085b", "\u009Bm", "\u0080a",
			"a\x01", "\x1b[31m", "a\x7f", "\uFEFFa", "a\uFEFF", "\U000E0041a", "🏴\U000E0067\U000E0062\U000E007F", "\U000E0001a",
			"\uFFF9a\uFFFAb\uFFFB", "\u206Aa", "\u206Fa", "\U0001D173a", "\U0001BCA0a", "a\vb", "a\fb",
			"a\nb", "a\r\nb", "Bob\r\nBcc: x", "a\u2028b", "a\u2029b", "\uFFF0a", "\U000E01F0a", "\u2065a",
		},
		"text.marks": {
			"a" + strings.Repeat("\u0301", 200), "a" + strings.Repeat("\u0301", 10), "z" + strings.Repeat("\u0489", 12),
			"a" + strings.Repeat("\u0316\u034F", 40), "\u0301a", " \u0301", "\u0E34", strings.Repeat("\u1100", 33),
			"👍" + strings.Repeat("🏻", 40), "ก" + strings.Repeat("\u0E34", 20), "א" + strings.Repeat("\u05B0", 10),
			"क" + strings.Repeat("\u093F", 10), "e" + strings.Repeat("\u200D\u0301", 30),
		},
		"text.long": {
			strings.Repeat("a", 101), strings.Repeat("李", 101), strings.Repeat("a", 1<<20), strings.Repeat(" ", 1<<20),
			strings.Repeat("👩\u200D👩\u200D👧\u200D👦", 60), strings.Repeat("\xff", 1<<20),
		},
	}
	for key, texts := range cases {
		for _, s := range texts {
			got, err := Clean(s, PersonName)
			if k := keyOf(t, err); k != key {
				t.Errorf("Clean(%.40q) = %+.40q, %q; want %s", s, got, k, key)
			}
		}
	}
}

func TestCleanFolds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"", ""}, {"   ", ""}, {"\u00A0\u3000\t", ""}, {"\u200B\u200C\u200D\u2060", ""}, {"\uFEFF", ""}, {"\u200E\u200F", ""},
		{"\u3164", ""}, {"\u2800", ""}, {"\u115F\u1160", ""}, {"\uFE0F", ""}, {"\u00AD", ""}, {"\u180E", ""}, {"\U000E0100", ""},
		{"  Ana \t Bo  ", "Ana Bo"}, {"山田\u3000太郎", "山田 太郎"}, {"A\u00A0B", "A B"}, {"\u200EAna\u200F", "Ana"},
		{"An\u00ADna", "Anna"}, {"An\u200Bna", "Anna"}, {"An\u200Dna", "Anna"}, {"An\u200C\u0301na", "Ańna"}, {"\u200DAna\u200C", "Ana"},
		{"علی\u200C", "علی"}, {"علی\u200C رضا", "علی رضا"}, {"علی\u200C\u200C\u200Dرضا", "علی\u200Cرضا"}, {"\u200Cعلی", "علی"},
		{"അവന\u0D4D\u200D", "അവൻ"}, {"উৎসব", "উৎসব"}, {"উত\u09CD\u200Dসব", "উৎসব"},
		{"👍\u200D", "👍"}, {"👍\u200Da", "👍a"}, {"🙂\u200D↔\uFE0F", "🙂\u200D↔\uFE0F"}, {"a\uFE0F\uFE0F", "a"}, {"❤\uFE0F\uFE0F\uFE0E", "❤\uFE0F"},
		{"A\U000E0150\U000E0151", "A"}, {"ab\uFFFC", "ab"}, {"e\u0301", "é"}, {"\u212B", "Å"}, {"각", "각"},
		{"۱۲\u200Cساله", "۱۲\u200Cساله"},
	} {
		got, err := Clean(c.in, PersonName)
		if err != nil || got != c.want {
			t.Errorf("Clean(%+q) = %+q, %v; want %+q", c.in, got, err, c.want)
		}
	}
}

func TestLinesAreKeptWhereTheyAreAllowed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"a\r\nb\rc\nd", "a\nb\nc\nd"}, {"a \n b", "a\nb"}, {"\n\na\n\n", "a"}, {"a\n\n\nb", "a\n\n\nb"},
		{"a\n\n\n\n\n\nb", "a\n\n\nb"}, {"a\n \n\t\n  \n \nb", "a\n\n\nb"}, {"a\u2028b\u2029c", "a\nb\nc"}, {"\r\n\r\n", ""},
		{"see https://example.org", "see https://example.org"}, {"= 1", "= 1"},
	} {
		got, err := Clean(c.in, Message)
		if err != nil || got != c.want {
			t.Errorf("Clean(%q) = %q, %v; want %q", c.in, got, err, c.want)
		}
	}
}

func TestTooLongSaysHowManyCharactersFit(t *testing.T) {
	t.Parallel()
	family := "👩\u200D👩\u200D👧\u200D👦" // 25 bytes, one grapheme
	for _, c := range []struct {
		in    string
		limit Limit
		max   int
	}{
		{strings.Repeat("a", 101), PersonName, 100},
		{strings.Repeat("a", 1e6), PersonName, 100},
		{strings.Repeat(family, 17), PersonName, 16},
		{strings.Repeat("b", 501), Message, 500},
		{strings.Repeat(family, 100), Message, 81},
	} {
		_, err := Clean(c.in, c.limit)
		var e *fault.Error
		if !errors.As(err, &e) || e.Key != "text.long" || e.Args["Max"] != c.max {
			t.Errorf("%d bytes: %v %v, want text.long with Max %d", len(c.in), err, e, c.max)
		}
	}
	for _, fits := range []string{strings.Repeat("가", 100), norm.NFD.String(strings.Repeat("각", 100)), strings.Repeat(family, 16)} {
		if _, err := Clean(fits, PersonName); err != nil {
			t.Errorf("%.20q…: %v", fits, err)
		}
	}
}

func TestRequired(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", " ", "\u200B", "\u3000", "\u200D\u200C", "\uFEFF ", "\u3164"} {
		if _, err := Required(s, PersonName); keyOf(t, err) != "text.required" {
			t.Errorf("Required(%+q): %v", s, err)
		}
	}
}

func TestNameRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string][]string{
		"text.formula": {"=1+1", " =1", "\t=1", "\tAna", "+1", "-1", "@SUM(1)", "＝1", "＋1", "－1", "＠a", "﹦1", "\u200B=1", "−1"},
		"text.url": {
			"http://evil.example", "HTTPS://EVIL.EXAMPLE", "visit https://x", "www.evil.example", "Ana www.a", "evil.com", "EVIL.COM", "Evil.Com",
			"evil.com/x", "win at evil.xyz now", "evil.co.uk", "ｈｔｔｐ：／／ｘ", "evil。com", "javascript:alert(1)", "mailto:a@b.com", "a@b.com",
			"(evil.net)", "ftp://a", "evil.com.", "«evil.org»", "evil.ru",
		},
	}
	for key, names := range cases {
		for _, s := range names {
			if _, err := Name(s, PersonName); keyOf(t, err) != key {
				t.Errorf("Name(%q): %v, want %s", s, err, key)
			}
		}
	}
}

func TestAnOrganizationMayBeCalledByItsHost(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"350.org", "Change.org", "openDemocracy.net", "Peace.Net Korea"} {
		if _, err := Name(s, OrganizationName); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"https://350.org", "www.350.org", "350.org/kr", "mail us@350.org", "350.org:80/x"} {
		if _, err := Name(s, OrganizationName); keyOf(t, err) != "text.url" {
			t.Errorf("%q: %v, want text.url", s, err)
		}
	}
}

func TestLongInputIsQuick(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	for _, unit := range []string{"a", "\u0301", "\u200D", "a.", "👍\u200D", "\n", "\uFE0F", "www.", "ᄀ"} {
		s := strings.Repeat(unit, 1<<20)
		if _, err := Name(s, About); err == nil {
			t.Errorf("%q a million times is accepted", unit)
		}
		Fold(s[:1<<16])
	}
	if d := time.Since(begin); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"Ana", "e\u0301", "علی\u200Cرضا", "👩\u200D👧", "a\r\n\r\nb", "\xff", "=1", "\u0D28\u0D4D\u200D", "a\u0301\u200D\u0301", "각", "\u1100\u1161\u11A8", "=\u0338\uFE00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range []Limit{PersonName, Message} {
			got, err := Clean(s, l)
			other, otherErr := Clean(norm.NFD.String(s), l)
			if len(s)*3 < l.rawBytes() && strings.ToValidUTF8(s, "") == s && keyOf(t, err) != "" != (keyOf(t, otherErr) != "") {
				t.Errorf("%+q: %v, decomposed %v", s, err, otherErr)
			}
			if err != nil {
				continue
			}
			if otherErr == nil && got != other {
				t.Errorf("%+q cleans to %+q, decomposed to %+q", s, got, other)
			}
			if again, err := Clean(got, l); err != nil || again != got {
				t.Errorf("%+q cleans to %+q, that to %+q, %v", s, got, again, err)
			}
			if len(got) > l.Bytes || !norm.NFC.IsNormalString(got) || strings.TrimSpace(got) != got || !l.Lines && strings.Contains(got, "\n") {
				t.Errorf("%+q cleans to %+q", s, got)
			}
		}
		Name(s, OrganizationName)
		if once := Fold(s); Fold(once) != once {
			t.Errorf("Fold(%+q) = %+q, folded again %+q", s, once, Fold(once))
		}
	})
}
