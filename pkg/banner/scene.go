package banner

// scene is a picture before it is drawn: what stands where, laid out from left to right.
// Whoever draws it mirrors it for languages written from right to left.
type scene struct {
	width, height float64
	back          string // of the whole picture; empty where it is a box with round corners
	boxes         []box
	shapes        []outline
	lines         []line  // that are known now
	blocks        []block // that differ from request to request
}

type box struct {
	x, y, width, height, radius float64
	fill, stroke                string
}

// line is one line of text; its spans stand behind each other.
type line struct {
	x, y   float64 // where it starts, or its middle; on the base line
	middle bool
	room   float64 // in pixels
	fill   string
	lang   string // where it is not the picture's; an own line's
	spans  []span
}

// span is some words of one size.
type span struct {
	words string
	size  float64
	bold  bool
	fill  string // empty: the line's
	alien bool   // may run in the other direction than the words around it
}

func (s span) width() float64 { return weighted(width(s.words), s.bold) * s.size }

func (l *line) width() float64 {
	w := 0.0
	for _, s := range l.spans {
		w += s.width()
	}
	return w
}

func weighted(w float64, isBold bool) float64 {
	if isBold {
		return w * bold
	}
	return w
}

// cast is what a scene is made of.
type cast struct {
	words            Words
	campaign, slogan string
	langs            Langs  // of those that are in another language than the picture
	label            string // of the button; the thanks, where it has ended
	paint            palette
	variant          Variant
}

// area is where a text stands: from the top down, at the bottom or in the middle of its height.
type area struct {
	x, room     float64
	top, bottom float64
	middle      bool    // each row about x
	at          float64 // of the height left over, the share above: 0, 0.5 or 1
	rows        int     // at most
	leading     float64 // of a row, in its size
}

// place gives rows their base lines.
func (a area) place(dst []line, rows [][]span, fill string) []line {
	height := 0.0
	for _, r := range rows {
		height += a.rowHeight(r)
	}
	y := a.top + a.at*max(0, a.bottom-a.top-height)
	for _, r := range rows {
		if len(r) == 0 || len(r) == 1 && r[0].words == "" {
			continue
		}
		h := a.rowHeight(r)
		dst = append(dst, line{x: a.x, y: y + h/2 + 0.355*largest(r), middle: a.middle, room: a.room, fill: fill, spans: r})
		y += h
	}
	return dst
}

func (a area) rowHeight(row []span) float64 { return largest(row) * a.leading }

func largest(row []span) float64 {
	size := 0.0
	for _, s := range row {
		size = max(size, s.size)
	}
	return size
}

func (a area) fits(rows [][]span) bool {
	height := 0.0
	for _, r := range rows {
		height += a.rowHeight(r)
		w := 0.0
		for _, s := range r {
			w += s.width()
		}
		if w > a.room+0.01 {
			return false
		}
	}
	return len(rows) <= a.rows && height <= a.bottom-a.top+0.01
}

// put sets words that are known now, made smaller down to the least size if
// they need it, and cut where that is not enough. It returns how high they are
// and whether they are whole.
func (s *scene) put(a area, fill string, least float64, words span) (float64, bool) {
	words.alien = true
	rows, whole := fit(a, []span{words}, least, false)
	s.lines = a.place(s.lines, balanced(a, rows, []span{words}), fill)
	height := 0.0
	for _, r := range rows {
		height += a.rowHeight(r)
	}
	return height, whole
}
