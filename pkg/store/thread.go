package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
)

// ThreadName is what the system calls the thread on which an SQLite database
// is written, as in /proc/PID/task/TID/comm.
const ThreadName = "olive-writer"

// thread runs the write transactions of an SQLite file one after the other,
// in the order they came, on one thread of the system. All that SQLite writes
// and syncs is done there, so that a test can stop the program at any one of
// these calls, and an operator can see what writing costs.
type thread struct {
	turns  chan *turn
	closed chan struct{}
	once   sync.Once
}

// turn is one piece of work with how it ended. panicked is what it panicked
// with; when it neither returned nor panicked it called runtime.Goexit.
type turn struct {
	ctx      context.Context
	do       func() error
	err      error
	returned bool
	panicked any
	over     chan struct{}
}

func newThread() *thread {
	t := &thread{turns: make(chan *turn), closed: make(chan struct{})}
	go t.serve()
	return t
}

// run waits for its turn and does the work. A context that ends while waiting
// gives up without running; work that has begun is never cut short. A panic or
// runtime.Goexit of the work happens to the caller.
func (t *thread) run(ctx context.Context, do func() error) error {
	j := &turn{ctx: ctx, do: do, over: make(chan struct{})}
	select {
	case t.turns <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-t.closed:
		return fmt.Errorf("the database is closed: %w", sql.ErrConnDone)
	}
	<-j.over
	switch {
	case j.panicked != nil:
		panic(j.panicked)
	case !j.returned:
		runtime.Goexit()
	}
	return j.err
}

// serve takes turns until close, on a thread of its own. Afterwards the thread
// is anybody's again and has its old name, which new threads would inherit.
func (t *thread) serve() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, _ := os.ReadFile(threadName)
	nameThread([]byte(ThreadName))
	defer nameThread(before)
	for {
		select {
		case j := <-t.turns:
			t.take(j)
		case <-t.closed:
			return
		}
	}
}

// threadName is where Linux keeps the name of the thread that reads it; other
// systems do without.
const threadName = "/proc/thread-self/comm"

func nameThread(name []byte) { _ = os.WriteFile(threadName, name, 0o600) }

func (t *thread) take(j *turn) {
	defer close(j.over)
	defer func() {
		if j.returned {
			return
		}
		if j.panicked = recover(); j.panicked != nil {
			slog.Error("panic while writing", "value", fmt.Sprint(j.panicked), "stack", string(debug.Stack()))
			return
		}
		go t.serve() // runtime.Goexit ends this goroutine
	}()
	if j.err = j.ctx.Err(); j.err == nil {
		j.err = j.do()
	}
	j.returned = true
}

func (t *thread) close() { t.once.Do(func() { close(t.closed) }) }
