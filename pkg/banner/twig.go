package banner

import (
	"math"
	"strings"
)

// outline is a filled shape, in pixels of the picture.
type outline struct {
	fill  string
	steps []step
}

// step moves, draws a line or a quadratic curve to (x, y).
type step struct {
	kind   byte // M, L, Q as in SVG
	cx, cy float64
	x, y   float64
}

// twig is an olive twig in a square with its upper left corner at (x, y). It
// grows from the lower left to the upper right.
func twig(x, y, size float64, fill string) outline {
	o := outline{fill: fill}
	at := func(u, v float64) (float64, float64) { return x + u*size, y + v*size }
	// The stem, a bent line; t from 0 at its foot to 1 at its tip.
	stem := func(t float64) (u, v, angle float64) {
		ax, ay, bx, by, cx, cy := 0.10, 0.96, 0.36, 0.46, 0.86, 0.14
		u = (1-t)*(1-t)*ax + 2*t*(1-t)*bx + t*t*cx
		v = (1-t)*(1-t)*ay + 2*t*(1-t)*by + t*t*cy
		return u, v, math.Atan2((1-t)*(by-ay)+t*(cy-by), (1-t)*(bx-ax)+t*(cx-bx))
	}
	move := func(u, v float64) { px, py := at(u, v); o.steps = append(o.steps, step{kind: 'M', x: px, y: py}) }
	to := func(u, v float64) { px, py := at(u, v); o.steps = append(o.steps, step{kind: 'L', x: px, y: py}) }
	bend := func(cu, cv, u, v float64) {
		px, py := at(u, v)
		qx, qy := at(cu, cv)
		o.steps = append(o.steps, step{kind: 'Q', cx: qx, cy: qy, x: px, y: py})
	}
	const thin = 0.016
	const joints = 8
	for side := range 2 {
		for i := range joints + 1 {
			t := float64(i) / joints
			if side == 1 {
				t = 1 - t
			}
			u, v, angle := stem(t)
			w := thin * (1.25 - t)
			if side == 1 {
				w = -w
			}
			u, v = u-math.Sin(angle)*w, v+math.Cos(angle)*w
			if side == 0 && i == 0 {
				move(u, v)
			} else {
				to(u, v)
			}
		}
	}
	leaf := func(t, turn, length, breadth float64) {
		u, v, angle := stem(t)
		angle += turn
		dx, dy := math.Cos(angle), math.Sin(angle)
		tipU, tipV := u+dx*length, v+dy*length
		midU, midV := u+dx*length*0.46, v+dy*length*0.46
		move(u, v)
		bend(midU-dy*breadth, midV+dx*breadth, tipU, tipV)
		bend(midU+dy*breadth, midV-dx*breadth, u, v)
	}
	for _, l := range []struct{ t, turn, length float64 }{
		{0.24, -0.85, 0.28}, {0.33, 0.80, 0.30},
		{0.48, -0.80, 0.31}, {0.57, 0.74, 0.32},
		{0.72, -0.72, 0.29}, {0.80, 0.66, 0.27},
		{0.97, -0.06, 0.20},
	} {
		leaf(l.t, l.turn, l.length, l.length*0.30)
	}
	return o
}

// mirrored turns a shape about the middle of a picture.
func (o outline) mirrored(width float64) outline {
	turned := outline{fill: o.fill, steps: make([]step, len(o.steps))}
	for i, s := range o.steps {
		s.x, s.cx = width-s.x, width-s.cx
		turned.steps[i] = s
	}
	return turned
}

// path is the shape as SVG has it.
func (o outline) path() string {
	var b strings.Builder
	for _, s := range o.steps {
		b.WriteByte(s.kind)
		if s.kind == 'Q' {
			b.WriteString(hundredth(s.cx) + " " + hundredth(s.cy) + " ")
		}
		b.WriteString(hundredth(s.x) + " " + hundredth(s.y))
	}
	return b.String()
}
