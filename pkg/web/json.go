package web

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/view"
)

// JSON reads a body that a script of ours sent: application/json, at most
// 64 KB. Unsupported, TooLarge or BadRequest.
func JSON(c echo.Context, into any) error {
	r := c.Request()
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil || kind != "application/json":
		_, err = unread(c, fault.New(fault.Unsupported, "error.unsupported"))
		return err
	case r.ContentLength > mostFormBytes:
		_, err = unread(c, fault.New(fault.TooLarge, "error.too_large"))
		return err
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, mostFormBytes))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		_, err = unread(c, fault.New(fault.TooLarge, "error.too_large"))
		return err
	}
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		return fault.New(fault.BadRequest, "error.bad_request").Because(err)
	}
	return nil
}

// RefuseJSON tells a script, in the reader's words, why something was
// refused. What is no refusal is returned.
func RefuseJSON(c echo.Context, err error, page view.Page) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind == fault.Internal {
		return err
	}
	if f.Kind == fault.Unavailable {
		retryLater(c)
	}
	return c.JSON(statuses[f.Kind], struct {
		Problem string `json:"problem"`
	}{page.Say(f)})
}
