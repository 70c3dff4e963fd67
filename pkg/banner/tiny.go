package banner

// drawBadge has room for a twig, the number and what the button says.
func drawBadge(c cast) scene {
	s := scene{width: 88, height: 31}
	s.boxes = []box{{x: 0.5, y: 0.5, width: 87, height: 30, radius: 3, fill: c.paint.paper, stroke: c.paint.line}}
	s.shapes = []outline{twig(3.5, 4, 23, c.paint.olive)}
	s.blocks = []block{{area: area{x: 28, room: 56, top: 2, bottom: 29, at: 0.5, leading: 1.1},
		says: saysNumber, size: 9, least: 6.5, digit: 13.5, fill: c.paint.ink, figure: c.paint.olive, after: c.label}}
	return s
}

// numberOver puts the number above what the button says, smaller where that
// needs two rows. Before the first signature the button speaks alone.
func (b *block) numberOver(dst []line, p *Phrase) []line {
	label := []span{{words: b.after, size: b.size, bold: true, alien: true}}
	if p.plainNumber == "" {
		alone := b.area
		alone.rows = 2
		rows, _ := fit(alone, label, b.least, false)
		return alone.place(dst, rows, b.fill)
	}
	number, above, below := b.number(p), b.area, b.area
	above.rows, above.at, above.bottom = 1, 0.6, 18
	below.rows, below.at, below.top = 1, 0.35, 17
	rows, whole := fit(below, label, b.least, false)
	if !whole {
		number.size = min(number.size, 10.5)
		above.at, above.bottom = 0.5, 13
		below.rows, below.at, below.top, below.leading = 2, 0.5, 12.5, 1
		rows, _ = fit(below, label, b.least, false)
	}
	return below.place(above.place(dst, [][]span{{number}}, b.fill), rows, b.fill)
}
