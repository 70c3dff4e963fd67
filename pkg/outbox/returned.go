package outbox

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/bounce"
)

// Returned is what became of a report of delivery.
type Returned string

// What becomes of reports.
const (
	NotOurs  Returned = "not_ours"  // nothing in it shows that it is about a mail of ours, or we know nothing of that any more
	NoReport Returned = "no_report" // it tells of no permanent failure
	Counted  Returned = "counted"   // it tells of one that is not the address's
	Stopped  Returned = "stopped"   // nothing is mailed to the address any more
)

// TakeReport does what a report of delivery asks for. Only one that names a mail
// by its mark does anything: nobody can stop an address by a report they made
// up, but that of a mail they got themselves. A report may come any number of
// times.
func (o *Outbox) TakeReport(ctx context.Context, r bounce.Report) (what Returned, err error) {
	id, ours := Marked(o.Keys, r.Texts...)
	switch {
	case !ours:
		return NotOurs, nil
	case len(r.Failures) == 0:
		return NoReport, nil
	}
	stop := StopReason("")
	for _, f := range r.Failures {
		switch f.Blame() {
		case bounce.Address:
			stop = StopNobody
		case bounce.Mailbox:
			if stop == "" {
				stop = StopFull
			}
		}
	}
	err = o.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var rows []Row
		query := "SELECT * FROM outbox WHERE id = ?"
		if o.Store.Postgres() {
			query += " FOR UPDATE"
		}
		err := tx.Raw(query, id).Scan(&rows).Error
		if what = NotOurs; err != nil || len(rows) == 0 {
			return err
		}
		what = Counted
		if stop != "" {
			what = Stopped
			err = StopIn(tx, rows[0].RecipientKey, stop, o.Now())
		}
		if err != nil || rows[0].LastError == lastReturned { // that was counted
			return err
		}
		if err := tx.Exec("UPDATE outbox SET last_error = ? WHERE id = ?", lastReturned, id).Error; err != nil {
			return err
		}
		return o.countReturned(tx, rows[0])
	})
	if err != nil {
		return "", fmt.Errorf("take a report about mail %d: %w", id, err)
	}
	return what, nil
}

// lastReturned is the last error of a mail that came back.
const lastReturned = "it came back"

func (o *Outbox) countReturned(tx *gorm.DB, r Row) error {
	if r.DomainKey == nil {
		return nil
	}
	day := o.Now().UTC().Format(time.DateOnly)
	return tx.Exec("INSERT INTO mail_days (day, domain_key, asked, confirmed, sent, deferred, refused) VALUES (?, ?, 0, 0, 0, 0, 1)"+
		" ON CONFLICT (domain_key, day) DO UPDATE SET refused = mail_days.refused + 1", day, r.DomainKey).Error
}
