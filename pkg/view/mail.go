package view

import (
	"fmt"
	htmltemplate "html/template"
	texttemplate "text/template"

	"olivebranch/templates"
)

// MailTemplates parses the two shapes of a mail, HTML and plain text. Both
// take a Sheet.
func MailTemplates() (*htmltemplate.Template, *texttemplate.Template, error) {
	html, err := htmltemplate.ParseFS(templates.FS, "mail/letter.html")
	if err != nil {
		return nil, nil, fmt.Errorf("parse mail template: %w", err)
	}
	text, err := texttemplate.ParseFS(templates.FS, "mail/letter.txt")
	if err != nil {
		return nil, nil, fmt.Errorf("parse mail template: %w", err)
	}
	return html, text, nil
}
