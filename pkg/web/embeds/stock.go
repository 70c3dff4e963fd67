package embeds

import (
	"sync"
	"sync/atomic"

	"olivebranch/pkg/banner"
)

// stock keeps the skeletons, until the appeal's words or the designs change.
type stock struct {
	shelf   atomic.Pointer[shelf]
	serials atomic.Uint64
}

type shelf struct {
	serial    uint64 // no other shelf has it
	version   int64  // of the appeal
	designs   *banner.Designs
	styles    []string // of frames, by design
	frames    []head   // likewise
	skeletons []atomic.Pointer[banner.Skeleton]
	labels    []atomic.Pointer[labelled]
	titled    sync.Map // cards of pages, by title
}

// kind says whether a skeleton is a frame's or a picture's.
type kind int

const (
	frameKind kind = iota
	pictureKind
	kinds
)

// skeleton finds what was asked for, or makes it. Two requests may make the same one at once;
// both are right.
func (h *Handler) skeleton(k kind, q question) (*banner.Skeleton, error) {
	if q.page != "" {
		return h.titled(q), nil
	}
	cell := &q.shelf.skeletons[h.place(k, q)]
	if s := cell.Load(); s != nil {
		return s, nil
	}
	s, err := h.build(k, q)
	if err != nil {
		return nil, err
	}
	cell.Store(s)
	return s, nil
}

// title is what a card of a page is made for.
type title struct {
	page    string
	theme   banner.Theme
	variant banner.Variant
	tongue  int
	design  int
}

// titled is the card of a page of the site. There are as many as pages, themes
// and languages.
func (h *Handler) titled(q question) *banner.Skeleton {
	key := title{q.page, q.theme, q.variant, q.tongue.index, q.design}
	if s, ok := q.shelf.titled.Load(key); ok {
		return s.(*banner.Skeleton)
	}
	design := *q.shelf.designs.All()[q.design]
	design.Slogans = map[string]string{q.tongue.Lang(): q.tongue.T(h.pages[q.page])}
	s := banner.SVG(banner.Picture{Layout: q.layout, Theme: q.theme, Variant: q.variant, Design: &design}, q.tongue, h.appeal)
	q.shelf.titled.Store(key, s)
	return s
}

func (h *Handler) build(k kind, q question) (*banner.Skeleton, error) {
	design := q.shelf.designs.All()[q.design]
	if k == pictureKind {
		return banner.SVG(banner.Picture{Layout: q.layout, Theme: q.theme, Variant: q.variant, Design: design}, q.tongue, h.appeal), nil
	}
	return h.frame.skeleton(frameOf(q, design, h.base, h.appeal), q.shelf.styles[q.design])
}

func (h *Handler) shelf() *shelf {
	version, designs := h.appeal.Version(), h.designs.Running(h.now())
	if s := h.stock.shelf.Load(); s != nil && s.version == version && s.designs == designs {
		return s
	}
	size := int(kinds) * banner.NumLayouts * banner.NumThemes * banner.NumVariants * len(h.tongues.all) * len(designs.All())
	s := &shelf{serial: h.stock.serials.Add(1), labels: make([]atomic.Pointer[labelled], banner.NumThemes*len(h.tongues.all)*len(designs.All())),
		version: version, designs: designs, skeletons: make([]atomic.Pointer[banner.Skeleton], size)}
	for _, d := range designs.All() {
		style := h.frame.style + d.Style()
		s.styles = append(s.styles, style)
		s.frames = append(s.frames, frameHead(h.frame.policy(style, h.origin)))
	}
	h.stock.shelf.Store(s)
	return s
}

func (h *Handler) place(k kind, q question) int {
	i := q.design*int(kinds) + int(k)
	i = i*banner.NumLayouts + int(q.layout)
	i = i*banner.NumThemes + int(q.theme)
	i = i*banner.NumVariants + int(q.variant)
	return i*len(h.tongues.all) + q.tongue.index
}
