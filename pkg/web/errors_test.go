package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/testkit"
)

func TestOurOwnFaultsShowOnlyACode(t *testing.T) {
	t.Parallel()
	h := bare(t, testkit.SQLite(t))
	const secret = "the-inner-secret"
	cause := errors.New(secret)
	for name, handler := range map[string]echo.HandlerFunc{
		"error":   func(echo.Context) error { return cause },
		"wrapped": func(echo.Context) error { return fmt.Errorf("read row 7: %w", cause) },
		"fault":   func(echo.Context) error { return fault.New(fault.Internal, "error.internal").Because(cause) },
		"echo":    func(echo.Context) error { return echo.NewHTTPError(http.StatusInternalServerError, secret) },
		"panic":   func(echo.Context) error { panic(secret) },
		"typed":   func(echo.Context) error { panic(errors.New(secret)) },
		"late":    func(c echo.Context) error { c.Response().Header().Set("X-Late", "1"); return cause },
	} {
		h.Web.Echo.GET("/boom/"+name, handler)
		for _, lang := range languages {
			a := h.get("/boom/"+name, "Accept-Language", lang)
			h.checkHeaders(a)
			if a.status != http.StatusInternalServerError || a.lang() != lang {
				t.Errorf("%s: status %d in %q", name, a.status, a.lang())
			}
			if strings.Contains(a.body, secret) || strings.Contains(a.body, "goroutine") {
				t.Errorf("%s: the page shows %s", name, a.text())
			}
			if !strings.Contains(a.text(), h.Catalogues.For(lang).T("error.internal")) {
				t.Errorf("%s: no sentence in %s: %s", name, lang, a.text())
			}
			code := regexp.MustCompile(`<code[^>]*>([A-Z2-7]{8})</code>`).FindStringSubmatch(a.body)
			if code == nil {
				t.Fatalf("%s: no code: %s", name, a.text())
			}
			if lines := logged.lines(code[1]); len(lines) != 1 || !strings.Contains(lines[0], "/boom/"+name) || name != "nil" && !strings.Contains(lines[0], secret) {
				t.Errorf("%s: the log says of %s: %v", name, code[1], lines)
			}
		}
	}
}

// A handler that gives up in mid-answer drops the connection: half a page
// must not look whole.
func TestAnAbortedAnswerIsDropped(t *testing.T) {
	t.Parallel()
	h := bare(t, testkit.SQLite(t))
	h.Web.Echo.GET("/abort", func(echo.Context) error { panic(http.ErrAbortHandler) })
	res, err := h.http.Get(h.BaseURL.String() + "/abort")
	if err == nil {
		res.Body.Close()
		t.Fatalf("status %d, want no answer", res.StatusCode)
	}
}

func TestWhatIsNotThereIsSaidInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	for _, lang := range languages {
		sentence := h.Catalogues.For(lang).T("error.not_found")
		for path, header := range map[string]string{"/" + lang + "/nothing": "fr", "/nothing": lang, "/console/nothing": lang, "/portal/nothing": lang, "/%00": lang} {
			a := h.get(path, "Accept-Language", header)
			h.checkUsual(a)
			if a.status != http.StatusNotFound || a.lang() != lang || !strings.Contains(a.text(), sentence) {
				t.Errorf("%s for %s: status %d in %q: %s", path, header, a.status, a.lang(), a.text())
			}
		}
	}
}
