package embeds

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/labstack/echo/v4"
)

// loader is the script that site owners load: the present one, made small at
// start-up, under an address that moves with it, and every one there ever was
// under an address of its own.
type loader struct {
	latest script
	frozen map[string]script // by file name
}

func newLoader(static fs.FS) (*loader, error) {
	text, err := minified(static, "embed/v1.js")
	if err != nil {
		return nil, err
	}
	latest, err := newScript(text)
	if err != nil {
		return nil, err
	}
	frozen, err := readReleases(static)
	if err != nil {
		return nil, err
	}
	return &loader{latest: latest, frozen: frozen}, nil
}

func (h *Handler) latestLoader(c echo.Context) error {
	return h.sendScript(c, &h.heads.latest, h.loader.latest)
}

func (h *Handler) frozenLoader(c echo.Context) error {
	s, ok := h.loader.frozen["v1."+c.Param("release")]
	if !ok {
		return echo.ErrNotFound
	}
	return h.sendScript(c, &h.heads.frozen, s)
}

func (h *Handler) sendScript(c echo.Context, d *head, s script) error {
	sent := s.plain
	if takesGzip(c.Request().Header.Get("Accept-Encoding")) {
		sent = s.zipped
		c.Response().Header().Set("Content-Encoding", "gzip")
	}
	return h.send(c, d, sent.etag, sent.text)
}

// script is one that is served in two encodings.
type script struct {
	hash          string // of the plain text
	plain, zipped body
}

type body struct {
	etag string
	text []byte
}

func newScript(text string) (script, error) {
	zipped, err := zip(text)
	if err != nil {
		return script{}, err
	}
	hash := hashOf(text)
	return script{
		hash:   hash,
		plain:  body{etag: `"` + hash + `"`, text: []byte(text)},
		zipped: body{etag: `"` + hash + `-gzip"`, text: zipped},
	}, nil
}

// hashOf names a script by its bytes.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// minified reads a script or a style and makes it small, for browsers back to the middle of 2020.
func minified(static fs.FS, file string) (string, error) {
	source, err := fs.ReadFile(static, file)
	if err != nil {
		return "", err
	}
	language := api.LoaderJS
	if path.Ext(file) == ".css" {
		language = api.LoaderCSS
	}
	result := api.Transform(string(source), api.TransformOptions{
		Loader:            language,
		Target:            api.ES2020,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Charset:           api.CharsetUTF8,
	})
	if len(result.Errors) > 0 {
		return "", fmt.Errorf("%s:%d: %s", file, lineOf(result.Errors[0]), result.Errors[0].Text)
	}
	return strings.TrimSpace(string(result.Code)), nil
}

func lineOf(m api.Message) int {
	if m.Location == nil {
		return 0
	}
	return m.Location.Line
}
