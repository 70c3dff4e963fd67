package site

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
)

// progress is the one large number and what stands beside it.
type progress struct {
	Total, Goal, Milestone int64
	Share                  int // of the milestone, in percent
	AsOf                   int64
	Partners               int
}

func (s *Site) progress() progress {
	p := progress{Total: s.Tally.Total(), Goal: s.Appeal.Current().Goal, AsOf: s.Tally.AsOf().UnixMilli(),
		Partners: s.Register.Len()}
	p.Milestone = banner.NextMilestone(p.Total, p.Goal)
	p.Share = int(min(100, p.Total*100/max(1, p.Milestone)))
	return p
}

// shownPartner is a partner with its logo, nil if it has none.
type shownPartner struct {
	*registry.Partner
	Logo *registry.Picture
}

// appealPage is the campaign's front page.
type appealPage struct {
	view.Page
	signPart
	Progress   progress
	Title      appeal.Text
	Summary    appeal.Text
	Body       appeal.Text
	Demands    []string
	DemandLang string
	Wall       []shownPartner
	Messages   []shownMessage
}

// Bounds of the front page; the whole lists have their own pages.
const (
	mostOnWall   = 60
	mostMessages = 6
)

func (s *Site) showAppeal(c echo.Context) error {
	page := s.newAppealPage(c)
	page.Share = s.shareAppeal(page.Page, "/", nil)
	return s.Render(c, http.StatusOK, "site/appeal", page)
}

func (s *Site) newAppealPage(c echo.Context) *appealPage {
	page := &appealPage{Page: s.base(c, "appeal.page"), Progress: s.progress()}
	lang, current := page.Lang(), s.Appeal.Current()
	page.signPart = s.newSignPart(c, s.emptyForm(c))
	page.Title = current.Text(appeal.Title, lang)
	page.Summary = current.Text(appeal.Summary, lang)
	page.Body = current.Text(appeal.Body, lang)
	demands := current.Text(appeal.Demands, lang)
	page.DemandLang = demands.Lang
	for line := range strings.Lines(demands.Body) {
		if line = strings.TrimSpace(line); line != "" {
			page.Demands = append(page.Demands, line)
		}
	}
	wall := s.Register.Find(registry.Query{Lang: lang})
	for _, p := range wall[:min(len(wall), mostOnWall)] {
		page.Wall = append(page.Wall, shownPartner{p, s.Register.Logo(p)})
	}
	shown := s.Messages.Shown()
	for _, m := range shown[:min(len(shown), mostMessages)] {
		page.Messages = append(page.Messages, s.shownMessage(page.Page, m))
	}
	return page
}
