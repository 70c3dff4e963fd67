package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// secondPage asks for the second factor.
type secondPage struct {
	view.Page
	Factors  staff.Factors
	Passkeys bool
}

func (o *Console) newSecond(c echo.Context, who *staff.Account) (*secondPage, error) {
	f, err := o.Staff.Factors(c.Request().Context(), who.ID)
	return &secondPage{Page: o.base(c, who, "second.page"), Factors: f, Passkeys: o.Passkeys != nil && len(f.Passkeys) > 0}, err
}

func (o *Console) showSecond(c echo.Context, who *staff.Account) error {
	page, err := o.newSecond(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/second", page)
}

// enterCode takes a code of the app or a recovery code; they tell themselves
// apart.
func (o *Console) enterCode(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "code")
	page, pageErr := o.newSecond(c, who)
	if pageErr != nil {
		return pageErr
	}
	if err == nil && v.Get("code") == "" {
		refused := fault.Fields{}
		refused.Add("code", fault.New(fault.Invalid, "text.required"))
		err = refused.Err()
	}
	if err == nil {
		err = o.Allow(c, web.SignInLimit)
	}
	var token string
	if err == nil {
		token, err = o.Staff.EnterCode(c.Request().Context(), session(c), v.Get("code"))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/second", page) })
	}
	web.SetSession(c, cookie, token)
	return web.See(c, "/console")
}

// goTo is where a script leads when a passkey was accepted.
type goTo struct {
	To string `json:"to"`
}

// question answers a script with what to ask the browser.
func (o *Console) question(c echo.Context, page view.Page, ask func() (*staff.Question, error)) error {
	var none struct{}
	err := web.JSON(c, &none)
	if err == nil {
		err = o.havePasskeys()
	}
	if err == nil {
		err = o.Allow(c, web.PasskeyLimit)
	}
	var q *staff.Question
	if err == nil {
		q, err = ask()
	}
	if err != nil {
		return web.RefuseJSON(c, err, page)
	}
	return c.JSON(http.StatusOK, q)
}

// answer takes what the browser said. use returns the session's new token, if
// it got one, and where to go.
func (o *Console) answer(c echo.Context, page view.Page, use func(a staff.Answer) (token, to string, err error)) error {
	var a staff.Answer
	err := web.JSON(c, &a)
	if err == nil {
		err = o.havePasskeys()
	}
	if err == nil {
		err = o.Allow(c, web.PasskeyLimit)
	}
	var token, to string
	if err == nil {
		token, to, err = use(a)
	}
	if err != nil {
		return web.RefuseJSON(c, err, page)
	}
	if token != "" {
		web.SetSession(c, cookie, token)
	}
	return c.JSON(http.StatusOK, goTo{to})
}

// havePasskeys is NotFound where the site's address allows none.
func (o *Console) havePasskeys() error {
	if o.Passkeys == nil {
		return fault.New(fault.NotFound, "error.not_found")
	}
	return nil
}

func (o *Console) askSignIn(c echo.Context) error {
	return o.question(c, o.newSignIn(c).Page, func() (*staff.Question, error) { return o.Passkeys.AskSignIn(c.Request().Context()) })
}

func (o *Console) signInByPasskey(c echo.Context) error {
	return o.answer(c, o.newSignIn(c).Page, func(a staff.Answer) (string, string, error) {
		token, err := o.Passkeys.SignIn(c.Request().Context(), a, c.Request().UserAgent())
		return token, "/console", err
	})
}

func (o *Console) askSecond(c echo.Context, who *staff.Account) error {
	return o.question(c, o.base(c, who, "second.page"), func() (*staff.Question, error) {
		return o.Passkeys.AskSecond(c.Request().Context(), who.ID)
	})
}

func (o *Console) secondByPasskey(c echo.Context, who *staff.Account) error {
	return o.answer(c, o.base(c, who, "second.page"), func(a staff.Answer) (string, string, error) {
		token, err := o.Passkeys.Second(c.Request().Context(), session(c), a)
		return token, "/console", err
	})
}
