package banner_test

import (
	"fmt"
	"strings"

	"olivebranch/pkg/banner"
)

// english is enough of a catalogue for the tests of this package.
type english struct{ dir string }

var messages = map[string]string{
	"embed.sign":         "Sign the appeal",
	"embed.with":         "with {{.Name}}",
	"embed.line":         "“{{.Line}}”",
	"embed.thanks":       "Thank you to all who signed.",
	"embed.thanks_short": "Thank you",
	"embed.signatures":   "{{.N}} signatures",
	"embed.first":        "Be the first to sign",
	"embed.picture":      "{{.Campaign}}: {{.Signed}}",
	"embed.link":         "{{.Campaign}}: sign the appeal",
	"embed.signed":       "{{.N}} people have signed",
}

func (e english) T(id string, pairs ...any) string {
	text, ok := messages[id]
	if !ok {
		panic("no message " + id)
	}
	for i := 0; i < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{{.%s}}", pairs[i]), e.show(pairs[i+1]))
	}
	return text
}

func (e english) show(value any) string {
	if n, ok := value.(int64); ok {
		return e.Number(n)
	}
	return fmt.Sprint(value)
}

func (english) Number(n int64) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func (english) Lang() string { return "en" }

func (e english) Dir() string {
	if e.dir == "" {
		return "ltr"
	}
	return e.dir
}

type appeal struct{ campaign, slogan string }

func (appeal) Slug() string                { return "peace" }
func (appeal) Version() int64              { return 1 }
func (a appeal) Title(string) string       { return a.campaign }
func (a appeal) Campaign(string) string    { return a.campaign }
func (a appeal) Slogan(string) string      { return a.slogan }
func (a appeal) Langs(string) banner.Langs { return banner.Langs{} }

var peace = appeal{campaign: "Peace Appeal", slogan: "End the war. Begin the peace."}

var _ banner.Words = english{}
