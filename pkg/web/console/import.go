package console

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// Bounds of a table that comes through the console; larger ones are for the
// command line.
const (
	mostTableBytes = 2 << 20
	mostTableLines = 2000
	// mostPasted is what is put into the field for pasted tables: the form must
	// still fit when it is sent back.
	mostPasted = 48 << 10
)

// importPage takes in a table of partners, pasted or as a file.
type importPage struct {
	view.Page
	CSV     string
	Letters bool
	Columns []string
	Checked bool // the table is good, and can be imported
	Again   bool // it came as a file too long to be shown, and must be chosen again
	Result  registry.ImportResult
	More    int // faults that are not shown
}

// mostFaults bounds how many faults of a table one page lists.
const mostFaults = 100

func (o *Console) newImport(c echo.Context, who *staff.Account) *importPage {
	page := &importPage{Page: o.base(c, who, "import.page"), Columns: registry.Columns}
	page.Labels = "import."
	return page
}

func (o *Console) showImport(c echo.Context, who *staff.Account) error {
	return o.Render(c, http.StatusOK, "console/import", o.newImport(c, who))
}

// importPartners checks a table, and with do=import takes it in. A file goes
// before what is pasted.
func (o *Console) importPartners(c echo.Context, who *staff.Account) error {
	v, file, err := web.Upload(c, "file", "csv", "letters", "do")
	page := o.newImport(c, who)
	page.CSV, page.Letters = v.Get("csv"), v.Ticked("letters")
	dry := v.Get("do") != "import"
	table, field := []byte(page.CSV), "csv"
	if len(file) > 0 {
		table, field = file, "file"
		page.paste(file)
	}
	if err == nil && len(table) > mostTableBytes {
		err = (fault.Fields{field: fault.New(fault.Invalid, "import.large", "Max", mostTableBytes>>20)}).Err()
	}
	if err == nil {
		page.Result, err = o.Registry.Import(c.Request().Context(), registry.Import{Table: table, DryRun: dry, Letters: page.Letters, Most: mostTableLines, By: by(who)})
		err = refusedAt(field, err)
	}
	if err != nil {
		if page.More = len(page.Result.Faults) - mostFaults; page.More > 0 {
			page.Result.Faults = page.Result.Faults[:mostFaults]
		}
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/import", page) })
	}
	if dry {
		page.Checked = true
		return o.Render(c, http.StatusOK, "console/import", page)
	}
	return web.See(c, "/console/partners?imported="+strconv.Itoa(len(page.Result.Partners)))
}

// paste puts the text of a file where it can be mended, if it fits there.
func (p *importPage) paste(file []byte) {
	text := bytes.TrimPrefix(file, []byte("\uFEFF"))
	p.Again = len(text) > mostPasted || !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0
	if p.CSV = ""; !p.Again {
		p.CSV = string(text)
	}
}

// refusedAt says of a table that is refused which field it came in.
func refusedAt(field string, err error) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Fields["csv"] != nil {
		return fault.Fields{field: f.Fields["csv"]}.Err()
	}
	return err
}
