package banner

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// fit breaks spans into rows that fit the area, made smaller step by step down
// to the least size (of the first span), and torn within a word or cut at the
// end where that is not enough; it says whether they are whole. A number then stands on a row of its own, if the
// language lets it.
func fit(a area, spans []span, least float64, number bool) (rows [][]span, whole bool) {
	for scale := 1.0; ; scale -= 0.04 {
		last := spans[0].size*scale <= least
		if last {
			scale = least / spans[0].size
		}
		rows, torn := flow(scaledBy(spans, scale), a.room, number)
		if trimmed := trimmedAll(rows); a.fits(trimmed) && (last || !torn) {
			return trimmed, true
		}
		if last {
			return cutRows(a, rows), false
		}
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

// balanced breaks rows anew so that none is much shorter than the others.
func balanced(a area, rows [][]span) [][]span {
	if len(rows) < 2 || len(rows) > a.rows {
		return rows
	}
	var whole span
	for i, r := range rows {
		if len(r) != 1 {
			return rows
		}
		if i == 0 {
			whole = r[0]
			continue
		}
		if !breaksBySpace(whole.words, r[0].words) {
			return rows
		}
		whole.words += " " + r[0].words
	}
	narrow, wide := a.room/float64(len(rows)), a.room
	for range 8 {
		room := (narrow + wide) / 2
		if again, torn := flow([]span{whole}, room, false); !torn && len(again) <= len(rows) {
			rows, wide = trimmedAll(again), room
		} else {
			narrow = room
		}
	}
	return rows
}

// breaksBySpace says whether a space was left out between two rows.
func breaksBySpace(before, after string) bool {
	a, _ := utf8.DecodeLastRuneInString(before)
	b, _ := utf8.DecodeRuneInString(after)
	return !isSyllable(a) && !isSyllable(b) && !unicode.Is(unicode.Thai, b) || unicode.Is(unicode.Hangul, a) || unicode.Is(unicode.Hangul, b)
}

func isSyllable(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x3000 && r <= 0x303F || r >= 0xFF01 && r <= 0xFF60
}

// flow breaks spans into rows no wider than the room. Rows break between
// words, and between the letters of Chinese and Japanese (UAX #14); Korean,
// which has spaces, breaks at them. Only what is too long for a row is torn
// between graphemes. Rows keep the spaces at their ends.
func flow(spans []span, room float64, number bool) (rows [][]span, torn bool) {
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
	for _, word := range words(whole) {
		if number && m.bordersNumber(at) && at > start {
			push(at)
		}
		w := m.width(at, at+len(strings.TrimRight(word, " ")))
		if used > 0 && used+w > room+0.01 {
			push(at)
		}
		if w > room+0.01 {
			torn = true
			for rest, state := word, -1; rest != ""; {
				var cluster string
				cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
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

// words cuts text where a row may break; each has its spaces behind it.
func words(text string) []string {
	var all []string
	start, end := 0, 0
	for rest, state := text, -1; rest != ""; {
		var piece string
		piece, rest, _, state = uniseg.FirstLineSegmentInString(rest, state)
		end += len(piece)
		if rest == "" || mayBreak(piece, rest) {
			all = append(all, text[start:end])
			start = end
		}
	}
	return all
}

// mayBreak: Korean words are kept together.
func mayBreak(before, after string) bool {
	a, _ := utf8.DecodeLastRuneInString(before)
	b, _ := utf8.DecodeRuneInString(after)
	return unicode.IsSpace(a) || !unicode.Is(unicode.Hangul, a) && !unicode.Is(unicode.Hangul, b)
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
	for rest, state := text, -1; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if used += width(cluster); used > room {
			break
		}
		end += len(cluster)
	}
	return strings.TrimSpace(text[:end]) + "…"
}
