package banner

// drawCard is the picture that goes with a shared link. It has no edge, for
// who shows it cuts its corners.
func drawCard(c cast) scene {
	const edge, room = 76.0, 800.0
	s := scene{width: 1200, height: 630, back: c.paint.paper}
	s.boxes = []box{{x: 0, y: 0, width: 12, height: 630, fill: c.paint.olive}}
	s.shapes = []outline{twig(900, 84, 240, c.paint.olive)}
	people := area{x: edge, room: 1200 - 2*edge, top: 300, bottom: 430, at: 0.5, rows: 2, leading: 1.15}
	if c.variant == WithLine {
		people.top, people.bottom = 290, 384
		s.blocks = append(s.blocks, lineBlock(c, area{x: edge, room: 1200 - 2*edge, top: 390, bottom: 476, at: 0.5, rows: 2, leading: 1.3}, 31, 24))
	}
	s.stack(area{x: edge, room: room, top: 64, bottom: 292, at: 0.35, leading: 1.22}, c, headSizes{62, 36, 2, 38, 31, 3})
	const height = 84.0
	y := 630 - 58 - height
	button := min(480, max(260, weighted(width(c.label), true)*32+80))
	if c.variant == Ended {
		s.put(area{x: edge, room: 1200 - 2*edge, top: y, bottom: y + height, at: 0.5, rows: 1, leading: 1.2}, c.paint.olive, 24, span{words: c.label, size: 36, bold: true})
	} else {
		s.action(c, edge, y, button, height, 32)
	}
	if c.variant.Named() {
		from := edge + button + 40
		s.blocks = append(s.blocks, nameBlock(c, area{x: from, room: 1200 - edge - from, top: y - 8, bottom: y + height + 8, at: 0.5, rows: 2, leading: 1.3}, 32, 24))
	}
	s.blocks = append(s.blocks, peopleBlock(c, people, 38, 26, 84))
	return s
}
