package design

import (
	"fmt"
	"math"
	"strings"
	"time"

	"olivebranch/pkg/address"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
)

// Limits of what a design says, so that it fits into the narrowest layout.
var (
	Slogan = plaintext.Limit{Graphemes: 70, Bytes: 280, Columns: 70}
	Label  = plaintext.Limit{Graphemes: 20, Bytes: 80, Columns: 20}
)

// Most of Position.
const mostPosition = 9999

// Faults of designs.
var (
	errPosition = fault.New(fault.Invalid, "phrase.position_bad")
	errColour   = fault.New(fault.Invalid, "designs.colour_bad")
	errDay      = fault.New(fault.Invalid, "designs.day_bad")
	errDays     = fault.New(fault.Invalid, "designs.days_crossed")
	errTaken    = fault.New(fault.Invalid, "designs.taken")
)

// checked returns the design cleaned, or a fault with a sentence for each
// field that cannot stay: code, position, button, figure, first_day, last_day,
// slogan_<lang> and label_<lang>.
func (d Design) checked(languages []string) (Design, error) {
	refused, texts := fault.Fields{}, map[string]Text{}
	d.Code = strings.ToLower(strings.TrimSpace(d.Code))
	refused.Add("code", address.ValidSlug(d.Code))
	if d.Position < 0 || d.Position > mostPosition {
		refused.Add("position", errPosition)
	}
	for _, lang := range languages {
		slogan, err := plaintext.Clean(d.Texts[lang].Slogan, Slogan)
		refused.Add("slogan_"+lang, err)
		label, err := plaintext.Clean(d.Texts[lang].Label, Label)
		refused.Add("label_"+lang, err)
		texts[lang] = Text{slogan, label}
	}
	d.Texts = texts
	d.checkColours(refused)
	d.checkDays(refused)
	return d, refused.Err()
}

// checkColours refuses what cannot be read, with the contrast as it is and as
// it must be.
func (d *Design) checkColours(refused fault.Fields) {
	button, buttonErr := banner.ParseColour(strings.TrimSpace(d.Button))
	figure, figureErr := banner.ParseColour(strings.TrimSpace(d.Figure))
	measured := banner.LegibilityOf(button, figure)
	faint := func(m banner.Measure, key string) error {
		if m.Enough() {
			return nil
		}
		return fault.New(fault.Invalid, key, "Have", Ratio(m.Have), "Need", Ratio(m.Need))
	}
	if figureErr != nil {
		refused.Add("figure", errColour)
	} else {
		refused.Add("figure", faint(measured.Figure, "designs.figure_faint"))
		d.Figure = figure.String()
	}
	if buttonErr != nil {
		refused.Add("button", errColour)
		return
	}
	refused.Add("button", faint(measured.Edge, "designs.edge_faint"))
	refused.Add("button", faint(measured.Label, "designs.label_faint"))
	d.Button = button.String()
}

// Ratio writes a contrast as people compare it. It is rounded down, so that
// what falls short never reads as if it were enough.
func Ratio(contrast float64) string { return fmt.Sprintf("%.2f", math.Floor(contrast*100)/100) }

func (d *Design) checkDays(refused fault.Fields) {
	for field, day := range map[string]*string{"first_day": &d.FirstDay, "last_day": &d.LastDay} {
		*day = strings.TrimSpace(*day)
		if _, err := time.Parse(time.DateOnly, *day); err != nil && *day != "" {
			refused.Add(field, errDay)
		}
	}
	if d.FirstDay != "" && d.LastDay != "" && d.LastDay < d.FirstDay {
		refused.Add("last_day", errDays)
	}
}
