package site

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// unsubscribePage says which mails stop, and which do not, or that they have.
type unsubscribePage struct {
	view.Page
	Token   string
	Kind    outbox.Kind
	Stopped int64 // since when, Unix milliseconds; 0 if they are sent
}

// What a token refers to is looked up before anything is read of the body: a
// link that is damaged says so.
func (s *Site) showUnsubscribe(c echo.Context) error {
	return s.subscription(c, func(context.Context, outbox.Subscription) error { return nil })
}

// unsubscribe stops the mails. It answers itself and does not lead anywhere:
// who sends this is often not a browser but a mail provider, in the reader's
// name, and RFC 8058 forbids to send it on.
func (s *Site) unsubscribe(c echo.Context) error { return s.subscription(c, s.Post.Stop) }

func (s *Site) resubscribe(c echo.Context) error { return s.subscription(c, s.Post.Resume) }

func (s *Site) subscription(c echo.Context, do func(context.Context, outbox.Subscription) error) error {
	to, err := s.Post.Subscription(c.Param("token"))
	if err != nil {
		return errDamaged.Because(err)
	}
	if err := do(c.Request().Context(), to); err != nil {
		return err
	}
	page := &unsubscribePage{Page: s.base(c, "unsubscribe.page"), Token: c.Param("token"), Kind: to.Kind}
	page.Path = "/unsubscribe/" + page.Token
	at, stopped, err := s.Post.Stopped(c.Request().Context(), to)
	if err != nil {
		return err
	}
	if stopped {
		page.Stopped = at.UnixMilli()
	}
	return s.Render(c, http.StatusOK, "site/unsubscribe", page)
}

// oneClick takes the form of a mail provider, which may be multipart, as it
// takes that of a button. What is in it says nothing that the address does not.
func oneClick(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		kind, params, err := mime.ParseMediaType(c.Request().Header.Get("Content-Type"))
		if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
			return web.Button(next)(c)
		}
		if err := readParts(c); err != nil {
			return err
		}
		return next(c)
	}
}

// readParts reads a multipart form to its end and keeps nothing.
func readParts(c echo.Context) error {
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, mostOneClick)
	parts, err := r.MultipartReader()
	for err == nil {
		_, err = parts.NextPart()
	}
	var tooLarge *http.MaxBytesError
	switch {
	case err == io.EOF: //nolint:errorlint // wrapped, it says that the form was cut short
		return nil
	case errors.As(err, &tooLarge):
		return fault.New(fault.TooLarge, "error.too_large")
	}
	return fault.New(fault.BadRequest, "error.bad_request").Because(err)
}

// mostOneClick is far more than the one field of a mail provider's form takes.
const mostOneClick = 16 << 10
