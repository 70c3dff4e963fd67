package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/store"
)

// Confirmed is how many people at a domain confirmed on a day (UTC).
type Confirmed struct {
	DomainKey []byte
	Day       string
	N         int64
}

// settled is how long ago a confirmation must be to be counted: by then its
// transaction has ended.
const settled = 2 * time.Second

// CountConfirmed counts by domain who confirmed since the last time; read says
// who did after a moment and until another, Unix milliseconds. It returns how
// many.
func (o *Outbox) CountConfirmed(ctx context.Context, read func(ctx context.Context, after, until int64) ([]Confirmed, error)) (total int64, err error) {
	err = o.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var after int64
		query := "SELECT counted_to FROM mail_state WHERE id = 1"
		if o.Store.Postgres() {
			query += " FOR UPDATE"
		}
		if err := tx.Raw(query).Scan(&after).Error; err != nil {
			return err
		}
		until := o.Now().Add(-settled).UnixMilli()
		if until <= after {
			return nil
		}
		found, err := read(store.With(ctx, tx), after, until)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(found, insertRows) {
			args := make([]any, 0, 7*len(some))
			for _, c := range some {
				args = append(args, c.Day, o.Keys.PostKey(c.DomainKey), c.N, 0, 0, 0, 0)
				total += c.N
			}
			err := tx.Exec("INSERT INTO mail_days (day, domain_key, confirmed, asked, sent, deferred, refused) VALUES "+store.Values(len(some), 7)+
				" ON CONFLICT (domain_key, day) DO UPDATE SET confirmed = mail_days.confirmed + excluded.confirmed", args...).Error
			if err != nil {
				return err
			}
		}
		return tx.Exec("UPDATE mail_state SET counted_to = ? WHERE id = 1", until).Error
	})
	if err != nil {
		return 0, fmt.Errorf("count confirmations by domain: %w", err)
	}
	return total, nil
}

// Kept of what is counted: seconds for the ceilings of a minute, minutes for
// those of a day and the desk, days of domains for a month.
const (
	keepShort = 10 * time.Minute
	keepLong  = 8 * 24 * time.Hour
	KeepDays  = 30
)

// purgeFigures deletes what is counted no longer, and the domains and stops
// whose time is over.
func (o *Outbox) purgeFigures(tx *gorm.DB) error {
	now := o.Now()
	day := now.UTC().AddDate(0, 0, -KeepDays).Format(time.DateOnly)
	for _, s := range []struct {
		statement string
		args      []any
	}{
		{"DELETE FROM mail_spans WHERE seconds = 1 AND start < ?", []any{now.Add(-keepShort).UnixMilli()}},
		{"DELETE FROM mail_spans WHERE seconds = 60 AND start < ?", []any{now.Add(-keepLong).UnixMilli()}},
		{"DELETE FROM mail_stops WHERE until <= ?", []any{now.UnixMilli()}},
		{"DELETE FROM mail_days WHERE day <= ?", []any{day}},
		{"DELETE FROM mail_domains WHERE NOT EXISTS (SELECT 1 FROM mail_days m WHERE m.domain_key = mail_domains.domain_key) AND until <= ?", []any{now.UnixMilli()}},
	} {
		if err := tx.Exec(s.statement, s.args...).Error; err != nil {
			return fmt.Errorf("purge figures of mail: %w", err)
		}
	}
	return nil
}
