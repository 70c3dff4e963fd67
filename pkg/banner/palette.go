package banner

// palette is a theme's colours; the frame's style holds the same ones.
type palette struct {
	paper, ink, quiet, line, olive, button, label string
}

var palettes = map[Theme]palette{
	Light: {paper: "#fbfaf6", ink: "#16233b", quiet: "#55607a", line: "#dcd8cc", olive: "#55722f", button: "#1b64a7", label: "#ffffff"},
	Dark:  {paper: "#11182a", ink: "#ecebe4", quiet: "#b3bacb", line: "#2e3950", olive: "#a9c77b", button: "#7db8ee", label: "#11182a"},
}

// Contrasts that a banner has at least: of words by WCAG 2.2, 1.4.3, and of
// the edge of a button by 1.4.11.
const (
	leastForWords = 4.5
	leastForEdges = 3.0
)

// paint is a theme in the colours of the design. Staff choose them for light
// paper; on dark paper they are made lighter until they can be read.
func (d *Design) paint(t Theme) palette {
	p := palettes[t]
	if c, err := ParseColour(d.Button); err == nil {
		paper := mustColour(p.paper)
		ground := c.until(leastForEdges, paper)
		p.button, p.label = ground.String(), ground.label().String()
	}
	if c, err := ParseColour(d.Figure); err == nil {
		p.olive = c.until(leastForWords, mustColour(p.paper)).String()
	}
	return p
}

// Style is what the design adds to the style of frames: its colours.
func (d *Design) Style() string {
	if d.Button == "" && d.Figure == "" {
		return ""
	}
	colours := func(t Theme) string {
		p := d.paint(t)
		return "--olive:" + p.olive + ";--button:" + p.button + ";--label:" + p.label
	}
	dark := colours(Dark)
	return ":root{" + colours(Light) + "}[data-theme=dark]{" + dark + "}@media (prefers-color-scheme:dark){[data-theme=auto]{" + dark + "}}"
}

// Drawn is the theme a picture has when it is asked for this one.
func (t Theme) Drawn() Theme {
	if _, ok := palettes[t]; ok {
		return t
	}
	return Light
}
