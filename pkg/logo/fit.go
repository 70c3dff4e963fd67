package logo

import (
	"image"
	"image/color"

	"golang.org/x/image/draw"
)

// fit makes a picture at most Side wide and high, with its own proportions;
// one that is smaller stays as it is. A large one is first made smaller by a
// whole number, since the fine scaling needs memory by its input's size.
func fit(m image.Image) *image.NRGBA {
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	longest := max(w, h)
	whole, ok := m.(image.RGBA64Image) // as all pictures of the decoders are
	if n := longest / (2 * Side); n > 1 && ok {
		m = average(whole, n)
	}
	if longest > Side {
		w, h = max(1, w*Side/longest), max(1, h*Side/longest)
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	if m.Bounds().Dx() == w && m.Bounds().Dy() == h {
		draw.Draw(out, out.Rect, m, m.Bounds().Min, draw.Src)
	} else {
		draw.CatmullRom.Scale(out, out.Rect, m, m.Bounds(), draw.Src, nil)
	}
	return out
}

// average makes one pixel of each n by n, weighted by how opaque they are;
// at the far edges of what is left of them.
func average(m image.RGBA64Image, n int) *image.RGBA64 {
	b := m.Bounds()
	out := image.NewRGBA64(image.Rect(0, 0, (b.Dx()+n-1)/n, (b.Dy()+n-1)/n))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			box := image.Rect(x*n, y*n, x*n+n, y*n+n).Add(b.Min).Intersect(b)
			out.SetRGBA64(x, y, mean(m, box))
		}
	}
	return out
}

func mean(m image.RGBA64Image, box image.Rectangle) color.RGBA64 {
	var red, green, blue, alpha uint64
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			c := m.RGBA64At(x, y)
			red, green, blue, alpha = red+uint64(c.R), green+uint64(c.G), blue+uint64(c.B), alpha+uint64(c.A)
		}
	}
	n := uint64(box.Dx() * box.Dy())
	return color.RGBA64{R: uint16(red / n), G: uint16(green / n), B: uint16(blue / n), A: uint16(alpha / n)}
}

// upright turns and mirrors a picture as EXIF's orientation says (TIFF 6.0,
// tag 274): 1 is upright, 6 lies on its left side, 8 on its right.
func upright(m *image.NRGBA, orientation int) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	turned := map[int]func(x, y int) (int, int){
		2: func(x, y int) (int, int) { return w - 1 - x, y },
		3: func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y int) (int, int) { return x, h - 1 - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return h - 1 - y, x },
		7: func(x, y int) (int, int) { return h - 1 - y, w - 1 - x },
		8: func(x, y int) (int, int) { return y, w - 1 - x },
	}[orientation]
	if turned == nil {
		return m
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		out = image.NewNRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := turned(x, y)
			out.SetNRGBA(tx, ty, m.NRGBAAt(x, y))
		}
	}
	return out
}
