package plaintext

import (
	"unicode"

	"github.com/rivo/uniseg"

	"olivebranch/pkg/fault"
)

const (
	// maxMarks on one letter. The most that real writing asks for in NFC is
	// eight, in a Tibetan stack of seed syllables; a Hebrew letter with points
	// and cantillation has up to six, a Vietnamese one at most two.
	maxMarks = 8

	// rawMarks is looked at before NFC, which takes two or three marks into
	// the letter, and which would put U+034F after thirty of them.
	rawMarks = 16

	// maxCluster is how many characters may make up one grapheme. The longest
	// emoji in use have ten; without a limit, syllables of jamo or a chain of
	// skin tones would be one "letter" as long as the text.
	maxCluster = 32
)

// checkMarks refuses letters with more marks than real writing has, and a
// text that begins with a mark, which would sit on what stands before it.
func checkMarks(s string) error {
	bad := longRun(s, maxMarks)
	for _, r := range s {
		bad = bad || unicode.Is(unicode.M, r)
		break
	}
	for rest, state := s, -1; rest != "" && !bad; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		bad = len(cluster) > maxCluster && len([]rune(cluster)) > maxCluster
	}
	if bad {
		return fault.New(fault.Invalid, "text.marks")
	}
	return nil
}

// longRun says that more than max marks follow one another. Joiners do not
// end a run; selectors are not counted, since join leaves one to a letter.
func longRun(s string, max int) bool {
	run := 0
	for _, r := range s {
		switch {
		case joiner(r) || selector(r):
		case unicode.Is(unicode.M, r):
			if run++; run > max {
				return true
			}
		default:
			run = 0
		}
	}
	return false
}
