package mailer

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// delivery is lines that send what is put into a line-up, and somebody who
// notes what becomes of it.
type delivery struct {
	m        *Mailer
	line     *lineup
	outcomes chan outcome
	lines    sync.WaitGroup
	noted    chan error
	cut      atomic.Bool // since resume: the mail server cannot be reached
	stop     func()
}

// begin starts the lines. Once ctx ends, letters under way have grace to come
// through, and the others are put back.
func (m *Mailer) begin(ctx context.Context) *delivery {
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	d := &delivery{m: m, line: newLineup(), outcomes: make(chan outcome, 2*mostPending), noted: make(chan error, 1)}
	over := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	d.stop = func() { over(); cancel() }
	for range lines {
		d.lines.Go(func() {
			for t, ok := d.line.next(); ok; t, ok = d.line.next() {
				// A claim that is over may be another copy's by now.
				if ctx.Err() != nil || m.now().UnixMilli() >= t.row.LeaseUntil {
					d.outcomes <- outcome{row: t.row, err: errPutBack}
				} else {
					o := m.send(sending, t)
					d.outcomes <- o
					if isUnreachable(o.err) {
						d.cut.Store(true)
						d.putBack()
					}
				}
				d.line.done(t)
			}
		})
	}
	go func() { d.noted <- m.note(context.WithoutCancel(ctx), d.outcomes, d.line.noted) }()
	return d
}

// putBack gives up on what was not begun, since the mail server cannot be
// reached.
func (d *delivery) putBack() {
	for _, t := range d.line.putBack() {
		d.outcomes <- outcome{row: t.row, err: errPutBack}
	}
}

func (d *delivery) cutShort() bool { return d.cut.Load() }
func (d *delivery) resume()        { d.cut.Store(false) }

// end waits until all that was put in is through and noted.
func (d *delivery) end() error {
	d.line.close()
	d.lines.Wait()
	d.stop()
	close(d.outcomes)
	return <-d.noted
}
