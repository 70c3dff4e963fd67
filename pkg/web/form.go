package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
)

// Values are the fields of a form as sent in.
type Values struct{ v url.Values }

// Get is a field's value, "" when it was not sent.
func (v Values) Get(name string) string { return v.v.Get(name) }

// Picked are the boxes of a list that were ticked: of the fields whose names
// begin so, what follows there, in order. Invalid names one that came twice.
func (v Values) Picked(prefix string) ([]string, error) {
	refused := fault.Fields{}
	var picked []string
	for name, values := range v.v {
		rest, ok := strings.CutPrefix(name, prefix)
		if ok && len(values) > 1 {
			refused.Add(name, fault.New(fault.Invalid, "form.twice"))
		}
		if ok && v.Ticked(name) {
			picked = append(picked, rest)
		}
	}
	slices.Sort(picked)
	return picked, refused.Err()
}

// Ticked says whether a checkbox was sent as ticked; programs that send "0"
// or "false" for an empty box are understood.
func (v Values) Ticked(name string) bool {
	return !slices.Contains([]string{"", "0", "false", "off", "no"}, strings.ToLower(v.v.Get(name)))
}

// Sent says whether a field was sent at all.
func (v Values) Sent(name string) bool { return v.v.Has(name) }

// Bit is the bit when a checkbox was sent, else 0.
func (v Values) Bit(name string, bit int64) int64 {
	if v.Ticked(name) {
		return bit
	}
	return 0
}

// Form reads the body of a form: urlencoded, at most 64 KB and 100 values.
// Nothing in the query counts. Of the fields named, each may come once;
// others are not looked at. Unsupported, TooLarge, BadRequest, or Invalid
// naming the field that came twice.
func Form(c echo.Context, fields ...string) (Values, error) {
	r := c.Request()
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case kind == "multipart/form-data" && params["boundary"] == "":
		return unread(c, fault.New(fault.BadRequest, "error.bad_request"))
	case kind == "" && r.ContentLength == 0:
		return Values{v: url.Values{}}, nil // an empty form; its fields are missing
	case err != nil || kind != "application/x-www-form-urlencoded":
		return unread(c, fault.New(fault.Unsupported, "error.unsupported"))
	case r.ContentLength > mostFormBytes:
		return unread(c, fault.New(fault.TooLarge, "error.too_large"))
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, mostFormBytes))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return unread(c, fault.New(fault.TooLarge, "error.too_large"))
	}
	if err != nil {
		return Values{}, fault.New(fault.BadRequest, "error.bad_request").Because(err)
	}
	if strings.Count(string(body), "&") >= mostFormValues {
		return Values{}, fault.New(fault.TooLarge, "error.too_large")
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return Values{}, fault.New(fault.BadRequest, "error.bad_request").Because(err)
	}
	refused := fault.Fields{}
	for _, f := range fields {
		if len(values[f]) > 1 {
			refused.Add(f, fault.New(fault.Invalid, "form.twice"))
		}
	}
	return Values{v: values}, refused.Err()
}

// unread refuses a body that has not been read to its end. Without closing,
// net/http would first wait for the rest of it.
func unread(c echo.Context, f *fault.Error) (Values, error) {
	c.Response().Header().Set("Connection", "close")
	return Values{}, f
}

// Button is for forms without fields. It refuses a body that is no form, or
// too large, before the handler acts.
func Button(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if _, err := Form(c); err != nil {
			return err
		}
		return next(c)
	}
}
