package mailer

import (
	"context"
	"slices"
	"sync"

	"olivebranch/pkg/outbox"
)

const (
	// lines are the letters sent at a time, most of them to one domain: however
	// it hangs, the others go on.
	lines         = 6
	mostPerDomain = 4

	// mostPending letters are claimed and not begun at a time.
	mostPending = 3 * batchLetters
)

// lineup gives letters that were claimed to lines that are free.
type lineup struct {
	mu      sync.Mutex
	changed *sync.Cond
	pending []task
	flying  map[string]int // by domain
	free    int
	closed  bool // nothing comes any more
}

// task is a letter to send.
type task struct {
	row   outbox.Row
	probe bool
}

func newLineup() *lineup {
	l := &lineup{flying: map[string]int{}, free: lines}
	l.changed = sync.NewCond(&l.mu)
	return l
}

func (l *lineup) put(c claimed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range c.rows {
		l.pending = append(l.pending, task{r, c.probes[r.ID]})
	}
	l.changed.Broadcast()
}

// startable is the first letter whose domain has not its share of the lines.
func (l *lineup) startable() int {
	return slices.IndexFunc(l.pending, func(t task) bool { return !l.fullLocked(string(t.row.DomainKey)) })
}

func (l *lineup) fullLocked(domain string) bool {
	return domain != "" && l.flying[domain] >= mostPerDomain
}

// busy says that no more letters are wanted for a domain now: its lines are
// taken, and some wait.
func (l *lineup) busy(domain string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fullLocked(domain) && slices.ContainsFunc(l.pending, func(t task) bool { return string(t.row.DomainKey) == domain })
}

// next is the letter a line is to send; false when there is no more.
func (l *lineup) next() (t task, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		if at := l.startable(); at >= 0 {
			t = l.pending[at]
			l.pending = slices.Delete(l.pending, at, at+1)
			l.flying[string(t.row.DomainKey)]++
			l.free--
			l.changed.Broadcast() // others may be hungry now
			return t, true
		}
		if l.closed && len(l.pending) == 0 {
			return t, false
		}
		l.changed.Wait()
	}
}

func (l *lineup) done(t task) {
	l.mu.Lock()
	defer l.mu.Unlock()
	domain := string(t.row.DomainKey)
	if l.flying[domain]--; l.flying[domain] == 0 {
		delete(l.flying, domain)
	}
	l.free++
	l.changed.Broadcast()
}

// putBack empties the line-up of what was not begun.
func (l *lineup) putBack() []task {
	l.mu.Lock()
	defer l.mu.Unlock()
	rest := l.pending
	l.pending = nil
	l.changed.Broadcast()
	return rest
}

// close says that nothing comes any more; lines end when all is begun.
func (l *lineup) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.changed.Broadcast()
}

// hungry waits until a line stands idle, for want of letters it may send, or
// ctx ends.
func (l *lineup) hungry(ctx context.Context) {
	defer context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.changed.Broadcast()
	})()
	l.mu.Lock()
	defer l.mu.Unlock()
	for ctx.Err() == nil && (l.free == 0 || l.startable() >= 0 || len(l.pending) >= mostPending) {
		l.changed.Wait()
	}
}

// idle says that nothing is under way.
func (l *lineup) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.free == lines && len(l.pending) == 0
}
