package locale

import (
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// marker makes texts from here recognizable, or leaves them alone.
type marker bool

const (
	plain     marker = false
	bracketed marker = true
)

var unbracket = strings.NewReplacer("⟦", "", "⟧", "")

func (m marker) wrap(text string) string {
	if !m || text == "" {
		return text
	}
	return "⟦" + text + "⟧"
}

// unwrap is for what goes into a text that has brackets of its own.
func (m marker) unwrap(text string) string {
	if !m {
		return text
	}
	return unbracket.Replace(text)
}

func (m marker) messages(in []*i18n.Message) []*i18n.Message {
	var out []*i18n.Message
	for _, message := range in {
		marked := *message
		for _, form := range forms(&marked) {
			*form = m.wrap(*form)
		}
		out = append(out, &marked)
	}
	return out
}
