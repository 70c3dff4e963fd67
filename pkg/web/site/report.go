package site

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/report"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// reportPage is the form about something that should not stand on the site.
type reportPage struct {
	view.Page
	Partner *registry.Partner // what it is about: a partner,
	Message *shownMessage     // or a message
	Reasons []string
	Reason  string
	Words   string
	Sent    bool
}

// newReport finds what is reported. Not found for what does not stand here.
func (s *Site) newReport(c echo.Context) (*reportPage, report.Form, error) {
	page := &reportPage{Page: s.base(c, "report.page")}
	page.Labels = "report."
	form := report.Form{Subject: report.OfPartner, Lang: page.Lang()}
	if message := c.QueryParam("message"); message == "" {
		p, ok := s.Register.Active(c.QueryParam("partner"))
		if !ok {
			return nil, form, registry.ErrNoPartner
		}
		page.Partner, form.SubjectID = p, p.ID
	} else {
		id, err := strconv.ParseInt(message, 10, 64)
		if err != nil {
			return nil, form, echo.ErrNotFound
		}
		m, err := s.Messages.OnWall(c.Request().Context(), id)
		if err != nil {
			return nil, form, err
		}
		shown := s.shownMessage(page.Page, m)
		page.Message, form.Subject, form.SubjectID = &shown, report.OfMessage, m.ID
	}
	page.Reasons = report.Reasons(form.Subject)
	return page, form, nil
}

func (s *Site) showReport(c echo.Context) error {
	page, _, err := s.newReport(c)
	if err != nil {
		return err
	}
	page.Sent = c.QueryParam("sent") == "1"
	return s.Render(c, http.StatusOK, "site/report", page)
}

func (s *Site) report(c echo.Context) error {
	page, form, err := s.newReport(c)
	if err != nil {
		return err
	}
	v, err := web.Form(c, "reason", "words")
	page.Reason, page.Words = v.Get("reason"), v.Get("words")
	form.Reason, form.Words = page.Reason, page.Words
	if err == nil {
		err = s.Allow(c, web.ReportLimit)
	}
	if err == nil {
		err = s.Reports.File(c.Request().Context(), form)
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return s.Render(c, status, "site/report", page) })
	}
	return web.See(c, page.Address()+"&sent=1")
}

// Address is where the form stands: what is reported is part of it.
func (p *reportPage) Address() string {
	v := url.Values{}
	if p.Message != nil {
		v.Set("message", strconv.FormatInt(p.Message.Message.ID, 10))
	} else {
		v.Set("partner", p.Partner.Slug)
	}
	return "/" + p.Lang() + "/report?" + v.Encode()
}

// Subject is what is reported, as the ids of its reasons name it.
func (p *reportPage) Subject() string {
	if p.Message != nil {
		return "why_message"
	}
	return "why_partner"
}
