package banner

import (
	"encoding/json"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"testing"

	"olivebranch/locales"
	files "olivebranch/static/fonts"
)

func TestArabicLettersAreJoined(t *testing.T) {
	t.Parallel()
	p := newPen(NewFonts(files.FS, nil, slog.Default()))
	for _, bold := range []bool{false, true} {
		for _, letter := range "بتثجحخسشصضطظعغفقكلمنهيئ" {
			glyphs, _ := p.shape(&line{spans: []span{{words: string(letter) + "د", size: 10, bold: bold}}}, "ar", true)
			for _, g := range glyphs {
				if alone, _ := g.face.NominalGlyph(letter); g.id == alone {
					t.Errorf("%c stands alone before a letter (bold: %t)", letter, bold)
				}
			}
		}
	}
}

// French writes one between thousands, and hardly a font has it.
func TestANarrowSpaceIsNarrowWithoutAFontThatHasIt(t *testing.T) {
	t.Parallel()
	p := newPen(NewFonts(files.FS, nil, slog.Default()))
	p.miss = func(r rune) { t.Errorf("no font has %U", r) }
	width := func(text string) float64 {
		_, w := p.shape(&line{spans: []span{{words: text, size: 10}}}, "fr", false)
		return w
	}
	if none, narrow, usual := width("12300"), width("12\u202f300"), width("12 300"); narrow < none+0.5 || narrow >= usual {
		t.Errorf("12300 is %.1f wide, with a narrow space %.1f, with a usual one %.1f", none, narrow, usual)
	}
}

// What CLDR has of each language, its names of countries and regions, is
// ordinary text.
func TestOurFontsDrawTheOrdinaryTextOfEachPlannedLanguage(t *testing.T) {
	t.Parallel()
	p := newPen(NewFonts(files.FS, nil, slog.Default()))
	for _, lang := range []string{"en", "ko", "fr", "es", "de", "ru", "ar", "zh", "ja", "id"} {
		raw, err := fs.ReadFile(locales.FS, "cldr/"+lang+".json")
		if err != nil {
			t.Fatal(err)
		}
		var names struct{ Countries, Regions map[string]string }
		if err := json.Unmarshal(raw, &names); err != nil || len(names.Countries) < 200 || len(names.Regions) < 10 {
			t.Fatalf("%s: %v, %d countries, %d regions", lang, err, len(names.Countries), len(names.Regions))
		}
		for _, name := range slices.Concat(slices.Collect(maps.Values(names.Countries)), slices.Collect(maps.Values(names.Regions))) {
			for _, bold := range []bool{false, true} {
				p.miss = func(r rune) { t.Errorf("%s: no font has %c (%U) of %s, bold: %t", lang, r, r, name, bold) }
				glyphs, _ := p.shape(&line{spans: []span{{words: name, size: 10, bold: bold}}}, lang, lang == "ar")
				if len(glyphs) == 0 {
					t.Errorf("%s: nothing drawn of %s", lang, name)
				}
			}
		}
	}
}
