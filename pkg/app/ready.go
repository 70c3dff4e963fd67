package app

import (
	"context"
	"sync"
	"time"
)

// readyFor is how long a good answer of the database stands, because anybody
// can ask and each asking costs an fsync.
const readyFor = time.Second

// readiness says whether the campaign can take signatures.
type readiness struct {
	ping func(ctx context.Context) error
	now  func() time.Time

	mu   sync.Mutex
	good time.Time
}

// ask is nil when the database took a write within the last second; else it
// asks for one. Those who ask at once share the answer.
func (r *readiness) ask(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if age := r.now().Sub(r.good); age >= 0 && age < readyFor {
		return nil
	}
	if err := r.ping(ctx); err != nil {
		return err
	}
	r.good = r.now()
	return nil
}
