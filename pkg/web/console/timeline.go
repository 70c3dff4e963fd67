package console

import (
	"maps"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
)

// timeline is everything that happened to something; the partial
// desk-timeline shows it, with the form for a note.
type timeline struct {
	Page    *view.Page
	Events  []happened
	Older   string // address of the page with what was before, "" on the last
	Newest  string // of the first page, "" on it
	MayNote bool
	Note    noteForm
}

// eventsOnPage is how much of a timeline one page tells.
const eventsOnPage = 50

// happened is one event: Note or Letter is set where it was one. Nobody is
// named for a letter, which follows from a deed.
type happened struct {
	At     int64
	Did    string // for a letter: its subject
	Name   string // of who did it; "" for who has none here
	By     string // what they are
	Note   *registry.Note
	Letter string // where the letter can be read
}

// timeline reads what happened to what the page is about: the newest, or what
// was before the place that "before" in the query names.
func (o *Console) timeline(c echo.Context, who *staff.Account, page *view.Page, about registry.About) (*timeline, error) {
	ctx, before := c.Request().Context(), auditKey(c.QueryParam("before"))
	events, more, err := o.Registry.Timeline(ctx, about, before, eventsOnPage)
	if err != nil {
		return nil, err
	}
	names, err := o.names(ctx)
	if err != nil {
		return nil, err
	}
	t := &timeline{Page: page, MayNote: who.Role.Covers(staff.Reviewer), Note: noteForm{Page: page, At: pathOf(about)}}
	t.Note.Words.Lang = page.Lang()
	if before != (audit.Key{}) {
		t.Newest = pathOf(about) + turned(c.QueryParams(), "")
	}
	if more {
		t.Older = pathOf(about) + turned(c.QueryParams(), keyText(events[0].Key()))
	}
	for _, e := range events {
		h := happened{At: e.At, Note: e.Note}
		var by audit.Actor
		switch {
		case e.Deed != nil:
			by = audit.Actor{Kind: e.Deed.ActorKind, ID: e.Deed.ActorID}
			h.Did = didWords(page.Locale, e.Deed.Action)
		case e.Note != nil:
			by = audit.Actor{Kind: e.Note.AuthorKind, ID: e.Note.AuthorID}
			h.Did = said(page.Locale, "timeline.said."+by.Kind, by.Kind)
			if h.Name, err = o.Registry.NoteAuthor(e.Note); err != nil {
				return nil, err
			}
		case e.Letter != nil:
			h.Did = o.Press.Preview(e.Letter.Kind, page.Lang(), nil).Subject
			if !t.MayNote {
				break // letters name people
			}
			h.Letter = pathOf(registry.About{Subject: e.Letter.Subject, ID: e.Letter.SubjectID}) + "/letters/" + strconv.FormatInt(e.Letter.ID, 10)
		}
		if by.Kind != "" {
			h.By = byWords(page.Locale, by.Kind)
		}
		if by.Kind == audit.Staff {
			h.Name = names[by.ID]
		}
		t.Events = append(t.Events, h)
	}
	return t, nil
}

// turned is the query of the same page with its timeline turned to a place.
func turned(query url.Values, before string) string {
	v := maps.Clone(query)
	v.Del("before")
	if before != "" {
		v.Set("before", before)
	}
	if len(v) == 0 {
		return "#trail"
	}
	return "?" + v.Encode() + "#trail"
}

// pathOf is the console's page about something.
func pathOf(about registry.About) string {
	folder := "/console/applications/"
	if about.Subject == registry.OfPartner {
		folder = "/console/partners/"
	}
	return folder + strconv.FormatInt(about.ID, 10)
}

// didWords puts an action into words. One that a newer version of the program
// noted has none here, and is shown as it was noted.
func didWords(l *locale.Locale, action string) string {
	return said(l, "console.did."+action, action)
}

// byWords puts a kind of actor into words.
func byWords(l *locale.Locale, kind string) string { return said(l, "console.by."+kind, kind) }

// said is a message if there is one, else the plain words.
func said(l *locale.Locale, id, plain string) string {
	if l.Has(id) {
		return l.T(id)
	}
	return plain
}
