package console

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
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

// letterPage is a letter that was written.
type letterPage struct {
	view.Page
	At     string // page of what it is about
	SentAt int64
	Twins  twins
}

// showLetter shows a letter about a subject of a kind, as it was written.
func (o *Console) showLetter(subject string) handler {
	return func(c echo.Context, who *staff.Account) error {
		about, err := subjectOf(c, subject)
		if err != nil {
			return err
		}
		id, err := strconv.ParseInt(c.Param("letter"), 10, 64)
		if err != nil {
			return registry.ErrNoLetter
		}
		l, args, err := o.Registry.Letter(c.Request().Context(), about, id)
		if err != nil {
			return err
		}
		page := &letterPage{Page: o.base(c, who, "letters.page"), At: pathOf(about), SentAt: l.CreatedAt}
		page.Twins = o.twins(page.Page, l.Kind, l.Lang, args)
		return o.Render(c, http.StatusOK, "console/letter", page)
	}
}
