package embeds

import (
	"fmt"
	"io/fs"

	"github.com/labstack/echo/v4"
)

// Sources are the files that people read before they let them onto their
// pages, below /embed/source/.
var Sources = []string{"v1.js", "frame.js", "frame.css", "wall.css"}

// sourceHead serves them as text, so that nobody runs what is meant to be read.
var sourceHead = headOf("text/plain; charset=utf-8", "public, max-age=3600", "Access-Control-Allow-Origin", "*")

func readSources(static fs.FS) (map[string]body, error) {
	all := map[string]body{}
	for _, name := range Sources {
		text, err := fs.ReadFile(static, "embed/"+name)
		if err != nil {
			return nil, err
		}
		all[name] = body{etag: fmt.Sprintf(`"%.16s"`, digest(string(text))), text: text}
	}
	return all, nil
}

// showSource answers with a file as it was written.
func (h *Handler) showSource(c echo.Context) error {
	file, ok := h.sources[c.Param("file")]
	if !ok {
		return echo.ErrNotFound
	}
	return h.send(c, &sourceHead, file.etag, file.text)
}
