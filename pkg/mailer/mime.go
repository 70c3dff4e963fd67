package mailer

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// message is the letter in MIME: plain text, and the same as HTML. The same
// letter gives the same bytes.
func message(l Letter) (*gomail.Msg, error) {
	if strings.ContainsAny(l.Subject+l.MessageID+l.Lang, "\r\n") {
		return nil, errors.New("line break in a header")
	}
	sum := sha256.Sum256([]byte(l.MessageID))
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary(fmt.Sprintf("%x", sum[:16])))
	if err := m.From(l.From); err != nil {
		return nil, err
	}
	if l.Return != "" {
		if err := m.EnvelopeFrom(l.Return); err != nil {
			return nil, err
		}
	}
	if err := m.To(l.To); err != nil {
		return nil, err
	}
	m.Subject(l.Subject)
	m.SetDateWithValue(l.Date)
	m.SetMessageIDWithValue(l.MessageID)
	m.SetGenHeader(gomail.HeaderContentLang, l.Lang)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader(gomail.HeaderXAutoResponseSuppress, "All")
	listHeaders(m, l.Stop)
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	return m, nil
}
