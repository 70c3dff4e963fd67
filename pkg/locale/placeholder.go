package locale

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n/template"
)

// placeholder is all that a message may hold between braces. Conditions, loops and calls would be
// sentences glued together, and text/template is several times slower.
var placeholder = regexp.MustCompile(`\{\{\s*\.([A-Za-z][A-Za-z0-9]*)\s*\}\}`)

// placeholders is the template language of messages, for go-i18n.
type placeholders struct{}

func (placeholders) Cacheable() bool { return true }

func (placeholders) Parse(src, left, right string) (template.ParsedTemplate, error) {
	if left != "" || right != "" {
		return nil, fmt.Errorf("delimiters %q and %q instead of braces", left, right)
	}
	return parsePieces(src)
}

// pieces is a text cut at its placeholders.
type pieces []piece

type piece struct {
	text string // words, when name is empty
	name string // of a placeholder
}

func parsePieces(src string) (pieces, error) {
	var p pieces
	add := func(text string) error {
		if strings.Contains(text, "{{") || strings.Contains(text, "}}") {
			return fmt.Errorf("a placeholder is written {{.Name}}, not as in %q", text)
		}
		if text != "" {
			p = append(p, piece{text: text})
		}
		return nil
	}
	at := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(src, -1) {
		if err := add(src[at:m[0]]); err != nil {
			return nil, err
		}
		p = append(p, piece{name: src[m[2]:m[3]]})
		at = m[1]
	}
	return p, add(src[at:])
}

// Execute fills in data, a *values. It never fails: a name without a value leaves a gap, and is noted.
func (p pieces) Execute(data any) (string, error) {
	v := data.(*values)
	var b strings.Builder
	for _, piece := range p {
		if piece.name == "" {
			b.WriteString(piece.text)
			continue
		}
		value, ok := v.get(piece.name)
		if !ok {
			v.missing = append(v.missing, piece.name)
			continue
		}
		b.WriteString(v.show(value))
	}
	return b.String(), nil
}

// values are the names and values of one call of T.
type values struct {
	pairs   []any
	show    func(any) string
	missing []string
}

func (v *values) get(name string) (any, bool) {
	for i := 0; i+1 < len(v.pairs); i += 2 {
		if v.pairs[i] == name {
			return v.pairs[i+1], true
		}
	}
	return nil, false
}
