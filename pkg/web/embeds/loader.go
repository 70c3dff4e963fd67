package embeds

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/labstack/echo/v4"
)

// loader is the script that site owners load, made small at start-up.
type loader struct {
	hash          string // of the plain text
	plain, zipped body
}

type body struct {
	etag string
	text []byte
}

func newLoader(static fs.FS) (*loader, error) {
	script, err := minified(static, "embed/v1.js")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(script))
	hash := hex.EncodeToString(sum[:8])
	zipped, err := zip(script)
	if err != nil {
		return nil, err
	}
	return &loader{
		hash:   hash,
		plain:  body{etag: `"` + hash + `"`, text: []byte(script)},
		zipped: body{etag: `"` + hash + `-gzip"`, text: zipped},
	}, nil
}

func (h *Handler) latestLoader(c echo.Context) error {
	return h.sendLoader(c, h.heads.latest)
}

func (h *Handler) frozenLoader(c echo.Context) error {
	if c.Param("release") != h.loader.hash+".js" {
		return echo.ErrNotFound
	}
	return h.sendLoader(c, h.heads.frozen)
}

func (h *Handler) sendLoader(c echo.Context, d head) error {
	script := h.loader.plain
	if takesGzip(c.Request().Header.Get("Accept-Encoding")) {
		script = h.loader.zipped
		c.Response().Header().Set("Content-Encoding", "gzip")
	}
	return h.send(c, &d, script.etag, script.text)
}

// takesGzip reads Accept-Encoding: whether gzip, or anything, may be sent.
func takesGzip(accept string) bool {
	any := false
	for coding := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(coding, ";")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			return weight(params) > 0
		case "*":
			any = weight(params) > 0
		}
	}
	return any
}

func weight(params string) float64 {
	value, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return 0
	}
	return q
}

func zip(text string) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write([]byte(text)); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
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
