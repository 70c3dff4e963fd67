// Package schedule does periodic work, each piece once among all copies of
// the program that share a database.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/store"
)

// Job is periodic work. Run returns one line about what it did, which is kept
// as the last result; an error is kept and logged.
type Job struct {
	Name  string
	Every time.Duration
	Run   func(ctx context.Context) (string, error)
}

// lease is how long a copy of the program holds a job; after that another
// takes it over.
const lease = time.Hour

// look is how often due jobs are looked for.
const look = 30 * time.Second

// Row is what is known about a job. Times are Unix milliseconds.
type Row struct {
	Name       string
	NextAt     int64
	LeaseUntil int64
	LastAt     int64
	LastResult string
}

// TableName names GORM's table.
func (Row) TableName() string { return "jobs" }

// Schedule runs jobs when they are due.
type Schedule struct {
	Store *store.Store
	Now   func() time.Time
	Jobs  []Job
}

// Run looks for due jobs until ctx ends.
func (s *Schedule) Run(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		if err := s.RunDue(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrDown) {
			slog.Error("periodic work", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// RunDue runs every job that is due and that no other copy is running.
func (s *Schedule) RunDue(ctx context.Context) error {
	var errs []error
	for _, j := range s.Jobs {
		leased, err := s.claim(ctx, j)
		if err != nil {
			errs = append(errs, fmt.Errorf("claim job %s: %w", j.Name, err))
			continue
		}
		if leased != 0 {
			errs = append(errs, s.run(ctx, j, leased))
		}
	}
	return errors.Join(errs...)
}

// claim takes a job that is due, and returns when its lease ends; 0 when it is
// not due or somebody else has it.
func (s *Schedule) claim(ctx context.Context, j Job) (int64, error) {
	var leased int64
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		now := s.Now()
		onName := clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoNothing: true}
		if err := tx.Clauses(onName).Create(&Row{Name: j.Name, NextAt: now.Add(j.Every).UnixMilli()}).Error; err != nil {
			return err
		}
		until := now.Add(lease).UnixMilli()
		res := tx.Model(&Row{}).Where("name = ? AND next_at <= ? AND lease_until <= ?", j.Name, now.UnixMilli(), now.UnixMilli()).
			Update("lease_until", until)
		if res.RowsAffected == 1 {
			leased = until
		}
		return res.Error
	})
	return leased, err
}

// Hasten makes a job due, in the transaction of what causes it: one of the
// programs that run it looks within half a minute, else the next that starts.
func Hasten(tx *gorm.DB, name string) error {
	onName := clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"next_at"})}
	if err := tx.Clauses(onName).Create(&Row{Name: name}).Error; err != nil {
		return fmt.Errorf("make job %s due: %w", name, err)
	}
	return nil
}

func (s *Schedule) run(ctx context.Context, j Job, leased int64) error {
	result, runErr := j.Run(ctx)
	if runErr != nil {
		result = "failed: " + runErr.Error()
		slog.Error("periodic work failed", "job", j.Name, "error", runErr)
	}
	// The result is noted even when the program is told to stop, unless another
	// copy has taken the job over meanwhile.
	err := s.Store.InTx(context.WithoutCancel(ctx), func(_ context.Context, tx *gorm.DB) error {
		now := s.Now()
		return tx.Model(&Row{}).Where("name = ? AND lease_until = ?", j.Name, leased).Updates(map[string]any{
			"next_at": now.Add(j.Every).UnixMilli(), "lease_until": 0, "last_at": now.UnixMilli(), "last_result": result,
		}).Error
	})
	if err != nil {
		return fmt.Errorf("note the result of job %s: %w", j.Name, err)
	}
	return nil
}

// Last returns what is known about a job; zero when it never ran.
func (s *Schedule) Last(ctx context.Context, name string) (Row, error) {
	var rows []Row
	if err := s.Store.Read(ctx).Where("name = ?", name).Find(&rows).Error; err != nil {
		return Row{}, fmt.Errorf("read job %s: %w", name, err)
	}
	if len(rows) == 0 {
		return Row{Name: name}, nil
	}
	return rows[0], nil
}
