package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/design"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
)

// entriesOnPage is how many entries one page of the trail lists.
const entriesOnPage = 50

// auditPage is who did what to which and when.
type auditPage struct {
	view.Page
	Ask     asked
	Kinds   []option // of actors
	People  []option
	Groups  []option
	Entries []auditLine
	Next    string // address of the next page, "" on the last
	Export  string // address of all that answers the same question
}

// option is one in a list to choose from.
type option struct{ Value, Words string }

// asked is the question, as it stands in the URL.
type asked struct{ Actor, Group, About, From, To string }

// auditLine is an entry in words.
type auditLine struct {
	audit.Entry
	Did, By, Name string
	Link, Which   string
	Changes       []change
}

// values are the question for an address.
func (a asked) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"actor": a.Actor, "group": a.Group, "about": a.About, "from": a.From, "to": a.To} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

var actorKinds = []string{audit.Staff, audit.Applicant, audit.Representative, audit.Reader, audit.Operator, audit.Program}

// ask reads the question. What makes no sense asks nothing; what names no
// subject there is finds nothing.
func (o *Console) ask(c echo.Context) (asked, audit.Query) {
	a := asked{Actor: c.QueryParam("actor"), Group: c.QueryParam("group"), About: strings.TrimSpace(c.QueryParam("about")),
		From: c.QueryParam("from"), To: c.QueryParam("to")}
	var q audit.Query
	if id, err := strconv.ParseInt(a.Actor, 10, 64); err == nil {
		q.ActorKind, q.ActorID = audit.Staff, id
	} else if slices.Contains(actorKinds, a.Actor) {
		q.ActorKind = a.Actor
	} else {
		a.Actor = ""
	}
	q.Group = a.Group
	if a.About != "" {
		q.Subject, q.SubjectID = o.named(c.Request().Context(), a.About)
	}
	var ok bool
	if q.From, ok = dayStart(a.From, 0); !ok {
		a.From = ""
	}
	if q.To, ok = dayStart(a.To, 1); !ok {
		a.To = ""
	}
	return a, q
}

// dayStart is the first moment of a day, or so many days later.
func dayStart(day string, later int) (int64, bool) {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0, false
	}
	return t.AddDate(0, 0, later).UnixMilli(), true
}

// named finds what people call a subject: an application by its reference, a
// partner by its short name, anything as "kind:id".
func (o *Console) named(ctx context.Context, name string) (string, int64) {
	if kind, id, ok := strings.Cut(name, ":"); ok {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			return kind, n
		}
	}
	if a, err := o.Registry.ByReference(ctx, strings.ToUpper(name)); err == nil {
		return registry.OfApplication, a.ID
	}
	if p, ok := o.Register.BySlug(strings.ToLower(name)); ok {
		return registry.OfPartner, p.ID
	}
	return "nothing", -1
}

// auditKey reads a place in the trail, "at-id"; the newest when it is none.
func auditKey(s string) audit.Key {
	at, id, _ := strings.Cut(s, "-")
	var k audit.Key
	var err, err2 error
	k.At, err = strconv.ParseInt(at, 10, 64)
	k.ID, err2 = strconv.ParseInt(id, 10, 64)
	if err != nil || err2 != nil {
		return audit.Key{}
	}
	return k
}

// keyText is what auditKey reads.
func keyText(k audit.Key) string {
	return strconv.FormatInt(k.At, 10) + "-" + strconv.FormatInt(k.ID, 10)
}

func (o *Console) showAudit(c echo.Context, who *staff.Account) error {
	ctx := c.Request().Context()
	page := &auditPage{Page: o.base(c, who, "audit.page")}
	a, q := o.ask(c)
	page.Ask = a
	entries, err := o.Trail.Search(ctx, q, auditKey(c.QueryParam("before")), entriesOnPage+1)
	if err != nil {
		return err
	}
	if len(entries) > entriesOnPage {
		entries = entries[:entriesOnPage]
		last, next := entries[entriesOnPage-1].Key(), a.values()
		next.Set("before", keyText(last))
		page.Next = "/console/audit?" + next.Encode()
	}
	page.Export = "/console/audit.csv?" + a.values().Encode()
	if page.Entries, err = o.auditLines(ctx, page.Locale, entries); err != nil {
		return err
	}
	if err := page.choices(ctx, o); err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/audit", page)
}

// choices fills the lists to choose from.
func (p *auditPage) choices(ctx context.Context, o *Console) error {
	for _, k := range actorKinds {
		p.Kinds = append(p.Kinds, option{k, byWords(p.Locale, k)})
	}
	accounts, err := o.Staff.List(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		p.People = append(p.People, option{strconv.FormatInt(a.ID, 10), a.Name})
	}
	groups, err := o.Trail.Groups(ctx)
	for _, g := range groups {
		p.Groups = append(p.Groups, option{g, said(p.Locale, "audit.group."+g, g)})
	}
	return err
}

// auditLines puts entries into words and finds the names in them.
func (o *Console) auditLines(ctx context.Context, l *locale.Locale, entries []audit.Entry) ([]auditLine, error) {
	people, err := o.names(ctx)
	if err != nil {
		return nil, err
	}
	var applications []int64
	for _, e := range entries {
		if e.Subject == registry.OfApplication {
			applications = append(applications, e.SubjectID)
		}
	}
	names, err := o.Registry.Names(ctx, applications)
	if err != nil {
		return nil, err
	}
	lines := make([]auditLine, len(entries))
	for i, e := range entries {
		line := auditLine{Entry: e, Did: didWords(l, e.Action), By: byWords(l, e.ActorKind), Changes: changes(l, e, people)}
		if e.ActorKind == audit.Staff {
			line.Name = people[e.ActorID]
		}
		line.Link, line.Which = o.subject(e, names, people)
		lines[i] = line
	}
	return lines, nil
}

// subject is the page and the name of what an entry is about, where it has
// these.
func (o *Console) subject(e audit.Entry, applications, people map[int64]string) (link, name string) {
	switch e.Subject {
	case registry.OfApplication:
		if name = applications[e.SubjectID]; name != "" {
			link = pathOf(registry.About{Subject: e.Subject, ID: e.SubjectID})
		}
	case registry.OfPartner:
		if p, ok := o.Register.ByID(e.SubjectID); ok {
			link, name = pathOf(registry.About{Subject: e.Subject, ID: e.SubjectID}), p.Name
		}
	case design.Subject:
		if d, err := o.Designs.ByID(e.SubjectID); err == nil {
			link, name = designPath(d.ID), d.Code
		}
	case appeal.SweepSubject:
		link, name = sweepPath(e.SubjectID), strconv.FormatInt(e.SubjectID, 10)
	case "staff":
		name = people[e.SubjectID]
	}
	return link, name
}
