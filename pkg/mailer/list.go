package mailer

import (
	"strings"

	gomail "github.com/wneessen/go-mail"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/view"
)

// stop is the link by which the reader of a mail stops its kind, where that
// may be; the mail has it in words too, for who does not see the header.
func (p *press) stop(w Words, r outbox.Row) view.Link {
	if !r.Kind.Stoppable() {
		return view.Link{}
	}
	return view.Link{Text: view.Line(w.T("mail.stop")),
		URL: p.base.Scheme + "://" + p.base.Host + "/" + w.Lang() + "/unsubscribe/" + outbox.StopToken(p.keys, r.Kind, r.RecipientKey)}
}

// listHeaders are those of RFC 2369 and RFC 8058, by which mail programs offer
// to stop such mails with one click. That wants TLS.
func listHeaders(m *gomail.Msg, stop string) {
	if stop == "" {
		return
	}
	m.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+stop+">")
	if strings.HasPrefix(stop, "https://") {
		m.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
}
