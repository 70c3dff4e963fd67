package banner

import "slices"

// barScene is a row: a twig, campaign and slogan, the number and the partner's
// name, and the button at the end.
func barScene(wide, high float64) func(cast) scene {
	return func(c cast) scene {
		const edge, gap, mark = 18, 20, 40
		s := framed(wide, high, c)
		s.shapes = []outline{twig(edge-2, (high-mark)/2, mark, c.paint.olive)}
		label := weighted(width(c.label), true) * 15
		button := max(104, label+32)
		if button > 190 { // in two rows, which leave the others more room
			button = min(190, max(150, label*0.6+32))
		}
		if c.variant == Ended {
			button = 150
		}
		left := wide - edge - button
		from := edge + mark + 12.0
		rest := left - from - 2*gap
		first := rest * 0.53

		s.stack(area{x: from, room: first, top: 8, bottom: high - 8, at: 0.5, leading: 1.28}, c, headSizes{17, 13, 1, 14, 11, 2})
		s.action(c, left, (high-44)/2, button, 44, 15)

		x, second := from+first+gap, rest-first
		people := area{x: x, room: second, top: 10, bottom: high - 10, at: 0.5, rows: 2, leading: 1.15}
		if c.variant.Named() {
			people.bottom = high/2 + 9
			s.blocks = append(s.blocks, nameBlock(c, area{x: x, room: second, top: people.bottom, bottom: high - 8, at: 0.4, rows: 2, leading: 1.25}, 13, 11))
		}
		s.blocks = append(s.blocks, peopleBlock(c, people, 14, 11, 23))
		return s
	}
}

// framed is an empty picture with a line around it.
func framed(width, height float64, c cast) scene {
	return scene{width: width, height: height, boxes: []box{
		{x: 0.5, y: 0.5, width: width - 1, height: height - 1, radius: 6, fill: c.paint.paper, stroke: c.paint.line},
	}}
}

// headSizes are the sizes of campaign and slogan, at best and at least, and
// how many rows each may take.
type headSizes struct {
	campaign, leastCampaign float64
	campaignRows            int
	slogan, leastSlogan     float64
	sloganRows              int
}

// stack puts the slogan under the campaign's name, both together at the
// place in their area. Where the slogan would be cut the name is made smaller.
func (s *scene) stack(a area, c cast, h headSizes) {
	for size := h.campaign; ; size-- {
		tried := *s
		tried.lines = slices.Clone(s.lines)
		if last := size <= h.leastCampaign; tried.stacked(a, c, h, max(size, h.leastCampaign)) || last {
			*s = tried
			return
		}
	}
}

// stacked puts them with the name no larger than a size, and says whether both
// are whole.
func (s *scene) stacked(a area, c cast, h headSizes, size float64) bool {
	top, at := a.top, a.at
	a.at = 0
	from := len(s.lines)
	name := span{words: c.campaign, size: size, bold: true}
	// Rather a little smaller than in two rows.
	if a.rows = h.campaignRows; name.width()*max(0.8, h.leastCampaign/size) <= a.room {
		a.rows = 1
	}
	used, wholeName := s.put(a, c.paint.ink, h.leastCampaign, name)
	s.spoken(from, c.langs.Campaign)
	under := len(s.lines)
	gap := 0.22 * h.slogan
	a.top += used + gap
	a.rows = h.sloganRows
	a.leading = max(a.leading, 1.3)
	below, wholeSlogan := s.put(a, c.paint.ink, h.leastSlogan, span{words: c.slogan, size: h.slogan})
	s.spoken(under, c.langs.Slogan)
	shift := at * max(0, a.bottom-top-used-gap-below)
	for i := range s.lines[from:] {
		s.lines[from+i].y += shift
	}
	return wholeName && wholeSlogan
}

// spoken marks the lines from some place on as words of a language.
func (s *scene) spoken(from int, lang string) {
	for i := range s.lines[from:] {
		s.lines[from+i].lang = lang
	}
}

// action is the button, or the thanks in its place.
func (s *scene) action(c cast, x, y, width, height, size float64) {
	words := span{words: c.label, size: size, bold: true}
	a := area{x: x + width/2, room: width - 16, top: y, bottom: y + height, middle: true, at: 0.5, rows: 2, leading: 1.2}
	if c.variant == Ended {
		a.room, a.rows = width, 3
		s.put(a, c.paint.olive, size*0.6, words)
		return
	}
	s.boxes = append(s.boxes, box{x: x, y: y, width: width, height: height, radius: 6, fill: c.paint.button})
	s.put(a, c.paint.label, size*0.6, words)
}
