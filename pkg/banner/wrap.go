package banner

import "strings"

// manner is how rows may be broken.
type manner byte

const (
	apart manner = 1 << iota // a number on a row of its own, if the language lets it
	ahead                    // a number at the head of a row, likewise
	loose                    // within the phrases of Japanese and Chinese too
)

// enough is how much smaller words may be before they are rather broken in a
// lesser manner.
func (m manner) enough() float64 {
	if m&loose != 0 {
		return 0.75
	}
	return 0.9
}

// fit breaks spans into rows that fit the area, made smaller step by step down
// to the least size (of the first span), and torn within a word or cut at the
// end where that is not enough; it says whether they are whole. A number then stands on a row of its own, if the
// language lets it and it need not be much smaller for that.
func fit(a area, spans []span, least float64, number bool) (rows [][]span, whole bool) {
	manners := []manner{0, loose}
	if number {
		manners = []manner{apart, ahead, 0, apart | loose, ahead | loose, loose}
	}
	var second [][]span
	for scale, enough := 1.0, 0.0; ; scale -= 0.04 {
		last := spans[0].size*scale <= least
		if last {
			scale = least / spans[0].size
		}
		if second != nil && scale < enough {
			return second, true
		}
		scaled := scaledBy(spans, scale)
		for i, m := range manners {
			if rows, torn := flow(scaled, a.room, m); !torn {
				if rows = trimmedAll(rows); a.fits(rows) {
					if i == 0 {
						return rows, true
					}
					if second == nil {
						second, enough = rows, scale*m.enough()
					}
					break
				}
			}
		}
		if !last {
			continue
		}
		if second != nil {
			return second, true
		}
		rows, _ = flow(scaled, a.room, manners[0])
		if trimmed := trimmedAll(rows); a.fits(trimmed) {
			return trimmed, true
		}
		return cutRows(a, rows), false
	}
}

func scaledBy(spans []span, scale float64) []span {
	scaled := make([]span, len(spans))
	for i, s := range spans {
		s.size *= scale
		scaled[i] = s
	}
	return scaled
}

// cutRows leaves as many rows as there may be, the last one cut.
func cutRows(a area, rows [][]span) [][]span {
	for len(rows) > 1 {
		height := 0.0
		for _, r := range rows {
			height += a.rowHeight(r)
		}
		if len(rows) <= a.rows && height <= a.bottom-a.top+0.01 {
			break
		}
		last := rows[len(rows)-1]
		rows = rows[:len(rows)-1]
		kept := &rows[len(rows)-1]
		*kept = joined(*kept, last)
	}
	rows = trimmedAll(rows)
	for i, r := range rows {
		rows[i] = cutRow(r, a.room)
	}
	return rows
}

// joined puts a row behind another; what is alike becomes one span.
func joined(a, b []span) []span {
	row := append([]span{}, a...)
	end, next := &row[len(row)-1], b[0]
	next.words = end.words
	if *end == next {
		end.words += b[0].words
		b = b[1:]
	}
	return append(row, b...)
}

func cutRow(row []span, room float64) []span {
	used := 0.0
	for i, s := range row {
		w := s.width()
		if used+w > room+0.01 {
			s.words = shortened(s.words, (room-used)/weighted(s.size, s.bold))
			return append(append([]span{}, row[:i]...), s)
		}
		used += w
	}
	return row
}

// balanced breaks the rows of spans anew so that none is much shorter than the
// others.
func balanced(a area, rows [][]span, spans []span) [][]span {
	if len(rows) < 2 || len(rows) > a.rows || lettersOf(rows...) != lettersOf(spans) {
		return rows
	}
	scaled := scaledBy(spans, rows[0][0].size/spans[0].size)
	for _, m := range []manner{0, loose} {
		if first, torn := flow(scaled, a.room, m); torn || len(first) > len(rows) {
			continue
		}
		narrow, wide := a.room/float64(len(rows)), a.room
		for range 8 {
			room := (narrow + wide) / 2
			if again, torn := flow(scaled, room, m); !torn && len(again) <= len(rows) {
				rows, wide = trimmedAll(again), room
			} else {
				narrow = room
			}
		}
		break
	}
	return rows
}

// lettersOf are the words of rows without what may be lost where a row ends.
func lettersOf(rows ...[]span) string {
	var all strings.Builder
	for _, r := range rows {
		for _, s := range r {
			all.WriteString(strings.ReplaceAll(s.words, " ", ""))
		}
	}
	return all.String()
}

// flow breaks spans into rows no wider than the room. Rows break between
// words, and between the phrases of Chinese and Japanese, or in the loose
// manner between their letters (UAX #14); Korean, which has spaces, breaks at
// them. Only what is too long for a row is torn between graphemes. Rows keep
// the spaces at their ends.
func flow(spans []span, room float64, how manner) (rows [][]span, torn bool) {
	if w := (&line{spans: spans}).width(); w <= room+0.01 {
		return [][]span{spans}, false
	}
	var text strings.Builder
	for _, s := range spans {
		text.WriteString(s.words)
	}
	m := measure{spans: spans}
	start, used := 0, 0.0
	push := func(end int) {
		if row := m.part(start, end); len(trimmed(row)) > 0 {
			rows = append(rows, row)
		}
		start, used = end, 0
	}
	whole := text.String()
	at := 0
	for _, word := range words(whole, how&loose != 0) {
		if at > start && (how&apart != 0 && m.bordersNumber(at) || how&ahead != 0 && m.beginsNumber(at)) {
			push(at)
		}
		w := m.width(at, at+len(strings.TrimRight(word, " ")))
		// What is torn anyway begins where there is still some room.
		if used > 0 && used+w > room+0.01 && (w <= room+0.01 || used > 0.7*room) {
			push(at)
		}
		if w > room+0.01 {
			torn = true
			for rest := word; rest != ""; {
				var cluster string
				cluster, rest = letter(rest)
				w := m.width(at, at+len(cluster))
				if used > 0 && used+w > room+0.01 {
					push(at)
				}
				used += w
				at += len(cluster)
			}
			continue
		}
		used += m.width(at, at+len(word))
		at += len(word)
	}
	push(len(whole))
	return rows, torn
}

// measure finds parts of spans by their place in the whole text, in bytes.
type measure struct{ spans []span }

func (m measure) part(from, to int) []span {
	var out []span
	at := 0
	for _, s := range m.spans {
		end := at + len(s.words)
		if a, b := max(from, at), min(to, end); a < b {
			piece := s
			piece.words = s.words[a-at : b-at]
			out = append(out, piece)
		}
		at = end
	}
	return out
}

func (m measure) width(from, to int) float64 {
	w, at := 0.0, 0
	for _, s := range m.spans {
		end := at + len(s.words)
		if a, b := max(from, at), min(to, end); a < b {
			w += weighted(width(s.words[a-at:b-at]), s.bold) * s.size
		}
		at = end
	}
	return w
}

// beginsNumber says whether a place is just before the number.
func (m measure) beginsNumber(at int) bool {
	for _, s := range m.spans {
		if s.bold && len(m.spans) > 1 {
			return at == 0
		}
		at -= len(s.words)
	}
	return false
}

// bordersNumber says whether a place is just before the number or behind it;
// that is the bold span among others.
func (m measure) bordersNumber(at int) bool {
	from := 0
	for i, s := range m.spans {
		to := from + len(s.words)
		if s.bold && len(m.spans) > 1 && (at == from || at == to || i+1 < len(m.spans) && at == to+leadingSpaces(m.spans[i+1].words)) {
			return true
		}
		from = to
	}
	return false
}

func leadingSpaces(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }

func trimmedAll(rows [][]span) [][]span {
	all := make([][]span, len(rows))
	for i, r := range rows {
		all[i] = trimmed(r)
	}
	return all
}

// trimmed takes the spaces from both ends of a row.
func trimmed(row []span) []span {
	row = append([]span{}, row...)
	for len(row) > 0 {
		if row[0].words = strings.TrimLeft(row[0].words, " "); row[0].words != "" {
			break
		}
		row = row[1:]
	}
	for len(row) > 0 {
		last := &row[len(row)-1]
		if last.words = strings.TrimRight(last.words, " "); last.words != "" {
			break
		}
		row = row[:len(row)-1]
	}
	return row
}

// shortened cuts text that is wider than the room, in em, between graphemes.
func shortened(text string, room float64) string {
	if width(text) <= room {
		return text
	}
	used, end := width("…"), 0
	for rest := text; rest != ""; {
		var cluster string
		cluster, rest = letter(rest)
		if used += width(cluster); used > room {
			break
		}
		end += len(cluster)
	}
	return strings.TrimSpace(text[:end]) + "…"
}
