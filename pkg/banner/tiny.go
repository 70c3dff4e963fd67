package banner

// drawBadge has room for a twig, the number and what the button says.
func drawBadge(c cast) scene {
	s := scene{width: 88, height: 31}
	s.boxes = []box{{x: 0.5, y: 0.5, width: 87, height: 30, radius: 3, fill: c.paint.paper, stroke: c.paint.line}}
	s.shapes = []outline{twig(3.5, 4, 23, c.paint.olive)}
	const x, room = 28.0, 56.0
	s.put(area{x: x, room: room, top: 17, bottom: 29, at: 0.35, rows: 1, leading: 1.2}, c.paint.ink, 6.5, span{words: c.label, size: 9, bold: true})
	s.blocks = []block{{area: area{x: x, room: room, top: 2, bottom: 18, at: 0.6, rows: 1, leading: 1.1},
		says: saysNumber, size: 9, least: 8, digit: 13.5, fill: c.paint.ink, figure: c.paint.olive}}
	return s
}
