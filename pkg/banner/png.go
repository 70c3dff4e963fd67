package banner

import (
	"bytes"
	"fmt"
	"image/png"

	"github.com/go-text/typesetting/font/opentype"
	"golang.org/x/image/vector"
)

// Revision is another one whenever pictures are drawn otherwise; ETags hold it.
const Revision = 4

// largeInPixels is from where on packing as well as can be takes too long.
const largeInPixels = 100_000

// Pens draw pictures as PNG, so many at once as there are pens. They are safe
// for concurrent use.
type Pens struct{ free chan *pen }

// NewPens makes n of them.
func NewPens(f *Fonts, n int) *Pens {
	p := &Pens{free: make(chan *pen, n)}
	for range n {
		p.free <- newPen(f)
	}
	return p
}

// Len is how many there are.
func (p *Pens) Len() int { return cap(p.free) }

// PNG draws a picture whose skeleton SVG or Label has made, at one or two
// pixels for each CSS pixel. It waits for a free pen.
func (p *Pens) PNG(s *Skeleton, v *Values, scale int) (picture []byte, err error) {
	if s.drawing == nil {
		return nil, fmt.Errorf("draw: not a picture")
	}
	one := <-p.free
	defer func() {
		if cause := recover(); cause != nil { // a font may be damaged
			one = newPen(one.fonts)
			picture, err = nil, fmt.Errorf("draw: %v", cause)
		}
		p.free <- one
	}()
	c := one.draw(s.drawing, v, float64(scale))
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if len(c.Pix) > largeInPixels {
		encoder.CompressionLevel = png.DefaultCompression
	}
	if err := encoder.Encode(&out, c.Paletted); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	return bytes.Clone(out.Bytes()), nil
}

func (p *pen) draw(d *drawing, v *Values, scale float64) *canvas {
	c := newCanvas(int(d.scene.width*scale), int(d.scene.height*scale))
	if d.scene.back != "" {
		c.clear(d.scene.back)
	}
	for _, b := range d.scene.boxes {
		c.box(b, d.x(b.x, b.width), scale)
	}
	for _, o := range d.scene.shapes {
		if d.rtl {
			o = o.mirrored(d.scene.width)
		}
		c.outline(o, scale)
	}
	for i := range d.scene.lines {
		p.line(c, d, &d.scene.lines[i], scale)
	}
	for i := range d.scene.blocks {
		for _, l := range d.scene.blocks[i].arrange(nil, v) {
			p.line(c, d, &l, scale)
		}
	}
	return c
}

func (c *canvas) box(b box, x, scale float64) {
	paint := func(inset float64, fill string) {
		x, y := (x+inset)*scale, (b.y+inset)*scale
		w, h := (b.width-2*inset)*scale, (b.height-2*inset)*scale
		c.fill(pixels(x, y, x+w, y+h), fill, func(r *vector.Rasterizer, dx, dy float32) {
			rounded(r, float32(x)+dx, float32(y)+dy, float32(w), float32(h), float32(max(0, b.radius-inset)*scale))
		})
	}
	if b.stroke != "" { // one pixel, half of it outside
		paint(-0.5, b.stroke)
		paint(0.5, b.fill)
		return
	}
	paint(0, b.fill)
}

func (c *canvas) outline(o outline, scale float64) {
	x0, y0, x1, y1 := o.steps[0].x, o.steps[0].y, o.steps[0].x, o.steps[0].y
	for _, s := range o.steps {
		x0, y0, x1, y1 = min(x0, s.x), min(y0, s.y), max(x1, s.x), max(y1, s.y)
		if s.kind == 'Q' {
			x0, y0, x1, y1 = min(x0, s.cx), min(y0, s.cy), max(x1, s.cx), max(y1, s.cy)
		}
	}
	// Each part for itself: they may run either way round.
	for from := 0; from < len(o.steps); {
		to := from + 1
		for to < len(o.steps) && o.steps[to].kind != 'M' {
			to++
		}
		part := o.steps[from:to]
		from = to
		c.fill(pixels(x0*scale, y0*scale, x1*scale, y1*scale), o.fill, func(r *vector.Rasterizer, dx, dy float32) {
			f := float32(scale)
			for _, s := range part {
				x, y := float32(s.x)*f+dx, float32(s.y)*f+dy
				switch s.kind {
				case 'M':
					r.MoveTo(x, y)
				case 'L':
					r.LineTo(x, y)
				case 'Q':
					r.QuadTo(float32(s.cx)*f+dx, float32(s.cy)*f+dy, x, y)
				}
			}
			r.ClosePath()
		})
	}
}

// line sets a line, squeezed where the fonts are wider than was reckoned with.
func (p *pen) line(c *canvas, d *drawing, l *line, scale float64) {
	lang := l.lang
	if lang == "" {
		lang = d.lang
	}
	glyphs, width := p.shape(l, lang, d.rtl)
	if len(glyphs) == 0 {
		return
	}
	squeeze := min(1, l.room/width)
	width *= squeeze
	left := d.x(l.x, 0)
	switch {
	case l.middle:
		left -= width / 2
	case d.rtl:
		left -= width
	}
	size := largest(l.spans)
	// Marks heaped on a letter stay on their line.
	bounds := pixels((left-size*0.2)*scale, (l.y-size*1.25)*scale, (left+width+size*0.2)*scale, (l.y+size*0.55)*scale)
	done := map[string]bool{}
	for _, first := range glyphs {
		if done[first.fill] {
			continue
		}
		done[first.fill] = true
		c.fill(bounds, first.fill, func(r *vector.Rasterizer, dx, dy float32) {
			for _, g := range glyphs {
				if g.fill == first.fill {
					g.trace(r, float32(left*scale)+dx, float32(l.y*scale)+dy, float32(scale), float32(squeeze))
				}
			}
		})
	}
}

// leastEmboldened is from how many pixels on letters are made bolder: in
// smaller ones the strokes of Chinese ran together.
const leastEmboldened = 12

// trace adds a glyph's outline to a path whose line starts at (x, y).
func (g *glyph) trace(r *vector.Rasterizer, x, y, scale, squeeze float32) {
	outline, ok := g.face.GlyphDataOutline(g.id)
	if !ok {
		return
	}
	unit := float32(g.size) * scale / float32(g.face.Upem())
	x += float32(g.x) * scale * squeeze
	y += float32(g.y) * scale
	shifts := []float32{0}
	if g.embolden && g.size*float64(scale) >= leastEmboldened {
		by := float32(g.size) * scale * 0.018
		shifts = []float32{-by, 0, by}
	}
	for _, shift := range shifts {
		at := func(p opentype.SegmentPoint) (float32, float32) {
			return x + shift + p.X*unit*squeeze, y - p.Y*unit
		}
		open := false
		for _, s := range outline.Segments {
			ax, ay := at(s.Args[0])
			switch s.Op {
			case opentype.SegmentOpMoveTo:
				if open {
					r.ClosePath()
				}
				open = true
				r.MoveTo(ax, ay)
			case opentype.SegmentOpLineTo:
				r.LineTo(ax, ay)
			case opentype.SegmentOpQuadTo:
				bx, by := at(s.Args[1])
				r.QuadTo(ax, ay, bx, by)
			case opentype.SegmentOpCubeTo:
				bx, by := at(s.Args[1])
				cx, cy := at(s.Args[2])
				r.CubeTo(ax, ay, bx, by, cx, cy)
			}
		}
		if open {
			r.ClosePath()
		}
	}
}
