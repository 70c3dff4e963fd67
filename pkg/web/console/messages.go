package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

const (
	messagesPath = "/console/messages"
	// messagesOnPage is how many one page of a list has.
	messagesOnPage = 50
)

// messagesPage is the desk of messages: a list at the left, the one that is
// open at the right.
type messagesPage struct {
	view.Page
	List     string
	Lists    []string
	Waits    map[string]int64
	Rows     []appeal.Message
	Open     *openMessage // nil when the list is empty
	Next     string       // address of the next page, "" on the last
	Up, On   string       // ids of what is above and below the open one, "" for none
	Done     *appeal.Message
	LeftOver int64 // seconds in which the last decision can be taken back
	After    string
	Reasons  []string
	Reason   string // that is offered for a refusal
	MayAct   bool
}

// openMessage is the message a moderator looks at.
type openMessage struct {
	appeal.Message
	Partner  *registry.Partner // whose words it is, or through whom the person came
	Contacts []plaintext.Contact
	Langs    []string // it may be written in
	Into     string   // language of the translation that is edited
	Words    string   // of it
	Text     int64    // its version
}

// Link is an address of the desk.
func (p *messagesPage) Link(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return messagesPath
	}
	return messagesPath + "?" + v.Encode()
}

// At is the address of one of the list, open.
func (p *messagesPage) At(id int64) string {
	return p.Link("list", p.List, "after", p.After, "open", text(id))
}

// Step is that of the one above or below.
func (p *messagesPage) Step(id string) string {
	return p.Link("list", p.List, "after", p.After, "open", id)
}

func text(id int64) string { return strconv.FormatInt(id, 10) }

// wish is what is asked of the desk: a query, or the fields of a form.
type wish interface{ Get(name string) string }

// newMessages reads a list and opens one: that of the wish, or the first.
func (o *Console) newMessages(c echo.Context, who *staff.Account, q wish) (*messagesPage, error) {
	ctx := c.Request().Context()
	page := &messagesPage{Page: o.base(c, who, "console.messages"), List: q.Get("list"), Lists: appeal.MessageLists(), Waits: map[string]int64{},
		After: q.Get("after"), Reasons: appeal.MessageReasons(), MayAct: who.Role.Covers(staff.Moderator)}
	page.Labels = "console.wall."
	if !slices.Contains(page.Lists, page.List) {
		page.List = appeal.ListWaiting
	}
	var err error
	for _, list := range []string{appeal.ListWaiting, appeal.ListMarked} {
		if page.Waits[list], err = o.Messages.Waits(ctx, list); err != nil {
			return nil, err
		}
	}
	at, id, _ := strings.Cut(page.After, ".")
	behind := appeal.MessageKey{At: max(number(at), 0), ID: max(number(id), 0)}
	var more bool
	if page.Rows, more, err = o.Messages.Desk(ctx, page.List, behind, messagesOnPage); err != nil {
		return nil, err
	}
	if more {
		last := page.Rows[len(page.Rows)-1]
		page.Next = page.Link("list", page.List, "after", text(last.CreatedAt)+"."+text(last.ID))
	}
	if err := o.lastDecision(c, who, page, number(q.Get("done"))); err != nil {
		return nil, err
	}
	return page, o.openMessage(c, page, q)
}

// lastDecision offers to take back what was decided before.
func (o *Console) lastDecision(c echo.Context, who *staff.Account, page *messagesPage, id int64) error {
	if id <= 0 {
		return nil
	}
	m, err := o.Messages.Find(c.Request().Context(), id)
	if fault.KindOf(err) == fault.NotFound {
		return nil // the person has taken it away
	}
	if err == nil && m.DecidedBy == who.ID && m.Undoable(o.Now()) {
		page.Done, page.LeftOver = &m, 60-(o.Now().UnixMilli()-m.DecidedAt)/1000
	}
	return err
}

func (o *Console) openMessage(c echo.Context, page *messagesPage, q wish) error {
	ctx := c.Request().Context()
	id := number(q.Get("open"))
	if id <= 0 && len(page.Rows) > 0 {
		id = page.Rows[0].ID
	}
	if id <= 0 {
		return nil
	}
	m, err := o.Messages.Find(ctx, id)
	if fault.KindOf(err) == fault.NotFound && c.Request().Method != http.MethodPost {
		return nil
	}
	if err != nil {
		return err
	}
	page.Open = &openMessage{Message: m, Contacts: plaintext.Contacts(m.Body), Into: q.Get("into")}
	if len(page.Open.Contacts) > 0 {
		page.Reason = page.Reasons[0]
	}
	page.Open.Partner, _ = o.Register.ByID(m.PartnerID)
	page.Open.Langs = o.spokenLanguages(m.Lang)
	if !o.Catalogues.Has(page.Open.Into) || page.Open.Into == m.Lang {
		page.Open.Into = page.into(m)
	}
	if t := m.In(page.Open.Into); t != nil {
		page.Open.Words = t.Body
	}
	if page.Open.Text, err = o.Messages.TextVersion(ctx, id, page.Open.Into); err != nil {
		return err
	}
	if i := slices.IndexFunc(page.Rows, func(r appeal.Message) bool { return r.ID == id }); i >= 0 {
		if i > 0 {
			page.Up = text(page.Rows[i-1].ID)
		}
		if i+1 < len(page.Rows) {
			page.On = text(page.Rows[i+1].ID)
		}
	}
	return nil
}

// into is the language a translation is offered in first: the reader's own.
func (p *messagesPage) into(m appeal.Message) string {
	for _, l := range append([]locale.Language{{Code: p.Lang()}}, p.Languages...) {
		if l.Code != m.Lang {
			return l.Code
		}
	}
	return p.Lang()
}

// spokenLanguages are those a message may be in, by their own names; the one
// it has among them.
func (o *Console) spokenLanguages(has string) []string {
	all := append(appeal.SpokenLanguages(), has)
	for _, l := range o.Catalogues.Languages() {
		all = append(all, l.Code)
	}
	slices.SortFunc(all, func(a, b string) int { return strings.Compare(locale.OwnName(a), locale.OwnName(b)) })
	return slices.Compact(all)
}

func (o *Console) showMessages(c echo.Context, who *staff.Account) error {
	page, err := o.newMessages(c, who, c.QueryParams())
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/messages", page)
}

// ruleMessage is the form of a decision about a message.
func (o *Console) ruleMessage(state string) handler {
	return func(c echo.Context, who *staff.Account) error {
		v, err := web.Form(c, "version", "reason", "lang", "list", "after", "next")
		id := number(c.Param("id"))
		if err == nil {
			err = o.Messages.Decide(c.Request().Context(), appeal.Ruling{Message: id, Version: number(v.Get("version")), State: state,
				Reason: v.Get("reason"), Lang: o.spokenLanguage(v.Get("lang"))}, by(who))
		}
		if err != nil {
			return o.refuseMessageForm(c, who, v, err, func(page *messagesPage) { page.Reason = v.Get("reason") })
		}
		return web.See(c, (&messagesPage{}).Link("list", v.Get("list"), "after", v.Get("after"), "open", v.Get("next"), "done", text(id)))
	}
}

// spokenLanguage is a language a message can be in; "" for what is none.
func (o *Console) spokenLanguage(code string) string {
	if code != "" && slices.Contains(o.spokenLanguages(""), code) {
		return code
	}
	return ""
}

// refuseMessageForm shows the desk again, with what was typed.
func (o *Console) refuseMessageForm(c echo.Context, who *staff.Account, v web.Values, refusal error, keep func(*messagesPage)) error {
	if fault.KindOf(refusal) == fault.NotFound {
		return refusal
	}
	page, err := o.newMessages(c, who, opened{v, c.Param("id")})
	if err != nil {
		return err
	}
	keep(page)
	return web.Refuse(refusal, &page.Page, func(status int) error { return o.Render(c, status, "console/messages", page) })
}

// opened is a form about the message of its address.
type opened struct {
	web.Values
	id string
}

func (f opened) Get(name string) string {
	switch name {
	case "open":
		return f.id
	case "into":
		return f.Values.Get("lang")
	}
	return f.Values.Get(name)
}

func (o *Console) undoMessage(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "list", "after")
	if err == nil {
		err = o.Messages.Undo(c.Request().Context(), number(c.Param("id")), by(who))
	}
	if err != nil {
		return o.refuseMessageForm(c, who, v, err, func(*messagesPage) {})
	}
	return web.See(c, (&messagesPage{}).Link("list", v.Get("list"), "after", v.Get("after"), "open", c.Param("id")))
}

func (o *Console) translateMessage(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "lang", "version", "words", "list", "after")
	if err == nil && !o.Catalogues.Has(v.Get("lang")) {
		err = errWallLanguage
	}
	if err == nil {
		err = o.Messages.Translate(c.Request().Context(), appeal.Rendering{Message: number(c.Param("id")), Lang: v.Get("lang"),
			Version: number(v.Get("version")), Body: v.Get("words")}, by(who))
	}
	if err != nil {
		return o.refuseMessageForm(c, who, v, err, func(page *messagesPage) { page.Open.Words = v.Get("words") })
	}
	return web.See(c, (&messagesPage{}).Link("list", v.Get("list"), "after", v.Get("after"), "open", c.Param("id"), "into", v.Get("lang"))+"#translations")
}

var errWallLanguage = fault.New(fault.Invalid, "console.wall.no_language")

// Into is the address on which the translation into a language is edited.
func (p *messagesPage) Into(lang string) string {
	return p.Link("list", p.List, "after", p.After, "open", text(p.Open.ID), "into", lang) + "#f-words"
}

// Digit is the key of a reason.
func (p *messagesPage) Digit(i int) string { return strconv.Itoa(i + 1) }
