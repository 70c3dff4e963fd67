package appeal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
)

// Wish is a sweep by a rule as somebody asks for it.
type Wish struct {
	Rule  Rule
	To    Mark
	Words string // of whoever asks, for the trail
	By    audit.Actor
	// Until is a moment of which somebody saw what there was, in Unix
	// milliseconds; 0 for now.
	Until int64
}

// check puts a wish in the shape in which it is stored. Invalid.
func (w Wish) check() (Wish, error) {
	refused := fault.Fields{}
	refused.Add("reason", w.To.check())
	var err error
	w.Words, err = plaintext.Clean(w.Words, plaintext.Line)
	refused.Add("words", err)
	w.Rule, err = w.Rule.clean(w.To)
	return w, fault.Join(refused.Err(), err)
}

// Preview begins to count what a sweep would move. Nothing moves before Start.
// Invalid names the fields of the rule, reason and words.
func (s *Sweeps) Preview(ctx context.Context, wish Wish) (int64, error) {
	return s.begin(ctx, wish, SweepLooking)
}

// Decide begins a sweep whose rule names a group that somebody has before their
// eyes as it was at wish.Until: no preview is needed.
func (s *Sweeps) Decide(ctx context.Context, wish Wish) (int64, error) {
	return s.begin(ctx, wish, SweepRunning)
}

func (s *Sweeps) begin(ctx context.Context, wish Wish, state string) (int64, error) {
	wish, err := wish.check()
	if err != nil {
		return 0, err
	}
	now := s.Now()
	// What was confirmed a moment ago may not be committed yet, and the preview
	// would miss what the run then moves.
	until := now.Add(-settled).UnixMilli()
	if wish.Until != 0 {
		until = min(wish.Until, now.UnixMilli())
	}
	w := &Sweep{ID: s.Store.NewID(), AppealID: s.Appeal.Current().ID, Rule: wish.Rule.text(), FromState: wish.Rule.State, ToState: wish.To.State, Reason: wish.To.Reason,
		State: state, ByKind: wish.By.Kind, ByID: wish.By.ID, Words: wish.Words, Until: until, CreatedAt: now.UnixMilli()}
	if w.Terms, err = s.sealTerms(w.ID, wish.Rule.Typed); err != nil {
		return 0, err
	}
	err = s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Create(w).Error; err != nil {
			return fmt.Errorf("write sweep: %w", err)
		}
		if state == SweepLooking {
			return nil
		}
		return s.note(tx, w, wish.By, "sweep.started")
	})
	if err == nil {
		s.Wake()
	}
	return w.ID, err
}

// Find returns a sweep. ErrNoSweep.
func (s *Sweeps) Find(ctx context.Context, id int64) (*Sweep, error) {
	var w Sweep
	err := s.Store.Read(ctx).Where("id = ?", id).Take(&w).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrNoSweep
	}
	if err != nil {
		return nil, fmt.Errorf("find sweep %d: %w", id, err)
	}
	return &w, nil
}

// Await waits until nobody is working on a sweep any more, at most so long, and
// returns it: small ones are over in a moment.
func (s *Sweeps) Await(ctx context.Context, id int64, most time.Duration) (*Sweep, error) {
	const every = 20 * time.Millisecond
	for ; ; most -= every {
		w, err := s.Find(ctx, id)
		if err != nil || !w.Active() || most <= 0 {
			return w, err
		}
		if err := sleep(ctx, every); err != nil {
			return w, err
		}
	}
}

// List returns sweeps made before one, 0 for the newest, newest first. Previews
// that were given up are left out.
func (s *Sweeps) List(ctx context.Context, before int64, most int) ([]Sweep, error) {
	db := s.Store.Read(ctx).Where("NOT (state = ? AND moved = 0)", SweepCancelled)
	if before != 0 {
		db = db.Where("id < ?", before)
	}
	var rows []Sweep
	if err := db.Order("id DESC").Limit(most).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list sweeps: %w", err)
	}
	return rows, nil
}

// Start lets a sweep move what its preview found. ErrNoSweep, ErrSweepEnd.
func (s *Sweeps) Start(ctx context.Context, id int64, by audit.Actor) error {
	return s.turn(ctx, id, by, SweepRunning, "sweep.started", func(w *Sweep) bool { return w.State == SweepReady && w.Expected > 0 })
}

// Cancel stops a sweep or its preview where it is; what it has moved stays
// moved until Undo. ErrNoSweep, ErrSweepEnd.
func (s *Sweeps) Cancel(ctx context.Context, id int64, by audit.Actor) error {
	return s.turn(ctx, id, by, SweepCancelled, "sweep.cancelled", (*Sweep).Cancellable)
}

// Undo begins to give back what a sweep moved; one that is running is
// cancelled by it. ErrNoSweep, ErrSweepEnd.
func (s *Sweeps) Undo(ctx context.Context, id int64, by audit.Actor) error {
	w, err := s.Find(ctx, id)
	if err == nil && w.ByKind == audit.Program && w.Undoable() && s.Undone != nil {
		err = s.Undone(ctx, w.Words, by)
	}
	if err != nil {
		return err
	}
	return s.turn(ctx, id, by, SweepUndoing, "sweep.undo", (*Sweep).Undoable)
}

// Cancellable says whether there is something to stop.
func (w *Sweep) Cancellable() bool {
	return w.State == SweepLooking || w.State == SweepReady || w.State == SweepRunning
}

// Undoable says whether there is something to give back.
func (w *Sweep) Undoable() bool {
	return w.State == SweepRunning || (w.State == SweepDone || w.State == SweepCancelled) && w.Moved > 0
}

// Left is how many an undo left as they were, because something else had moved
// them since or their owners had withdrawn them.
func (w *Sweep) Left() int64 { return w.Moved - w.Back }

// Active says whether the program is working on it.
func (w *Sweep) Active() bool {
	return w.State == SweepLooking || w.State == SweepRunning || w.State == SweepUndoing
}

// turn gives a sweep another state, if it may have it.
func (s *Sweeps) turn(ctx context.Context, id int64, by audit.Actor, state, action string, may func(*Sweep) bool) error {
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		query := "SELECT * FROM sweeps WHERE id = ?"
		if s.Store.Postgres() {
			query += " FOR UPDATE"
		}
		var rows []Sweep
		if err := tx.Raw(query, id).Scan(&rows).Error; err != nil {
			return err
		}
		if len(rows) == 0 {
			return ErrNoSweep
		}
		w := rows[0]
		if !may(&w) {
			return ErrSweepEnd
		}
		changed := map[string]any{"state": state, "lease_until": 0}
		switch state {
		case SweepCancelled:
			changed["ended_at"] = s.Now().UnixMilli()
		default:
			changed["at_confirmed"], changed["at_id"] = 0, 0
		}
		if state == SweepUndoing && w.EndedAt == 0 {
			changed["ended_at"] = s.Now().UnixMilli()
		}
		if err := tx.Model(&Sweep{}).Where("id = ?", id).Updates(changed).Error; err != nil {
			return err
		}
		if w.State == SweepLooking || w.State == SweepReady && state == SweepCancelled {
			return nil // a preview changed nothing
		}
		return s.note(tx, &w, by, action)
	})
	if err != nil {
		return fmt.Errorf("turn sweep %d: %w", id, err)
	}
	s.Wake()
	return nil
}

// previewLife is how long a preview waits for somebody to say yes.
const previewLife = 24 * time.Hour

// Purge deletes previews that nobody started, and erases what was typed for
// sweeps before the time for which address ranges are kept. It returns how
// many rows it changed.
func (s *Sweeps) Purge(ctx context.Context) (int64, error) {
	var n int64
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		old := tx.Exec("DELETE FROM sweeps WHERE created_at <= ? AND moved = 0 AND (state IN ?)",
			s.Now().Add(-previewLife).UnixMilli(), []string{SweepLooking, SweepReady, SweepCancelled})
		if old.Error != nil {
			return old.Error
		}
		typed := tx.Exec("UPDATE sweeps SET terms = NULL WHERE terms IS NOT NULL AND created_at <= ? AND state NOT IN ?",
			s.Now().Add(-days(s.Appeal.Current().Retention.Ranges)).UnixMilli(), []string{SweepLooking, SweepReady, SweepRunning})
		n = old.RowsAffected + typed.RowsAffected
		return typed.Error
	})
	if err != nil {
		return 0, fmt.Errorf("purge sweeps: %w", err)
	}
	if n > 0 {
		s.Store.Erased()
	}
	return n, nil
}
