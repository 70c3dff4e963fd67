package banner

// scene is a picture before it is drawn: what stands where, laid out from left to right.
// Whoever draws it mirrors it for languages written from right to left.
type scene struct {
	width, height float64
	boxes         []box
	lines         []text
}

type box struct {
	x, y, width, height, radius float64
	fill, stroke                string
}

// text is one line of it. Its runs stand behind each other.
type text struct {
	x, y   float64 // where it starts, or its middle; on the base line
	middle bool
	room   float64 // in pixels
	size   float64
	bold   bool
	fill   string
	runs   []run
}

// run is either fixed words or a slot.
type run struct {
	words string
	slot  Slot
}

// cast is what a scene is made of.
type cast struct {
	words            Words
	campaign, slogan string
	label            string // of the button
	paint            palette
	variant          Variant
}

// fixed is a line of words that are known now, made smaller down to the least size if they need it.
func fixed(words string, size, least float64, t text) text {
	t.runs = []run{{words: words}}
	t.size = max(least, min(size, t.room/weighted(width(words), t.bold)))
	return t
}

func weighted(w float64, isBold bool) float64 {
	if isBold {
		return w * bold
	}
	return w
}
