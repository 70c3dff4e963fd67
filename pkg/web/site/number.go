package site

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// numberPage says what the number means, to whoever must quote it.
type numberPage struct {
	view.Page
	Words      appeal.NumberWords
	Reached    []appeal.Milestone // newest first
	Next       int64              // milestone; 0 when the goal is reached
	Statements []appeal.Statement
}

func (s *Site) showNumber(c echo.Context) error {
	page := &numberPage{Page: s.base(c, "number.page")}
	ctx := c.Request().Context()
	n := s.number()
	b, err := s.Bulletins.Current(ctx)
	if err != nil {
		return err
	}
	n.Tell(b)
	page.Words = web.NumberWords(page.Locale, s.Appeal.Current(), n)
	goal := s.Appeal.Current().Goal
	page.Reached = s.reached()
	slices.Reverse(page.Reached)
	if n.Total < goal {
		page.Next = banner.NextMilestone(n.Total, goal)
	}
	if page.Statements, err = s.Statements.List(ctx); err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "site/number", page)
}

// number is the total as it stands in memory, which is what it is now.
func (s *Site) number() appeal.Number {
	n := s.Tally.Number()
	n.At, n.Partners = s.Now().UnixMilli(), s.Register.Len()
	return n
}

// reached are the milestones of the past, the first one first.
func (s *Site) reached() []appeal.Milestone {
	return s.Tally.Reached(banner.Milestones(s.Tally.Total(), s.Appeal.Current().Goal))
}

// statementPage is what staff have frozen, in its own words: those of the
// language read, or English where it was not spoken yet.
type statementPage struct {
	view.Page
	Statement appeal.Statement
	Words     appeal.NumberWords
	WordsLang string
	Address   string // whole, for paper
}

func (s *Site) showStatement(c echo.Context) error {
	found, err := s.Statements.Find(c.Request().Context(), c.Param("name"))
	if err != nil {
		return err
	}
	page := &statementPage{Page: s.base(c, "statement.page"), Statement: found}
	page.WordsLang = page.Lang()
	if _, ok := found.Words[page.WordsLang]; !ok {
		page.WordsLang = appeal.DefaultLang
	}
	page.Words = found.Words[page.WordsLang]
	page.Title = page.Words.Heading
	page.Address = s.BaseURL.JoinPath(page.Lang(), "statements", found.Name).String()
	page.Share = s.share(page.Page, "/statements/"+found.Name, nil)
	page.Share.Title, page.Share.Description = page.Words.Heading, page.Words.Sentence
	describe(page.Page, page.Share, nil)
	return s.Render(c, http.StatusOK, "site/statement", page)
}
