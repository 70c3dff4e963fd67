package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
)

// Bounds of a partner's page; what is more stands on the pages it leads to.
const membersOfNetwork = 60

var messagesOfPartner = appeal.Bounds{Messages: 6, Bytes: 6_000}

// partnerPage is one partner.
type partnerPage struct {
	view.Page
	Partner    *registry.Partner
	Logo       *registry.Picture
	Statement  registry.Statement   // in the reader's language, else in the partner's
	Others     []registry.Statement // in the other languages
	Figure     disclosure.Figure
	Networks   []*registry.Partner
	Members    []*registry.Partner // of a network, sorted
	AllOfThem  int                 // how many members there are
	Messages   []shownMessage
	ShareLinks view.ShareLinks
}

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
		Networks: s.Register.Networks(p)}
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
	if page.Messages, err = s.messagesOf(c, page.Page, p); err != nil {
		return err
	}
	page.ShareLinks = s.passOn(page.Page, p)
	page.Share = s.sharePartner(page.Page, p, page.Logo)
	return s.Render(c, http.StatusOK, "site/partner", page)
}

// messagesOf are the newest messages of a partner and of who signed through it.
func (s *Site) messagesOf(c echo.Context, page view.Page, p *registry.Partner) (out []shownMessage, err error) {
	list, err := s.Messages.After(c.Request().Context(), s.selectWall(wallAsked{Partner: p}), appeal.MessageKey{}, messagesOfPartner)
	if err != nil {
		return nil, err
	}
	for _, m := range list.Messages {
		if m.Body != p.Statement(page.Lang()).Message { // that stands above
			out = append(out, s.shownMessage(page, m))
		}
	}
	return out, nil
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
