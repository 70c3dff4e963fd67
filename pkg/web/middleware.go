package web

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/address"
	"olivebranch/pkg/fault"
)

// recoverPanic turns a panic into a 500 and its stack into the log.
func (s *Server) recoverPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			r := recover()
			if r == nil {
				return
			}
			if r == http.ErrAbortHandler {
				panic(r) // net/http then drops the connection, as was asked
			}
			slog.Error("panic", "value", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}()
		return next(c)
	}
}

// checkHost answers 421 to every host but the campaign's own. A campaign on a
// loopback address answers to all names of the loopback.
func (s *Server) checkHost(next echo.HandlerFunc) echo.HandlerFunc {
	standard := map[string]string{"http": ":80", "https": ":443"}[s.BaseURL.Scheme]
	own, loopback := strings.TrimSuffix(s.BaseURL.Host, standard), isLoopback(s.BaseURL.Hostname())
	return func(c echo.Context) error {
		r := c.Request()
		if strings.EqualFold(strings.TrimSuffix(r.Host, standard), own) || r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			return next(c)
		}
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if loopback && isLoopback(strings.Trim(host, "[]")) {
			return next(c)
		}
		return fault.New(fault.Misdirected, "error.misdirected")
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// checkPath refuses paths no page of ours has: with an empty or dotted part,
// an encoded slash, or a control character.
func (s *Server) checkPath(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := c.Request().URL
		raw := strings.ToLower(u.EscapedPath())
		if strings.Contains(u.Path, "//") || strings.Contains(u.Path, "/..") || strings.Contains(u.Path, "/./") ||
			strings.Contains(raw, "%2f") || strings.Contains(raw, "%5c") || strings.ContainsFunc(u.Path, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }) {
			return echo.ErrNotFound
		}
		return next(c)
	}
}

const csp = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"font-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secure sets the headers every page has. Embeds replace those that would
// keep them off other people's pages.
func (s *Server) secure(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if isEmbed(c.Request().URL.Path) {
			return next(c)
		}
		s.setSecure(c.Response().Header())
		return next(c)
	}
}

func (s *Server) setSecure(h http.Header) {
	h.Set("Content-Security-Policy", csp)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
	if s.BaseURL.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

func isEmbed(path string) bool { return strings.HasPrefix(path, "/embed/") || path == "/oembed" }

// checkOrigin refuses unsafe requests that a browser sends from other sites.
func (s *Server) checkOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := s.cross.Check(c.Request()); err != nil {
			return fault.New(fault.Forbidden, "error.cross_origin").Because(err)
		}
		return next(c)
	}
}

// log notes each request by its route pattern, never its URL, and without the
// visitor's address. Embeds are not logged at all.
func (s *Server) log(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if isEmbed(c.Request().URL.Path) {
			return next(c)
		}
		start := time.Now()
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		slog.Debug("request", "method", c.Request().Method, "route", c.Path(), "status", c.Response().Status, "took", time.Since(start))
		return nil
	}
}

// NoStore marks what only its reader may keep.
func NoStore(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "no-store")
		return next(c)
	}
}

// Range is the visitor's address range, a /24 or /48, as text.
func Range(c echo.Context) string {
	ip, ok := parseAddr(c.RealIP())
	if !ok {
		return "unknown"
	}
	return address.RangeOf(ip).String()
}
