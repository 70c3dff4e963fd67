package locale_test

import (
	"testing"

	"olivebranch/pkg/locale"
)

func TestLanguagesHaveTheNamesOfOpenGraph(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"en": "en_US", "ko": "ko_KR", "ar": "ar_AR", "ja": "ja_JP", "zh": "zh_CN", "de": "de_DE",
		"es": "es_ES", "fr": "fr_FR", "id": "id_ID", "ru": "ru_RU"} {
		if got := locale.OpenGraph(code); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}
