package view

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// Asset is one static file, ready to be sent. Its name holds the hash of its
// bytes, so it may be cached for ever.
type Asset struct {
	Path string // /static/site.1a2b3c4d5e.css
	Type string
	Body []byte
	Gzip []byte // nil where compressing does not help
	ETag string
}

// Assets are all static files of the pages, by source name and by path.
type Assets struct {
	byName map[string]*Asset
	byPath map[string]*Asset
}

var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon",
}

// LoadAssets reads the files below the given folders, and minifies style
// sheets and scripts. A file with an ending it does not know is an error.
func LoadAssets(fsys fs.FS, folders ...string) (*Assets, error) {
	a := &Assets{byName: map[string]*Asset{}, byPath: map[string]*Asset{}}
	for _, folder := range folders {
		entries, err := fs.ReadDir(fsys, folder)
		if err != nil {
			return nil, fmt.Errorf("read static files: %w", err)
		}
		for _, e := range entries {
			asset, err := loadAsset(fsys, path.Join(folder, e.Name()))
			if err != nil {
				return nil, err
			}
			a.byName[e.Name()], a.byPath[asset.Path] = asset, asset
		}
	}
	return a, nil
}

func loadAsset(fsys fs.FS, file string) (*Asset, error) {
	body, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, fmt.Errorf("read static file: %w", err)
	}
	ext := path.Ext(file)
	asset := &Asset{Type: assetTypes[ext]}
	switch {
	case asset.Type == "":
		return nil, fmt.Errorf("static file %s: unknown ending", file)
	case ext == ".css":
		body, err = Minify(body, api.LoaderCSS)
	case ext == ".js":
		body, err = Minify(body, api.LoaderJS)
	}
	if err != nil {
		return nil, fmt.Errorf("static file %s: %w", file, err)
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:5])
	asset.Body, asset.ETag = body, `"`+hash+`"`
	asset.Path = "/static/" + strings.TrimSuffix(path.Base(file), ext) + "." + hash + ext
	if zipped := compress(body); len(zipped) < len(body) && ext != ".png" {
		asset.Gzip = zipped
	}
	return asset, nil
}

// Minify shortens a style sheet or script for browsers of the last few years.
func Minify(source []byte, loader api.Loader) ([]byte, error) {
	out := api.Transform(string(source), api.TransformOptions{
		Loader: loader, MinifyWhitespace: true, MinifySyntax: true, MinifyIdentifiers: true,
		Target: api.ES2020, LegalComments: api.LegalCommentsNone, Charset: api.CharsetUTF8,
	})
	if len(out.Errors) > 0 {
		return nil, fmt.Errorf("line %d: %s", out.Errors[0].Location.Line, out.Errors[0].Text)
	}
	return out.Code, nil
}

func compress(b []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

// Path is where a source file such as "site.css" is served; "" if there is
// none, which the tests of the templates notice.
func (a *Assets) Path(name string) string {
	if asset := a.byName[name]; asset != nil {
		return asset.Path
	}
	return ""
}

// Find returns the asset served at a path.
func (a *Assets) Find(path string) (*Asset, bool) {
	asset, ok := a.byPath[path]
	return asset, ok
}
