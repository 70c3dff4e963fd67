package banner_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"olivebranch/pkg/banner"
)

// rowsOf are the rows of a picture's texts, without the marks around names.
func rowsOf(p banner.Picture, s sample, v *banner.Values) []string {
	p.Design = &banner.Design{}
	drawn := string(banner.SVG(p, s.words, s).Append(nil, v))
	var rows []string
	for _, found := range regexp.MustCompile(`(?s)<text[^>]*>(.*?)</text>`).FindAllStringSubmatch(drawn, -1) {
		row := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(found[1], "")
		rows = append(rows, strings.NewReplacer("\u2068", "", "\u2069", "").Replace(row))
	}
	return rows
}

func TestRowsBreakBetweenThePhrasesOfALanguage(t *testing.T) {
	t.Parallel()
	byName := map[string]sample{}
	for _, s := range samples() {
		byName[s.name] = s
	}
	for _, c := range []struct {
		about string
		lang  string
		p     banner.Picture
		n     int64
		want  []string // rows that stand one under the other
	}{
		{"a polite verb begins a row", "ja", banner.Picture{Layout: banner.Bar, Variant: banner.OfCampaign}, 0, []string{"最初の署名を", "お願いします"}},
		{"no particle begins a row", "ja", banner.Picture{Layout: banner.Box}, 12, []string{"七十年を超えた戦争を", "終わらせ、平和を始めましょう"}},
		{"Chinese breaks behind a comma", "zh", banner.Picture{Layout: banner.Tall}, 12, []string{"结束朝鲜战争，", "开启和平"}},
		{"a number that would be small begins a row", "id", banner.Picture{Layout: banner.Bar}, 1_234_567, []string{"Ditandatangani", "1.234.567 orang"}},
		{"a partner's name is in even rows", "es", banner.Picture{Layout: banner.Box}, 12, []string{"con Red Iberoamericana", "de Educación para la Paz"}},
	} {
		s := byName[c.lang]
		if c.lang == "zh" {
			s.slogan = "结束朝鲜战争，开启和平"
		}
		rows := rowsOf(c.p, s, &banner.Values{Name: s.partner, NameLang: s.lang, Phrase: banner.NewPhrase(s.words, c.n)})
		if i := slices.Index(rows, c.want[0]); i < 0 || !slices.Equal(rows[i:min(len(rows), i+len(c.want))], c.want) {
			t.Errorf("%s: not %q in %q", c.about, c.want, rows)
		}
	}
}

func TestATornThaiWordKeepsItsVowels(t *testing.T) {
	t.Parallel()
	s := samples()[0]
	rows := rowsOf(banner.Picture{Layout: banner.Tall}, s, &banner.Values{Name: strings.Repeat("เเปะ", 30), Phrase: banner.NewPhrase(s.words, 12)})
	for _, r := range rows {
		if strings.HasSuffix(strings.TrimSuffix(r, "…"), "เ") || strings.HasPrefix(r, "ะ") {
			t.Errorf("a vowel without its consonant in %q", rows)
		}
	}
}

// borrowed has its texts in Korean alone.
type borrowed struct{ sample }

func (borrowed) Langs(string) banner.Langs {
	return banner.Langs{Title: "ko", Campaign: "ko", Slogan: "ko"}
}

func TestATextInAnotherLanguageSaysSoInThePicture(t *testing.T) {
	t.Parallel()
	ko, ja := samples()[1], samples()[3]
	drawn := string(banner.SVG(banner.Picture{Layout: banner.Box, Design: &banner.Design{}}, ja.words, borrowed{ko}).Append(nil, valuesOf(ja)))
	if n := strings.Count(drawn, `xml:lang="ko"`); n < 2 {
		t.Errorf("%d rows in Korean: %s", n, drawn)
	}
	drawn = string(banner.SVG(banner.Picture{Layout: banner.Box, Design: &banner.Design{}}, ko.words, borrowed{ko}).Append(nil, valuesOf(ko)))
	if n := strings.Count(drawn, `xml:lang="ko"`); n != 1 {
		t.Errorf("%d marks of the picture's own language", n)
	}
}
