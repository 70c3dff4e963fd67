package embeds

import (
	"sync/atomic"

	"olivebranch/pkg/banner"
)

// stock keeps the skeletons, until the appeal's words change.
type stock struct {
	shelf atomic.Pointer[shelf]
}

type shelf struct {
	version   int64
	skeletons []atomic.Pointer[banner.Skeleton]
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
func (h *Handler) skeleton(k kind, q question, own bool) (*banner.Skeleton, error) {
	cell := &h.shelf().skeletons[h.place(k, q, own)]
	if s := cell.Load(); s != nil {
		return s, nil
	}
	s, err := h.build(k, q, own)
	if err != nil {
		return nil, err
	}
	cell.Store(s)
	return s, nil
}

func (h *Handler) build(k kind, q question, own bool) (*banner.Skeleton, error) {
	if k == pictureKind {
		return banner.SVG(banner.Picture{Layout: q.layout, Theme: q.theme, Own: own}, q.tongue, h.appeal), nil
	}
	return h.frame.skeleton(frameOf(q, own, h.base, h.appeal))
}

func (h *Handler) shelf() *shelf {
	version := h.appeal.Version()
	if s := h.stock.shelf.Load(); s != nil && s.version == version {
		return s
	}
	size := int(kinds) * banner.NumLayouts * banner.NumThemes * len(h.tongues.all) * 2
	s := &shelf{version: version, skeletons: make([]atomic.Pointer[banner.Skeleton], size)}
	h.stock.shelf.Store(s)
	return s
}

func (h *Handler) place(k kind, q question, own bool) int {
	i := int(k)*banner.NumLayouts + int(q.layout)
	i = i*banner.NumThemes + int(q.theme)
	i = i*len(h.tongues.all) + q.tongue.index
	if own {
		return i*2 + 1
	}
	return i * 2
}
