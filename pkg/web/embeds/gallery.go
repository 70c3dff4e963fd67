package embeds

import (
	"container/list"
	"sync"
	"sync/atomic"

	"olivebranch/pkg/banner"
)

// gallery keeps drawn pictures, within a bound in bytes; the one that was asked for longest ago goes first. A picture
// is drawn once, however many ask for it at the same time.
type gallery struct {
	pens *banner.Pens
	room int // in bytes
	long int // so many drawings under way that another would have to wait too long

	mu     sync.Mutex
	used   int
	byKey  map[pictureKey]*list.Element
	recent list.List // of *kept; the last one asked for stands first
	begun  map[pictureKey]*drawing
	drawn  atomic.Int64 // how many so far
}

// pictureKey is all that a picture shows.
type pictureKey struct {
	page     string
	shelf    uint64 // whose words and designs
	layout   banner.Layout
	theme    banner.Theme
	variant  banner.Variant
	design   int
	tongue   int
	scale    int
	total    int64
	name     string
	line     string
	lineLang string
	label    bool
}

type kept struct {
	key     pictureKey
	picture []byte
}

// overhead is about what a kept picture needs beside its bytes.
const overhead = 400

type drawing struct {
	done    chan struct{}
	picture []byte
	err     error
}

func newGallery(pens *banner.Pens, room int) *gallery {
	g := &gallery{pens: pens, room: room, long: 4 * pens.Len(), byKey: map[pictureKey]*list.Element{}, begun: map[pictureKey]*drawing{}}
	g.recent.Init()
	return g
}

// find returns a kept picture.
func (g *gallery) find(key pictureKey) ([]byte, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.look(key)
}

func (g *gallery) look(key pictureKey) ([]byte, bool) {
	e, ok := g.byKey[key]
	if !ok {
		return nil, false
	}
	g.recent.MoveToFront(e)
	return e.Value.(*kept).picture, true
}

// crowded says whether a drawing begun now would wait long.
func (g *gallery) crowded() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.begun) >= g.long
}

// draw makes a picture and keeps it, or waits for whoever is making it.
func (g *gallery) draw(key pictureKey, s *banner.Skeleton, v *banner.Values) ([]byte, error) {
	g.mu.Lock()
	if picture, ok := g.look(key); ok {
		g.mu.Unlock()
		return picture, nil
	}
	if d, ok := g.begun[key]; ok {
		g.mu.Unlock()
		<-d.done
		return d.picture, d.err
	}
	d := &drawing{done: make(chan struct{})}
	g.begun[key] = d
	g.mu.Unlock()

	d.picture, d.err = g.pens.PNG(s, v, key.scale)
	g.drawn.Add(1)

	g.mu.Lock()
	delete(g.begun, key)
	if d.err == nil {
		g.keep(key, d.picture)
	}
	g.mu.Unlock()
	close(d.done)
	return d.picture, d.err
}

func (g *gallery) keep(key pictureKey, picture []byte) {
	if len(picture)+overhead > g.room {
		return
	}
	g.byKey[key] = g.recent.PushFront(&kept{key, picture})
	g.used += len(picture) + overhead
	for g.used > g.room {
		last := g.recent.Remove(g.recent.Back()).(*kept)
		delete(g.byKey, last.key)
		g.used -= len(last.picture) + overhead
	}
}
