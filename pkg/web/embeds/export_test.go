package embeds

import "olivebranch/pkg/banner"

// EndedFrame is the frame of a layout in a language after the campaign's end.
func EndedFrame(h *Handler, lang string, layout banner.Layout) (string, error) {
	q := h.question("lang="+lang, Partner{}, false)
	q.layout, q.variant = layout, banner.Ended
	s, err := h.skeleton(frameKind, q)
	if err != nil {
		return "", err
	}
	return string(s.Append(nil, &banner.Values{Phrase: q.tongue.live.phrase(q.tongue, h.figures.Total())})), nil
}

// Drawn is how many pictures were drawn so far.
func (h *Handler) Drawn() int64 { return h.gallery.drawn.Load() }

// Kept is how many pictures are kept, and how much memory is reckoned for them.
func (h *Handler) Kept() (pictures, bytes int) {
	h.gallery.mu.Lock()
	defer h.gallery.mu.Unlock()
	return len(h.gallery.byKey), h.gallery.used
}

// Begun is how many drawings are under way.
func (h *Handler) Begun() int {
	h.gallery.mu.Lock()
	defer h.gallery.mu.Unlock()
	return len(h.gallery.begun)
}
