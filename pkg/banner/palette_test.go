package banner

import (
	"math"
	"os"
	"strconv"
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
			if got := contrast(t, c.text, c.on); got < c.least {
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

// contrast of two colours by WCAG 2.2.
func contrast(t *testing.T, a, b string) float64 {
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
