package console

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// entrance is a page on the way in. Who may open it is said by the function
// around its handler: nobody needs to be known, somebody whose password was
// right is halfway, a newcomer has to choose a second factor first.
type entrance struct {
	Method, Path string
	handle       echo.HandlerFunc
}

func (o *Console) entrances() []entrance {
	const get, post = http.MethodGet, http.MethodPost
	return []entrance{
		{get, "/console/sign-in", o.showSignIn},
		{post, "/console/sign-in", o.signIn},
		{post, "/console/sign-in/passkey/ask", o.askSignIn},
		{post, "/console/sign-in/passkey", o.signInByPasskey},
		{get, "/console/first/:token", o.showFirst},
		{post, "/console/first/:token", o.first},
		{get, "/console/invitation/:token", o.showInvitation},
		{post, "/console/invitation/:token", o.acceptInvitation},
		{get, "/console/second", o.halfway(o.showSecond)},
		{post, "/console/second", o.halfway(o.enterCode)},
		{post, "/console/second/passkey/ask", o.halfway(o.askSecond)},
		{post, "/console/second/passkey", o.halfway(o.secondByPasskey)},
		{get, "/console/factors", o.newcomer(o.showFactors)},
		{get, "/console/factors/totp", o.newcomer(o.showTOTP)},
		{post, "/console/factors/totp", o.newcomer(o.enrolTOTP)},
		{post, "/console/factors/passkeys/ask", o.newcomer(o.askRegister)},
		{post, "/console/factors/passkeys", o.newcomer(o.registerPasskey)},
		{post, "/console/language", o.known(o.setLanguage)},
		{post, "/console/sign-out", o.known(button(o.signOut))},
	}
}

// errRole answers who is signed in and may not.
var errRole = fault.New(fault.Forbidden, "error.role")

const sessionKey = "session"

// session is the session in which a page of somebody known was asked for.
func session(c echo.Context) *staff.Session {
	s, _ := c.Get(sessionKey).(*staff.Session)
	return s
}

// known finds who is there, as the account stands at this moment. The session
// may have seen no more than the password.
func (o *Console) known(next handler) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		find := o.Staff.Session
		if c.Path() == livePath {
			find = o.Staff.Glance
		}
		s, err := find(ctx, staff.StaffSession, web.SessionToken(c, cookie))
		if errors.Is(err, staff.ErrNoSession) {
			return web.See(c, "/console/sign-in")
		}
		if err != nil {
			return err
		}
		who, err := o.Staff.Account(ctx, s.OwnerID)
		if errors.Is(err, staff.ErrNoAccount) || (err == nil && !who.Active()) {
			return web.See(c, "/console/sign-in")
		}
		if err != nil {
			return err
		}
		c.Set(sessionKey, s)
		return next(c, who)
	}
}

// signedIn lets in whose session is whole and whose role is enough.
func (o *Console) signedIn(least staff.Role, next handler) echo.HandlerFunc {
	return o.known(func(c echo.Context, who *staff.Account) error {
		if !o.Staff.Whole(session(c)) {
			return o.leadOn(c, who)
		}
		if !who.Role.Covers(least) {
			return errRole
		}
		return next(c, who)
	})
}

// halfway is for the second step only.
func (o *Console) halfway(next handler) echo.HandlerFunc {
	return o.known(func(c echo.Context, who *staff.Account) error {
		if o.Staff.Whole(session(c)) {
			return web.See(c, "/console")
		}
		f, err := o.Staff.Factors(c.Request().Context(), who.ID)
		if err != nil {
			return err
		}
		if !f.Any() {
			return web.See(c, "/console/factors")
		}
		return next(c, who)
	})
}

// newcomer is for who may choose a factor: a whole session, or an account
// that has none yet.
func (o *Console) newcomer(next handler) echo.HandlerFunc {
	return o.known(func(c echo.Context, who *staff.Account) error {
		if o.Staff.Whole(session(c)) {
			return next(c, who)
		}
		f, err := o.Staff.Factors(c.Request().Context(), who.ID)
		if err != nil {
			return err
		}
		if f.Any() {
			return web.See(c, "/console/second")
		}
		return next(c, who)
	})
}

// leadOn shows who is halfway the next step.
func (o *Console) leadOn(c echo.Context, who *staff.Account) error {
	f, err := o.Staff.Factors(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	if f.Any() {
		return web.See(c, "/console/second")
	}
	return web.See(c, "/console/factors")
}

// signInPage asks for address and password, or a passkey.
type signInPage struct {
	view.Page
	Email    string
	Passkeys bool
}

func (o *Console) newSignIn(c echo.Context) *signInPage {
	lang := o.lang(o.Lang(c))
	return &signInPage{Page: o.Base(c, "console", lang, o.Catalogues.For(lang).T("console.sign_in")), Passkeys: o.Passkeys != nil}
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

// begin starts a session, always a new one, for who has shown a password or
// just made an account. What is still missing the gate asks for.
func (o *Console) begin(c echo.Context, who *staff.Account) error {
	token, err := o.Staff.Begin(c.Request().Context(), staff.StaffSession, who.ID, c.Request().UserAgent())
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
	if err := o.Staff.SetLang(c.Request().Context(), who.ID, o.lang(v.Get("lang"))); err != nil {
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
	lang := o.lang(o.Lang(c))
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
