package site

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// signForm is the sign form with what was typed into it.
type signForm struct {
	Name, Email, Country, Message, Via   string
	At                                   string // the page of the banner, as placement.Page has it
	Terms                                string // id of the texts that stood on the page
	Consent, ShowName, Handover, Updates bool
}

// signPart is what the sign form needs, on whichever page it stands.
type signPart struct {
	Form       signForm
	Via        *registry.Partner // the partner the visitor came through
	Countries  []locale.Country
	Controller appeal.Text
	Recipients appeal.Text
	Terms      int64 // of the texts on this page
	Open       bool
	LastMoment int64 // at which one could sign, 0 if not known or still to come
	Work       bool  // the browser has to work before the form is taken
	Asked      bool  // and it was sent in without that
}

func (s *Site) newSignPart(c echo.Context, f signForm) signPart {
	lang, current := s.Lang(c), s.Appeal.Current()
	part := signPart{Form: f, Countries: s.Catalogues.For(lang).Countries(), Open: s.open(),
		Controller: current.Text(appeal.Controller, lang), Recipients: current.Text(appeal.Recipients, lang),
		Terms: current.Terms(lang).ID, LastMoment: current.LastMoment(s.Now())}
	part.Via, _ = s.Register.Active(f.Via)
	part.Work = s.wantsWork(f.toDomain(lang, web.Range(c), part.Via))
	return part
}

// signPage is the form alone, where banners lead and where refused forms are
// shown again.
type signPage struct {
	view.Page
	signPart
	Progress progress
	Title    appeal.Text
	Summary  appeal.Text
}

func (s *Site) newSignPage(c echo.Context, f signForm) *signPage {
	page := &signPage{Page: s.base(c, "sign.page"), Progress: s.progress()}
	page.Labels, page.Fields = "sign.", []string{"name", "email", "country", "message", "consent"}
	page.signPart = s.newSignPart(c, f)
	current := s.Appeal.Current()
	page.Title = current.Text(appeal.Title, page.Lang())
	page.Summary = current.Text(appeal.Summary, page.Lang())
	return page
}

// emptyForm knows only the partner that the address names.
func (s *Site) emptyForm(c echo.Context) signForm {
	if p, ok := s.Register.Active(c.QueryParam("via")); ok {
		return signForm{Via: p.Slug, At: s.page(c.QueryParam("at")).At()}
	}
	return signForm{}
}

func (s *Site) showSign(c echo.Context) error {
	page := s.newSignPage(c, s.emptyForm(c))
	page.Share = s.shareAppeal(page.Page, "/sign", page.Via)
	page.Share.Look = look(c)
	return s.Render(c, http.StatusOK, "site/sign", page)
}

// sign takes the form in. The answer is the same for an address that is new,
// waits, or has signed.
func (s *Site) sign(c echo.Context) error {
	v, err := web.Form(c, "name", "email", "country", "message", "consent", "show_name", "handover", "updates", "via", "at", "terms", "proof", "unproven")
	form := readSignForm(v)
	form.At = s.page(form.At).At()
	page := s.newSignPage(c, form)
	again := func(status int) error { return s.Render(c, status, "site/sign", page) }
	if err == nil {
		err = s.Allow(c, web.SignLimit)
	}
	if err == nil && !page.Open {
		err = appeal.ErrClosed
	}
	if err != nil {
		return web.Refuse(err, &page.Page, again)
	}
	signed := form.toDomain(page.Lang(), web.Range(c), page.signPart.Via)
	signed.PlacementID = s.placement(c, page.signPart.Via, form.At)
	if page.Work {
		if signed.Doubt, err = s.prove(signed, v); err != nil {
			return page.ask(err, again)
		}
	}
	if signed.Doubt != "" {
		err = s.Allow(c, web.MailLimit)
	}
	if err != nil {
		return web.Refuse(err, &page.Page, again)
	}
	row, err := s.Intake.Request(c.Request().Context(), signed)
	if err != nil {
		return web.Refuse(err, &page.Page, again)
	}
	token := s.Keys.Token(seal.Token{Purpose: seal.EnterCode, Row: row, Expires: s.Now().Add(s.Appeal.Current().Retention.RequestLife())})
	return web.See(c, "/"+page.Lang()+"/sign/sent/"+token)
}

func readSignForm(v web.Values) signForm {
	return signForm{
		Name: v.Get("name"), Email: v.Get("email"), Country: v.Get("country"), Message: v.Get("message"), Via: v.Get("via"), At: v.Get("at"), Terms: v.Get("terms"),
		Consent: v.Ticked("consent"), ShowName: v.Ticked("show_name"), Handover: v.Ticked("handover"), Updates: v.Ticked("updates"),
	}
}

func (f signForm) toDomain(lang, addressRange string, via *registry.Partner) appeal.Form {
	out := appeal.Form{Name: f.Name, Email: f.Email, Country: f.Country, Message: f.Message, Lang: lang, TermsID: termsID(f.Terms), Range: addressRange}
	if via != nil {
		out.PartnerID = via.ID
	}
	out.Consents = f.consents()
	return out
}

func (f signForm) consents() (given appeal.Consents) {
	for bit, ticked := range map[appeal.Consents]bool{
		appeal.ConsentCount: f.Consent, appeal.ConsentShowName: f.ShowName,
		appeal.ConsentHandover: f.Handover, appeal.ConsentUpdates: f.Updates,
	} {
		if ticked {
			given |= bit
		}
	}
	return given
}

// termsID reads which texts a page says it showed; 0 for none.
func termsID(named string) int64 {
	id, err := strconv.ParseInt(named, 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// sentPage asks to look into the mail, and takes the six-digit code.
type sentPage struct {
	view.Page
	Token, Code string
}

func (s *Site) showSent(c echo.Context) error {
	if _, err := s.row(c, seal.EnterCode); err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "site/sent", &sentPage{Page: s.base(c, "sent.page"), Token: c.Param("token")})
}

func (s *Site) enterCode(c echo.Context) error {
	row, err := s.row(c, seal.EnterCode)
	if err != nil {
		return err
	}
	v, err := web.Form(c, "code")
	page := &sentPage{Page: s.base(c, "sent.page"), Token: c.Param("token"), Code: v.Get("code")}
	if err == nil {
		err = s.Allow(c, web.CodeLimit)
	}
	code := digits(page.Code)
	if err == nil {
		err = wholeCode(code)
	}
	var outcome appeal.Outcome
	if err == nil {
		outcome, err = s.Intake.EnterCode(c.Request().Context(), row, code)
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return s.Render(c, status, "site/sent", page) })
	}
	return s.afterConfirm(c, row, outcome)
}

// wholeCode refuses what cannot be a code, so that it costs none of the few
// tries.
func wholeCode(code string) error {
	refused := fault.Fields{}
	switch len(code) {
	case 0:
		refused.Add("code", fault.New(fault.Invalid, "text.required"))
	case 6:
	default:
		refused.Add("code", appeal.ErrCode)
	}
	return refused.Err()
}

// digits reads a code as people type it: with spaces, or in the digits of
// their own script.
func digits(s string) string {
	var out []rune
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			out = append(out, r)
		case r >= '٠' && r <= '٩':
			out = append(out, '0'+r-'٠')
		case r >= '۰' && r <= '۹':
			out = append(out, '0'+r-'۰')
		case r >= '０' && r <= '９':
			out = append(out, '0'+r-'０')
		}
		if len(out) > 6 {
			break
		}
	}
	return string(out)
}
