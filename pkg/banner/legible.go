package banner

// Measure is the contrast of two colours that touch on a banner, and what it must
// be at least.
type Measure struct{ Have, Need float64 }

// Enough says whether it can be read.
func (m Measure) Enough() bool { return m.Have >= m.Need }

// Legibility is how well the colours of a design can be read on light paper,
// for which staff choose them; on dark paper they are made lighter by paint.
type Legibility struct {
	Figure Measure // the number on the paper
	Edge   Measure // the button on the paper
	Label  Measure // the words on the button
}

// LegibilityOf measures two colours as they would stand on a banner.
func LegibilityOf(button, figure Colour) Legibility {
	paper := mustColour(palettes[Light].paper)
	return Legibility{
		Figure: Measure{Contrast(figure, paper), leastForWords},
		Edge:   Measure{Contrast(button, paper), leastForEdges},
		Label:  Measure{Contrast(button.label(), button), leastForWords},
	}
}

// BuiltIn are the colours a banner has without a design of the staff.
func BuiltIn() (button, figure string) {
	return palettes[Light].button, palettes[Light].olive
}
