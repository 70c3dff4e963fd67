// Package site is the public pages: the appeal, signing and everything a
// person does with a signature, the register of partners, applying to become
// one, messages and privacy. No page here sets a cookie.
package site

import (
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/challenge"
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/placement"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/report"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// Site has what the public pages need.
type Site struct {
	*web.Server
	Keys       *seal.Keys
	Appeal     *appeal.Appeal
	Tally      *appeal.Tally
	Told       func(partner int64) disclosure.Figure // of what a partner brought
	Bulletins  *appeal.Bulletins
	Statements *appeal.Statements
	Intake     *appeal.Intake
	Signatures *appeal.Signatures
	Links      *registry.Door // to the page of a signature
	Messages   *appeal.Messages
	Reports    *report.Reports
	Register   *registry.Register
	Registry   *registry.Registry
	Embed      banner.Appeal
	EmbedFiles func() (EmbedFiles, error) // as they are served now
	Places     *placement.Places
	Post       *outbox.Outbox // where readers stop mails
	Challenges *challenge.Challenges
	Security   string // where to report a hole, as mailto: or https:; "" for nowhere
	// Hot says whether so much comes from where a form comes from that its
	// sender's browser has to work for it. The form may not be filled in yet.
	// nil: never.
	Hot func(f appeal.Form) bool
	Now func() time.Time
}

// Routes registers every public page.
func (s *Site) Routes() {
	e := s.Echo
	s.Page("/", s.chooseLanguage)
	s.Page("/p/:slug", s.shortLink)
	s.Page("/robots.txt", s.robots)
	s.Page("/sitemap.xml", s.sitemaps)
	s.Page("/sitemap/:part", s.sitemap)
	s.Page("/favicon.ico", s.icon("favicon.ico"))
	s.Page("/apple-touch-icon.png", s.icon("icon-180.png"))
	s.Page("/.well-known/security.txt", s.securityTxt)
	s.Page("/logo/:file", s.publicLogo)
	s.Page("/map/:file", s.showMap)

	private := web.NoStore
	for _, l := range s.Catalogues.Languages() {
		s.Page("/"+l.Code, func(c echo.Context) error { return c.Redirect(http.StatusMovedPermanently, "/"+l.Code+"/") })
		g := e.Group("/" + l.Code)
		page := func(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
			g.Match([]string{http.MethodGet, http.MethodHead}, path, h, m...)
		}
		page("/", s.showAppeal)
		page("/site.webmanifest", s.manifest)
		page("/sign", s.showSign)
		g.POST("/sign", s.sign, private)
		page("/sign/challenge/:commitment", s.makeChallenge, private)
		page("/sign/sent/:token", s.showSent, private)
		g.POST("/sign/sent/:token", s.enterCode, private)
		page("/confirm/:token", s.showConfirm, private)
		g.POST("/confirm/:token", s.confirm, private, web.Button)
		page("/signature/:token", s.showSignature, private)
		g.POST("/signature/:token/name", s.rename, private, s.inRoom)
		g.POST("/signature/:token/ticks", s.setTicks, private, s.inRoom)
		g.POST("/signature/:token/resend", s.resendConfirm, private, s.inRoom, web.Button)
		g.POST("/signature/:token/withdraw", s.withdraw, private, web.Button)
		g.POST("/signature/:token/forget", s.forget, private, web.Button)

		page("/signature", s.showLink)
		g.POST("/signature", s.sendLink, private)

		page("/unsubscribe/:token", s.showUnsubscribe, private)
		g.POST("/unsubscribe/:token", s.unsubscribe, private, oneClick)
		g.POST("/unsubscribe/:token/again", s.resubscribe, private, web.Button)

		page("/partners", s.showPartners)
		page("/partners.json", s.partnersJSON)
		page("/partners.csv", s.partnersCSV)
		page("/partners.atom", s.partnersAtom)
		page("/partners/:slug", s.showPartner)
		page("/figures", s.showFigures)
		page("/figures.json", s.figuresJSON)
		page("/figures.csv", s.figuresCSV)
		page("/number", s.showNumber)
		page("/statements", func(c echo.Context) error { return c.Redirect(http.StatusFound, "/"+l.Code+"/number#statements") })
		page("/statements/:name", s.showStatement)
		page("/qr/:file", s.showQR)
		page("/messages", s.showMessages)
		page("/messages.atom", s.messagesAtom)
		page("/report", s.showReport)
		g.POST("/report", s.report, private)
		page("/privacy", s.showPrivacy)
		page("/embed", s.showEmbed)

		page("/join", s.showJoin)
		g.POST("/join", s.join, private)
		page("/draft/:token", s.showDraft, private)
		g.POST("/draft/:token", s.draft, private)
		page("/application/:token", s.showApplication, private)
		page("/application/:token/confirm", s.showConfirmApplication, private)
		g.POST("/application/:token/confirm", s.confirmApplication, private, s.inRoom, web.Button)
		g.POST("/application/:token/answer", s.answer, private, s.inRoom)
		g.POST("/application/:token/withdraw", s.withdrawApplication, private, s.inRoom, web.Button)
		g.POST("/application/:token/resend", s.resend, private, s.inRoom, web.Button)
		g.POST("/application/:token/address", s.correctAddress, private, s.inRoom)
		g.POST("/application/:token/message", s.setMessage, private, s.inRoom)
		g.POST("/application/:token/speaker", s.nameSpeaker, private, s.inRoom)
		page("/application/:token/logo", s.ownLogo, private)
		g.POST("/application/:token/logo", s.setLogo, private, s.inRoom)
		g.POST("/application/:token/logo/remove", s.removeLogo, private, s.inRoom, web.Button)
		page("/speaker/:token", s.showSpeaker, private)
		g.POST("/speaker/:token/confirm", s.speakFor, private, web.Button)
		g.POST("/speaker/:token/refuse", s.refuseToSpeak, private, web.Button)
		page("/application/:token/proof", s.showProof, private)
		g.POST("/application/:token/proof", s.checkProof, private, s.inRoom)
		g.POST("/application/:token/proof/partners", s.namePartners, private, s.inRoom)
		g.POST("/application/:token/proof/links", s.setLinks, private, s.inRoom)
		page("/vouch/:token", s.showVouch, private)
		g.POST("/vouch/:token", s.answerVouch, private)

		page("/reading/:token", s.showReading, private, unlisted)
		g.POST("/reading/:token/open", s.openReading, private, unlisted, web.Button)
		g.POST("/reading/:token/remark", s.remark, private, unlisted)
	}
}

// inRoom bounds what who holds a link may do with it: each deed is noted for
// ever.
func (s *Site) inRoom(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := s.Allow(c, web.RoomLimit); err != nil {
			return err
		}
		return next(c)
	}
}

func (s *Site) chooseLanguage(c echo.Context) error {
	c.Response().Header().Set("Vary", "Accept-Encoding, Accept-Language")
	c.Response().Header().Set("Cache-Control", "no-cache")
	return c.Redirect(http.StatusFound, "/"+s.Lang(c)+"/")
}

// shortLink leads from a partner's banner to the form, which then knows the
// partner; the language is the banner's, if it names one.
func (s *Site) shortLink(c echo.Context) error {
	lang := c.QueryParam("lang")
	if !s.Catalogues.Has(lang) {
		lang = s.Lang(c)
	}
	c.Response().Header().Set("Vary", "Accept-Encoding, Accept-Language")
	c.Response().Header().Set("Cache-Control", "no-cache")
	to := "/" + lang + "/sign"
	if p, ok := s.Register.Active(c.Param("slug")); ok {
		to += s.credit(c, p)
	}
	return c.Redirect(http.StatusFound, to)
}

// base makes the base of a public page; title is a message id.
func (s *Site) base(c echo.Context, title string) view.Page {
	lang := s.Lang(c)
	page := s.Base(c, "site", lang, s.Catalogues.For(lang).T(title))
	page.Share = s.shareListed(page)
	return page
}

// Sentences for tokens that are refused, one for each reason.
var (
	errDamaged = fault.New(fault.NotFound, "token.damaged")
	errExpired = fault.New(fault.Gone, "token.expired")
)

// row reads the token in the path and returns the row it is for.
func (s *Site) row(c echo.Context, purpose seal.Purpose) (int64, error) {
	t, err := s.token(c, purpose)
	return t.Row, err
}

func (s *Site) token(c echo.Context, purpose seal.Purpose) (seal.Token, error) {
	t, err := s.Keys.Parse(purpose, c.Param("token"), s.Now())
	switch {
	case errors.Is(err, seal.ErrExpired):
		return t, errExpired.Because(err)
	case err != nil:
		return t, errDamaged.Because(err)
	}
	return t, nil
}
