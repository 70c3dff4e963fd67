package outbox

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Desk is how mail goes, for the people who answer for it.
type Desk struct {
	Queue    []Queue
	Delay    Delay
	Ceilings Ceilings
	Minute   Traffic
	Hour     Traffic
	Day      Traffic
	Domains  []DomainFigures // the named ones with most trouble first, then most mail
	Others   DomainFigures   // all that have no name, as one
	Unnamed  int             // how many those are
	Stopped  Stops
}

// Queue is the mails of a kind that wait.
type Queue struct {
	Kind   Kind
	N      int64
	Ages   [len(Ages) + 1]int64 // of N, up to each of Ages, and older
	PutOff int64                // of N: tried in vain so far, or held back for their domain
	Oldest time.Duration
}

// Ages divide a queue by how long its mails have been in it.
var Ages = [...]time.Duration{10 * time.Minute, time.Hour, 24 * time.Hour}

// Traffic is what was tried and sent in a time.
type Traffic struct{ Tried, Sent int64 }

// DomainFigures is how a domain took mail in the last DeskDays. Of those who
// were Asked for a confirmation some Confirmed.
type DomainFigures struct {
	Name                                      string
	Asked, Confirmed, Sent, Deferred, Refused int64
	HeldUntil                                 int64 // no mail goes there before; 0 when none is held back
}

// Percent is how many of a hundred who were asked confirmed; -1 of none.
func (d DomainFigures) Percent() int64 {
	if d.Asked == 0 {
		return -1
	}
	return min(100*d.Confirmed/d.Asked, 100)
}

// DeskDays are the days that figures by domain are of; mostDomains are shown.
const (
	DeskDays    = 7
	mostDomains = 50
)

// Desk reads all of it.
func (o *Outbox) Desk(ctx context.Context) (d Desk, err error) {
	if d.Delay, err = o.Delay(ctx); err != nil {
		return d, err
	}
	d.Ceilings = o.Ceilings
	now := o.Now()
	err = o.Store.Snapshot(ctx, func(db *gorm.DB) (err error) {
		if d.Queue, err = queue(db, now); err != nil {
			return err
		}
		for to, window := range map[*Traffic]time.Duration{&d.Minute: time.Minute, &d.Hour: time.Hour, &d.Day: 24 * time.Hour} {
			err := db.Raw("SELECT COALESCE(SUM(tried), 0) AS tried, COALESCE(SUM(sent), 0) AS sent FROM mail_spans WHERE seconds = 60 AND start > ?", now.Add(-window).UnixMilli()).Scan(to).Error
			if err != nil {
				return err
			}
		}
		if d.Stopped, err = stops(db, now); err != nil {
			return err
		}
		return o.domains(db, now, &d)
	})
	if err != nil {
		return d, fmt.Errorf("read how mail goes: %w", err)
	}
	return d, nil
}

// queue counts what waits. Of confirmations there may be hundreds of thousands:
// they have an urgency of their own, so that an index knows all that is asked.
func queue(db *gorm.DB, now time.Time) (all []Queue, err error) {
	id := func(age time.Duration) int64 { return now.Add(-age).UnixMilli() << 22 }
	const counts = "COUNT(*) AS n, COALESCE(SUM(CASE WHEN id > ? THEN 1 ELSE 0 END), 0) AS a, COALESCE(SUM(CASE WHEN id > ? THEN 1 ELSE 0 END), 0) AS b," +
		" COALESCE(SUM(CASE WHEN id > ? THEN 1 ELSE 0 END), 0) AS c, COALESCE(SUM(CASE WHEN not_before > (id >> 22) + 1000 THEN 1 ELSE 0 END), 0) AS put_off, COALESCE(MIN(id), 0) AS oldest" +
		" FROM outbox WHERE state = 'waiting' AND urgency "
	var rows, confirmations []struct {
		Kind                       Kind
		N, A, B, C, PutOff, Oldest int64
	}
	ages := []any{id(Ages[0]), id(Ages[1]), id(Ages[2])}
	err = db.Raw("SELECT "+counts+"= ?", append(ages, Awaited)...).Scan(&confirmations).Error
	if err == nil {
		err = db.Raw("SELECT kind, "+counts+"IN (?, ?, ?, ?) GROUP BY kind ORDER BY kind", append(ages, Prompt, Letter, Unasked, Reminder)...).Scan(&rows).Error
	}
	if len(confirmations) == 1 && confirmations[0].N > 0 {
		confirmations[0].Kind = SignConfirm
		rows = append(confirmations, rows...)
	}
	for _, r := range rows {
		all = append(all, Queue{Kind: r.Kind, N: r.N, Ages: [...]int64{r.A, r.B - r.A, r.C - r.B, r.N - r.C}, PutOff: r.PutOff,
			Oldest: now.Sub(time.UnixMilli(TimeOf(r.Oldest)))})
	}
	return all, err
}

// Stops are how many addresses are stopped, by reason.
type Stops struct{ Nobody, Full int64 }

func stops(db *gorm.DB, now time.Time) (s Stops, err error) {
	const some = "COALESCE(SUM(CASE WHEN reason = ? THEN 1 ELSE 0 END), 0)"
	err = db.Raw("SELECT "+some+" AS nobody, "+some+" AS full_ FROM mail_stops WHERE until > ?", StopNobody, StopFull, now.UnixMilli()).Row().Scan(&s.Nobody, &s.Full)
	return s, err
}

func (o *Outbox) domains(db *gorm.DB, now time.Time, d *Desk) error {
	since := now.UTC().AddDate(0, 0, -DeskDays+1).Format(time.DateOnly)
	const sums = "COALESCE(SUM(m.asked), 0) AS asked, COALESCE(SUM(m.confirmed), 0) AS confirmed, COALESCE(SUM(m.sent), 0) AS sent," +
		" COALESCE(SUM(m.deferred), 0) AS deferred, COALESCE(SUM(m.refused), 0) AS refused"
	var rows []struct {
		ID, Level, Until                          int64
		Sealed                                    []byte
		Asked, Confirmed, Sent, Deferred, Refused int64
	}
	err := db.Raw("SELECT d.id, d.name AS sealed, d.level, d.until, "+sums+" FROM mail_domains d JOIN mail_days m ON m.domain_key = d.domain_key AND m.day >= ?"+
		" WHERE d.name IS NOT NULL GROUP BY d.id, d.name, d.level, d.until ORDER BY SUM(m.refused + m.deferred) DESC, SUM(m.asked) DESC LIMIT ?", since, mostDomains).Scan(&rows).Error
	if err != nil {
		return err
	}
	for _, r := range rows {
		f := DomainFigures{Asked: r.Asked, Confirmed: r.Confirmed, Sent: r.Sent, Deferred: r.Deferred, Refused: r.Refused}
		if f.Name, err = (Domain{ID: r.ID, Name: r.Sealed}).Open(o.Keys); err != nil {
			return err
		}
		if r.Level > 0 {
			f.HeldUntil = r.Until
		}
		d.Domains = append(d.Domains, f)
	}
	var others struct {
		DomainFigures
		N int
	}
	err = db.Raw("SELECT COUNT(DISTINCT m.domain_key) AS n, "+sums+" FROM mail_days m LEFT JOIN mail_domains d ON d.domain_key = m.domain_key"+
		" WHERE m.day >= ? AND d.name IS NULL", since).Scan(&others).Error
	d.Others, d.Unnamed = others.DomainFigures, others.N
	return err
}
