package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
)

// UndoTime is how long a decision can be taken back before it is carried out
// and its letter goes out.
const UndoTime = time.Minute

// DecisionState is what became of a decision.
type DecisionState string

// The states of a decision.
const (
	Pending  DecisionState = "pending"
	Settled  DecisionState = "settled"
	Undone   DecisionState = "undone"
	Overtook DecisionState = "overtaken" // the application moved on by itself, as when it was withdrawn
)

// Ruling is a row: a decision as it is kept, pending until DueAt. All of one
// bulk have the same BatchID; a single one has its own. Times are Unix
// milliseconds.
type Ruling struct {
	ID            int64
	BatchID       int64
	ApplicationID int64
	State         DecisionState
	Kind          Verdict
	Version       int64
	Slug          string
	Reason        string
	Questions     string // keys of phrases, with commas between
	Words         string
	WordsLang     string
	StaffID       int64
	DueAt         int64
	SettledAt     int64
	CreatedAt     int64
}

// TableName names GORM's table.
func (Ruling) TableName() string { return "decisions" }

// Asked are the keys of the questions.
func (v Ruling) Asked() []string { return split(v.Questions) }

func split(keys string) []string {
	return strings.FieldsFunc(keys, func(r rune) bool { return r == ',' })
}

func (v Ruling) decision() Decision {
	return Decision{Application: v.ApplicationID, Version: v.Version, Verdict: v.Kind, By: audit.Actor{Kind: audit.Staff, ID: v.StaffID},
		Slug: v.Slug, Reason: v.Reason, Questions: v.Asked(), Words: v.Words, WordsLang: v.WordsLang}
}

// ErrSettled answers who would take back what was carried out already.
var ErrSettled = fault.New(fault.Conflict, "decide.settled")

// Decide keeps a decision for UndoTime; Settle then carries it out. Invalid
// with a sentence for each refused field; ErrMoved when the application is
// not as the decider saw it, or somebody else decided first.
func (r *Registry) Decide(ctx context.Context, d Decision) (*Ruling, error) {
	d, err := r.clean(d)
	if err != nil {
		return nil, err
	}
	batch := r.Store.NewID()
	var v *Ruling
	err = r.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		v, err = r.keep(ctx, tx, d, batch)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("decide on application %d: %w", d.Application, err)
	}
	return v, nil
}

// Pick is an application as somebody saw it in a list.
type Pick struct{ ID, Version int64 }

// DeclineAsSpam decides on many at once, as one batch to take back. Those
// that moved on since they were seen are left alone and returned.
func (r *Registry) DeclineAsSpam(ctx context.Context, picks []Pick, by audit.Actor) (batch int64, left []int64, err error) {
	batch = r.Store.NewID()
	err = r.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		left = nil
		for _, p := range picks {
			_, err := r.keep(ctx, tx, Decision{Application: p.ID, Version: p.Version, Verdict: Refuse, Reason: ReasonSpam, By: by}, batch)
			if errors.Is(err, ErrMoved) || errors.Is(err, ErrNoApplication) {
				left = append(left, p.ID)
				continue
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, nil, fmt.Errorf("decline %d applications as spam: %w", len(picks), err)
	}
	return batch, left, nil
}

// keep notes one decision as pending.
func (r *Registry) keep(ctx context.Context, tx *gorm.DB, d Decision, batch int64) (*Ruling, error) {
	a, err := r.Application(ctx, d.Application)
	if err != nil {
		return nil, err
	}
	if d.Version != 0 && d.Version != a.Version || !a.mayBecome(leadsTo[d.Verdict]) {
		return nil, ErrMoved
	}
	if d.Verdict == Admit {
		if !a.Represented() {
			return nil, ErrSpeakerMissing
		}
		if d.Slug, err = r.checkSlug(tx, d.Slug); err != nil {
			return nil, err
		}
	}
	v := r.ruling(a, d)
	v.BatchID, v.DueAt = batch, r.Now().Add(UndoTime).UnixMilli()
	taken, err := insertOnce(tx, v)
	if err == nil && !taken {
		err = ErrMoved
	}
	if err != nil {
		return nil, err
	}
	return v, r.Trail.Note(tx, d.By, audit.Deed{Action: "application.decided", Subject: "application", SubjectID: a.ID,
		After: map[string]any{"verdict": d.Verdict, "reason": d.Reason}})
}

// ruling is the row of a clean decision, pending.
func (r *Registry) ruling(a *Application, d Decision) *Ruling {
	id := r.Store.NewID()
	return &Ruling{ID: id, BatchID: id, ApplicationID: a.ID, State: Pending, Kind: d.Verdict, Version: a.Version, Slug: d.Slug,
		Reason: d.Reason, Questions: strings.Join(d.Questions, ","), Words: d.Words, WordsLang: d.WordsLang, StaffID: d.By.ID,
		CreatedAt: r.Now().UnixMilli()}
}

// insertOnce makes the row of a pending ruling unless the application has
// one, and says whether it did.
func insertOnce(tx *gorm.DB, v *Ruling) (bool, error) {
	once := clause.OnConflict{Columns: []clause.Column{{Name: "application_id"}}, DoNothing: true,
		TargetWhere: clause.Where{Exprs: []clause.Expression{gorm.Expr("state = 'pending'")}}}
	res := tx.Clauses(once).Create(v)
	return res.RowsAffected == 1, res.Error
}

// mayBecome says whether the application may be brought into a state by one
// decision. Asking takes it into review on the way.
func (a *Application) mayBecome(to State) bool {
	return a.MergedInto == 0 && (May(a.State, to) || a.State == Verified && May(InReview, to))
}

// checkSlug refuses a wish that cannot be fulfilled now; "" is none.
func (r *Registry) checkSlug(tx *gorm.DB, wish string) (string, error) {
	wish = strings.ToLower(strings.TrimSpace(wish))
	if wish == "" {
		return "", nil
	}
	refused := fault.Fields{}
	refused.Add("slug", address.ValidSlug(wish))
	var n int64
	if err := tx.Model(&slugRow{}).Where("slug = ?", wish).Count(&n).Error; err != nil {
		return "", err
	}
	if n > 0 {
		refused.Add("slug", errSlug)
	}
	return wish, refused.Err()
}

// Undo takes back a decision, with all of its batch, that is not carried out
// yet, and says how many these were. ErrSettled when there is none.
func (r *Registry) Undo(ctx context.Context, batch int64, by audit.Actor) (int, error) {
	var list []Ruling
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Where("batch_id = ? AND state = ?", batch, Pending).Order("id").Find(&list).Error; err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrSettled
		}
		for _, v := range list {
			if err := r.close(tx, v, Undone); err != nil {
				return err
			}
			err := r.Trail.Note(tx, by, audit.Deed{Action: "application.undone", Subject: "application", SubjectID: v.ApplicationID,
				Before: map[string]any{"verdict": v.Kind}})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("take back decisions: %w", err)
	}
	return len(list), nil
}

// close ends a decision that is pending. ErrSettled when it is not any more.
func (r *Registry) close(tx *gorm.DB, v Ruling, as DecisionState) error {
	done := tx.Model(&Ruling{}).Where("id = ? AND state = ?", v.ID, Pending).
		Updates(map[string]any{"state": as, "settled_at": r.Now().UnixMilli()})
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrSettled
	}
	return done.Error
}

// Settle carries out the decisions whose time to be taken back is over, each
// in its own transaction, and says how many. Of several copies of the program
// one does each.
func (r *Registry) Settle(ctx context.Context) (int, error) {
	var due []Ruling
	err := r.Store.Read(ctx).Where("state = ? AND due_at <= ?", Pending, r.Now().UnixMilli()).Order("due_at, id").Limit(mostSettled).Find(&due).Error
	if err != nil {
		return 0, fmt.Errorf("look for due decisions: %w", err)
	}
	n, admitted := 0, false
	for _, v := range due {
		p, err := r.settle(ctx, v)
		switch {
		case errors.Is(err, ErrSettled):
			continue
		case errors.Is(err, store.ErrDown):
			return n, err
		case err != nil:
			slog.Error("carry out a decision", "application", v.ApplicationID, "verdict", v.Kind, "error", err)
			if err := r.putOff(ctx, v); err != nil {
				return n, err
			}
			continue
		}
		n++
		admitted = admitted || p != nil
	}
	if admitted {
		r.Changed()
	}
	if n > 0 {
		r.Mailed()
	}
	return n, nil
}

// putOff tries a decision that failed again in a minute, so that it holds up
// no others.
func (r *Registry) putOff(ctx context.Context, v Ruling) error {
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&Ruling{}).Where("id = ? AND state = ?", v.ID, Pending).Update("due_at", r.Now().Add(UndoTime).UnixMilli()).Error
	})
	if err != nil {
		return fmt.Errorf("postpone a decision: %w", err)
	}
	return nil
}

// mostSettled bounds one round of Settle.
const mostSettled = 200

// settle carries out one decision. What the applicant did in the meantime
// goes before: the decision is then overtaken.
func (r *Registry) settle(ctx context.Context, v Ruling) (*Partner, error) {
	var p *Partner
	carry := func(as DecisionState, do func(tx *gorm.DB, a *Application) error) error {
		return r.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
			if err := r.close(tx, v, as); err != nil {
				return err
			}
			a, err := r.Application(ctx, v.ApplicationID)
			if err != nil {
				return err
			}
			return do(tx, a)
		})
	}
	d := v.decision()
	act := func(tx *gorm.DB, a *Application) (err error) {
		if a.MergedInto != 0 || d.Verdict == Admit && d.Version != a.Version { // nobody is admitted with a logo nobody saw
			return ErrMoved
		}
		p, err = r.carryOut(tx, a, d)
		return err
	}
	err := carry(Settled, act)
	if d.Slug != "" && fault.KindOf(err) == fault.Invalid {
		d.Slug = "" // somebody took it within the minute
		err = carry(Settled, act)
	}
	if !errors.Is(err, ErrMoved) {
		return p, err
	}
	return nil, carry(Overtook, func(tx *gorm.DB, a *Application) error {
		return r.Trail.Note(tx, audit.Actor{Kind: audit.Program}, audit.Deed{Action: "application.overtaken", Subject: "application",
			SubjectID: a.ID, Before: map[string]any{"verdict": v.Kind}})
	})
}

// PendingOf lists the decisions of one member of staff that can still be taken back,
// the newest first; of everybody when staff is 0.
func (r *Registry) PendingOf(ctx context.Context, staff int64) ([]Ruling, error) {
	q := r.Store.Read(ctx).Where("state = ?", Pending)
	if staff != 0 {
		q = q.Where("staff_id = ?", staff)
	}
	var list []Ruling
	if err := q.Order("id DESC").Limit(mostSettled).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("list pending decisions: %w", err)
	}
	return list, nil
}

// Decisions lists all that was decided on an application, the newest first.
func (r *Registry) Decisions(ctx context.Context, application int64) ([]Ruling, error) {
	var list []Ruling
	if err := r.Store.Read(ctx).Where("application_id = ?", application).Order("id DESC").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("list the decisions on application %d: %w", application, err)
	}
	return list, nil
}

// Verdicts are those that may be given on the application as it stands.
func (a *Application) Verdicts() []Verdict {
	var may []Verdict
	for _, v := range Verdicts {
		if a.mayBecome(leadsTo[v]) {
			may = append(may, v)
		}
	}
	return may
}
