package site

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// signaturePage is a person's own page: what is kept, and how to change or end
// it.
type signaturePage struct {
	view.Page
	Token      string
	Signature  appeal.Page
	Name       string // as it is, or was typed
	Partner    string // the partner that brought it
	ShareLinks view.ShareLinks
	Done       string // what was done a moment ago
	Recipients appeal.Text
	Terms      appeal.Terms // on this page
	Progress   progress
	// KeysDays is for how long after the close the coded address is kept;
	// KeysDestroyed since when it is not, 0 while it is.
	KeysDays      int
	KeysDestroyed int64
	Controller    appeal.Text // whom to write to
	Told          string      // the state that the page says
	Fresh         bool        // it says the same to all who confirmed
	Due           int64       // when somebody must have decided about what is held
	Late          bool
}

// Lasts says whether there is still something about the person to change.
func (p *signaturePage) Lasts() bool {
	return p.Signature.State != appeal.Withdrawn && p.Signature.ForgottenAt == 0 && !p.Signature.Expired
}

// Count is the tick that lets the signature count.
func (p *signaturePage) Count() appeal.Tick { return p.Signature.Ticks[0] }

// Free are the ticks that may be made and taken back.
func (p *signaturePage) Free() []appeal.Tick { return p.Signature.Ticks[1:] }

// shownTick is a tick with the page it stands on. Same says that what was read
// then is what the page says beside it.
type shownTick struct {
	Page view.Page
	Tick appeal.Tick
	Same bool
}

// WithTick hands a tick to its template, together with the page's words.
func (p *signaturePage) WithTick(t appeal.Tick) shownTick { return shownTick{p.Page, t, false} }

// WithFree does the same for a tick beside its box.
func (p *signaturePage) WithFree(t appeal.Tick) shownTick {
	same := t.Wording.ID == p.Terms.ConsentID && (t.Recipients.ID == 0 || t.Recipients.ID == p.Terms.RecipientsID)
	return shownTick{p.Page, t, same}
}

func (s *Site) showSignature(c echo.Context) error {
	row, err := s.row(c, seal.ViewSignature)
	if err != nil {
		return err
	}
	page, err := s.newSignaturePage(c, row)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "site/signature", page)
}

func (s *Site) newSignaturePage(c echo.Context, row int64) (*signaturePage, error) {
	found, err := s.Signatures.Find(c.Request().Context(), row)
	if err != nil {
		return nil, err
	}
	page := &signaturePage{Page: s.base(c, "signature.page"), Token: c.Param("token"), Signature: found, Name: found.Person,
		Done: c.QueryParam("done"), Progress: s.progress()}
	page.Labels = "sign."
	current := s.Appeal.Current()
	page.Recipients, page.Terms = current.Text(appeal.Recipients, page.Lang()), current.Terms(page.Lang())
	page.KeysDays, page.KeysDestroyed = current.Retention.Keys, current.KeysDestroyed
	page.Controller = current.Text(appeal.Controller, page.Lang())
	page.Told, page.Fresh = found.Told(s.Now()), found.Fresh(s.Now())
	page.Due = current.HeldDue(found.HeldAt)
	page.Late = page.Due <= s.Now().UnixMilli()
	via, ok := s.Register.ByID(found.PartnerID)
	if ok {
		page.Partner = via.Name
		via, _ = s.Register.Active(via.Slug)
	}
	page.ShareLinks = s.passOnSigned(page.Page, via)
	return page, nil
}

// rename corrects the name.
func (s *Site) rename(c echo.Context) error {
	row, err := s.row(c, seal.ViewSignature)
	if err != nil {
		return err
	}
	v, err := web.Form(c, "name")
	if err == nil {
		err = s.Signatures.Rename(c.Request().Context(), row, v.Get("name"))
	}
	if err != nil {
		return s.refuseOnSignature(c, row, err, func(p *signaturePage) { p.Name = v.Get("name") })
	}
	return s.seeSignature(c, "name")
}

// setTicks makes the free ticks as they stand in the form.
func (s *Site) setTicks(c echo.Context) error {
	row, err := s.row(c, seal.ViewSignature)
	if err != nil {
		return err
	}
	v, err := web.Form(c, "show_name", "handover", "updates", "terms")
	if err == nil {
		form := readSignForm(v)
		err = s.Signatures.SetTicks(c.Request().Context(), row, appeal.TickForm{Consents: form.consents(), Terms: termsID(form.Terms), Lang: s.Lang(c)})
	}
	if err != nil {
		return s.refuseOnSignature(c, row, err, func(*signaturePage) {})
	}
	return s.seeSignature(c, "ticks")
}

// resendConfirm mails the confirmation once more while it waits.
func (s *Site) resendConfirm(c echo.Context) error {
	row, err := s.row(c, seal.ViewSignature)
	if err != nil {
		return err
	}
	if err := s.Intake.Resend(c.Request().Context(), row); err != nil {
		return s.refuseOnSignature(c, row, err, func(*signaturePage) {})
	}
	return s.seeSignature(c, "resend")
}

// refuseOnSignature puts a refused form back on the page, which says what is
// so; keep sets what was typed.
func (s *Site) refuseOnSignature(c echo.Context, row int64, err error, keep func(*signaturePage)) error {
	page, pageErr := s.newSignaturePage(c, row)
	if pageErr != nil {
		return pageErr
	}
	keep(page)
	return web.Refuse(err, &page.Page, func(status int) error { return s.Render(c, status, "site/signature", page) })
}

// seeSignature leads back to the page, with a word on what was done.
func (s *Site) seeSignature(c echo.Context, done string) error {
	return web.See(c, "/"+s.Lang(c)+"/signature/"+c.Param("token")+"?done="+done)
}

func (s *Site) withdraw(c echo.Context) error { return s.end(c, s.Signatures.Withdraw) }

func (s *Site) forget(c echo.Context) error { return s.end(c, s.Signatures.Forget) }

// end withdraws or forgets and shows the page again. Of a request that was
// still waiting nothing is left to show.
func (s *Site) end(c echo.Context, do func(ctx context.Context, id int64) error) error {
	row, err := s.row(c, seal.ViewSignature)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := do(ctx, row); err != nil {
		return err
	}
	_, err = s.Signatures.Find(ctx, row)
	if fault.KindOf(err) == fault.Gone {
		page := &signaturePage{Page: s.base(c, "signature.erased")}
		page.Path = "/" // there is nothing left to read in another language
		return s.Render(c, http.StatusOK, "site/erased", page)
	}
	if err != nil {
		return err
	}
	return web.See(c, "/"+s.Lang(c)+"/signature/"+c.Param("token"))
}

// linkPage asks for the address to which the link to a signature's own page is
// mailed again.
type linkPage struct {
	view.Page
	Email string
	Sent  bool
}

func (s *Site) showLink(c echo.Context) error {
	page := &linkPage{Page: s.base(c, "signature_link.page"), Sent: c.QueryParam("sent") != ""}
	return s.Render(c, http.StatusOK, "site/signature_link", page)
}

// sendLink answers the same whether or not the address has a signature.
func (s *Site) sendLink(c echo.Context) error {
	v, err := web.Form(c, "email")
	if err == nil {
		err = s.Allow(c, web.MailLimit)
	}
	if err == nil {
		err = s.Links.Ask(v.Get("email"))
	}
	if err != nil {
		page := &linkPage{Page: s.base(c, "signature_link.page"), Email: v.Get("email")}
		page.Labels = "sign."
		return web.Refuse(err, &page.Page, func(status int) error { return s.Render(c, status, "site/signature_link", page) })
	}
	return web.See(c, "/"+s.Lang(c)+"/signature?sent=1")
}
