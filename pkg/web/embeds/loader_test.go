package embeds_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"olivebranch/pkg/banner"
)

func TestTheLoaderIsSmallAndTheSameInBothEncodings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	plain := s.get("/embed/v1.js")
	zipped := s.get("/embed/v1.js", "Accept-Encoding", "br, gzip")
	if zipped.Body.Len() > 3<<10 {
		t.Errorf("%d bytes compressed", zipped.Body.Len())
	}
	if zipped.Header().Get("Content-Encoding") != "gzip" || plain.Header().Get("Content-Encoding") != "" {
		t.Error("encodings are not told apart")
	}
	if plain.Header().Get("Etag") == zipped.Header().Get("Etag") {
		t.Error("both encodings have one ETag")
	}
	for _, h := range []string{plain.Header().Get("Vary"), zipped.Header().Get("Vary")} {
		if h != "Accept-Encoding" {
			t.Errorf("Vary: %s", h)
		}
	}
	r, err := gzip.NewReader(bytes.NewReader(zipped.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	unzipped, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if string(unzipped) != plain.Body.String() {
		t.Error("the two differ")
	}
	if latest := s.handler.Latest(); latest.Zipped != zipped.Body.Len() || latest.Size != plain.Body.Len() {
		t.Errorf("the sizes are given as %d and %d", latest.Size, latest.Zipped)
	}
}

func TestGzipIsSentOnlyToThoseWhoTakeIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for accept, want := range map[string]string{
		"": "", "identity": "", "br": "", "gzip;q=0": "", "gzip; q=0.0, *": "", "*;q=0": "", "gzip;q=nonsense": "",
		"gzip": "gzip", "GZIP": "gzip", "br, gzip;q=0.5": "gzip", "*": "gzip", "x-gzip": "gzip",
	} {
		if got := s.get("/embed/v1.js", "Accept-Encoding", accept).Header().Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: %q, want %q", accept, got, want)
		}
	}
}

func TestTheLoaderIsAGuest(t *testing.T) {
	t.Parallel()
	script := newSite(t).mustGet(t, "/embed/v1.js")
	for _, word := range []string{"cookie", "sessionStorage", "indexedDB", ".focus(", "innerHTML", "eval(", "sendBeacon", "fetch(", "XMLHttpRequest", "import(", "http:", "https:"} {
		if strings.Contains(script, word) {
			t.Errorf("it holds %s", word)
		}
	}
	if n := strings.Count(script, "localStorage."); n != 2 || strings.Count(script, "localStorage") != n {
		t.Errorf("it names the storage %d times, and needs it to remember and to recall that it was closed", n)
	}
}

func TestTheFramesScriptIsAGuest(t *testing.T) {
	t.Parallel()
	page := newSite(t).mustGet(t, "/embed/acme?layout=sticky")
	_, script, found := strings.Cut(page, "<script>")
	if !found {
		t.Fatal(page)
	}
	for _, word := range []string{"cookie", "Storage", "indexedDB", "caches", "serviceWorker", ".focus(", "innerHTML", "eval(", "sendBeacon", "XMLHttpRequest", "import(", "http:", "https:"} {
		if strings.Contains(script, word) {
			t.Errorf("it holds %s", word)
		}
	}
	if n := strings.Count(script, "fetch("); n != 1 || !strings.Contains(script, `fetch(location.pathname+"/tally.json",{credentials:"omit"})`) {
		t.Errorf("it asks %d times, and needs the number only", n)
	}
}

func TestTheLoaderKeepsTheRoomThatTheLayoutsNeed(t *testing.T) {
	t.Parallel()
	script := newSite(t).mustGet(t, "/embed/v1.js")
	for _, l := range banner.Layouts() {
		usual, narrow := l.FrameHeights()
		if want := fmt.Sprintf("%s:[%d,%d,%d]", l, l.FrameWidth(), usual, narrow); !strings.Contains(script, want) {
			t.Errorf("no %s", want)
		}
	}
}
