package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
)

// livePath is asked every half minute by each inbox that somebody has before
// their eyes: static/js/desk.js. It costs four small queries, and keeps no
// session alive.
const livePath = "/console/live"

// live is what is new on the desk. N are the numbers on the tabs, by their
// names; News is what somebody else did to the open application, "" for
// nothing.
type live struct {
	N    map[string]string `json:"n"`
	News string            `json:"news"`
}

// liveOf is where a page asks what is new since it was made.
func (o *Console) liveOf(ctx context.Context, open int64) (string, error) {
	if open == 0 {
		return livePath, nil
	}
	newest, err := o.Trail.Latest(ctx, audit.Since{Subject: registry.OfApplication, SubjectID: open})
	return fmt.Sprintf("%s?open=%d&seen=%d", livePath, open, newest.ID), err
}

func (o *Console) showLive(c echo.Context, who *staff.Account) error {
	ctx, words := c.Request().Context(), o.Catalogues.For(o.lang(who.Lang))
	var in inbox
	if err := o.countTabs(ctx, &in); err != nil {
		return err
	}
	now := live{N: map[string]string{}}
	for _, t := range in.Tabs {
		now.N[t.Name] = words.Number(t.N)
	}
	open, _ := strconv.ParseInt(c.QueryParam("open"), 10, 64) // what is no id asks for nothing
	if seen, err := strconv.ParseInt(c.QueryParam("seen"), 10, 64); err == nil && open != 0 {
		if now.News, err = o.news(ctx, words, audit.Since{Subject: registry.OfApplication, SubjectID: open, After: seen, But: by(who)}); err != nil {
			return err
		}
	}
	body, err := json.Marshal(now)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	c.Response().Header().Set("ETag", tag)
	if c.Request().Header.Get("If-None-Match") == tag {
		return c.NoContent(http.StatusNotModified)
	}
	return c.JSONBlob(http.StatusOK, body)
}

// news says what was done since, "" for nothing.
func (o *Console) news(ctx context.Context, words *locale.Locale, since audit.Since) (string, error) {
	last, err := o.Trail.Latest(ctx, since)
	if err != nil || last.ID == 0 {
		return "", err
	}
	names, err := o.names(ctx)
	return words.T("console.desk.news", "Who", o.actor(words, last, names), "What", didWords(words, last.Action), "When", words.DateTime(last.At)), err
}
