package locale

import (
	"log/slog"
	"maps"
	"slices"
	"sync"
)

// maxMisses bounds the record, should an id ever be made from what a visitor sent.
const maxMisses = 1000

// misses remembers what was not found, so that each is reported once.
type misses struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (m *misses) add(lang, what string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := lang + " " + what
	if m.seen[key] || len(m.seen) >= maxMisses {
		return
	}
	m.seen[key] = true
	slog.Warn("message missing", "lang", lang, "id", what)
}

func (m *misses) list() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.seen))
}
