package embeds

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
