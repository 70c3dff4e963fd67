package view_test

import (
	"testing"

	"olivebranch/pkg/view"
)

func TestMailTemplatesParse(t *testing.T) {
	t.Parallel()
	html, text, err := view.MailTemplates()
	if err != nil {
		t.Fatal(err)
	}
	if html.Name() != "letter.html" || text.Name() != "letter.txt" {
		t.Errorf("templates %s and %s", html.Name(), text.Name())
	}
}
