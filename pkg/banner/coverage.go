package banner

import (
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype/tables"
)

// spellOut lists one by one the glyphs that a font's substitutions tell as ranges. The shaper's filter (typesetting
// v0.3.5, setDigest.addRange) forgets the ranges behind a long one: Arabic letters were not joined then.
func spellOut(f *font.Font) *font.Font {
	for i := range f.GSUB.Lookups {
		subtables := f.GSUB.Lookups[i].Subtables
		for j := range subtables {
			switch s := subtables[j].(type) {
			case tables.SingleSubs:
				switch data := s.Data.(type) {
				case tables.SingleSubstData1:
					data.Coverage = spelled(data.Coverage)
					s.Data = data
				case tables.SingleSubstData2:
					data.Coverage = spelled(data.Coverage)
					s.Data = data
				}
				subtables[j] = s
			case tables.MultipleSubs:
				s.Coverage = spelled(s.Coverage)
				subtables[j] = s
			case tables.AlternateSubs:
				s.Coverage = spelled(s.Coverage)
				subtables[j] = s
			case tables.LigatureSubs:
				s.Coverage = spelled(s.Coverage)
				subtables[j] = s
			}
		}
	}
	return f
}

func spelled(c tables.Coverage) tables.Coverage {
	ranges, ok := c.(tables.Coverage2)
	if !ok {
		return c
	}
	var all tables.Coverage1
	for _, r := range ranges.Ranges {
		if int(r.StartCoverageIndex) != len(all.Glyphs) {
			return c // damaged, or told out of order
		}
		for g := int(r.StartGlyphID); g <= int(r.EndGlyphID); g++ {
			all.Glyphs = append(all.Glyphs, tables.GlyphID(g))
		}
	}
	return all
}
