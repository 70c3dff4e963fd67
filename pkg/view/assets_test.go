package view_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/evanw/esbuild/pkg/api"

	"olivebranch/pkg/view"
	"olivebranch/static"
)

func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i+1 < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

// own are the program's assets.
func own(t *testing.T) *view.Assets {
	t.Helper()
	a, err := view.LoadAssets(static.FS, "css", "js", "img")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func load(t *testing.T, fsys fstest.MapFS, folders ...string) *view.Assets {
	t.Helper()
	a, err := view.LoadAssets(fsys, folders...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func find(t *testing.T, a *view.Assets, name string) *view.Asset {
	t.Helper()
	asset, ok := a.Find(a.Path(name))
	if !ok {
		t.Fatalf("%s is served at %q, where nothing is", name, a.Path(name))
	}
	return asset
}

func TestAnAssetsNameChangesWithItsContentAlone(t *testing.T) {
	t.Parallel()
	path := func(css string) string { return load(t, files("css/site.css", css), "css").Path("site.css") }
	one := path("p { color: red }")
	if !regexp.MustCompile(`^/static/site\.[0-9a-f]{10}\.css$`).MatchString(one) {
		t.Errorf("served at %s", one)
	}
	if again := path("p { color: red }"); again != one {
		t.Errorf("the same content is served at %s and %s", one, again)
	}
	if other := path("p { color: blue }"); other == one {
		t.Error("other content has the same name, so it stays in caches for ever")
	}
}

func TestAnAssetIsFoundAtItsPathAlone(t *testing.T) {
	t.Parallel()
	a := load(t, files("css/site.css", "p{}", "img/icon.svg", "<svg/>"), "css", "img")
	css, svg := find(t, a, "site.css"), find(t, a, "icon.svg")
	if css.Type != "text/css; charset=utf-8" || svg.Type != "image/svg+xml" || string(svg.Body) != "<svg/>" {
		t.Errorf("%s and %s %q", css.Type, svg.Type, svg.Body)
	}
	if !strings.Contains(css.Path, strings.Trim(css.ETag, `"`)) || css.ETag == svg.ETag || css.ETag[0] != '"' {
		t.Errorf("tags %s and %s", css.ETag, svg.ETag)
	}
	for _, path := range []string{"", "/static/", "/static/site.css", "/static/../css/site.css", css.Path + "/", strings.TrimPrefix(css.Path, "/")} {
		if _, ok := a.Find(path); ok {
			t.Errorf("something is served at %q", path)
		}
	}
	if got := a.Path("none.css"); got != "" {
		t.Errorf("what is not there is served at %q", got)
	}
}

func TestAFileOfUnknownEndingIsAnError(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"js/site.ts", "js/README", "js/site.js.bak", "js/.gitkeep", "js/SITE.JS"} {
		if _, err := view.LoadAssets(files(name, "1"), "js"); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want an error with its name", name, err)
		}
	}
	if _, err := view.LoadAssets(files(), "js"); err == nil {
		t.Error("a folder that is not there is no error")
	}
}

func TestASourceThatDoesNotParseIsAnErrorWithItsLine(t *testing.T) {
	t.Parallel()
	if _, err := view.LoadAssets(files("js/site.js", "let a = 1\nlet b = ("), "js"); err == nil || !strings.Contains(err.Error(), "js/site.js: line 2") {
		t.Errorf("%v, want an error with file and line", err)
	}
}

func TestMinifyShortensAndKeepsWhatIsSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		loader       api.Loader
		source, want string
	}{
		{api.LoaderCSS, "/* why */\np {\n  color: #ff0000;\n}\n", "p{color:red}\n"},
		{api.LoaderCSS, "p::after { content: \"평화\" }", "p:after{content:\"평화\"}\n"},
		{api.LoaderJS, "// why\n(function () { const name = 'a'; alert(name) })()", "(function(){alert(\"a\")})();\n"},
	} {
		got, err := view.Minify([]byte(c.source), c.loader)
		if err != nil || string(got) != c.want {
			t.Errorf("%q became %q, %v, want %q", c.source, got, err, c.want)
		}
	}
}

func TestGzipHoldsTheSameBytesAndIsLeftOutWhereItDoesNotHelp(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 2000)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	a := load(t, files("img/long.svg", "<svg>"+strings.Repeat("<path/>", 100)+"</svg>", "img/short.svg", "<svg/>",
		"img/photo.png", strings.Repeat("x", 1000), "img/old.ico", string(noise)), "img")
	long := find(t, a, "long.svg")
	if long.Gzip == nil || len(long.Gzip) >= len(long.Body) {
		t.Fatalf("%d bytes became %d", len(long.Body), len(long.Gzip))
	}
	r, err := gzip.NewReader(bytes.NewReader(long.Gzip))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(r); err != nil || !bytes.Equal(plain, long.Body) {
		t.Errorf("unpacked %d bytes, %v, want %d", len(plain), err, len(long.Body))
	}
	for _, name := range []string{"short.svg", "photo.png", "old.ico"} {
		if asset := find(t, a, name); asset.Gzip != nil {
			t.Errorf("%s: %d bytes are also sent as %d", name, len(asset.Body), len(asset.Gzip))
		}
	}
}

func TestTheProgramsOwnAssetsLoadAndStaySmall(t *testing.T) {
	t.Parallel()
	a := own(t)
	for _, name := range []string{"site.css", "site.js", "icon.svg"} {
		if asset := find(t, a, name); len(asset.Body) == 0 || len(asset.Gzip) > 30<<10 {
			t.Errorf("%s has %d bytes, %d compressed", name, len(asset.Body), len(asset.Gzip))
		}
	}
}
