package banner

// drawBox sets one thing under the other in a column 300 wide; the button is
// at its foot.
func drawBox(c cast) scene {
	const edge = 18.0
	s := framed(300, 250, c)
	s.shapes = []outline{twig(300-edge-42, 14, 44, c.paint.olive)}
	room := 300 - 2*edge
	s.action(c, edge, 250-edge-44, room, 44, 16)
	head := area{x: edge, room: room - 48, top: 16, bottom: 96, leading: 1.28}
	people := area{x: edge, room: room, top: 98, bottom: 154, at: 0.5, rows: 2, leading: 1.18}
	name := area{x: edge, room: room, top: 154, bottom: 184, at: 0.5, rows: 2, leading: 1.24}
	digit := 32.0
	switch {
	case c.variant == WithLine:
		head.bottom, people.top, people.bottom, digit = 86, 86, 121, 22
		s.blocks = append(s.blocks, lineBlock(c, area{x: edge, room: room, top: 121, bottom: 154, at: 0.5, rows: 2, leading: 1.26}, 13, 10))
	case !c.variant.Named():
		head.bottom, people.top, people.bottom = 104, 106, 182
	}
	s.stack(head, c, headSizes{19, 13, 2, 14, 11, 3})
	if c.variant.Named() {
		s.blocks = append(s.blocks, nameBlock(c, name, 13, 11))
	}
	s.blocks = append(s.blocks, peopleBlock(c, people, 14.5, 10.5, digit))
	return s
}

// drawTall is a narrow column, everything about its middle.
func drawTall(c cast) scene {
	const edge, middle, room = 14.0, 80.0, 132.0
	s := framed(160, 600, c)
	s.shapes = []outline{twig(middle-32, 26, 64, c.paint.olive)}
	s.stack(area{x: middle, room: room, top: 104, bottom: 300, middle: true, leading: 1.25}, c, headSizes{20, 13, 4, 16, 11.5, 6})
	s.action(c, edge, 600-edge-52, room, 52, 16)
	people := area{x: middle, room: room, top: 300, bottom: 410, middle: true, at: 0.5, rows: 4, leading: 1.2}
	name := area{x: middle, room: room, top: 430, bottom: 526, middle: true, at: 1, rows: 4, leading: 1.3}
	switch {
	case c.variant == WithLine:
		people.top, people.bottom = 290, 376
		name.top, name.rows = 476, 3
		s.blocks = append(s.blocks, lineBlock(c, area{x: middle, room: room, top: 380, bottom: 472, middle: true, at: 0.5, rows: 5, leading: 1.3}, 13.5, 11.5))
	case !c.variant.Named():
		people.top, people.bottom = 320, 500
	}
	if c.variant.Named() {
		s.blocks = append(s.blocks, nameBlock(c, name, 13, 11.5))
	}
	s.blocks = append(s.blocks, peopleBlock(c, people, 15.5, 11.5, 36))
	return s
}
