package appeal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/store"
)

const (
	// lookRows is how many signatures a step looks at.
	lookRows = 20_000
	// sweepLease is how long a copy of the program has a sweep to itself; it is
	// renewed with each step.
	sweepLease = time.Minute
	// sweepLook is how often sweeps of other copies that ended are looked for.
	sweepLook = time.Second
	// lookSamples is how many signatures a preview shows.
	lookSamples = 12
)

// active are the states in which a sweep is worked on.
var active = []string{SweepLooking, SweepRunning, SweepUndoing}

// Wake makes Run look at once.
func (s *Sweeps) Wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// Run works on sweeps until ctx ends. Each step is a transaction of its own
// that moves the sweep's cursor with it, so a sweep goes on where it was after
// a crash.
func (s *Sweeps) Run(ctx context.Context) {
	if !s.Store.Postgres() { // the data folder is ours alone: who had them is gone
		if err := s.Store.Exec(ctx, "UPDATE sweeps SET lease_until = 0 WHERE lease_until <> 0"); err != nil && ctx.Err() == nil {
			slog.Error("take sweeps back", "error", err)
		}
	}
	tick := time.NewTicker(sweepLook)
	defer tick.Stop()
	for {
		worked, err := s.Step(ctx)
		if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrDown) {
			slog.Error("sweep", "error", err)
		}
		if worked && err == nil && ctx.Err() == nil {
			s.Store.GiveWay(ctx)
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-s.woken:
		case <-tick.C:
		}
	}
}

// Step does one step of each sweep that is under way and that no other copy is
// working on, so that a short one does not wait for a long one. It says whether
// there was any.
func (s *Sweeps) Step(ctx context.Context) (worked bool, err error) {
	var rows []Sweep
	if err := s.Store.Read(ctx).Where("state IN ?", active).Order("id").Find(&rows).Error; err != nil {
		return false, fmt.Errorf("look for sweeps: %w", err)
	}
	var errs []error
	for i := range rows {
		w := &rows[i]
		ours, err := s.claim(ctx, w)
		if err == nil && ours {
			worked = true
			if err = s.step(ctx, w); err == nil {
				s.keepLease(w.ID, w.LeaseUntil)
			}
		}
		if err != nil && !errors.Is(err, errNotOurs) {
			errs = append(errs, fmt.Errorf("sweep %d: %w", w.ID, err))
		}
	}
	return worked, errors.Join(errs...)
}

// errNotOurs ends a step of a sweep that was cancelled or taken over meanwhile.
var errNotOurs = errors.New("the sweep is not ours any more")

// claim takes a sweep that nobody works on. What this program had already stays
// with it.
func (s *Sweeps) claim(ctx context.Context, w *Sweep) (bool, error) {
	s.mu.Lock()
	had := s.leases[w.ID]
	s.mu.Unlock()
	now := s.Now()
	if w.LeaseUntil != 0 && w.LeaseUntil == had {
		return true, nil
	}
	if w.LeaseUntil > now.UnixMilli() {
		return false, nil
	}
	until := now.Add(sweepLease).UnixMilli()
	var taken int64
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		res := tx.Model(&Sweep{}).Where("id = ? AND state = ? AND lease_until = ?", w.ID, w.State, w.LeaseUntil).Update("lease_until", until)
		taken = res.RowsAffected
		return res.Error
	})
	if err != nil || taken == 0 {
		return false, err
	}
	w.LeaseUntil = until
	s.keepLease(w.ID, until)
	return true, nil
}

func (s *Sweeps) keepLease(id, until int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until == 0 {
		delete(s.leases, id)
		return
	}
	s.leases[id] = until
}

func (s *Sweeps) step(ctx context.Context, w *Sweep) error {
	switch w.State {
	case SweepLooking:
		return s.lookStep(ctx, w)
	case SweepRunning:
		return s.runStep(ctx, w)
	}
	return s.undoStep(ctx, w)
}

// advance writes how far a step of a sweep came, before what it moves: so a
// sweep that was cancelled meanwhile moves nothing more.
func (s *Sweeps) advance(tx *gorm.DB, w *Sweep, changed map[string]any) error {
	until := int64(0)
	if state, ends := changed["state"]; !ends || slices.Contains(active, state.(string)) {
		until = s.Now().Add(sweepLease).UnixMilli()
	}
	changed["lease_until"] = until
	res := tx.Model(&Sweep{}).Where("id = ? AND state = ? AND lease_until = ?", w.ID, w.State, w.LeaseUntil).Updates(changed)
	if res.Error == nil && res.RowsAffected == 0 {
		return errNotOurs
	}
	w.LeaseUntil = until
	return res.Error
}

// stride is how many signatures a step of a run looks at: as many as hold a
// chunk of those that it moves, going by what the preview found.
func (w *Sweep) stride() int64 {
	if w.Expected == 0 { // there was none: a group of what is held
		return 4 * sweepChunk
	}
	return min(max(sweepChunk*w.Looked/w.Expected, sweepChunk), lookRows)
}

// runStep moves the next signatures of a sweep.
func (s *Sweeps) runStep(ctx context.Context, w *Sweep) error {
	k, err := s.newWalk(w)
	if err != nil {
		return err
	}
	found := map[string][]int64{}
	n := 0
	_, at, end, err := k.page(ctx, w.stride(), func(r Signature) bool {
		found[r.State] = append(found[r.State], r.ID)
		n++
		return n < sweepChunk
	})
	if err != nil {
		return err
	}
	return s.commit(ctx, func(tx *gorm.DB, d delta) ([]int64, error) {
		changed := map[string]any{"at_confirmed": at.At, "at_id": at.ID}
		if end {
			changed["state"], changed["ended_at"] = SweepDone, s.Now().UnixMilli()
		}
		if err := s.advance(tx, w, changed); err != nil {
			return nil, err
		}
		var moved []int64
		for _, from := range slices.Sorted(maps.Keys(found)) {
			ids := found[from]
			slices.Sort(ids)
			some, err := s.mark(tx, w, ids, from, d)
			if err != nil {
				return nil, err
			}
			moved = append(moved, some...)
		}
		if err := tx.Model(&Sweep{}).Where("id = ?", w.ID).Update("moved", gorm.Expr("moved + ?", len(moved))).Error; err != nil {
			return nil, err
		}
		if end {
			return moved, s.noteEnd(tx, w, "sweep.done", map[string]any{"moved": w.Moved + int64(len(moved))})
		}
		return moved, nil
	})
}

// noteEnd writes to the trail what became of a sweep.
func (s *Sweeps) noteEnd(tx *gorm.DB, w *Sweep, action string, after map[string]any) error {
	return audit.Trail{Store: s.Store}.Note(tx, audit.Actor{Kind: audit.Program}, audit.Deed{Action: action, Subject: SweepSubject, SubjectID: w.ID, After: after})
}

// undoStep gives the next signatures of a sweep back what they were. Those that
// something else has moved since, or their owners withdrew, stay as they are.
func (s *Sweeps) undoStep(ctx context.Context, w *Sweep) error {
	return s.commit(ctx, func(tx *gorm.DB, d delta) ([]int64, error) {
		var items []sweepItem
		err := tx.Where("sweep_id = ? AND signature_id > ?", w.ID, w.AtID).Order("signature_id").Limit(sweepChunk).Find(&items).Error
		if err != nil {
			return nil, fmt.Errorf("read what a sweep moved: %w", err)
		}
		changed, end := map[string]any{}, len(items) < sweepChunk
		if end {
			changed["state"], changed["undone_at"] = SweepUndone, s.Now().UnixMilli()
		}
		if len(items) > 0 {
			changed["at_id"] = items[len(items)-1].SignatureID
		}
		if err := s.advance(tx, w, changed); err != nil {
			return nil, err
		}
		back, err := s.giveBack(tx, w, items, d)
		if err != nil {
			return nil, err
		}
		if err := tx.Model(&Sweep{}).Where("id = ?", w.ID).Update("back", gorm.Expr("back + ?", len(back))).Error; err != nil {
			return nil, err
		}
		if end {
			n := w.Back + int64(len(back))
			return back, s.noteEnd(tx, w, "sweep.undone", map[string]any{"moved": n, "left": w.Moved - n})
		}
		return back, nil
	})
}

func (s *Sweeps) giveBack(tx *gorm.DB, w *Sweep, items []sweepItem, d delta) ([]int64, error) {
	was := make(map[int64]sweepItem, len(items))
	ids := make([]int64, len(items))
	for i, item := range items {
		was[item.SignatureID], ids[i] = item, item.SignatureID
	}
	rows, err := s.lock(tx, "id IN ? AND sweep_id = ? AND state = ?", ids, w.ID, w.ToState)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	back := make([]int64, len(rows))
	for i, r := range rows {
		back[i] = r.ID
		d.add(r, -1)
		r.State = was[r.ID].Was
		d.add(r, 1)
	}
	err = tx.Exec("UPDATE signatures SET state = i.was, reason = i.was_reason, held_at = i.was_held_at, sweep_id = i.was_sweep FROM sweep_items AS i"+
		" WHERE signatures.id IN ? AND i.sweep_id = ? AND i.signature_id = signatures.id", back, w.ID).Error
	if err == nil {
		err = tx.Exec("DELETE FROM sweep_items WHERE sweep_id = ? AND signature_id IN ?", w.ID, back).Error
	}
	if err != nil {
		return nil, fmt.Errorf("give %d signatures back what they were: %w", len(back), err)
	}
	return back, nil
}

// Look is what a preview found, by state, partner (its id, or Direct), country
// and day.
type Look struct {
	States    map[string]int64 `json:"states"`
	Partners  map[string]int64 `json:"partners"`
	Countries map[string]int64 `json:"countries"`
	Days      map[string]int64 `json:"days"`
	Samples   []int64          `json:"samples"` // ids, of any of them
}

// LookOf reads what the preview of a sweep found.
func (w *Sweep) LookOf() (Look, error) {
	l := Look{map[string]int64{}, map[string]int64{}, map[string]int64{}, map[string]int64{}, nil}
	if w.Look == "" {
		return l, nil
	}
	if err := json.Unmarshal([]byte(w.Look), &l); err != nil {
		return l, fmt.Errorf("read the preview of sweep %d: %w", w.ID, err)
	}
	return l, nil
}

// lookStep counts the next signatures of a preview.
func (s *Sweeps) lookStep(ctx context.Context, w *Sweep) error {
	k, err := s.newWalk(w)
	if err != nil {
		return err
	}
	look, err := w.LookOf()
	if err != nil {
		return err
	}
	found := w.Expected
	looked, at, end, err := k.page(ctx, lookRows, func(r Signature) bool {
		found++
		look.States[r.State]++
		look.Partners[PartnerKey(r.PartnerID)]++
		look.Countries[r.Country]++
		look.Days[r.Day]++
		// Each is shown as likely as any other.
		if len(look.Samples) < lookSamples {
			look.Samples = append(look.Samples, r.ID)
		} else if i := rand.Int64N(found); i < lookSamples {
			look.Samples[i] = r.ID
		}
		return true
	})
	if err != nil {
		return err
	}
	text, err := json.Marshal(look)
	if err != nil {
		return err
	}
	changed := map[string]any{"at_confirmed": at.At, "at_id": at.ID, "looked": w.Looked + looked, "expected": found, "look": string(text)}
	if end {
		changed["state"] = SweepReady
	}
	return s.commit(ctx, func(tx *gorm.DB, _ delta) ([]int64, error) { return nil, s.advance(tx, w, changed) })
}
