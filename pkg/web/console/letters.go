package console

import (
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/view"
)

// Press shows what a mail says without sending it; *mailer.Mailer does.
type Press interface {
	Preview(kind outbox.Kind, lang string, args map[string]string) view.Sheet
}

// twins are a letter as it is sent and, for who reads another language, the
// same letter in that. The partial desk-letter shows them side by side.
type twins struct {
	Page   view.Page
	Sheets []view.Sheet
}

// twins lays a letter out in the language it is sent in and in the reader's.
func (o *Console) twins(page view.Page, kind outbox.Kind, lang string, args map[string]string) twins {
	t := twins{Page: page, Sheets: []view.Sheet{o.Press.Preview(kind, lang, args)}}
	if t.Sheets[0].Lang != page.Lang() {
		t.Sheets = append(t.Sheets, o.Press.Preview(kind, page.Lang(), args))
	}
	return t
}
