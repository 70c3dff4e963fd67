package embeds_test

import (
	"io/fs"
	"sync"
)

// gate holds up whoever reads a file while it is closed.
type gate struct{ mu sync.RWMutex }

func newGate() *gate {
	g := &gate{}
	g.mu.Lock()
	return g
}

func (g *gate) open()  { g.mu.Unlock() }
func (g *gate) close() { g.mu.Lock() }

type gated struct {
	fs.FS
	gate *gate
}

func (g *gate) FS(files fs.FS) fs.FS { return gated{files, g} }

func (g gated) Open(name string) (fs.File, error) {
	g.gate.mu.RLock()
	defer g.gate.mu.RUnlock()
	return g.FS.Open(name)
}
