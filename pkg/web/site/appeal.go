package site

import (
	"log/slog"
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
	appeal.Number
	Goal, Milestone int64
	Last            *appeal.Milestone // reached last; nil before the first
	Won             bool              // the goal is reached
	Ended           bool              // there will be no more
}

func (s *Site) progress() progress {
	current := s.Appeal.Current()
	p := progress{Number: s.number(), Goal: current.Goal, Ended: current.Ended(s.Now())}
	p.Milestone, p.Won = banner.NextMilestone(p.Total, p.Goal), p.Total >= p.Goal
	if reached := s.reached(); len(reached) > 0 {
		p.Last = &reached[len(reached)-1]
	}
	return p
}

// open says whether people can sign.
func (s *Site) open() bool { return !s.Appeal.Current().Ended(s.Now()) }

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
	Map        worldPicture
	Messages   []shownMessage
	ShareLinks view.ShareLinks
	Bulletin   appeal.Bulletin // without a day before the first
	Growth     *chart          // nil before the first signature
	Lands      []line          // where most people signed
}

// WithChart hands a chart to its template.
func (p *appealPage) WithChart(c *chart, heading string) shownChart {
	return shownChart{p.Page, c, heading}
}

// WithLands hands the countries to their template.
func (p *appealPage) WithLands() linesTable {
	return linesTable{Page: p.Page, Heading: p.T("join.country"), Lines: p.Lands}
}

// Bounds of the front page; the whole lists have their own pages.
const (
	mostOnWall   = 12
	mostMessages = 4
	mostLands    = 6
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
	wall := s.Register.Sorted(lang)
	for _, p := range wall[:min(len(wall), mostOnWall)] {
		page.Wall = append(page.Wall, shownPartner{p, s.Register.Logo(p)})
	}
	page.Map = s.worldPicture()
	shown := s.Messages.Shown()
	for _, m := range shown[:min(len(shown), mostMessages)] {
		page.Messages = append(page.Messages, s.shownMessage(page.Page, m))
	}
	page.ShareLinks = s.passOn(page.Page, page.Via)
	page.fillFigures(s.lastBulletin(c))
	return page
}

// lastBulletin is the newest one; without a day if there is none, or none can
// be read now, which is no reason to show no appeal.
func (s *Site) lastBulletin(c echo.Context) appeal.Bulletin {
	b, err := s.Bulletins.Current(c.Request().Context())
	if err != nil {
		slog.Warn("the appeal is shown without figures", "error", err)
	}
	return b
}

// fillFigures takes from a bulletin what the front page tells.
func (p *appealPage) fillFigures(b appeal.Bulletin) {
	p.Bulletin, p.Growth = b, growing(p.Locale, b.Days, b.Day)
	for _, land := range b.Countries[:min(len(b.Countries), mostLands)] {
		p.Lands = append(p.Lands, line{Label: p.Country(land.Key), Figure: land.Figure()})
	}
	measure(p.Lands)
}
