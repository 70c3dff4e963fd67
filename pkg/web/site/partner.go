package site

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
)

// Bounds of a partner's page; what is more stands on the pages it leads to.
const (
	messagesOfPartner = 6
	membersOfNetwork  = 60
)

// partnerPage is one partner.
type partnerPage struct {
	view.Page
	Partner   *registry.Partner
	Logo      *registry.Picture
	Statement registry.Statement   // in the reader's language, else in the partner's
	Others    []registry.Statement // in the other languages
	Figure    disclosure.Figure
	Networks  []*registry.Partner
	Members   []*registry.Partner // of a network, sorted
	AllOfThem int                 // how many members there are
	Messages  []appeal.Message
	Link      string // its short link
}

// WithMessage hands a message to its template, together with the page's words.
func (p *partnerPage) WithMessage(m appeal.Message) shownMessage { return shownMessage{p.Page, m} }

// partnerNamed finds the active partner that a path names. One that is found
// by an old slug has its page elsewhere: moved says so.
func (s *Site) partnerNamed(c echo.Context) (p *registry.Partner, moved bool, err error) {
	p, ok := s.Register.Active(c.Param("slug"))
	if !ok {
		return nil, false, registry.ErrNoPartner
	}
	return p, p.Slug != c.Param("slug"), nil
}

func (s *Site) showPartner(c echo.Context) error {
	p, moved, err := s.partnerNamed(c)
	if err != nil {
		return err
	}
	if moved {
		return s.toPartner(c, p)
	}
	page := &partnerPage{Page: s.base(c, "partners.page"), Partner: p, Logo: s.Register.Logo(p), Figure: s.Told(p.ID),
		Networks: s.Register.Networks(p), Link: banner.LinkOf(s.absolute(""), p.Slug)}
	page.Page.Title, page.Statement = p.Name, p.Statement(page.Lang())
	for _, other := range p.Statements() {
		if other.Lang != page.Statement.Lang {
			page.Others = append(page.Others, other)
		}
	}
	if p.Kind == registry.KindNetwork {
		members := s.Register.Find(registry.Query{Lang: page.Lang(), Network: p.Slug})
		page.AllOfThem, page.Members = len(members), members[:min(len(members), membersOfNetwork)]
	}
	family := s.Register.Family(p.ID)
	page.Messages = messagesOf(s.Messages.Shown(), family, messagesOfPartner)
	page.Share = s.sharePartner(page.Page, p, page.Logo)
	return s.Render(c, http.StatusOK, "site/partner", page)
}

// toPartner leads from an old slug to the page of its partner.
func (s *Site) toPartner(c echo.Context, p *registry.Partner) error {
	status := http.StatusMovedPermanently
	if s.Register.Lent(c.Param("slug")) { // a merge can be undone
		status = http.StatusFound
	}
	// Whoever keeps this for ever would turn in a circle when a partner takes its old slug back.
	c.Response().Header().Set("Cache-Control", "no-cache")
	return c.Redirect(status, "/"+s.Lang(c)+"/partners/"+p.Slug)
}

// qrModule is the side of a square of the PNG in pixels: sharp in print.
const qrModule = 16

// showQR draws a partner's short link as a QR code, as SVG or PNG.
func (s *Site) showQR(c echo.Context) error {
	p, _, err := s.partnerNamed(c)
	if err != nil {
		return err
	}
	link := banner.LinkOf(s.absolute(""), p.Slug)
	draw, kind := banner.QRSVG, "image/svg+xml; charset=utf-8"
	if strings.HasSuffix(c.Path(), ".png") {
		draw, kind = func(address string) ([]byte, error) { return banner.QRPNG(address, qrModule) }, "image/png"
	}
	drawn, err := draw(link)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=3600")
	return c.Blob(http.StatusOK, kind, drawn)
}

// messagesOf picks the newest messages of partners' own and of those who
// signed through them.
func messagesOf(shown []appeal.Message, partners []int64, most int) (out []appeal.Message) {
	for _, m := range shown {
		if slices.Contains(partners, m.PartnerID) && len(out) < most {
			out = append(out, m)
		}
	}
	return out
}

// OwnName is the name of a language in itself.
func (p *partnerPage) OwnName(code string) string { return locale.OwnName(code) }
