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
	ours    map[int64]bool // claimed, and what became of it is not noted yet
	free    int
	closed  bool // nothing comes any more
}

// task is a letter to send.
type task struct {
	row   outbox.Row
	probe bool
}

func newLineup() *lineup {
	l := &lineup{flying: map[string]int{}, ours: map[int64]bool{}, free: lines}
	l.changed = sync.NewCond(&l.mu)
	return l
}

func (l *lineup) put(c claimed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range c.rows {
		l.pending = append(l.pending, task{r, c.probes[r.ID]})
		l.ours[r.ID] = true
	}
	l.changed.Broadcast()
}

// noted lets go of letters of which it is written down what became of them.
func (l *lineup) noted(known []outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range known {
		delete(l.ours, o.row.ID)
	}
}

// startable is the first letter whose domain has not its share of the lines.
func (l *lineup) startable() int {
	return slices.IndexFunc(l.pending, func(t task) bool { return !l.fullLocked(string(t.row.DomainKey)) })
}

func (l *lineup) fullLocked(domain string) bool {
	return domain != "" && l.flying[domain] >= mostPerDomain
}

// unwanted says that a letter is not to be claimed now: it is under way, however
// old its claim, or the lines of its domain are taken and some wait for them.
func (l *lineup) unwanted(id int64, domain string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ours[id] || l.fullLocked(domain) && slices.ContainsFunc(l.pending, func(t task) bool { return string(t.row.DomainKey) == domain })
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
