package banner

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// Colour is one of sRGB.
type Colour struct{ R, G, B uint8 }

// ErrNoColour says that a text is not a colour written as #rrggbb.
var ErrNoColour = errors.New("not a colour")

// ParseColour reads #rrggbb.
func ParseColour(s string) (Colour, error) {
	if len(s) != 7 || s[0] != '#' {
		return Colour{}, ErrNoColour
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return Colour{}, ErrNoColour
	}
	return Colour{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil
}

// mustColour reads one of ours.
func mustColour(s string) Colour {
	c, err := ParseColour(s)
	if err != nil {
		panic(err)
	}
	return c
}

func (c Colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Contrast of two colours, 1 to 21, by WCAG 2.2 (contrast ratio).
func Contrast(a, b Colour) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance by WCAG 2.2 (relative luminance).
func (c Colour) luminance() float64 {
	part := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

// label is white or nearly black, whatever can be read better on the colour.
func (c Colour) label() Colour {
	white, black := Colour{255, 255, 255}, mustColour(palettes[Dark].paper)
	if Contrast(white, c) >= Contrast(black, c) {
		return white
	}
	return black
}

// until mixes the colour with white or black, away from the ground, as little
// as gives it a contrast.
func (c Colour) until(least float64, ground Colour) Colour {
	to := Colour{}
	if ground.luminance() < 0.18 {
		to = Colour{255, 255, 255}
	}
	mixed := c
	for share := 0.0; share <= 1 && Contrast(mixed, ground) < least; share += 0.02 {
		part := func(from, to uint8) uint8 {
			return uint8(math.Round(float64(from) + share*(float64(to)-float64(from))))
		}
		mixed = Colour{part(c.R, to.R), part(c.G, to.G), part(c.B, to.B)}
	}
	return mixed
}
