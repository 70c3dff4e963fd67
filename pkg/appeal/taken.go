package appeal

import (
	"fmt"

	"gorm.io/gorm"

	"olivebranch/pkg/outbox"
)

// MailTaken notes on their requests that the mail server took confirmations,
// in the transaction of whoever sent them and before its other locks. It says
// of each whether it was the first of its request.
func (i *Intake) MailTaken(tx *gorm.DB, confirmations []outbox.Envelope) ([]bool, error) {
	now := i.Now()
	rows := make([]int64, len(confirmations))
	for n, e := range confirmations {
		rows[n] = rowOf(i.Keys, e, now)
	}
	if i.Store.Postgres() {
		// In the order in which the intake locks the same rows.
		if err := tx.Exec("SELECT id FROM sign_requests WHERE id IN ? ORDER BY email_key FOR UPDATE", rows).Error; err != nil {
			return nil, fmt.Errorf("lock mailed requests: %w", err)
		}
	}
	var noted []int64
	err := tx.Raw("UPDATE sign_requests SET sent_at = ? WHERE id IN ? AND sent_at = 0 RETURNING id", now.UnixMilli(), rows).Scan(&noted).Error
	if err != nil {
		return nil, fmt.Errorf("note that confirmations were taken: %w", err)
	}
	fresh := make(map[int64]bool, len(noted))
	for _, id := range noted {
		fresh[id] = true
	}
	first := make([]bool, len(rows))
	for n, id := range rows {
		first[n] = fresh[id]
		delete(fresh, id)
	}
	return first, nil
}
