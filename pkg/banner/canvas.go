package banner

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// canvas is a picture with a palette of its few colours and the steps between
// those that touch each other; so it is small however it is packed.
type canvas struct {
	*image.Paletted
	inks   []tint         // by place in the palette
	places map[tint]uint8 // the other way round
	colour map[string]color.NRGBA
	raster vector.Rasterizer
	mask   image.Alpha
}

// tint is so much of one colour on another, from 1 to full; the paper of the
// empty canvas is "".
type tint struct {
	on, under string
	share     uint8
}

// full is how many steps there are from a colour to another.
const full = 15

func newCanvas(width, height int) *canvas {
	c := &canvas{Paletted: image.NewPaletted(image.Rect(0, 0, width, height), nil), places: map[tint]uint8{}, colour: map[string]color.NRGBA{"": {}}}
	c.place(tint{share: full})
	return c
}

// place finds a tint in the palette, or adds it. When there is no more room
// the nearer of the two colours stands for it.
func (c *canvas) place(t tint) uint8 {
	if t.share == full {
		t.under = ""
	}
	if i, ok := c.places[t]; ok {
		return i
	}
	if len(c.Palette) == 256 {
		if t.share*2 > full {
			return c.places[tint{on: t.on, share: full}]
		}
		return c.places[tint{on: t.under, share: full}]
	}
	i := uint8(len(c.Palette))
	c.places[t] = i
	c.inks = append(c.inks, t)
	c.Palette = append(c.Palette, c.mixed(t))
	return i
}

func (c *canvas) mixed(t tint) color.NRGBA {
	on, under := c.known(t.on), c.known(t.under)
	if t.share == full {
		return on
	}
	if under.A == 0 {
		on.A = uint8(int(t.share) * 255 / full)
		return on
	}
	part := func(a, b uint8) uint8 {
		return uint8((int(a)*int(t.share) + int(b)*int(full-t.share) + full/2) / full)
	}
	return color.NRGBA{part(on.R, under.R), part(on.G, under.G), part(on.B, under.B), 255}
}

func (c *canvas) known(name string) color.NRGBA {
	known, ok := c.colour[name]
	if !ok {
		one := mustColour(name)
		known = color.NRGBA{one.R, one.G, one.B, 255}
		c.colour[name] = known
	}
	return known
}

// clear paints everything in one colour.
func (c *canvas) clear(fill string) {
	i := c.place(tint{on: fill, share: full})
	for p := range c.Pix {
		c.Pix[p] = i
	}
}

// fill paints what a path encloses, within bounds. The path is in pixels of
// the picture.
func (c *canvas) fill(bounds image.Rectangle, fill string, path func(*vector.Rasterizer, float32, float32)) {
	bounds = bounds.Intersect(c.Rect)
	if bounds.Empty() {
		return
	}
	w, h := bounds.Dx(), bounds.Dy()
	c.raster.Reset(w, h)
	path(&c.raster, float32(-bounds.Min.X), float32(-bounds.Min.Y))
	if cap(c.mask.Pix) < w*h {
		c.mask.Pix = make([]uint8, w*h)
	}
	c.mask.Pix, c.mask.Stride, c.mask.Rect = c.mask.Pix[:w*h], w, image.Rect(0, 0, w, h)
	clear(c.mask.Pix)
	c.raster.DrawOp = draw.Src
	c.raster.Draw(&c.mask, c.mask.Rect, image.Opaque, image.Point{})
	pure := c.place(tint{on: fill, share: full})
	for y := range h {
		row := c.Pix[c.PixOffset(bounds.Min.X, bounds.Min.Y+y):][:w]
		for x, a := range c.mask.Pix[y*w : (y+1)*w] {
			if a < 9 {
				continue
			}
			share := uint8((int(a)*full + 127) / 255)
			if share == full {
				row[x] = pure
				continue
			}
			row[x] = c.over(tint{on: fill, share: share}, c.inks[row[x]], row[x])
		}
	}
}

// over lays a tint on what is there.
func (c *canvas) over(t, there tint, place uint8) uint8 {
	switch {
	case there.on == t.on && (there.share == full || there.share >= t.share):
		return place
	case there.share == full:
		t.under = there.on
	case there.on == t.on:
		t.under = there.under
	case there.share*2 > full:
		t.under = there.on
	default:
		t.under = there.under
	}
	if t.under == t.on {
		return c.place(tint{on: t.on, share: full})
	}
	return c.place(t)
}

// rounded adds a rectangle with round corners to a path.
func rounded(r *vector.Rasterizer, x, y, w, h, radius float32) {
	const k = 0.5523 // of a circle drawn by cubic curves
	q := radius * (1 - k)
	r.MoveTo(x+radius, y)
	r.LineTo(x+w-radius, y)
	r.CubeTo(x+w-q, y, x+w, y+q, x+w, y+radius)
	r.LineTo(x+w, y+h-radius)
	r.CubeTo(x+w, y+h-q, x+w-q, y+h, x+w-radius, y+h)
	r.LineTo(x+radius, y+h)
	r.CubeTo(x+q, y+h, x, y+h-q, x, y+h-radius)
	r.LineTo(x, y+radius)
	r.CubeTo(x, y+q, x+q, y, x+radius, y)
	r.ClosePath()
}

func pixels(x0, y0, x1, y1 float64) image.Rectangle {
	return image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1)), int(math.Ceil(y1)))
}
