// Package mailer empties the outbox: it renders each mail in the reader's
// language when it is sent, and tries again for three days.
//
// A mail is delivered at least once. When the program dies between the mail
// server's yes and its own note of it, the mail goes out again with the same
// Message-ID and the same content, by which mail programs know it.
//
// No stranger can make the campaign say anything: of what people typed, only
// a first name is ever in a mail that somebody else could have asked for. The
// package leaves to package outbox which mails there are and who may get how
// many, and to the catalogues what they say.
package mailer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/mail"
	"sync"
	"time"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

const (
	// batchLetters are claimed at a time, lines of them sent at a time.
	batchLetters = 20
	lines        = 4

	// lease is how long a claim lasts: longer than a batch can take when the
	// mail server uses up every time limit.
	lease = 15 * time.Minute

	// giveUp is how long after it was due a mail is still tried.
	giveUp = 3 * 24 * time.Hour

	// poll finds the mails of other copies of the program, and those due for
	// another try.
	poll = time.Second

	// grace is how long letters under way may take after the end was called.
	grace = 5 * time.Second
)

// backOff is how long to wait after each failed try, before jitter; the last
// again and again.
var backOff = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour}

// Options are what a Mailer works with. From is "Name <address>".
type Options struct {
	Store        *store.Store
	Keys         *seal.Keys
	Now          func() time.Time
	Words        func(lang string) Words
	Phrase       func(key, lang string) string // a reason or question of staff
	CampaignName func(lang string) string
	BaseURL      string
	From         string
	Sender       Sender
	// Pointless, if set, says of a mail about to be sent that it has lost its
	// cause; it is then deleted.
	Pointless func(ctx context.Context, kind outbox.Kind, e outbox.Envelope) (bool, error)
}

// Mailer empties the outbox. Several may work on one database.
type Mailer struct {
	store  *store.Store
	keys   *seal.Keys
	now    func() time.Time
	press  *press
	sender Sender
	wake   chan struct{}

	pointless func(ctx context.Context, kind outbox.Kind, e outbox.Envelope) (bool, error)
}

// New makes a Mailer; it sends nothing before Run or DeliverDue.
func New(o Options) (*Mailer, error) {
	if _, err := mail.ParseAddress(o.From); err != nil {
		return nil, fmt.Errorf("sender of mail: %w", err)
	}
	p, err := newPress(o)
	if err != nil {
		return nil, err
	}
	if o.Pointless == nil {
		o.Pointless = func(context.Context, outbox.Kind, outbox.Envelope) (bool, error) { return false, nil }
	}
	return &Mailer{store: o.Store, keys: o.Keys, now: o.Now, press: p, sender: o.Sender, wake: make(chan struct{}, 1), pointless: o.Pointless}, nil
}

// Wake tells a running Mailer that something was committed. It never waits.
func (m *Mailer) Wake() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// Run delivers until ctx ends, and returns when the letters under way are
// through; it always returns nil. Trouble is logged and tried again.
func (m *Mailer) Run(ctx context.Context) error {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		n, err := m.round(ctx)
		if err != nil && !errors.Is(err, errCutShort) && !errors.Is(err, store.ErrDown) && ctx.Err() == nil {
			slog.Error("outbox", "error", err)
		}
		if n == batchLetters && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-m.wake:
		case <-tick.C:
		}
	}
	return nil
}

// DeliverDue makes one round: it takes up to 20 mails that are due, the urgent
// ones first, tries to send them, and notes what became of them. It returns
// how many it took, so that a caller can go on until there are none. An error
// is the database's, never a mail server's.
func (m *Mailer) DeliverDue(ctx context.Context) (int, error) {
	n, err := m.round(ctx)
	if errors.Is(err, errCutShort) {
		err = nil
	}
	return n, err
}

// outcome is what became of a claimed row.
type outcome struct {
	row outbox.Row
	err error  // nil: sent
	why string // err as it may be stored
	due int64  // when it was first to be sent
}

// errCutShort: the mail server cannot be reached, or we are to stop.
var errCutShort = fmt.Errorf("%w: the rest of the batch was put back", ErrUnreachable)

func (m *Mailer) round(ctx context.Context) (int, error) {
	rows, err := m.claim(ctx)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	outcomes := make(chan outcome, len(rows))
	go func() {
		defer close(outcomes)
		m.sendAll(ctx, rows, outcomes)
	}()
	short, err := m.note(context.WithoutCancel(ctx), outcomes)
	if h, ok := m.sender.(hangsUp); ok {
		h.HangUp()
	}
	if err == nil && short {
		err = errCutShort
	}
	return len(rows), err
}

// sendAll sends several letters at a time. Once the mail server cannot be
// reached, or ctx has ended, the letters not yet begun are put back.
func (m *Mailer) sendAll(ctx context.Context, rows []outbox.Row, outcomes chan<- outcome) {
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	next := make(chan outbox.Row)
	reachable, unreachable := context.WithCancel(ctx)
	defer unreachable()
	var group sync.WaitGroup
	for range min(lines, len(rows)) {
		group.Go(func() {
			for r := range next {
				o := m.send(sending, r)
				if isUnreachable(o.err) {
					unreachable()
				}
				outcomes <- o
			}
		})
	}
	for _, r := range rows {
		select {
		case <-reachable.Done():
			outcomes <- outcome{row: r, err: errPutBack}
		case next <- r:
		}
	}
	close(next)
	group.Wait()
}

// send renders and sends one mail.
func (m *Mailer) send(ctx context.Context, r outbox.Row) (o outcome) {
	o.row = r
	e, err := r.Open(m.keys)
	if err != nil {
		o.err, o.why = fmt.Errorf("%w: %w", ErrRefused, err), "the envelope does not open"
		return o
	}
	o.due = e.Due
	pointless, err := m.pointless(ctx, r.Kind, e)
	if err == nil && pointless {
		o.err = errPointless
		return o
	}
	var l Letter
	if err == nil {
		l, err = m.press.print(r, e)
	}
	if err == nil {
		err = m.sender.Send(ctx, l)
	}
	if err != nil {
		o.err, o.why = err, reason(err, e.To)
		slog.Warn("mail not sent", "kind", r.Kind, "id", r.ID, "to", e.MaskedTo(), "try", r.Tries, "error", o.why)
	}
	return o
}

// delay is how long to wait after the given number of tries, give or take a
// fifth, so that letters refused together do not come back together.
func delay(tries int64) time.Duration {
	d := backOff[min(max(tries, 1), int64(len(backOff)))-1]
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}
