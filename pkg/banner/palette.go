package banner

// palette is a theme's colours; the frame's style holds the same ones.
type palette struct {
	paper, ink, quiet, line, olive, button, label string
}

var palettes = map[Theme]palette{
	Light: {paper: "#fbfaf6", ink: "#16233b", quiet: "#55607a", line: "#dcd8cc", olive: "#55722f", button: "#1b64a7", label: "#ffffff"},
	Dark:  {paper: "#11182a", ink: "#ecebe4", quiet: "#b3bacb", line: "#2e3950", olive: "#a9c77b", button: "#7db8ee", label: "#11182a"},
}

// Drawn is the theme a picture has when it is asked for this one.
func (t Theme) Drawn() Theme {
	if _, ok := palettes[t]; ok {
		return t
	}
	return Light
}
