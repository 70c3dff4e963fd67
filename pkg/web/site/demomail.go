package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/mailer"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// DemoMail shows the mail that a demo did not send.
type DemoMail struct {
	*web.Server
	Caught *mailer.Catcher
}

// Routes registers the two pages; only a demo has them.
func (d *DemoMail) Routes() {
	reads := []string{http.MethodGet, http.MethodHead}
	d.Echo.Match(reads, "/demo/mail", d.show, web.NoStore)
	d.Echo.Match(reads, "/demo/mail.json", d.json, web.NoStore)
}

type mailPage struct {
	view.Page
	Letters []mailer.Caught
}

func (d *DemoMail) show(c echo.Context) error {
	lang := d.Lang(c)
	page := &mailPage{Page: d.Base(c, "site", lang, d.Catalogues.For(lang).T("demo.mail")), Letters: d.Caught.Letters()}
	page.Path = "/"
	return d.Render(c, http.StatusOK, "site/mail", page)
}

func (d *DemoMail) json(c echo.Context) error { return c.JSON(http.StatusOK, d.Caught.Letters()) }
