package locale_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"olivebranch/locales"
	"olivebranch/pkg/locale"
)

const (
	englishText = `
[sign]
title = "Sign the appeal"
hello = "Hello {{.Name}}, {{ .Name }}!"
only = "Only English has this"
counted = "Number {{.Place}} of {{.N}}"
[sign.people]
one = "{{.N}} person"
other = "{{.N}} people"
[sign.from]
one = "One person from {{.Country}}"
other = "{{.N}} people from {{.Country}}"
`
	koreanText = `
[sign]
title = "평화선언에 서명하기"
hello = "{{.Name}} 님, 안녕하세요!"
counted = "{{.N}}명 가운데 {{.Place}}번째"
people = "{{.N}}명"
from = "{{.Country}}에서 {{.N}}명"
`
	arabicText = `
[sign]
title = "وقّع النداء"
[sign.people]
zero = "لا أحد"
one = "شخص واحد"
two = "شخصان"
few = "{{.N}} أشخاص"
many = "{{.N}} شخصًا"
other = "{{.N}} شخص"
`
)

// files are catalogues for tests beside the real names; a language without text has an empty catalogue.
func files(t testing.TB, texts map[string]string) fstest.MapFS {
	t.Helper()
	m := fstest.MapFS{}
	for lang, text := range texts {
		m[lang+".toml"] = &fstest.MapFile{Data: []byte(text)}
	}
	names, err := fs.Glob(locales.FS, "cldr/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(locales.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		m[name] = &fstest.MapFile{Data: data}
	}
	return m
}

func load(t testing.TB, fsys fs.FS) *locale.Catalogues {
	t.Helper()
	c, err := locale.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func three(t testing.TB) *locale.Catalogues {
	return load(t, files(t, map[string]string{"en": englishText, "ko": koreanText, "ar": arabicText}))
}

// ten has every language that has names.
func ten(t testing.TB) *locale.Catalogues {
	texts := map[string]string{}
	for _, lang := range []string{"en", "ko", "ar", "fr", "es", "de", "ru", "zh", "ja", "id"} {
		texts[lang] = ""
	}
	return load(t, files(t, texts))
}

func TestLanguagesAreEnglishThenByTheirOwnNames(t *testing.T) {
	t.Parallel()
	var got []string
	for _, l := range ten(t).Languages() {
		got = append(got, l.Code+" "+l.Name+" "+l.Dir)
	}
	want := []string{
		"en English ltr", "id Bahasa Indonesia ltr", "de Deutsch ltr", "es Español ltr", "fr Français ltr",
		"ru Русский ltr", "ar العربية rtl", "ko 한국어 ltr", "ja 日本語 ltr", "zh 简体中文 ltr",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestALanguageIsOneFile(t *testing.T) {
	t.Parallel()
	c := load(t, files(t, map[string]string{"en": englishText, "ur": `[sign]` + "\n" + `title = "دستخط کریں"`}))
	if got, want := c.Languages()[1], (locale.Language{Code: "ur", Name: "اردو", Dir: "rtl"}); got != want {
		t.Errorf("language is %v, want %v", got, want)
	}
	l := c.For("ur")
	for what, pair := range map[string][2]string{
		"message": {l.T("sign.title"), "دستخط کریں"},
		"country": {l.Country("KR"), "South Korea"},
		"region":  {l.Region("030"), "Eastern Asia"},
		"date":    {l.Day("2026-01-31"), "2026-01-31"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %q, want %q", what, pair[0], pair[1])
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, text, says string }{
		"no English":              {"ko.toml", `a = "b"`, "no catalogue en.toml"},
		"a text that is no TOML":  {"en.toml", `a = `, "en.toml"},
		"a name that is no code":  {"english-language.toml", ``, "english-language"},
		"a code in another case":  {"zh-hant.toml", ``, `"zh-Hant"`},
		"a language of no people": {"tlh.toml", ``, "plural"},
		"a condition":             {"en.toml", `a = "{{if .A}}b{{end}}"`, "message a"},
		"a call":                  {"en.toml", `a = "{{printf .A}}"`, "message a"},
		"an open brace":           {"en.toml", `a = "{{.A"`, "message a"},
		"a stray brace":           {"en.toml", `a = "A}}"`, "message a"},
		"an empty text":           {"en.toml", `a = ""`, "message a"},
		"no text for other":       {"en.toml", "[a]\none = \"b\"", "message a"},
		"one id twice":            {"en.toml", "\"a.b\" = \"c\"\n[a]\nb = \"d\"", "message a.b"},
		"words beside plurals":    {"en.toml", "[a]\nother = \"b\"\ntitle = \"c\"", "en.toml"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := files(t, map[string]string{"en": ""})
			if tt.file == "ko.toml" {
				delete(fsys, "en.toml")
			}
			fsys[tt.file] = &fstest.MapFile{Data: []byte(tt.text)}
			_, err := locale.Load(fsys)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error is %v, want one that says %q", err, tt.says)
			}
		})
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	c := three(t)
	tests := map[string]string{
		"":                                    "en",
		"ko":                                  "ko",
		"KO-kr":                               "ko",
		"ko-KR,ko;q=0.9,en;q=0.8":             "ko",
		"en-GB,en;q=0.9,ko;q=0.8":             "en",
		"fr-FR,fr;q=0.9,ar;q=0.5,en;q=0.1":    "ar",
		"ko;q=0.1, ar-EG;q=0.9":               "ar",
		"ko;q=0, ar":                          "ar",
		"ar-u-nu-latn":                        "ar",
		"fr":                                  "en",
		"*":                                   "en",
		"*, ko;q=0.5":                         "ko",
		"zz-ZZ":                               "en",
		"ko,,":                                "ko",
		",,,":                                 "en",
		";q=9":                                "en",
		"ko;q=9":                              "ko",
		"*;q=nan":                             "en",
		"ko;q=nan":                            "ko",
		"ko;q=inf":                            "ko",
		"ko;q=-1":                             "en",
		"ko;q=":                               "en",
		"ko;":                                 "ko",
		"ko;q=1e400":                          "en",
		"ko; DROP TABLE":                      "en",
		"<script>":                            "en",
		"../../etc":                           "en",
		"ko\x00":                              "en",
		"\xff\xfe":                            "en",
		"한국어":                                 "en",
		"i-klingon":                           "en",
		"x-":                                  "en",
		"en-" + strings.Repeat("a-", 500):     "en",
		strings.Repeat("ko,", 1<<14/3):        "en",
		strings.Repeat("k", 1<<14):            "en",
		strings.Repeat("-", 1<<14):            "en",
		strings.Repeat("nl,", 600) + "ko":     "ko",
		strings.Repeat("zh-Hant-TW,", 150):    "en",
		strings.Repeat("fr;q=0.5,", 200):      "en",
		strings.Repeat(";", 2000):             "en",
		"en-" + strings.Repeat("u-co-x-", 99): "en",
	}
	for header, want := range tests {
		start := time.Now()
		if got := c.Match(header); got != want {
			t.Errorf("Match(%.40q) = %q, want %q", header, got, want)
		}
		if took := time.Since(start); took > 250*time.Millisecond {
			t.Errorf("Match(%.40q) took %v", header, took)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, header := range []string{"ko-KR,ko;q=0.9,en;q=0.8", "*;q=nan", "ko,,", "en-u-rg-gbzzzz", "x-a-b", "i-default"} {
		f.Add(header)
	}
	c, err := locale.Load(locales.FS)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if got := c.Match(header); !c.Has(got) {
			t.Errorf("Match(%q) = %q", header, got)
		}
	})
}

func TestForAnUnknownCodeIsEnglish(t *testing.T) {
	t.Parallel()
	c := three(t)
	for code, want := range map[string]string{
		"ko": "ko", "ar": "ar", "": "en", "KO": "en", "ko-KR": "en", "fr": "en", "../../etc": "en", "<script>": "en",
	} {
		if got := c.For(code).Lang(); got != want {
			t.Errorf("For(%q) is %q, want %q", code, got, want)
		}
		if got := c.Has(code); got != (code == want) {
			t.Errorf("Has(%q) is %v", code, got)
		}
	}
}
