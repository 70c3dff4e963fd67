package app

import (
	"fmt"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/web/embeds"
	"olivebranch/pkg/web/site"
)

// measure reads what site owners are told of the embeds' files off the files
// themselves.
func measure(h *embeds.Handler) (site.EmbedFiles, error) {
	files := site.EmbedFiles{Frozen: h.Latest().Path, Integrity: h.Latest().Integrity, Sources: embeds.Sources}
	at := "/embed/" + banner.Own
	for path, size := range map[string]*site.Size{files.Frozen: &files.Loader, at: &files.Frame, at + "/tally.json": &files.Tally, at + "/bar.svg": &files.Picture} {
		whole, err := h.File(path, false)
		if err != nil {
			return files, fmt.Errorf("measure the embeds: %w", err)
		}
		sent, err := h.File(path, true)
		if err != nil {
			return files, fmt.Errorf("measure the embeds: %w", err)
		}
		*size = site.Size{Whole: len(whole), Sent: len(sent)}
	}
	return files, nil
}
