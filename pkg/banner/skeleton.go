package banner

import (
	"bytes"
	"slices"
)

// Slot is a place in a Skeleton where something differs from request to request.
type Slot byte

// The slots. All but Before, Number and After hold what people chose.
const (
	Name     Slot = 'a' + iota // the partner's name
	NameLang                   // the language it is written in
	Slug                       // the partner's, in the address behind the button
	Line                       // the partner's own line
	LineLang                   // the language it is written in
	Before                     // the words before the number
	Number                     // the number
	After                      // the words behind it
)

// firstBlock and those behind it are texts of a picture that are laid out anew for each request.
const firstBlock Slot = 'A'

func blockSlot(i int) Slot { return firstBlock + Slot(i) }

func isSlot(s Slot) bool { return s >= Name && s <= After || s >= firstBlock && s < firstBlock+8 }

const markStart, markEnd = "~olive~", "~"

// Mark is what stands for the slot in a document that Cut is to cut. It is left alone by all escaping.
func (s Slot) Mark() string { return markStart + string(rune(s)) + markEnd }

// Values fill the slots. All but the phrase may be any text; it is escaped.
type Values struct {
	Name     string
	NameLang string
	Slug     string
	Line     string
	LineLang string
	Query    string // no part of Sum, since it is in the document's own address
	Phrase   *Phrase
}

// Skeleton is a document with slots. It is safe for concurrent use.
type Skeleton struct {
	segments []segment
	sum      uint64
	drawing  *drawing // of a picture
}

// segment is some text and what follows it; a slot of 0 is nothing.
type segment struct {
	text []byte
	slot Slot
}

// Cut makes a skeleton of a document with marks.
func Cut(doc []byte) *Skeleton {
	s := &Skeleton{}
	for {
		text, rest, found := bytes.Cut(doc, []byte(markStart))
		if !found {
			break
		}
		if len(rest) > 1 && isSlot(Slot(rest[0])) && rest[1] == markEnd[0] {
			s.add(text, Slot(rest[0]))
			doc = rest[2:]
			continue
		}
		s.add(doc[:len(text)+len(markStart)], 0)
		doc = rest
	}
	s.add(doc, 0)
	return s
}

func (s *Skeleton) add(text []byte, slot Slot) {
	s.segments = append(s.segments, segment{text: slices.Clone(text), slot: slot})
	s.sum = mix(s.sum, text)
	s.sum = mix(s.sum, []byte{byte(slot)})
}

// Append splices the values in and adds the document to dst.
func (s *Skeleton) Append(dst []byte, v *Values) []byte {
	for i := range s.segments {
		seg := &s.segments[i]
		dst = append(dst, seg.text...)
		switch seg.slot {
		case Name:
			dst = appendEscaped(dst, v.Name)
		case NameLang:
			dst = appendEscaped(dst, v.NameLang)
		case Slug:
			dst = appendEscaped(dst, v.Slug)
		case Line:
			dst = appendEscaped(dst, v.Line)
		case LineLang:
			dst = appendEscaped(dst, v.LineLang)
		case Before:
			dst = append(dst, v.Phrase.before...)
		case Number:
			dst = append(dst, v.Phrase.number...)
		case After:
			dst = append(dst, v.Phrase.after...)
		default:
			if s.drawing != nil {
				dst = s.drawing.appendBlock(dst, int(seg.slot-firstBlock), v)
			}
		}
	}
	return dst
}

// Sum is a checksum of the document with these values in it, but for the query: equal for equal documents, in every process,
// and found without making the document.
func (s *Skeleton) Sum(v *Values) uint64 {
	sum := mixString(s.sum, v.Name)
	sum = mixString(sum, v.NameLang)
	sum = mixString(sum, v.Slug)
	sum = mixString(sum, v.Line)
	sum = mixString(sum, v.LineLang)
	return mixUint(sum, v.Phrase.sum)
}

// mix is one round of FNV-1a, with a mark for the end of what was mixed in.
func mix(sum uint64, text []byte) uint64 {
	for _, b := range text {
		sum = (sum ^ uint64(b)) * 1099511628211
	}
	return (sum ^ 0xFF) * 1099511628211
}

func mixString(sum uint64, text string) uint64 {
	for i := range len(text) {
		sum = (sum ^ uint64(text[i])) * 1099511628211
	}
	return (sum ^ 0xFF) * 1099511628211
}

func mixUint(sum, n uint64) uint64 { return (sum ^ n) * 1099511628211 }
