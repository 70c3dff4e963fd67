package console

import (
	"context"
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
	Sheets []twinSheet
}

// twinSheet is a letter in one language. Twin says that it is sent in others
// only.
type twinSheet struct {
	view.Sheet
	Twin bool
}

// twins lays a letter out in the languages it is sent in and in the reader's.
func (o *Console) twins(page view.Page, kind outbox.Kind, langs []string, args map[string]string) twins {
	t := twins{Page: page}
	mine := false
	for _, lang := range langs {
		s := o.Press.Preview(kind, lang, args)
		mine = mine || s.Lang == page.Lang()
		t.Sheets = append(t.Sheets, twinSheet{Sheet: s})
	}
	if !mine {
		t.Sheets = append(t.Sheets, twinSheet{o.Press.Preview(kind, page.Lang(), args), true})
	}
	return t
}

// draft is a letter that a deed is about to send: the partial desk-words asks
// for staff's own words in it, where it takes some, and desk-draft shows it as
// it will be sent.
type draft struct {
	Page     *view.Page
	Words    registry.Words // typed so far
	Required bool
	Label    string // message id: what the words are for
	Hint     string // message id; "" for none
	Letter   twins
	None     string // message id: why no letter goes out; "" when one does
}

// newDraft begins a letter with what was typed; its words are in the reader's
// language unless they say otherwise.
func (o *Console) newDraft(page *view.Page, get func(name string) string, label string) draft {
	d := draft{Page: page, Words: registry.Words{Body: get("words"), Lang: get("words_lang")}, Label: label}
	if !o.Catalogues.Has(d.Words.Lang) {
		d.Words.Lang = page.Lang()
	}
	return d
}

// toPartner lays a letter to a partner out as it would be sent now, with the
// words typed so far.
func (o *Console) toPartner(ctx context.Context, d *draft, p *registry.Partner, n registry.Notice) error {
	langs, err := o.Registry.LettersTo(ctx, p.ID)
	if err != nil {
		return err
	}
	if len(langs) == 0 {
		d.None = "letters.nobody"
	}
	n.Words = d.Words
	d.Letter = o.twins(*d.Page, n.Kind, langs, n.Args(p))
	return nil
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
		page.Twins = o.twins(page.Page, l.Kind, []string{l.Lang}, args)
		return o.Render(c, http.StatusOK, "console/letter", page)
	}
}
