package web_test

import (
	"crypto/sha512"
	"encoding/base64"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"olivebranch/pkg/testkit"
)

// What the page for site owners says of the files is what a browser finds.
func TestThePageForSiteOwnersTellsTheTruth(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	page := h.get("/en/embed")
	text := page.text()
	script := regexp.MustCompile(`src="` + regexp.QuoteMeta(h.BaseURL.String()) + `(/embed/v1\.[0-9a-f]+\.js)" integrity="(sha384-[^"]+)" crossorigin="anonymous"`).FindStringSubmatch(text)
	if page.status != 200 || script == nil {
		t.Fatalf("status %d, no frozen script: %s", page.status, text)
	}
	frozen := h.get(script[1])
	sum := sha512.Sum384([]byte(frozen.body))
	if got := "sha384-" + base64.StdEncoding.EncodeToString(sum[:]); got != script[2] {
		t.Errorf("integrity %s of %s, whose bytes have %s", script[2], script[1], got)
	}
	for path, words := range map[string]string{script[1]: "Script of the live banner", "/embed/all": "Frame, with its style and script", "/embed/all/bar.svg": "Picture, as SVG"} {
		whole, sent := len(h.get(path, "Accept-Encoding", "identity").body), len(h.get(path, "Accept-Encoding", "gzip").body)
		told := regexp.MustCompile(regexp.QuoteMeta(words) + `</th><td>([\d,]+)</td><td>([\d,]+)</td>`).FindStringSubmatch(page.body)
		if told == nil {
			t.Fatalf("%s is not measured", path)
		}
		slack := 100 // the number has changed since the start
		if path == script[1] {
			slack = 0
		}
		if got := [2]int{bytesTold(told[1]), bytesTold(told[2])}; max(got[0]-whole, whole-got[0], got[1]-sent, sent-got[1]) > slack {
			t.Errorf("%s: %v bytes, found %d and %d", path, got, whole, sent)
		}
	}
	for _, file := range []string{"v1.js", "frame.js", "frame.css"} {
		source, err := os.ReadFile("../../static/embed/" + file)
		h.must(err)
		a := h.get("/embed/source/" + file)
		if a.body != string(source) || a.header.Get("Content-Type") != "text/plain; charset=utf-8" || !strings.Contains(page.body, `href="/embed/source/`+file+`"`) {
			t.Errorf("the source %s: status %d %v", file, a.status, a.header)
		}
	}
	for _, file := range []string{"v1.ts", "..%2fcss", "releases", "x"} {
		if a := h.get("/embed/source/" + file); a.status != 404 {
			t.Errorf("the source %s: status %d", file, a.status)
		}
	}
	for _, words := range []string{"img-src " + h.BaseURL.String(), "script-src " + h.BaseURL.String() + "; frame-src " + h.BaseURL.String()} {
		if !strings.Contains(text, words) {
			t.Errorf("no policy %s", words)
		}
	}
	for _, at := range []string{"/en/", "/ko/privacy"} {
		if !strings.Contains(h.get(at).body, `href="`+at[:3]+`/embed"`) {
			t.Errorf("%s does not lead there", at)
		}
	}
}

// bytesTold reads a number as English writes it; -1 for none.
func bytesTold(s string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(s, ",", ""))
	if err != nil {
		return -1
	}
	return n
}
