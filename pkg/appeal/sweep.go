package appeal

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

// Order says which signatures to move from a state to another, by whom. A rule
// of the program names its signatures by their ids.
type Order struct {
	IDs  []int64
	From string
	To   Mark
	Why  string // a few words for the trail, such as the group that was found
	By   audit.Actor
}

// States of a sweep, in the order in which one can go through them. A preview
// that is given up is cancelled too.
const (
	SweepLooking   = "looking" // the preview is being counted
	SweepReady     = "ready"   // the preview waits for somebody to say yes
	SweepRunning   = "running"
	SweepDone      = "done"
	SweepCancelled = "cancelled"
	SweepUndoing   = "undoing"
	SweepUndone    = "undone"
)

// Sweep is a row: signatures moved together, so that it can be undone. Times
// are Unix milliseconds.
type Sweep struct {
	ID          int64
	AppealID    int64
	Rule        string // JSON, see Rule
	FromState   string // "" for any but the one they go to
	ToState     string
	Reason      string
	State       string
	ByKind      string
	ByID        int64
	Expected    int64 // how many the preview found
	Looked      int64 // how many it looked at
	Moved       int64
	Back        int64 // given back by an undo
	AtConfirmed int64 // the cursor: the last signature that was looked at, in
	AtID        int64 // the order of the walk
	Until       int64 // no signature confirmed later belongs to it
	CreatedAt   int64
	EndedAt     int64
	UndoneAt    int64
	Terms       []byte // sealed
	Words       string
	Look        string
	LeaseUntil  int64
}

// To is the mark it gives.
func (s *Sweep) To() Mark { return Mark{s.ToState, s.Reason} }

// By is who began it.
func (s *Sweep) By() audit.Actor { return audit.Actor{Kind: s.ByKind, ID: s.ByID} }

// SweepSubject is what a sweep is called in the trail.
const SweepSubject = "sweep"

// SweepDeeds are what the trail tells of sweeps, behind "sweep.".
var SweepDeeds = []string{"applied", "started", "done", "cancelled", "undo", "undone"}

// sweepItem is one signature a sweep moved and has not given back, and what it
// was before.
type sweepItem struct {
	SweepID     int64
	SignatureID int64
	Was         string
	WasReason   string
	WasHeldAt   int64
	WasSweep    int64
}

// SweepParts is what sweeps need.
type SweepParts struct {
	Store    *store.Store
	Keys     *seal.Keys
	Appeal   *Appeal
	Tally    *Tally
	Messages *Messages
	Now      func() time.Time
	// Alarm tells staff of something they should look at; nil for nobody.
	Alarm func(ctx context.Context, kind, key string, figures any) error
	// Undone is told the words of a sweep of the program that somebody takes
	// back, so that the program does not move the same signatures again; nil if
	// nobody minds.
	Undone func(ctx context.Context, words string, by audit.Actor) error
}

// Sweeps move signatures between counted, held and invalid, and back. Safe for
// concurrent use.
type Sweeps struct {
	SweepParts
	woken  chan struct{}
	mu     sync.Mutex
	leases map[int64]int64 // of the sweeps this program is working on
}

// NewSweeps makes sweeps; those by a rule are carried out by Run.
func NewSweeps(parts SweepParts) *Sweeps {
	return &Sweeps{SweepParts: parts, woken: make(chan struct{}, 1), leases: map[int64]int64{}}
}

// sweepChunk is how many signatures a transaction moves: few, so that who signs
// meanwhile waits some milliseconds for the writer.
const sweepChunk = 250

// Faults of an order.
var (
	errBadMark  = fault.New(fault.Invalid, "sweeps.bad_mark")
	ErrNoSweep  = fault.New(fault.NotFound, "error.not_found")
	ErrSweepEnd = fault.New(fault.Conflict, "sweeps.over")
)

// check refuses a mark that is none: what is held or invalid has a reason, and
// what is counted has not.
func (m Mark) check() error {
	if m.State == Counted && m.Reason == "" || (m.State == Held || m.State == Invalid) && slices.Contains(Reasons(), m.Reason) {
		return nil
	}
	return errBadMark
}

// Apply moves the signatures of an order at once and returns the sweep that can
// undo it, 0 when none of them was in the state any more. A crash leaves what
// was moved until then, in a sweep that says so. Invalid names the fields reason
// and words.
func (s *Sweeps) Apply(ctx context.Context, o Order) (int64, error) {
	refused := fault.Fields{}
	refused.Add("reason", o.To.check())
	words, err := plaintext.Clean(o.Why, plaintext.Line)
	refused.Add("words", err)
	if err := refused.Err(); err != nil {
		return 0, err
	}
	now := s.Now().UnixMilli()
	sweep := &Sweep{AppealID: s.Appeal.Current().ID, Rule: Rule{IDs: len(o.IDs), State: o.From}.text(), FromState: o.From, ToState: o.To.State, Reason: o.To.Reason,
		State: SweepDone, ByKind: o.By.Kind, ByID: o.By.ID, Expected: int64(len(o.IDs)), Words: words, Until: now, CreatedAt: now, EndedAt: now}
	ids := slices.Clone(o.IDs)
	slices.Sort(ids)
	for part := range slices.Chunk(slices.Compact(ids), sweepChunk) {
		if err := s.applyPart(ctx, sweep, part); err != nil {
			return sweep.ID, fmt.Errorf("move %d signatures to %s: %w", len(o.IDs), o.To.State, err)
		}
	}
	return sweep.ID, nil
}

// applyPart moves some, and writes the sweep with the first that move.
func (s *Sweeps) applyPart(ctx context.Context, sweep *Sweep, ids []int64) error {
	row := *sweep
	err := s.commit(ctx, func(tx *gorm.DB, d delta) (some []int64, err error) {
		if row = *sweep; row.ID == 0 {
			row.ID = s.Store.NewID()
		}
		if some, err = s.mark(tx, &row, ids, row.FromState, d); err != nil || len(some) == 0 {
			row = *sweep
			return nil, err
		}
		row.Moved += int64(len(some))
		if sweep.ID != 0 {
			return some, tx.Model(&Sweep{}).Where("id = ?", row.ID).Update("moved", row.Moved).Error
		}
		if err := tx.Create(&row).Error; err != nil {
			return nil, fmt.Errorf("write sweep: %w", err)
		}
		return some, s.note(tx, &row, row.By(), "sweep.applied")
	})
	if err == nil {
		*sweep = row
	}
	return err
}

// note writes what a sweep did, or is asked to do, to the trail.
func (s *Sweeps) note(tx *gorm.DB, w *Sweep, by audit.Actor, action string) error {
	after := map[string]any{"state": w.ToState, "signatures": w.Expected}
	if w.Reason != "" {
		after["reason"] = w.Reason
	}
	if w.Words != "" {
		after["why"] = w.Words
	}
	d := audit.Deed{Action: action, Subject: SweepSubject, SubjectID: w.ID, After: after}
	if w.FromState != "" {
		d.Before = map[string]any{"state": w.FromState}
	}
	return audit.Trail{Store: s.Store}.Note(tx, by, d)
}

// commit runs one chunk in a transaction. do says which signatures it moved,
// and what of the tallies that changes; messages on the wall follow, and the
// tallies come last.
func (s *Sweeps) commit(ctx context.Context, do func(tx *gorm.DB, d delta) ([]int64, error)) error {
	var change store.Change
	var d delta
	spoke := false
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		d, change = delta{}, store.Change{}
		moved, err := do(tx, d)
		if err != nil || len(moved) == 0 {
			return err
		}
		if spoke, err = bumpMessages(tx, moved); err != nil {
			return err
		}
		change, err = d.settle(tx, s.Appeal.Current().ID)
		return err
	})
	if err != nil {
		return err
	}
	if change.N != 0 {
		s.Tally.follow(change, d)
	}
	if spoke {
		return s.Messages.Reload(ctx)
	}
	return nil
}

// bumpMessages tells all copies of the program that messages of these
// signatures may come to the wall or leave it, if there are any.
func bumpMessages(tx *gorm.DB, signatures []int64) (bool, error) {
	var some bool
	if err := tx.Raw("SELECT EXISTS (SELECT 1 FROM messages WHERE signature_id IN ?)", signatures).Scan(&some).Error; err != nil {
		return false, fmt.Errorf("look for messages: %w", err)
	}
	if !some {
		return false, nil
	}
	_, err := store.Bump(tx, store.TopicMessages)
	return true, err
}
