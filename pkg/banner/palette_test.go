package banner

import (
	"os"
	"strings"
	"testing"
)

func TestColoursCanBeRead(t *testing.T) {
	t.Parallel()
	for theme, p := range palettes {
		for _, c := range []struct {
			what, text, on string
			least          float64
		}{
			{"words", p.ink, p.paper, 7}, {"small words", p.quiet, p.paper, 4.5},
			{"number", p.olive, p.paper, 4.5}, {"button", p.label, p.button, 4.5}, {"edge of the button", p.button, p.paper, 3},
		} {
			if got := Contrast(mustColour(c.text), mustColour(c.on)); got < c.least {
				t.Errorf("%s, %s: contrast %.2f, want %.1f", theme, c.what, got, c.least)
			}
		}
	}
}

func TestTheFrameHasTheSameColours(t *testing.T) {
	t.Parallel()
	style, err := os.ReadFile("../../static/embed/frame.css")
	if err != nil {
		t.Fatal(err)
	}
	for theme, p := range palettes {
		for name, colour := range map[string]string{
			"paper": p.paper, "ink": p.ink, "quiet": p.quiet, "line": p.line, "olive": p.olive, "button": p.button, "label": p.label,
		} {
			if !strings.Contains(string(style), "--"+name+": "+colour+";") {
				t.Errorf("%s: no --%s: %s", theme, name, colour)
			}
		}
	}
}
