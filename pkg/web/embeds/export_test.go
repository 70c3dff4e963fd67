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
