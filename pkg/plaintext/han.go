package plaintext

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:generate go run ./gen $OPENCC .

// han has one line for each Chinese character that has a simplified one of the
// same meaning: the character, then that.
//
//go:embed han.txt
var han string

var oneShapes = sync.OnceValue(func() map[rune]rune {
	all := make(map[rune]rune, 4096)
	for line := range strings.Lines(han) {
		shape, size := utf8.DecodeRuneInString(line)
		all[shape], _ = utf8.DecodeRuneInString(line[size:])
	}
	return all
})

// oneShape turns a traditional, Japanese or local shape of a character into
// the simplified one.
func oneShape(r rune) rune {
	if r < 0x2E80 {
		return r
	}
	if same, ok := oneShapes()[r]; ok {
		return same
	}
	return r
}
