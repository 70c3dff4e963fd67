package locale_test

import (
	"testing"

	"olivebranch/pkg/locale"
)

func TestMatchGivesTheFirstLanguageWeHaveInAnyForm(t *testing.T) {
	t.Parallel()
	c := ten(t)
	for header, want := range map[string]string{
		"fr-CA":                               "fr",
		"fr-CA,en;q=0.9":                      "fr",
		"es-419,es;q=0.9,en;q=0.8":            "es",
		"de-AT":                               "de",
		"zh-CN":                               "zh",
		"zh-SG":                               "zh",
		"zh-HK":                               "zh",
		"zh-TW":                               "zh",
		"zh-MO":                               "zh",
		"zh-Hant":                             "zh",
		"zh-Hant-HK,en;q=0.9":                 "zh",
		"zh-TW,en-US;q=0.8,en;q=0.7":          "zh",
		"zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7": "zh",
		"yue-Hant-HK,zh-HK;q=0.9,en;q=0.8":    "zh",
		"yue-HK":                              "zh",
		"yue-Hans-CN,en;q=0.9":                "zh",
		"in":                                  "id", // the old code, which Java still sends
		"nl,fr;q=0.8,en;q=0.7":                "fr",
		"nl-BE,nl;q=0.9,de;q=0.4,fr;q=0.6":    "fr",
		"en;q=0.5,ja;q=0.9":                   "ja",
		"gsw":                                 "de",
		"nl":                                  "en",
	} {
		if got := c.Match(header); got != want {
			t.Errorf("Match(%q) is %q, want %q", header, got, want)
		}
	}
}

func TestOtherScriptIsForWhoAskedForOneFirst(t *testing.T) {
	t.Parallel()
	c := ten(t)
	for _, tt := range []struct {
		header, code string
		want         bool
	}{
		{"zh-TW,zh;q=0.9,en;q=0.8", "zh", true},
		{"en,zh-HK;q=0.9", "zh", true},
		{"yue-HK", "zh", true},
		{"yue-Hans-CN", "zh", false},
		{"zh-Hant", "zh", true},
		{"zh", "zh", false},
		{"zh-CN,zh-TW;q=0.9", "zh", false},
		{"zh-Hans-HK", "zh", false},
		{"zh-TW", "en", false},
		{"en", "zh", false},
		{"", "zh", false},
		{"\xff", "zh", false},
		{"zh-TW", "nowhere", false},
	} {
		if got := c.OtherScript(tt.header, tt.code); got != tt.want {
			t.Errorf("OtherScript(%q, %q) is %v", tt.header, tt.code, got)
		}
	}
}

func TestLanguagesHaveNamesInEachOther(t *testing.T) {
	t.Parallel()
	c := ten(t)
	for _, tt := range [][3]string{
		{"ko", "en", "영어"}, {"fr", "en", "anglais"}, {"en", "zh", "Chinese"}, {"ar", "ko", "الكورية"}, {"en", "xx", "xx"}, {"en", "", ""},
	} {
		if got := c.For(tt[0]).Language(tt[1]); got != tt[2] {
			t.Errorf("%s in %s is %q", tt[1], tt[0], got)
		}
	}
	for code, want := range map[string]string{"ar": "rtl", "ur": "rtl", "az-Arab": "rtl", "ko": "ltr", "": "auto", "<b>": "auto"} {
		if got := locale.Direction(code); got != want {
			t.Errorf("%q is written %s", code, got)
		}
	}
}
