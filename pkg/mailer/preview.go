package mailer

import (
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/view"
)

// Preview is what a mail of the kind says in a language, word for word as it
// would be sent, without sending it. Args are those of outbox.Mail; a code is
// left out, and the button has its words but leads nowhere.
func (m *Mailer) Preview(kind outbox.Kind, lang string, args map[string]string) view.Sheet {
	s := m.press.layOut(m.press.words(lang), kind, outbox.Envelope{Args: args, Action: "/"})
	s.Action.URL, s.Code, s.CodeLead = "", "", ""
	return s
}
