package view_test

import (
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"olivebranch/static"
)

var token = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)

// tokens are the colours of the light and of the dark theme.
func tokens(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	raw, err := fs.ReadFile(static.FS, "css/site.css")
	if err != nil {
		t.Fatal(err)
	}
	before, after, ok := strings.Cut(string(raw), "prefers-color-scheme: dark")
	if !ok {
		t.Fatal("the style sheet has no dark theme")
	}
	read := func(css string) map[string]string {
		out := map[string]string{}
		for _, m := range token.FindAllStringSubmatch(css, -1) {
			out[m[1]] = m[2]
		}
		return out
	}
	return read(before), read(after)
}

// luminance is that of WCAG 2.2, "relative luminance".
func luminance(colour string) float64 {
	n, _ := strconv.ParseUint(colour[1:], 16, 32)
	part := func(shift uint) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

// contrast is that of WCAG 2.2, from 1 to 21.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestTextCanBeReadInBothThemes(t *testing.T) {
	t.Parallel()
	light, dark := tokens(t)
	for theme, colours := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, pair := range []struct {
			text, ground string
			least        float64
		}{
			{"ink", "paper", 7}, {"ink", "card", 7}, {"ink", "wash", 7},
			{"quiet", "paper", 4.5}, {"quiet", "card", 4.5}, {"quiet", "wash", 4.5},
			{"sky", "paper", 4.5}, {"sky", "card", 4.5}, {"sky", "wash", 4.5}, {"on-sky", "sky", 4.5},
			{"olive", "paper", 4.5}, {"olive", "card", 4.5}, {"amber", "paper", 4.5}, {"amber", "card", 4.5},
			{"brick", "paper", 4.5}, {"brick", "card", 4.5},
			{"edge", "paper", 3}, {"edge", "card", 3}, // borders of fields: WCAG 1.4.11
		} {
			text, ground := colours[pair.text], colours[pair.ground]
			if text == "" || ground == "" {
				t.Fatalf("%s: no token %s or %s", theme, pair.text, pair.ground)
			}
			if got := contrast(text, ground); got < pair.least {
				t.Errorf("%s: %s on %s has contrast %.2f, want %.1f", theme, pair.text, pair.ground, got, pair.least)
			}
		}
	}
}
