package scrutiny

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
)

// Kinds of alarms of this package; others raise theirs through Alarm.
const (
	AlarmGroup   = "group"   // a group is under hold; key: the hold's id
	AlarmCountry = "country" // more than its people make likely
	AlarmPartner = "partner" // a partner unlike the others; key: its id
	AlarmDomain  = "domain"  // a burst from one mail domain; key: its keyed hash
	AlarmBurst   = "burst"   // a burst aimed at one partner; key: its id
)

// AlarmKinds are those of this package.
func AlarmKinds() []string {
	return []string{AlarmGroup, AlarmCountry, AlarmPartner, AlarmDomain, AlarmBurst}
}

// AlarmRow is an alarm at the desk. Figures is JSON.
type AlarmRow struct {
	ID        int64
	Kind      string
	Key       string
	Figures   string
	CreatedAt int64
	SeenAt    int64 // when it was last raised
	DoneAt    int64 // 0 while it is open
	DoneBy    int64
}

// TableName names GORM's table.
func (AlarmRow) TableName() string { return "alarms" }

// AlarmSubject is what an alarm is called in the trail.
const AlarmSubject = "alarm"

// ErrNoAlarm answers for an alarm that does not exist.
var ErrNoAlarm = fault.New(fault.NotFound, "error.not_found")

// peace is how long an alarm that staff have done with stays done, although
// its cause lasts.
const peace = 24 * time.Hour

// Alarm raises an alarm, or brings the figures of an open one up to date. One
// that was done stays done for a day.
func (s *Scrutiny) Alarm(ctx context.Context, kind, key string, figures any) error {
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error { return s.raiseIn(tx, kind, key, figures) })
	if err != nil {
		return fmt.Errorf("raise alarm %s %s: %w", kind, key, err)
	}
	return s.Reload(ctx)
}

// raiseIn does it in the caller's transaction.
func (s *Scrutiny) raiseIn(tx *gorm.DB, kind, key string, figures any) error {
	text, err := json.Marshal(figures)
	if err != nil {
		return err
	}
	now := s.Now().UnixMilli()
	var done int64
	if err := tx.Model(&AlarmRow{}).Where("kind = ? AND key = ? AND done_at > ?", kind, key, now-peace.Milliseconds()).Count(&done).Error; err != nil || done > 0 {
		return err
	}
	err = tx.Exec("INSERT INTO alarms (id, kind, key, figures, created_at, seen_at, done_at, done_by) VALUES (?, ?, ?, ?, ?, ?, 0, 0)"+
		" ON CONFLICT (kind, key) WHERE done_at = 0 DO UPDATE SET figures = excluded.figures, seen_at = excluded.seen_at",
		s.Store.NewID(), kind, key, string(text), now, now).Error
	if err == nil {
		_, err = store.Bump(tx, store.TopicScrutiny)
	}
	return err
}

// Alarms lists the open ones, or the last that were done, the newest first.
func (s *Scrutiny) Alarms(ctx context.Context, done bool) ([]AlarmRow, error) {
	q := s.Store.Read(ctx).Where("done_at = 0").Order("created_at DESC, id DESC")
	if done {
		q = s.Store.Read(ctx).Where("done_at > 0").Order("done_at DESC, id DESC")
	}
	var rows []AlarmRow
	if err := q.Limit(200).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the alarms: %w", err)
	}
	return rows, nil
}

// OpenAlarms is how many are open.
func (s *Scrutiny) OpenAlarms() int64 { return s.alarms.Load() }

// EndAlarm says that staff have seen to an alarm; ReopenAlarm takes that back.
// ErrNoAlarm.
func (s *Scrutiny) EndAlarm(ctx context.Context, id int64, by audit.Actor) error {
	return s.moveAlarm(ctx, id, audit.Deed{Action: "alarm.done"}, by, map[string]any{"done_at": s.Now().UnixMilli(), "done_by": by.ID})
}

// ReopenAlarm makes an alarm open again, unless another of its cause is.
func (s *Scrutiny) ReopenAlarm(ctx context.Context, id int64, by audit.Actor) error {
	return s.moveAlarm(ctx, id, audit.Deed{Action: "alarm.reopened"}, by, map[string]any{"done_at": 0, "done_by": 0})
}

func (s *Scrutiny) moveAlarm(ctx context.Context, id int64, deed audit.Deed, by audit.Actor, to map[string]any) error {
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var rows []AlarmRow
		if err := tx.Where("id = ?", id).Find(&rows).Error; err != nil {
			return err
		}
		if len(rows) == 0 {
			return ErrNoAlarm
		}
		a := rows[0]
		if (a.DoneAt == 0) == (to["done_at"] == 0) {
			return nil // as it is
		}
		if to["done_at"] == 0 {
			var other int64
			if err := tx.Model(&AlarmRow{}).Where("kind = ? AND key = ? AND done_at = 0", a.Kind, a.Key).Count(&other).Error; err != nil || other > 0 {
				return err
			}
		}
		if err := tx.Model(&AlarmRow{}).Where("id = ?", id).Updates(to).Error; err != nil {
			return err
		}
		deed.Subject, deed.SubjectID, deed.After = AlarmSubject, id, map[string]any{"kind": a.Kind, "key": a.Key}
		return s.changed(tx, by, deed)
	})
	if err != nil {
		return fmt.Errorf("%s %d: %w", deed.Action, id, err)
	}
	return s.Reload(ctx)
}
