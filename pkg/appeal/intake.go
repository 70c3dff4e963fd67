package appeal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

// Outcome is what became of a click on "confirm".
type Outcome string

// The outcomes; each has its own sentence.
const (
	OutcomeConfirmed Outcome = "confirmed" // this click made the signature
	OutcomeRepeated  Outcome = "repeated"  // an earlier click had made it
	OutcomeAlready   Outcome = "already"   // the address had signed before, by another request
	OutcomeWithdrawn Outcome = "withdrawn" // confirmed once, withdrawn since
	OutcomeWaiting   Outcome = "waiting"   // not confirmed yet
	OutcomeExpired   Outcome = "expired"   // the request waited too long
	OutcomeGone      Outcome = "gone"      // there is no such request any more
)

// ErrBusy answers when the queue is full; nothing was acknowledged or written.
var ErrBusy = fault.New(fault.Unavailable, "error.busy")

// Bounds of the intake.
const (
	queueLength = 8192
	batchLength = 1000
)

// Intake is the one way in for sign requests and confirmations. What arrives
// together shares one transaction and one fsync, and nobody is answered
// before the commit. Make it with NewIntake, run Run in one goroutine.
type Intake struct {
	IntakeParts
	requests chan *job[checked, int64]
	confirms chan *job[int64, Outcome]
	closing  chan struct{}
	closed   sync.Once
	waiting  sync.RWMutex // held for reading while a job is put in the queue
	stamp    atomic.Int64 // when mail was last asked for, see nextStamp
}

// IntakeParts is what an intake needs.
type IntakeParts struct {
	Store     *store.Store
	Keys      *seal.Keys
	Appeal    *Appeal
	Tally     *Tally
	Outbox    Outbox
	Now       func() time.Time
	IsCountry func(code string) bool
	Scrutiny  Scrutiny // nil: nobody looks at what comes in
	// Committed is called after each commit that put mail in the outbox.
	Committed func()
}

// job is one item in the queue with its answer.
type job[In, Out any] struct {
	in     In
	out    Out
	err    error
	finish chan struct{}
}

// NewIntake makes an intake that accepts nothing before Run is started.
func NewIntake(parts IntakeParts) *Intake {
	return &Intake{
		IntakeParts: parts,
		requests:    make(chan *job[checked, int64], queueLength),
		confirms:    make(chan *job[int64, Outcome], queueLength),
		closing:     make(chan struct{}),
	}
}

// Request checks a form and stores it until its address is confirmed. It
// returns the row of the request, the earlier one if the address has one
// waiting; the caller cannot tell the two apart. Invalid with a sentence for
// each field; ErrBusy, store.ErrDown.
func (i *Intake) Request(ctx context.Context, form Form) (int64, error) {
	good, err := form.check(i.IsCountry)
	if err != nil {
		return 0, err
	}
	return submit(ctx, i, i.requests, good)
}

// Check says what Request would refuse of a form, and stores nothing.
func (i *Intake) Check(form Form) error {
	_, err := form.check(i.IsCountry)
	return err
}

// Confirm makes the signature of a request, once. ErrBusy, store.ErrDown.
func (i *Intake) Confirm(ctx context.Context, row int64) (Outcome, error) {
	return submit(ctx, i, i.confirms, row)
}

// submit queues one job and waits for its commit. When the context ends
// first, the job is still done: the person can ask again and is told so.
func submit[In, Out any](ctx context.Context, i *Intake, queue chan *job[In, Out], in In) (Out, error) {
	j := &job[In, Out]{in: in, finish: make(chan struct{})}
	var none Out
	i.waiting.RLock()
	select {
	case <-i.closing:
		i.waiting.RUnlock()
		return none, ErrBusy
	default:
	}
	select {
	case queue <- j:
		i.waiting.RUnlock()
	default:
		i.waiting.RUnlock()
		return none, ErrBusy
	}
	select {
	case <-j.finish:
		return j.out, j.err
	case <-ctx.Done():
		return none, ErrBusy.Because(ctx.Err())
	}
}

// Close stops accepting; Run answers what is queued and returns.
func (i *Intake) Close() {
	i.closed.Do(func() {
		i.waiting.Lock()
		defer i.waiting.Unlock()
		close(i.closing)
	})
}

// Run writes batches until Close was called and the queues are empty.
func (i *Intake) Run() {
	for {
		var b batch
		select {
		case j := <-i.requests:
			b.requests = append(b.requests, j)
		case j := <-i.confirms:
			b.confirms = append(b.confirms, j)
		case <-i.closing:
			if b = i.gather(b); b.size() == 0 {
				return
			}
		}
		b = i.gather(b)
		if !i.Store.Postgres() {
			i.commit(b)
			continue
		}
		// Beside other copies each kind has a transaction of its own: both kinds
		// lock requests, in the order of their keys, and one after the other they
		// would be in no order.
		i.commit(batch{requests: b.requests})
		i.commit(batch{confirms: b.confirms})
	}
}

// gather takes what else is queued, without waiting.
func (i *Intake) gather(b batch) batch {
	for b.size() < batchLength {
		select {
		case j := <-i.requests:
			b.requests = append(b.requests, j)
		case j := <-i.confirms:
			b.confirms = append(b.confirms, j)
		default:
			return b
		}
	}
	return b
}

// commit writes a batch and answers its jobs. When one item spoils a batch,
// its items are tried one by one, so that only that one fails. When it is the
// database that fails, trying again would fail as often as there are items.
func (i *Intake) commit(b batch) {
	if b.size() == 0 {
		return
	}
	err := i.write(b)
	if err != nil && !errors.Is(err, store.ErrDown) {
		// People are told to try again; the operator must learn why.
		slog.Error("a batch was not written", "requests", len(b.requests), "confirmations", len(b.confirms), "error", err)
		if b.size() > 1 {
			i.commitEach(b)
			return
		}
		err = ErrBusy.Because(err)
	}
	for _, j := range b.requests {
		j.err = err
		close(j.finish)
	}
	for _, j := range b.confirms {
		j.err = err
		close(j.finish)
	}
}

func (i *Intake) commitEach(b batch) {
	for _, j := range b.requests {
		i.commit(batch{requests: []*job[checked, int64]{j}})
	}
	for _, j := range b.confirms {
		i.commit(batch{confirms: []*job[int64, Outcome]{j}})
	}
}

func (i *Intake) write(b batch) error {
	var moved store.Change
	d := delta{}
	err := i.Store.InTx(context.Background(), func(_ context.Context, tx *gorm.DB) error {
		now := i.Now()
		if err := i.writeRequests(tx, now, b.requests); err != nil {
			return fmt.Errorf("write %d sign requests: %w", len(b.requests), err)
		}
		if err := i.writeConfirms(tx, now, b.confirms, d); err != nil {
			return fmt.Errorf("write %d confirmations: %w", len(b.confirms), err)
		}
		if len(d) == 0 {
			return nil
		}
		var err error
		moved, err = d.write(tx, i.Appeal.Current().ID)
		return err
	})
	if err != nil {
		return err
	}
	if moved.N != 0 {
		i.Tally.follow(moved, d)
	}
	if len(b.requests) > 0 && i.Committed != nil {
		i.Committed()
	}
	return nil
}

// ErrCode says that a six-digit code was wrong; ErrCodeTries that it was
// wrong too often, so that only the link is left.
var (
	ErrCode      = fault.New(fault.Invalid, "code.wrong")
	ErrCodeTries = fault.New(fault.Invalid, "code.too_many")
)

// EnterCode confirms a request by its six-digit code. ErrCode, ErrCodeTries.
func (i *Intake) EnterCode(ctx context.Context, row int64, code string) (Outcome, error) {
	if state, err := i.Look(ctx, row); err != nil || state != OutcomeWaiting {
		return state, err
	}
	var tries int64
	err := i.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Raw("UPDATE sign_requests SET code_tries = code_tries + 1 WHERE id = ? AND state = ? RETURNING code_tries", row, pending).Scan(&tries).Error
	})
	if err != nil {
		return "", fmt.Errorf("note a try of the code: %w", err)
	}
	if tries > MostCodeTries {
		return "", ErrCodeTries
	}
	if !i.Keys.IsCode(row, code) {
		return "", ErrCode
	}
	return i.Confirm(ctx, row)
}

// Look says how a request stands, and changes nothing: waiting, expired,
// repeated (confirmed), already, withdrawn or gone.
func (i *Intake) Look(ctx context.Context, row int64) (Outcome, error) {
	var r request
	err := i.Store.Read(ctx).Select("id", "state", "signature_id", "created_at").Where("id = ?", row).Take(&r).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return i.lookWithoutRequest(ctx, row)
	}
	if err != nil {
		return "", fmt.Errorf("look at sign request %d: %w", row, err)
	}
	if r.State == pending {
		if r.CreatedAt <= i.Now().Add(-i.requestLife()).UnixMilli() {
			return OutcomeExpired, nil
		}
		return OutcomeWaiting, nil
	}
	return i.outcomeOf(ctx, row, r.SignatureID)
}

// requestLife is how long a request waits for its confirmation.
func (i *Intake) requestLife() time.Duration { return i.Appeal.Current().Retention.RequestLife() }

// lookWithoutRequest answers for a request whose row is gone: its signature,
// which has the same id, may still be there.
func (i *Intake) lookWithoutRequest(ctx context.Context, row int64) (Outcome, error) {
	outcome, err := i.outcomeOf(ctx, row, row)
	if outcome == OutcomeAlready {
		outcome = OutcomeGone
	}
	return outcome, err
}

func (i *Intake) outcomeOf(ctx context.Context, row, signature int64) (Outcome, error) {
	var state []string
	if err := i.Store.Read(ctx).Model(&Signature{}).Where("id = ?", signature).Pluck("state", &state).Error; err != nil {
		return "", fmt.Errorf("look at signature %d: %w", signature, err)
	}
	switch {
	case len(state) == 0:
		return OutcomeGone, nil
	case state[0] == Withdrawn:
		return OutcomeWithdrawn, nil
	case signature != row:
		return OutcomeAlready, nil
	}
	return OutcomeRepeated, nil
}
