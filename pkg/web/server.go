// Package web is what all rooms of the web site share: the server with its
// bounds, the middleware, forms, pages and the error page. The rooms
// themselves, one for each kind of visitor, are the folders below; package
// app brings them in.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/view"
)

// Bounds of a request. Headers and times are the server's; bodies are limited
// before they are read.
const (
	mostHeaderBytes = 16 << 10
	mostFormBytes   = 64 << 10
	mostFormValues  = 100
	headerTime      = 5 * time.Second
	readTime        = 15 * time.Second
	writeTime       = 60 * time.Second
	idleTime        = 90 * time.Second
)

// Options are what a server needs.
type Options struct {
	BaseURL    *url.URL
	Proxies    []netip.Prefix
	Catalogues *locale.Catalogues
	Views      *view.Views
	Assets     *view.Assets
	Campaign   func(lang string) (name, in string) // the campaign's name, and the language it is in
	Limits     bool
	Demo       bool
	Now        func() time.Time
	Ready      func(ctx context.Context) error // able to take signatures
	Late       func() *view.Late               // how late mail is; nil when it is not
	Closed     func() bool                     // nobody signs any more
}

// Server is the web server with everything the rooms share.
type Server struct {
	Options
	Echo   *echo.Echo
	limits *limits
	cross  *http.CrossOriginProtection
}

// New makes a server that answers only /healthz, /readyz and static files.
func New(o Options) (*Server, error) {
	s := &Server{Options: o, Echo: echo.New(), limits: newLimits(o.Now), cross: http.NewCrossOriginProtection()}
	if err := s.cross.AddTrustedOrigin(o.BaseURL.Scheme + "://" + o.BaseURL.Host); err != nil {
		return nil, err
	}
	e := s.Echo
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.handleError
	e.IPExtractor = s.ipExtractor()
	e.Server.MaxHeaderBytes = mostHeaderBytes - 4096 // net/http adds 4 KB of its own
	e.Server.ReadHeaderTimeout, e.Server.ReadTimeout = headerTime, readTime
	e.Server.WriteTimeout, e.Server.IdleTimeout = writeTime, idleTime
	e.Server.ErrorLog = slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug)
	e.Pre(s.recoverPanic, s.checkHost, s.checkPath)
	e.Use(s.log, s.secure, s.checkOrigin, middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 1024, Skipper: alreadyCompressed}))
	e.GET("/healthz", s.healthz)
	e.GET("/readyz", s.readyz)
	e.Match(reads, "/static/*", s.static)
	return s, nil
}

var reads = []string{http.MethodGet, http.MethodHead}

// Page registers a page that is only read.
func (s *Server) Page(path string, h echo.HandlerFunc) { s.Echo.Match(reads, path, h) }

// alreadyCompressed names the routes that bring their own compressed bytes.
func alreadyCompressed(c echo.Context) bool {
	p := c.Request().URL.Path
	return strings.HasPrefix(p, "/static/") || strings.HasPrefix(p, "/embed/")
}

// ipExtractor believes X-Forwarded-For only from trusted proxies. Without
// any, the peer's address is the visitor's.
func (s *Server) ipExtractor() echo.IPExtractor {
	if len(s.Proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range s.Proxies {
		trust = append(trust, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

func (s *Server) healthz(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

func (s *Server) readyz(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		if fault.KindOf(err) != fault.Unavailable { // of that the log has the cause
			slog.Warn("not ready to take signatures", "error", err)
		}
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

func (s *Server) static(c echo.Context) error {
	asset, ok := s.Assets.Find(c.Request().URL.Path)
	if !ok {
		return echo.ErrNotFound
	}
	h := c.Response().Header()
	Immutable(h, asset.ETag)
	h.Set("Vary", "Accept-Encoding")
	if c.Request().Header.Get("If-None-Match") == asset.ETag {
		return c.NoContent(http.StatusNotModified)
	}
	body := asset.Body
	if asset.Gzip != nil && strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = asset.Gzip
	}
	return c.Blob(http.StatusOK, asset.Type, body)
}

// Immutable marks what never changes at its address.
func Immutable(h http.Header, tag string) {
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", tag)
}

// Serve answers on the listener until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	s.Echo.Listener = l
	s.Echo.Server.Handler = s.Echo
	err := s.Echo.Server.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Shutdown stops accepting and waits for the requests under way.
func (s *Server) Shutdown(ctx context.Context) error { return s.Echo.Server.Shutdown(ctx) }
