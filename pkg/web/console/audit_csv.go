package console

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/sheet"
	"olivebranch/pkg/staff"
)

// exportAtOnce is how many entries are read at a time; exportTime is how long
// sending them may take.
const (
	exportAtOnce = 1000
	exportTime   = time.Minute
)

// exportAudit streams all entries that answer the question, newest first, as
// CSV that opens safely in a spreadsheet. Ids are cells of text: spreadsheets
// would round them.
func (o *Console) exportAudit(c echo.Context, _ *staff.Account) error {
	ctx := c.Request().Context()
	_, q := o.ask(c)
	people, err := o.names(ctx)
	if err != nil {
		return err
	}
	if now := o.Now().UnixMilli() + 1; q.To == 0 || q.To > now {
		q.To = now // what is done meanwhile is not in it
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="audit.csv"`)
	c.Response().WriteHeader(http.StatusOK)
	w := sheet.NewWriter(c.Response())
	if err := w.Row("at", "actor_kind", "actor_id", "actor", "action", "subject", "subject_id", "before", "after"); err != nil {
		return err
	}
	slow := http.NewResponseController(c.Response())
	for before := (audit.Key{}); ; {
		entries, err := o.Trail.Search(ctx, q, before, exportAtOnce)
		if err != nil {
			return err
		}
		_ = slow.SetWriteDeadline(time.Now().Add(exportTime))
		for _, e := range entries {
			name := ""
			if e.ActorKind == audit.Staff {
				name = people[e.ActorID]
			}
			err := w.Row(time.UnixMilli(e.At).UTC().Format(time.RFC3339), e.ActorKind, strconv.FormatInt(e.ActorID, 10), name,
				e.Action, e.Subject, strconv.FormatInt(e.SubjectID, 10), e.Before, e.After)
			if err != nil {
				return err
			}
			before = e.Key()
		}
		if err := w.Flush(); err != nil || len(entries) < exportAtOnce {
			return err
		}
	}
}
