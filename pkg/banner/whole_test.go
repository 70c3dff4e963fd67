package banner_test

import (
	"strings"
	"testing"

	"olivebranch/pkg/banner"
)

// Before the first signature and up to the campaign's goal.
func TestWordsOfUsualLengthAreWholeInEveryShape(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		for _, layout := range banner.Layouts() {
			for variant := range banner.Variant(banner.NumVariants) {
				skeleton := banner.SVG(banner.Picture{Layout: layout, Variant: variant, Design: &banner.Design{}}, s.words, s)
				for _, n := range []int64{0, 1, 12_300, 100_000_000} {
					v := valuesOf(s)
					v.Phrase = banner.NewPhrase(s.words, n)
					drawn := string(skeleton.Append(nil, v))
					if at := strings.Index(drawn, "…"); at >= 0 {
						from := strings.LastIndex(drawn[:at], ">") + 1
						t.Errorf("%s %s, variant %d, %d: %s", s.name, layout, variant, n, drawn[from:at+3])
					}
				}
			}
		}
	}
}
