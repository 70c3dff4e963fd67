package console

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// noteForm is the form for a note, with what was typed.
type noteForm struct {
	Page  *view.Page
	At    string // page of what the note is about
	Words registry.Words
}

// notePage shows a refused note again.
type notePage struct {
	view.Page
	Form noteForm
}

// subjectOf is what the path names, of a kind.
func subjectOf(c echo.Context, subject string) (registry.About, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return registry.About{}, echo.ErrNotFound
	}
	return registry.About{Subject: subject, ID: id}, nil
}

// addNote notes words of staff on a subject of a kind.
func (o *Console) addNote(subject string) handler {
	return func(c echo.Context, who *staff.Account) error {
		about, err := subjectOf(c, subject)
		if err != nil {
			return err
		}
		v, err := web.Form(c, "note", "note_lang")
		page := &notePage{Page: o.base(c, who, "notes.page")}
		page.Labels = "notes."
		page.Form = noteForm{Page: &page.Page, At: pathOf(about), Words: registry.Words{Body: v.Get("note"), Lang: v.Get("note_lang")}}
		if err == nil {
			err = o.Registry.AddNote(c.Request().Context(), about, page.Form.Words, by(who))
		}
		if err != nil {
			return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/note", page) })
		}
		return web.See(c, page.Form.At)
	}
}
