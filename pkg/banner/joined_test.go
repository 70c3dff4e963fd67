package banner

import (
	"log/slog"
	"testing"

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
