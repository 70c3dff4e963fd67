package embeds

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
)

// File is what a visitor gets at a path of this handler, such as
// /embed/v1.js; with gzip as it is sent to browsers, which all take that. It is
// for who packs or measures embeds: no request goes over the network.
// NotFound.
func (h *Handler) File(path string, gzip bool) ([]byte, error) {
	request, err := http.NewRequest(http.MethodGet, h.origin+path, nil)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if gzip {
		request.Header.Set("Accept-Encoding", "gzip")
	}
	got := &written{header: http.Header{}}
	h.inside.ServeHTTP(got, request)
	if got.status == http.StatusNotFound {
		return nil, fault.New(fault.NotFound, "error.not_found").Because(fmt.Errorf("nothing at %s", path))
	}
	if got.status != http.StatusOK {
		return nil, fmt.Errorf("read %s: status %d", path, got.status)
	}
	return got.body.Bytes(), nil
}

// newInside is a router with nothing but the addresses of embeds.
func newInside(h *Handler) *echo.Echo {
	e := echo.New()
	h.Routes(e)
	return e
}

// written takes an answer.
type written struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *written) Header() http.Header { return w.header }

func (w *written) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *written) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}
