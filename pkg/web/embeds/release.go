package embeds

import (
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// releases is where every loader that was ever published is kept, as it was
// sent: pages of other people name it with its integrity, so its bytes must
// stay what they are for as long as those pages stand.
const releases = "embed/releases"

// Release is a published loader, for site owners who want a script that
// cannot change.
type Release struct {
	Path      string // /embed/v1.{hash}.js
	Integrity string // sha384-…, for the attribute of that name
	Size      int    // in bytes
	Zipped    int    // compressed, as most browsers get it
}

// Latest is the release that is served as /embed/v1.js now.
func (h *Handler) Latest() Release { return releaseOf(h.loader.latest) }

// Releases are all of them, the latest among them, by their paths.
func (h *Handler) Releases() []Release {
	var all []Release
	for _, s := range h.loader.frozen {
		all = append(all, releaseOf(s))
	}
	slices.SortFunc(all, func(a, b Release) int { return strings.Compare(a.Path, b.Path) })
	return all
}

func releaseOf(s script) Release {
	sum := sha512.Sum384(s.plain.text)
	return Release{
		Path:      "/embed/" + fileOf(s.hash),
		Integrity: "sha384-" + base64.StdEncoding.EncodeToString(sum[:]),
		Size:      len(s.plain.text),
		Zipped:    len(s.zipped.text),
	}
}

func fileOf(hash string) string { return "v1." + hash + ".js" }

func readReleases(static fs.FS) (map[string]script, error) {
	files, err := fs.Glob(static, releases+"/*.js")
	if err != nil {
		return nil, err
	}
	all := map[string]script{}
	for _, file := range files {
		text, err := fs.ReadFile(static, file)
		if err != nil {
			return nil, err
		}
		s, err := newScript(string(text))
		if err != nil {
			return nil, err
		}
		if path.Base(file) != fileOf(s.hash) {
			return nil, fmt.Errorf("%s was changed: its bytes are those of %s", file, fileOf(s.hash))
		}
		all[fileOf(s.hash)] = s
	}
	return all, nil
}
