package site

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// confirmPage has the button behind the mailed link, or says why there is
// none. Reading it changes nothing: mail scanners open links.
type confirmPage struct {
	view.Page
	Token   string
	Outcome appeal.Outcome
	View    string // path of the signature's own page, "" if there is none
	// RequestDays is for how long one can confirm.
	RequestDays int
}

func (s *Site) showConfirm(c echo.Context) error {
	row, err := s.row(c, seal.ConfirmSignature)
	if err != nil {
		return s.explain(c, row, err)
	}
	outcome, err := s.Intake.Look(c.Request().Context(), row)
	if err != nil {
		return err
	}
	return s.renderConfirm(c, row, outcome)
}

// explain says that a link is too old only if the signature was not made with
// it in time.
func (s *Site) explain(c echo.Context, row int64, refusal error) error {
	if !errors.Is(refusal, errExpired) {
		return refusal
	}
	outcome, err := s.Intake.Look(c.Request().Context(), row)
	if err != nil {
		return err
	}
	if outcome == appeal.OutcomeWaiting || outcome == appeal.OutcomeGone {
		outcome = appeal.OutcomeExpired
	}
	return s.renderConfirm(c, row, outcome)
}

func (s *Site) renderConfirm(c echo.Context, row int64, outcome appeal.Outcome) error {
	page := &confirmPage{Page: s.base(c, "confirm.page"), Outcome: outcome, RequestDays: s.Appeal.Current().Retention.Unconfirmed}
	page.Token = s.Keys.Token(seal.Token{Purpose: seal.ConfirmSignature, Row: row, Expires: s.Now().Add(s.Appeal.Current().Retention.RequestLife())})
	status := http.StatusOK
	switch outcome {
	case appeal.OutcomeRepeated, appeal.OutcomeAlready, appeal.OutcomeWithdrawn:
		page.View = s.signaturePath(page.Lang(), row)
	case appeal.OutcomeExpired, appeal.OutcomeGone:
		status = http.StatusGone
	}
	return s.Render(c, status, "site/confirm", page)
}

func (s *Site) confirm(c echo.Context) error {
	row, err := s.row(c, seal.ConfirmSignature)
	if err != nil {
		return s.explain(c, row, err)
	}
	outcome, err := s.Intake.Confirm(c.Request().Context(), row)
	if err != nil {
		return err
	}
	return s.afterConfirm(c, row, outcome)
}

// afterConfirm leads to the signature's page when this click made it, else to
// the page that says what is so.
func (s *Site) afterConfirm(c echo.Context, row int64, outcome appeal.Outcome) error {
	if outcome == appeal.OutcomeConfirmed || outcome == appeal.OutcomeRepeated {
		return web.See(c, s.signaturePath(s.Lang(c), row))
	}
	return s.renderConfirm(c, row, outcome)
}

func (s *Site) signaturePath(lang string, row int64) string {
	return "/" + lang + "/signature/" + s.Keys.Token(seal.Token{Purpose: seal.ViewSignature, Row: row})
}
