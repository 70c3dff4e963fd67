package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/report"
	"olivebranch/pkg/view"
)

// privacyPage says who is responsible and what is kept.
type privacyPage struct {
	view.Page
	Controller, Recipients appeal.Text
	Keep                   appeal.Retention
	Reports                int   // days for which a report is kept that was decided
	KeysDestroyed          int64 // since when; 0 while they are kept
}

func (s *Site) showPrivacy(c echo.Context) error {
	page := &privacyPage{Page: s.base(c, "privacy.page"), Keep: s.Appeal.Current().Retention, Reports: int(report.Kept.Hours() / 24), KeysDestroyed: s.Appeal.Current().KeysDestroyed}
	page.Controller = s.Appeal.Current().Text(appeal.Controller, page.Lang())
	page.Recipients = s.Appeal.Current().Text(appeal.Recipients, page.Lang())
	return s.Render(c, http.StatusOK, "site/privacy", page)
}
