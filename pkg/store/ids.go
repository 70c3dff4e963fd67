package store

import (
	"math/rand/v2"
	"sync"
	"time"
)

const idRandomBits = 22

// ids makes row ids: Unix milliseconds << 22 | random. Within this process
// they rise strictly; two copies of the program meet in the same millisecond
// with a chance of one in four million, and the primary key then refuses the
// second.
type ids struct {
	now  func() time.Time
	mu   sync.Mutex
	last int64
}

func (g *ids) next() int64 {
	id := g.now().UnixMilli()<<idRandomBits | int64(rand.Uint32N(1<<idRandomBits))
	g.mu.Lock()
	defer g.mu.Unlock()
	if id <= g.last {
		id = g.last + 1
	}
	g.last = id
	return id
}

// NewID makes the id of a row before it is inserted, because sealed columns
// are bound to it.
func (s *Store) NewID() int64 { return s.ids.next() }
