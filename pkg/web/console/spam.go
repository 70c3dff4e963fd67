package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// spamPage previews what a bulk would do.
type spamPage struct {
	view.Page
	Applications []registry.Application
	Picks        string // id and version of each, as they are shown
	Back         string
}

// mostAtOnce bounds a bulk.
const mostAtOnce = 100

// newSpamPage shows those of the applications that can be declined.
func (o *Console) newSpamPage(c echo.Context, who *staff.Account, ids []string) (*spamPage, error) {
	page := &spamPage{Page: o.base(c, who, "console.spam.page"), Back: o.readFilter(c.QueryParams()).Link()}
	var picks []string
	for _, raw := range ids[:min(len(ids), mostAtOnce)] {
		id, err := strconv.ParseInt(raw, 10, 64)
		if err != nil {
			continue
		}
		a, err := o.Registry.Application(c.Request().Context(), id)
		if errors.Is(err, registry.ErrNoApplication) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if slices.Contains(a.Verdicts(), registry.Refuse) {
			page.Applications = append(page.Applications, *a)
			picks = append(picks, raw+"."+strconv.FormatInt(a.Version, 10))
		}
	}
	page.Picks = strings.Join(picks, ",")
	return page, nil
}

// showSpam previews declining many as spam; their ids come in the query.
func (o *Console) showSpam(c echo.Context, who *staff.Account) error {
	page, err := o.newSpamPage(c, who, c.QueryParams()["id"])
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/spam", page)
}

// errNoPicks answers a bulk of nothing.
var errNoPicks = fault.New(fault.Invalid, "console.spam.none")

// declineSpam declines what was previewed, as it was seen there. What moved on
// since is left out; when all did, nothing is done.
func (o *Console) declineSpam(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "picks")
	ids, picks := readPicks(v.Get("picks"))
	page, pageErr := o.newSpamPage(c, who, ids)
	if pageErr != nil {
		return pageErr
	}
	if err == nil && len(picks) == 0 {
		err = errNoPicks
	}
	var left []int64
	if err == nil {
		_, left, err = o.Registry.DeclineAsSpam(c.Request().Context(), picks, by(who))
	}
	if err == nil && len(left) == len(picks) {
		err = registry.ErrMoved
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/spam", page) })
	}
	return web.See(c, "/console"+page.Back)
}

// readPicks takes apart what the preview put together.
func readPicks(s string) (ids []string, picks []registry.Pick) {
	for pair := range strings.SplitSeq(s, ",") {
		id, version, _ := strings.Cut(pair, ".")
		row, err := strconv.ParseInt(id, 10, 64)
		seen, seenErr := strconv.ParseInt(version, 10, 64)
		if err == nil && seenErr == nil && seen > 0 && len(picks) < mostAtOnce {
			ids, picks = append(ids, id), append(picks, registry.Pick{ID: row, Version: seen})
		}
	}
	return ids, picks
}
