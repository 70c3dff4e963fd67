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

	"gorm.io/gorm"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

const (
	// batchLetters are claimed at a time.
	batchLetters = 20

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
	Phrase       func(key, lang string) (body, in string) // a reason or question of staff, and the language it is in
	CampaignName func(lang string) string
	BaseURL      string
	From         string
	Return       string // the address that reports go to; "" for that of From
	Sender       Sender
	// Pointless, if set, says of a mail about to be sent that it has lost its
	// cause; it is then deleted.
	Pointless func(ctx context.Context, kind outbox.Kind, e outbox.Envelope) (bool, error)
	// Taken, if set, is told of confirmations that the mail server took, in the
	// transaction that notes it and before its other locks. It says of each
	// whether it was the first of its request.
	Taken    func(tx *gorm.DB, confirmations []outbox.Envelope) ([]bool, error)
	Ceilings outbox.Ceilings
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
	taken     func(tx *gorm.DB, confirmations []outbox.Envelope) ([]bool, error)
	ceilings  outbox.Ceilings

	claiming sync.Mutex
	turn     int  // see turns
	deep     bool // the next claim looks further

	noting sync.Mutex
	reach  reach
}

// reach is whether a mail server was reached, as it was last noted.
type reach int

const (
	reachUnknown reach = iota
	reachUp
	reachDown
)

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
	if o.Taken == nil {
		o.Taken = func(_ *gorm.DB, mails []outbox.Envelope) ([]bool, error) { return make([]bool, len(mails)), nil }
	}
	return &Mailer{store: o.Store, keys: o.Keys, now: o.Now, press: p, sender: o.Sender, wake: make(chan struct{}, 1),
		pointless: o.Pointless, taken: o.Taken, ceilings: o.Ceilings}, nil
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
	d := m.begin(ctx)
	defer d.end()
	for ctx.Err() == nil {
		d.line.hungry(ctx)
		c, err := m.claim(ctx, d.line.unwanted)
		if err != nil && !errors.Is(err, store.ErrDown) && ctx.Err() == nil {
			slog.Error("outbox", "error", err)
		}
		d.line.put(c)
		if (len(c.rows) > 0 || c.more) && err == nil && !d.cutShort() {
			continue
		}
		if len(c.rows) == 0 && d.line.idle() {
			m.hangUp()
		}
		wake := m.wake
		if d.cutShort() { // whoever signs now cannot hurry a server that is not there
			wake = nil
			d.resume()
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-tick.C:
		}
	}
	return nil
}

// DeliverDue makes one round: it takes up to 20 mails that are due, the urgent
// ones first, tries to send them, and notes what became of them. It returns
// how many it took, so that a caller can go on until there are none. An error is the database's, never a mail server's.
func (m *Mailer) DeliverDue(ctx context.Context) (int, error) {
	c, err := m.claim(ctx, func(int64, string) bool { return false })
	if err != nil {
		return 0, err
	}
	d := m.begin(ctx)
	d.line.put(c)
	err = d.end()
	m.hangUp()
	if len(c.rows) == 0 && c.more {
		return m.DeliverDue(ctx)
	}
	return len(c.rows), err
}

func (m *Mailer) hangUp() {
	if h, ok := m.sender.(hangsUp); ok {
		h.HangUp()
	}
}

// outcome is what became of a claimed row.
type outcome struct {
	row      outbox.Row
	probe    bool
	envelope outbox.Envelope // when it was sent
	domain   string          // "" when it is not known
	took     time.Duration
	first    bool   // it is the first mail of its request
	err      error  // nil: sent
	why      string // err as it may be stored
	due      int64  // when it was first to be sent
}

// send renders and sends one mail.
func (m *Mailer) send(ctx context.Context, t task) (o outcome) {
	r := t.row
	o.row, o.probe = r, t.probe
	e, err := r.Open(m.keys)
	if err != nil {
		o.err, o.why = fmt.Errorf("%w: %w", ErrRefused, err), "the envelope does not open"
		return o
	}
	o.due, o.envelope, o.domain = e.Due, e, outbox.DomainOf(e.To)
	if r.DomainKey == nil { // taken in by an older program
		o.row.DomainKey = m.keys.PostKey(m.keys.DomainKey(o.domain))
	}
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
		begun := time.Now()
		err = m.sender.Send(ctx, l)
		o.took = time.Since(begun)
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
