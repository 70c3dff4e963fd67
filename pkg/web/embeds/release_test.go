package embeds_test

import (
	"crypto/sha512"
	"encoding/base64"
	"flag"
	"os"
	"path"
	"path/filepath"
	"testing"
)

var freeze = flag.Bool("freeze", false, "publish the present loader: keep its bytes in static/embed/releases")

const releasesDir = "../../../static/embed/releases"

// released are all loaders that were ever published, the oldest first. A line
// here is a promise to pages that name the file with this integrity: lines are
// added, never changed and never taken away.
var released = []struct{ file, integrity string }{
	{"v1.bccf8a1bd528674d.js", "sha384-9Tga4WzXmdd+Y8YUHqCRha5sNboCUUQ4UmsF9a1N1SNQUT3Ef5o7PosUdWQot+n9"},
	{"v1.76f30b46faeed420.js", "sha384-5Ys1P/dgf/wiizTTnKogG3yVyc9ezXr4GVd6IIBTOa9xFePN/dh+7eJv0tKggTau"},
	{"v1.11f2060a21672a62.js", "sha384-SVPmvYdklBBARQA0zN1+ZXIZJLY+AaVvwxRTXpWtK8qUDoFlYEwqUHfSIhDL1eVd"},
}

func TestPublishedLoadersNeverChange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, r := range released {
		a := s.get("/embed/" + r.file)
		if a.Code != 200 || integrityOf(a.Body.Bytes()) != r.integrity {
			t.Errorf("%s answers %d with %s, and was published with %s", r.file, a.Code, integrityOf(a.Body.Bytes()), r.integrity)
		}
		kept, err := os.ReadFile(filepath.Join(releasesDir, r.file))
		if err != nil || string(kept) != a.Body.String() {
			t.Errorf("%s is not kept as it is sent: %v", r.file, err)
		}
	}
	files, err := filepath.Glob(releasesDir + "/*")
	if err != nil || len(files) != len(released) {
		t.Errorf("%d files are kept, %d are pinned here: %v (%v)", len(files), len(released), files, err)
	}
	all := s.handler.Releases()
	if len(all) != len(released) {
		t.Errorf("%d releases are offered, want %d", len(all), len(released))
	}
	for _, r := range all {
		if a := s.get(r.Path); integrityOf(a.Body.Bytes()) != r.Integrity || a.Body.Len() != r.Size {
			t.Errorf("%s is offered with another integrity or size than it has: %+v", r.Path, r)
		}
	}
}

func TestThePresentLoaderIsPublished(t *testing.T) {
	s := newSite(t)
	latest, text := s.handler.Latest(), s.mustGet(t, "/embed/v1.js")
	file := path.Base(latest.Path)
	if *freeze {
		if err := os.WriteFile(filepath.Join(releasesDir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	last := released[len(released)-1]
	if last.file == file && last.integrity == latest.Integrity && integrityOf([]byte(text)) == latest.Integrity {
		return
	}
	t.Errorf(`static/embed/v1.js is not published as it is now. When it is ready, publish it:
	go test ./pkg/web/embeds -run TestThePresentLoaderIsPublished -freeze
and add to the end of released in release_test.go
	{%q, %q},`, file, latest.Integrity)
}

func integrityOf(text []byte) string {
	sum := sha512.Sum384(text)
	return "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
}
