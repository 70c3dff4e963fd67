package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
)

// Bounds of a form with a file.
const (
	mostUploadBytes = 3 << 20
	// uploadTime is how long it may take to arrive: at 50 KB a second.
	uploadTime = 60 * time.Second
)

// Upload reads a form that may hold a file: at most 3 MB, of which fields may
// be 64 KB. It is read into memory, nothing is left on a disk. file is the
// field of the file; what it held is empty when none was chosen. A form that
// is not multipart is read by Form. Each field may come once.
//
// Faults: those of Form.
func Upload(c echo.Context, file string, fields ...string) (Values, []byte, error) {
	r := c.Request()
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		v, err := Form(c, append(fields, file)...)
		return v, nil, err
	}
	if r.ContentLength > mostUploadBytes {
		v, err := unread(c, errTooLarge)
		return v, nil, err
	}
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(uploadTime)) // where it cannot be set, readTime holds
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, mostUploadBytes))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		v, err := unread(c, errTooLarge)
		return v, nil, err
	}
	if err != nil {
		return Values{}, nil, errBadRequest.Because(err)
	}
	values, err := parts(body, params["boundary"])
	if err != nil {
		return Values{}, nil, err
	}
	refused := fault.Fields{}
	for _, f := range append(fields, file) {
		if len(values[f]) > 1 {
			refused.Add(f, fault.New(fault.Invalid, "form.twice"))
		}
	}
	content := values.Get(file)
	values.Del(file)
	return Values{v: values}, []byte(content), refused.Err()
}

var (
	errTooLarge   = fault.New(fault.TooLarge, "error.too_large")
	errBadRequest = fault.New(fault.BadRequest, "error.bad_request")
)

// parts reads all parts of a multipart body, files among them, by their names.
// A body without its last line was cut, which the reader below does not tell
// from an end when it was cut between two lines.
func parts(body []byte, boundary string) (url.Values, error) {
	if !bytes.Contains(body, []byte("--"+boundary+"--")) {
		return nil, errBadRequest
	}
	values, room := url.Values{}, mostFormBytes
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for range mostFormValues {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return values, nil
		}
		var content []byte
		if err == nil {
			content, err = io.ReadAll(part)
		}
		if err != nil {
			return nil, errBadRequest.Because(err)
		}
		if part.FileName() == "" {
			if room -= len(content); room < 0 {
				return nil, errTooLarge
			}
		}
		values.Add(part.FormName(), string(content))
	}
	return nil, errTooLarge
}
