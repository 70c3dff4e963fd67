package console

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

const statementsPath = "/console/statements"

// statementsPage shows the statements of what the number is, and what one that
// is made now would say.
type statementsPage struct {
	view.Page
	Statements []appeal.Statement
	Seen       int64 // the newest one's id; 0 for none
	Preview    appeal.NumberWords
	Made       string // the name of the one just made
}

func (o *Console) newStatements(c echo.Context, who *staff.Account) (*statementsPage, error) {
	page := &statementsPage{Page: o.base(c, who, "statements.page")}
	ctx := c.Request().Context()
	n, err := o.Statements.Now(ctx)
	if err != nil {
		return nil, err
	}
	page.Preview = web.NumberWords(page.Locale, o.Appeal.Current(), n)
	if page.Statements, err = o.Statements.List(ctx); err != nil {
		return nil, err
	}
	if len(page.Statements) > 0 {
		page.Seen = page.Statements[0].ID
		if name := page.Statements[0].Name; name == c.QueryParam("made") {
			page.Made = name
		}
	}
	return page, nil
}

func (o *Console) showStatements(c echo.Context, who *staff.Account) error {
	page, err := o.newStatements(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/statements", page)
}

// freeze makes a statement for good.
func (o *Console) freeze(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "seen", "sure")
	if err == nil && !v.Ticked("sure") {
		err = fault.Fields{"sure": fault.New(fault.Invalid, "text.required")}.Err()
	}
	var made appeal.Statement
	if err == nil {
		seen, _ := strconv.ParseInt(v.Get("seen"), 10, 64) // what is none has seen none
		made, err = o.Statements.Freeze(c.Request().Context(), seen, by(who))
	}
	if err != nil {
		page, pageErr := o.newStatements(c, who)
		if pageErr != nil {
			return pageErr
		}
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/statements", page) })
	}
	return web.See(c, statementsPath+"?made="+made.Name)
}
