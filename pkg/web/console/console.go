// Package console is the rooms of the campaign's staff: signing in, the inbox
// of applications, messages waiting to be shown, and the texts of the appeal.
package console

import (
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

const cookie = "staff"

// Console has what the console needs.
type Console struct {
	*web.Server
	Keys     *seal.Keys
	Staff    *staff.Staff
	Registry *registry.Registry
	Phrases  *registry.Phrases
	Register *registry.Register
	Appeal   *appeal.Appeal
	Tally    *appeal.Tally
	Messages *appeal.Messages
	Trail    audit.Trail
	Press    Press
	Now      func() time.Time
}

// handler is a page for a member of staff.
type handler func(c echo.Context, who *staff.Account) error

// route is a row of the table of rights.
type route struct {
	Method, Path string
	Role         staff.Role // the least that may
	handle       handler
}

// routes is the one table of what each role may see and do.
func (o *Console) routes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/console", staff.Observer, o.showInbox},
		{get, "/console/applications/:id", staff.Observer, o.showApplication},
		{get, "/console/applications/:id/logo", staff.Observer, o.showLogo},
		{post, "/console/applications/:id/claim", staff.Reviewer, button(o.claim)},
		{post, "/console/applications/:id/take-over", staff.Reviewer, button(o.takeOver)},
		{post, "/console/applications/:id/release", staff.Reviewer, button(o.release)},
		{post, "/console/applications/:id/go-on", staff.Reviewer, button(o.goOn)},
		{get, "/console/applications/:id/approve", staff.Reviewer, o.showDecide(registry.Admit)},
		{post, "/console/applications/:id/approve", staff.Reviewer, o.decide(registry.Admit)},
		{get, "/console/applications/:id/ask", staff.Reviewer, o.showDecide(registry.Ask)},
		{post, "/console/applications/:id/ask", staff.Reviewer, o.decide(registry.Ask)},
		{get, "/console/applications/:id/decline", staff.Reviewer, o.showDecide(registry.Refuse)},
		{post, "/console/applications/:id/decline", staff.Reviewer, o.decide(registry.Refuse)},
		{post, "/console/decisions/:id/undo", staff.Reviewer, button(o.undo)},
		{get, "/console/spam", staff.Reviewer, o.showSpam},
		{post, "/console/spam", staff.Reviewer, o.declineSpam},
		{get, "/console/phrases", staff.Observer, o.showPhrases},
		{get, "/console/phrases/:key", staff.Reviewer, o.showPhrase},
		{post, "/console/phrases/:key", staff.Reviewer, o.savePhrase},
		{get, "/console/applications/:id/compare/:other", staff.Observer, o.compareApplications},
		{post, "/console/applications/:id/compare/:other/merge", staff.Reviewer, o.mergeApplications},
		{post, "/console/applications/:id/compare/:other/undo", staff.Reviewer, o.unmergeApplication},
		{get, "/console/partners/:id/compare/:other", staff.Observer, o.comparePartners},
		{post, "/console/partners/:id/compare/:other/merge", staff.Reviewer, o.mergePartners},
		{post, "/console/partners/:id/compare/:other/undo", staff.Reviewer, o.unmergePartner},
		{get, "/console/protected", staff.Observer, o.showProtected},
		{post, "/console/protected", staff.Reviewer, o.protect},
		{post, "/console/protected/:id/remove", staff.Reviewer, button(o.unprotect)},
		{get, "/console/messages", staff.Observer, o.showMessages},
		{post, "/console/messages/:id/show", staff.Moderator, button(o.showMessage)},
		{post, "/console/messages/:id/refuse", staff.Moderator, button(o.refuseMessage)},
		{get, "/console/appeal", staff.Observer, o.showTexts},
		{post, "/console/appeal", staff.Admin, o.saveTexts},
		{post, "/console/language", staff.Observer, o.setLanguage},
		{post, "/console/sign-out", staff.Observer, button(o.signOut)},
	}
}

// button is web.Button behind the check of the role.
func button(next handler) handler {
	return func(c echo.Context, who *staff.Account) error {
		return web.Button(func(c echo.Context) error { return next(c, who) })(c)
	}
}

// Routes registers every page of the console.
func (o *Console) Routes() {
	for _, r := range o.routes() {
		methods := []string{r.Method}
		if r.Method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		o.Echo.Match(methods, r.Path, o.signedIn(r.Role, r.handle), web.NoStore)
	}
	reads := []string{http.MethodGet, http.MethodHead}
	o.Echo.Match(reads, "/console/sign-in", o.showSignIn, web.NoStore)
	o.Echo.POST("/console/sign-in", o.signIn, web.NoStore)
	o.Echo.Match(reads, "/console/first/:token", o.showFirst, web.NoStore)
	o.Echo.POST("/console/first/:token", o.first, web.NoStore)
}

// errRole answers who is signed in and may not.
var errRole = fault.New(fault.Forbidden, "error.role")

// signedIn finds who is signed in, as the account stands at this moment, and
// refuses roles that may not.
func (o *Console) signedIn(least staff.Role, next handler) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		session, err := o.Staff.Session(ctx, staff.StaffSession, web.SessionToken(c, cookie))
		if errors.Is(err, staff.ErrNoSession) {
			return web.See(c, "/console/sign-in")
		}
		if err != nil {
			return err
		}
		who, err := o.Staff.Account(ctx, session.OwnerID)
		if errors.Is(err, staff.ErrNoAccount) || (err == nil && !who.Active()) {
			return web.See(c, "/console/sign-in")
		}
		if err != nil {
			return err
		}
		if !who.Role.Covers(least) {
			return errRole
		}
		return next(c, who)
	}
}

// base makes the base of a console page, in the language of who reads it.
func (o *Console) base(c echo.Context, who *staff.Account, title string) view.Page {
	lang := consoleLang(who.Lang)
	p := o.Base(c, "console", lang, o.Catalogues.For(lang).T(title))
	p.Staff = &view.Person{Name: who.Name, May: func(role string) bool { return who.Role.Covers(staff.Role(role)) }}
	return p
}

// consoleLang is the reader's language if the console speaks it, else
// English.
func consoleLang(lang string) string {
	if lang == "ko" {
		return lang
	}
	return "en"
}

func by(who *staff.Account) audit.Actor { return audit.Actor{Kind: audit.Staff, ID: who.ID} }

// signInPage asks for address and password.
type signInPage struct {
	view.Page
	Email string
}

func (o *Console) newSignIn(c echo.Context) *signInPage {
	lang := consoleLang(o.Lang(c))
	return &signInPage{Page: o.Base(c, "console", lang, o.Catalogues.For(lang).T("console.sign_in"))}
}

func (o *Console) showSignIn(c echo.Context) error {
	return o.Render(c, http.StatusOK, "console/sign_in", o.newSignIn(c))
}

func (o *Console) signIn(c echo.Context) error {
	v, err := web.Form(c, "email", "password")
	page := o.newSignIn(c)
	page.Email = v.Get("email")
	if err == nil {
		err = filled(v)
	}
	if err == nil {
		err = o.Allow(c, web.SignInLimit)
	}
	var who *staff.Account
	if err == nil {
		who, err = o.Staff.SignIn(c.Request().Context(), page.Email, v.Get("password"))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/sign_in", page) })
	}
	return o.begin(c, who)
}

// filled refuses a sign-in with a field left empty, which is no attempt.
func filled(v web.Values) error {
	refused := fault.Fields{}
	if v.Get("email") == "" {
		refused.Add("email", fault.New(fault.Invalid, "email.required"))
	}
	if v.Get("password") == "" {
		refused.Add("password", fault.New(fault.Invalid, "text.required"))
	}
	return refused.Err()
}

// begin starts a session, always a new one, and opens the inbox.
func (o *Console) begin(c echo.Context, who *staff.Account) error {
	token, err := o.Staff.Begin(c.Request().Context(), staff.StaffSession, who.ID)
	if err != nil {
		return err
	}
	web.SetSession(c, cookie, token)
	return web.See(c, "/console")
}

func (o *Console) signOut(c echo.Context, _ *staff.Account) error {
	if err := o.Staff.End(c.Request().Context(), web.SessionToken(c, cookie)); err != nil {
		return err
	}
	web.EndSession(c, cookie)
	return web.See(c, "/console/sign-in")
}

// setLanguage changes the language in which who is signed in reads the
// console.
func (o *Console) setLanguage(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "lang")
	if err != nil {
		return err
	}
	if err := o.Staff.SetLang(c.Request().Context(), who.ID, consoleLang(v.Get("lang"))); err != nil {
		return err
	}
	return web.See(c, "/console")
}

// firstPage makes the first admin of a new campaign.
type firstPage struct {
	view.Page
	Token, Name, Email string
	Shortest           int
}

// first-run links are good until the first account exists.
func (o *Console) checkFirst(c echo.Context) error {
	if _, err := o.Keys.Parse(seal.FirstAdmin, c.Param("token"), o.Now()); err != nil {
		return fault.New(fault.Gone, "token.expired").Because(err)
	}
	any, err := o.Staff.Any(c.Request().Context())
	if err == nil && any {
		err = fault.New(fault.Gone, "first.done")
	}
	return err
}

func (o *Console) newFirst(c echo.Context) *firstPage {
	lang := consoleLang(o.Lang(c))
	return &firstPage{Page: o.Base(c, "console", lang, o.Catalogues.For(lang).T("first.page")), Token: c.Param("token"), Shortest: staff.ShortestPassword}
}

func (o *Console) showFirst(c echo.Context) error {
	if err := o.checkFirst(c); err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/first", o.newFirst(c))
}

func (o *Console) first(c echo.Context) error {
	if err := o.checkFirst(c); err != nil {
		return err
	}
	v, err := web.Form(c, "name", "email", "password")
	page := o.newFirst(c)
	page.Name, page.Email = v.Get("name"), v.Get("email")
	if err == nil {
		err = o.Allow(c, web.SignInLimit)
	}
	var who *staff.Account
	if err == nil {
		who, err = o.Staff.AddFirst(c.Request().Context(), staff.NewAccount{Name: page.Name, Email: page.Email,
			Password: v.Get("password"), Role: staff.Admin, Lang: page.Lang()})
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/first", page) })
	}
	return o.begin(c, who)
}
