package embeds_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"olivebranch/pkg/banner"
)

// Blockers of advertisements hide or refuse what is named like one.
var (
	avoided = regexp.MustCompile(`(?i)(^|[^a-z])(banner|ads?|promo|affiliate|sponsor|track|tracker|count|counter|beacon|pixel|leaderboard|ref|utm)($|[^a-z])`)
	size    = regexp.MustCompile(`[0-9]{2,}x[0-9]{2,}`)
)

func TestNothingIsNamedLikeAnAdvertisement(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	names := map[string]string{} // name to where it stands
	for _, route := range s.Routes() {
		names[route.Path] = "routes"
	}
	scripts := []string{"/embed/v1.js"}
	for _, r := range s.handler.Releases() {
		names[r.Path] = "routes"
		scripts = append(scripts, r.Path)
	}
	for _, dir := range []string{"../../../static/embed", "../../../templates/embeds"} {
		err := fs.WalkDir(os.DirFS(dir), ".", func(path string, _ fs.DirEntry, err error) error {
			names[path] = dir
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	attribute := regexp.MustCompile(`\s(?:id|class|href|src)="([^"]*)"|\s(data-[a-z-]+)=`)
	for _, path := range append(everyShape(), "/embed/v1.js", "/embed/source/v1.js", "/embed/source/frame.js", "/embed/source/frame.css", "/embed/source/wall.css", "/embed/acme/messages", oembedPath(base+"/p/acme"), "/embed/acme/label.svg", "/embed/acme/label.png", "/embed/acme/shields.json", "/embed/acme/bar.png?scale=2&design=x") {
		body := s.mustGet(t, path)
		if strings.HasPrefix(path, "/oembed") {
			var a answer
			if err := json.Unmarshal([]byte(body), &a); err != nil {
				t.Fatal(err)
			}
			body, names[a.ThumbnailURL] = a.HTML, path
		}
		for _, found := range attribute.FindAllStringSubmatch(body, -1) {
			names[found[1]+found[2]] = path
		}
		names[path] = "asked for"
	}
	for _, l := range banner.Layouts() { // what site owners copy
		code := banner.Codes(banner.Spot{Base: base, Slug: "acme", Layout: l, Design: "x", Lang: "ko"}, words(t).For("ko"), s.appeal)
		for _, text := range []string{code.Link, code.Picture, code.Mail, code.Label, code.Markdown, code.MarkdownLabel, code.Frame, code.Live} {
			for _, found := range regexp.MustCompile(`[^\s"<>()\[\]]+`).FindAllString(text, -1) {
				names[found] = "the code of " + l.String()
			}
		}
	}
	// What scripts make in other people's pages and send there: elements, classes, parameters and messages.
	for _, path := range append(scripts, "/embed/acme?layout=sticky") {
		for _, found := range regexp.MustCompile("[\"'`]([\\w.: -]{1,40})[\"'`]").FindAllStringSubmatch(s.mustGet(t, path), -1) {
			names[found[1]] = path
		}
	}
	if len(names) < 20 {
		t.Fatalf("only %d names found", len(names))
	}
	for name, where := range names {
		if avoided.MatchString(name) || size.MatchString(name) {
			t.Errorf("%s in %s", name, where)
		}
	}
	for _, bad := range []string{"ad-box", "x/banner.svg", "728x90", "UTM"} {
		if !avoided.MatchString(bad) && !size.MatchString(bad) {
			t.Errorf("%s is not noticed", bad)
		}
	}
	if avoided.MatchString("shadow") || strings.TrimSpace(avoided.FindString("adopted refresh account")) != "" {
		t.Error("parts of words are noticed")
	}
}
