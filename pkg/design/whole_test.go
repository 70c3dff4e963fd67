package design_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/design"
	"olivebranch/pkg/registry"
)

// speaker says little but what a banner needs of a catalogue.
type speaker struct{ dir string }

func (s speaker) T(id string, pairs ...any) string {
	if id == "embed.line" {
		return fmt.Sprintf("“%s”", pairs[1])
	}
	return id
}
func (speaker) Number(n int64) string { return fmt.Sprint(n) }
func (speaker) Lang() string          { return "en" }
func (s speaker) Dir() string         { return s.dir }

// The appeal's own words.
func (speaker) Slug() string              { return "peace" }
func (speaker) Title(string) string       { return "Peace Appeal" }
func (speaker) Campaign(string) string    { return "Peace Appeal" }
func (speaker) Slogan(string) string      { return "" }
func (speaker) Langs(string) banner.Langs { return banner.Langs{} }
func (speaker) Version() int64            { return 1 }

// What staff and partners may write at most is whole in every shape.
func TestTheLongestWordsAllowedAreWholeInEveryShape(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ words, dir string }{
		"English": {"We all will not wait for peace, but make it. ", "ltr"},
		"German":  {"Gemeinsam beenden wir den Krieg endgültig. ", "ltr"},
		"Russian": {"Мы больше не ждём мира, мы его делаем сами. ", "ltr"},
		"Arabic":  {"لن ننتظر السلام بل نصنعه معا كل يوم. ", "rtl"},
		"Korean":  {"이제 전쟁을 끝내고 평화를 시작합시다 ", "ltr"},
		"Chinese": {"我们不再等待和平，我们共同缔造和平。", "ltr"},
	} {
		longest := func(columns int) string {
			text := ""
			for _, r := range strings.Repeat(c.words, 5) {
				if uniseg.StringWidth(text+string(r)) > columns {
					break
				}
				text += string(r)
			}
			return strings.TrimSpace(text)
		}
		d := &banner.Design{Slogans: map[string]string{"en": longest(design.Slogan.Columns)}, Buttons: map[string]string{"en": longest(design.Label.Columns)}}
		v := &banner.Values{Name: "ACME", Line: longest(registry.MostLine), Phrase: banner.NewPhrase(speaker{}, 12_300)}
		for _, layout := range banner.Layouts() {
			for _, variant := range []banner.Variant{banner.OfPartner, banner.WithLine, banner.OfCampaign} {
				drawn := string(banner.SVG(banner.Picture{Layout: layout, Variant: variant, Design: d}, speaker{c.dir}, speaker{}).Append(nil, v))
				if at := strings.Index(drawn, "…"); at >= 0 {
					t.Errorf("%s, %s, variant %d: %s", name, layout, variant, drawn[strings.LastIndex(drawn[:at], ">")+1:at])
				}
			}
		}
	}
}
