package console

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/report"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

const reportsPath = "/console/reports"

// reportsPage is what visitors reported: what is open, and what was decided.
type reportsPage struct {
	view.Page
	Open []reportCase
	Done []reportCase
}

// reportCase is the reports about one message or partner.
type reportCase struct {
	report.Case
	Message *appeal.Message // nil when it is gone, or a partner is meant
	Partner *registry.Partner
	Reports []report.Report
	Who     string // has decided
	Upheld  bool
}

// Path is where a form about the case is sent to.
func (r reportCase) Path(verb string) string {
	return reportsPath + "/" + r.Subject + "/" + text(r.SubjectID) + "/" + verb
}

// Hides says whether there is a message that visitors see.
func (r reportCase) Hides() bool {
	return r.Message != nil && !r.Message.Own && r.Message.State == appeal.MessageShown
}

// Label is the sentence of a reason.
func (r reportCase) Label(reason string) string { return "report.why_" + r.Subject + "." + reason }

func (o *Console) newReports(c echo.Context, who *staff.Account) (*reportsPage, error) {
	page := &reportsPage{Page: o.base(c, who, "reports.page")}
	var err error
	if page.Open, err = o.reportCases(c, report.Open); err != nil {
		return nil, err
	}
	for _, state := range []string{report.Upheld, report.Dismissed} {
		done, err := o.reportCases(c, state)
		if err != nil {
			return nil, err
		}
		page.Done = append(page.Done, done...)
	}
	return page, nil
}

func (o *Console) reportCases(c echo.Context, state string) ([]reportCase, error) {
	ctx := c.Request().Context()
	cases, err := o.Reports.Cases(ctx, state)
	if err != nil {
		return nil, err
	}
	names, err := o.names(ctx)
	if err != nil {
		return nil, err
	}
	var list []reportCase
	for _, one := range cases {
		r := reportCase{Case: one, Who: names[one.DecidedBy], Upheld: state == report.Upheld}
		if r.Reports, err = o.Reports.Of(ctx, one.Subject, one.SubjectID, state); err != nil {
			return nil, err
		}
		if one.Subject == report.OfMessage {
			m, err := o.Messages.Find(ctx, one.SubjectID)
			if err == nil {
				r.Message = &m
			} else if fault.KindOf(err) != fault.NotFound {
				return nil, err
			}
			r.Partner, _ = o.Register.ByID(m.PartnerID)
		} else {
			r.Partner, _ = o.Register.ByID(one.SubjectID)
		}
		list = append(list, r)
	}
	return list, nil
}

func (o *Console) showReports(c echo.Context, who *staff.Account) error {
	page, err := o.newReports(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/reports", page)
}

// decideReports closes a case.
func (o *Console) decideReports(state string) handler {
	return func(c echo.Context, who *staff.Account) error {
		v, err := web.Form(c, "last")
		if err == nil {
			err = o.Reports.Decide(c.Request().Context(), report.Verdict{Subject: c.Param("subject"), SubjectID: number(c.Param("id")),
				Last: number(v.Get("last")), State: state}, by(who))
		}
		return o.reportsDecided(c, who, err)
	}
}

// hideReported takes the message of a case off the wall, for a reason that
// moderators give too, and closes the case.
func (o *Console) hideReported(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "last", "version", "reason")
	ctx, id := c.Request().Context(), number(c.Param("id"))
	if err == nil && !slices.Contains(appeal.MessageReasons(), v.Get("reason")) {
		err = errHideReason
	}
	if err == nil {
		err = o.Messages.Decide(ctx, appeal.Ruling{Message: id, Version: number(v.Get("version")), State: appeal.MessageRefused, Reason: v.Get("reason")}, by(who))
	}
	if err == nil {
		err = o.Reports.Decide(ctx, report.Verdict{Subject: report.OfMessage, SubjectID: id, Last: number(v.Get("last")), State: report.Upheld}, by(who))
	}
	return o.reportsDecided(c, who, err)
}

var errHideReason = fault.New(fault.Invalid, "console.wall.no_reason")

// reportsDecided leads back to the cases, or shows why nothing was decided.
func (o *Console) reportsDecided(c echo.Context, who *staff.Account, err error) error {
	if err == nil {
		return web.See(c, reportsPath)
	}
	if fault.KindOf(err) == fault.NotFound {
		return err
	}
	page, pageErr := o.newReports(c, who)
	if pageErr != nil {
		return pageErr
	}
	return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/reports", page) })
}

func (o *Console) reopenReports(c echo.Context, who *staff.Account) error {
	if err := o.Reports.Reopen(c.Request().Context(), c.Param("subject"), number(c.Param("id")), by(who)); err != nil {
		return err
	}
	return web.See(c, reportsPath)
}

// Reasons are those for which a message is taken away.
func (p *reportsPage) Reasons() []string { return appeal.MessageReasons() }
