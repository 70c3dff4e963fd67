package web

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/view"
)

// statuses is the one table from kinds of faults to HTTP.
var statuses = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.BadRequest:      http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.NotAllowed:      http.StatusMethodNotAllowed,
	fault.Conflict:        http.StatusConflict,
	fault.Gone:            http.StatusGone,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Unsupported:     http.StatusUnsupportedMediaType,
	fault.Misdirected:     http.StatusMisdirectedRequest,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// echoFaults gives Echo's own refusals a sentence.
var echoFaults = map[int]*fault.Error{
	http.StatusNotFound:              fault.New(fault.NotFound, "error.not_found"),
	http.StatusMethodNotAllowed:      fault.New(fault.NotAllowed, "error.not_allowed"),
	http.StatusRequestEntityTooLarge: fault.New(fault.TooLarge, "error.too_large"),
	http.StatusBadRequest:            fault.New(fault.BadRequest, "error.bad_request"),
	http.StatusUnsupportedMediaType:  fault.New(fault.Unsupported, "error.unsupported"),
}

// errorPage is the one page for everything that went wrong.
type errorPage struct {
	view.Page
	Sentence string
	Room     string // "console" or "portal" for who came from there
	Code     string // finds the cause in the log; only for our own faults
}

// handleError writes the error page in the visitor's language. What is ours
// (500) goes to the log in full under a short code, and only the code is
// shown.
func (s *Server) handleError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	f := s.faultOf(err)
	status := statuses[f.Kind]
	lang := s.Lang(c)
	title := "error.title"
	if f.Kind == fault.NotFound {
		title = "error.lost"
	}
	page := errorPage{Page: s.Base(c, "site", lang, s.Catalogues.For(lang).T(title))}
	page.Path = "/"
	page.Sentence = page.Say(f)
	if room, _, _ := strings.Cut(strings.TrimPrefix(c.Request().URL.Path, "/"), "/"); room == "console" || room == "portal" {
		page.Room = room
	}
	if f.Kind == fault.Internal {
		page.Code = shortCode()
		slog.Error("request failed", "code", page.Code, "method", c.Request().Method, "route", c.Path(), "error", err)
	}
	if f.Kind == fault.Unavailable {
		retryLater(c)
	}
	s.setSecure(c.Response().Header()) // what is refused before routing, or under /embed/, has none yet
	c.Response().Header().Set("Cache-Control", "no-store")
	if c.Request().Method == http.MethodHead {
		_ = c.NoContent(status)
		return
	}
	if err := s.Render(c, status, "site/error", &page); err != nil {
		slog.Error("render the error page", "error", err)
		_ = c.String(http.StatusInternalServerError, "Internal error\n")
	}
}

func (s *Server) faultOf(err error) *fault.Error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	var he *echo.HTTPError
	if errors.As(err, &he) {
		if f := echoFaults[he.Code]; f != nil {
			return f
		}
	}
	return fault.New(fault.Internal, "error.internal").Because(err)
}

// shortCode is eight letters and digits people can read out on the telephone.
func shortCode() string {
	b := make([]byte, 5)
	_, _ = rand.Read(b)
	return strings.TrimRight(base32.StdEncoding.EncodeToString(b), "=")
}
