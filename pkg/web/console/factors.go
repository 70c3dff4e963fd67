package console

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
	"github.com/skip2/go-qrcode"

	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// factorsPage lists what an account can show beside its password. A newcomer
// chooses the first here.
type factorsPage struct {
	view.Page
	Factors  staff.Factors
	Newcomer bool
	Optional bool
	Passkeys bool
	Label    string // as typed for passkey Labelled
	Labelled int64
}

func (o *Console) newFactors(c echo.Context, who *staff.Account) (*factorsPage, error) {
	f, err := o.Staff.Factors(c.Request().Context(), who.ID)
	page := &factorsPage{Page: o.base(c, who, "factors.page"), Factors: f, Newcomer: !o.Staff.Whole(session(c)),
		Optional: o.Staff.PasswordEnough, Passkeys: o.Passkeys != nil}
	page.Labels = "factors.field."
	return page, err
}

func (o *Console) showFactors(c echo.Context, who *staff.Account) error {
	page, err := o.newFactors(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/factors", page)
}

// refuseFactors shows the factors again with the reason of a refusal.
func (o *Console) refuseFactors(c echo.Context, who *staff.Account, refusal error, fill func(p *factorsPage)) error {
	page, err := o.newFactors(c, who)
	if err != nil {
		return err
	}
	fill(page)
	return web.Refuse(refusal, &page.Page, func(status int) error { return o.Render(c, status, "console/factors", page) })
}

// totpPage offers a secret to an authenticator app.
type totpPage struct {
	view.Page
	Offer staff.Offer
	QR    template.URL
	Had   bool // the account has an app, which the new one replaces
}

func (o *Console) newTOTP(c echo.Context, who *staff.Account, offered string) (*totpPage, error) {
	page := &totpPage{Page: o.base(c, who, "factors.totp_page"), Had: len(who.TOTPSecret) > 0}
	page.Labels = "factors.field."
	var err error
	if page.Offer, err = o.Staff.SameOffer(who, page.Campaign, offered); err != nil {
		return nil, err
	}
	page.QR, err = qr(page.Offer.URL)
	return page, err
}

// qr draws an address as a picture of 240 pixels in a data: address. It is
// safe to mark, since base64 holds nothing but letters, digits, + / and =.
func qr(address string) (template.URL, error) {
	png, err := qrcode.Encode(address, qrcode.Medium, 240)
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png)), nil
}

func (o *Console) showTOTP(c echo.Context, who *staff.Account) error {
	page, err := o.newTOTP(c, who, "")
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/totp", page)
}

func (o *Console) enrolTOTP(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "offer", "code")
	page, pageErr := o.newTOTP(c, who, v.Get("offer"))
	if pageErr != nil {
		return pageErr
	}
	if err == nil {
		err = o.Allow(c, web.SignInLimit)
	}
	var token string
	if err == nil {
		token, err = o.Staff.EnrolTOTP(c.Request().Context(), session(c), v.Get("offer"), v.Get("code"))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/totp", page) })
	}
	if token != "" {
		web.SetSession(c, cookie, token)
	}
	to, err := o.afterEnrolment(c, who)
	if err != nil {
		return err
	}
	return web.See(c, to)
}

// afterEnrolment leads who has no recovery codes yet to them.
func (o *Console) afterEnrolment(c echo.Context, who *staff.Account) (string, error) {
	f, err := o.Staff.Factors(c.Request().Context(), who.ID)
	if err == nil && f.Codes == 0 {
		return "/console/factors/codes", nil
	}
	return "/console/factors", err
}

func (o *Console) removeTOTP(c echo.Context, who *staff.Account) error {
	if err := o.Staff.RemoveTOTP(c.Request().Context(), who.ID); err != nil {
		return o.refuseFactors(c, who, err, func(*factorsPage) {})
	}
	return web.See(c, "/console/factors")
}

func (o *Console) askRegister(c echo.Context, who *staff.Account) error {
	return o.question(c, o.base(c, who, "factors.page"), func() (*staff.Question, error) {
		return o.Passkeys.AskRegister(c.Request().Context(), who.ID)
	})
}

func (o *Console) registerPasskey(c echo.Context, who *staff.Account) error {
	return o.answer(c, o.base(c, who, "factors.page"), func(a staff.Answer) (string, string, error) {
		token, err := o.Passkeys.Register(c.Request().Context(), session(c), a)
		if err != nil {
			return "", "", err
		}
		to, err := o.afterEnrolment(c, who)
		return token, to, err
	})
}

func (o *Console) labelPasskey(c echo.Context, who *staff.Account) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return staff.ErrNotYours
	}
	v, err := web.Form(c, "label")
	if err == nil {
		err = o.Staff.LabelPasskey(c.Request().Context(), who.ID, id, v.Get("label"))
	}
	if err != nil {
		return o.refuseFactors(c, who, err, func(p *factorsPage) { p.Label, p.Labelled = v.Get("label"), id })
	}
	return web.See(c, "/console/factors")
}

func (o *Console) removePasskey(c echo.Context, who *staff.Account) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return staff.ErrNotYours
	}
	if err := o.Staff.RemovePasskey(c.Request().Context(), who.ID, id); err != nil {
		return o.refuseFactors(c, who, err, func(*factorsPage) {})
	}
	return web.See(c, "/console/factors")
}

// codesPage explains recovery codes, and shows them in the answer to the
// button: they are kept nowhere, so no other page could show them.
type codesPage struct {
	view.Page
	Left  int64
	Codes []string
}

func (o *Console) newCodes(c echo.Context, who *staff.Account) (*codesPage, error) {
	f, err := o.Staff.Factors(c.Request().Context(), who.ID)
	return &codesPage{Page: o.base(c, who, "factors.codes_page"), Left: f.Codes}, err
}

func (o *Console) showCodes(c echo.Context, who *staff.Account) error {
	page, err := o.newCodes(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/codes", page)
}

func (o *Console) makeCodes(c echo.Context, who *staff.Account) error {
	page, err := o.newCodes(c, who)
	if err != nil {
		return err
	}
	if page.Codes, err = o.Staff.MakeCodes(c.Request().Context(), who.ID); err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/codes", page) })
	}
	return o.Render(c, http.StatusOK, "console/codes", page)
}
