package banner

import "strings"

// Phrase is the sentence that says how many people have signed, cut at the number,
// because the number is set larger and a frame changes it later.
type Phrase struct {
	before, number, after []byte // escaped
	plainBefore           string
	plainNumber           string
	plainAfter            string
	sum                   uint64
}

// NewPhrase puts n into words.
func NewPhrase(w Words, n int64) *Phrase {
	before, number, after := Signed(w, n)
	p := &Phrase{
		before: appendEscaped(nil, before),
		number: appendEscaped(nil, number),
		after:  appendEscaped(nil, after),

		plainBefore: before, plainNumber: number, plainAfter: after,
	}
	p.sum = mix(mix(mix(0, p.before), p.number), p.after)
	return p
}

// Signed says how many people have signed, cut at the number. The number is empty where the sentence
// has none: nobody signed yet, or the language prefers a word.
func Signed(w Words, n int64) (before, number, after string) {
	if n <= 0 {
		return w.T("embed.first"), "", ""
	}
	number = w.Number(n)
	sentence := w.T("embed.signed", "N", n)
	before, after, found := strings.Cut(sentence, number)
	if !found {
		return sentence, "", ""
	}
	return before, number, after
}
