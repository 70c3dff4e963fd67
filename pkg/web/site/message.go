package site

import (
	"html"
	"strings"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
)

// shownMessage is a message with the page it stands on.
type shownMessage struct {
	Page    view.Page
	Message appeal.Message
	Partner *registry.Partner // whose words they are; nil for a person's
	Said    *appeal.Translation
}

// shownMessage readies a message for a page, with its translation into the
// page's language.
func (s *Site) shownMessage(page view.Page, m appeal.Message) shownMessage {
	shown := shownMessage{Page: page, Message: m, Said: m.In(page.Lang())}
	if m.Own {
		shown.Partner, _ = s.Register.ByID(m.PartnerID)
	}
	return shown
}

// By names whose words they are, and where they come from.
func (m shownMessage) By() string {
	who := m.Message.Person
	if m.Partner != nil {
		who = m.Partner.Name
	}
	if who == "" {
		who = m.Page.T("messages.somebody")
	}
	return m.Page.T("messages.by", "Name", who, "Country", m.Page.Country(m.Message.Country))
}

// html is the message for readers of the feed.
func (m shownMessage) html() string {
	var b strings.Builder
	quote := func(lang, body string) {
		b.WriteString(`<blockquote lang="` + html.EscapeString(lang) + `" dir="auto"><p>` + strings.ReplaceAll(html.EscapeString(body), "\n", "<br>") + "</p></blockquote>")
	}
	quote(m.Message.Lang, m.Message.Body)
	if m.Said != nil {
		b.WriteString("<p>" + html.EscapeString(m.Page.T("messages.translated")) + "</p>")
		quote(m.Said.Lang, m.Said.Body)
	}
	return b.String()
}
