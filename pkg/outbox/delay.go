package outbox

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Delay is how long somebody who asks for a mail now waits for it.
type Delay struct {
	// About is the time, as far as it can be told.
	About time.Duration
	// Stuck says that no mail server is reached, or nothing goes out; About is
	// then for how long that has been so.
	Stuck bool
}

// lateFrom is when mail is late: before, people do not look for it again.
const lateFrom = 2 * time.Minute

// Late says whether it is worth telling.
func (d Delay) Late() bool { return d.About >= lateFrom }

// Minutes and Hours are About, rounded up, for a sentence in the one or the
// other: Hours is 0 while minutes say it better.
func (d Delay) Minutes() int { return int((d.About + time.Minute - 1) / time.Minute) }
func (d Delay) Hours() int {
	if d.About < 90*time.Minute {
		return 0
	}
	return int((d.About + time.Hour/2) / time.Hour)
}

// rateWindow is what the present speed is taken from.
const rateWindow = 5 * time.Minute

// Delay estimates it from the queue: what is due before, how fast mail went out
// in the last minutes, and the ceilings. What waits because its own domain
// puts off says nothing about others.
func (o *Outbox) Delay(ctx context.Context) (d Delay, err error) {
	now := o.Now()
	ms := now.UnixMilli()
	err = o.Store.Snapshot(ctx, func(db *gorm.DB) error {
		var q struct{ N, Oldest, Down, Sent, Since int64 }
		err := db.Raw("SELECT COUNT(*), COALESCE(MIN(id), 0) FROM outbox WHERE state = 'waiting' AND urgency IN (?, ?) AND not_before <= ?", Prompt, Awaited, ms).Row().Scan(&q.N, &q.Oldest)
		if err == nil {
			err = db.Raw("SELECT down_since FROM mail_state WHERE id = 1").Row().Scan(&q.Down)
		}
		if err == nil {
			err = db.Raw("SELECT COALESCE(SUM(sent), 0), COALESCE(MIN(start), 0) FROM mail_spans WHERE seconds = 60 AND sent > 0 AND start > ?", now.Add(-rateWindow).UnixMilli()).Row().Scan(&q.Sent, &q.Since)
		}
		if err != nil {
			return err
		}
		var waited time.Duration
		if q.N > 0 {
			waited = now.Sub(time.UnixMilli(TimeOf(q.Oldest)))
		}
		switch {
		case q.Down > 0:
			d = Delay{now.Sub(time.UnixMilli(q.Down)), true}
		case q.N == 0:
		case q.Sent == 0:
			d = Delay{waited, true}
		default:
			d.About = time.Duration(q.N * (ms - q.Since) / q.Sent * int64(time.Millisecond))
		}
		ceiling, err := o.behindCeilings(db, q.N, now)
		if ceiling > 0 { // what stands still stands still for this
			d = Delay{About: max(d.About, ceiling)}
		}
		return err
	})
	if err != nil {
		return d, fmt.Errorf("estimate how late mail is: %w", err)
	}
	return d, nil
}

// behindCeilings is how long n mails take under the ceilings.
func (o *Outbox) behindCeilings(db *gorm.DB, n int64, now time.Time) (d time.Duration, err error) {
	if o.Ceilings.Minute > 0 {
		d = time.Duration(n/int64(o.Ceilings.Minute)) * time.Minute
	}
	if o.Ceilings.Day == 0 {
		return d, nil
	}
	const day = 24 * time.Hour
	var past []struct{ Start, Tried int64 }
	err = db.Raw("SELECT start, tried FROM mail_spans WHERE seconds = 60 AND start > ? ORDER BY start", now.Add(-day).UnixMilli()).Scan(&past).Error
	room := int64(o.Ceilings.Day)
	for _, p := range past {
		room -= p.Tried
	}
	// Each minute of yesterday gives its mails free when it is a day ago; after
	// all of them the ceiling is there anew.
	for _, p := range past {
		if n < room {
			return d, err
		}
		room += p.Tried
		d = max(d, time.UnixMilli(p.Start).Add(day).Sub(now))
	}
	if n >= room {
		d = max(d, time.Duration(n/int64(o.Ceilings.Day))*day)
	}
	return d, err
}
