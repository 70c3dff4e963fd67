package appeal

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// atOnce is how many requests are deleted or reminded of in one transaction,
// so that nobody waits long for the writer.
const atOnce = 500

// Purge deletes requests that waited too long with all that hangs on them, and
// what is kept of confirmed ones so that a second click is understood, after
// as long. It returns how many requests went.
func (i *Intake) Purge(ctx context.Context) (int64, error) {
	var total int64
	for {
		var n int64
		err := i.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) (err error) {
			n, err = i.purgeSome(tx)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("purge sign requests: %w", err)
		}
		if total += n; n < atOnce {
			return total, nil
		}
	}
}

func (i *Intake) purgeSome(tx *gorm.DB) (int64, error) {
	oldest := i.Now().Add(-i.requestLife()).UnixMilli()
	var gone []request
	// What was done before a moment was created before it, and that has an index.
	err := tx.Raw("DELETE FROM sign_requests WHERE id IN (SELECT id FROM sign_requests WHERE state IN ? AND created_at <= ? AND (state = ? OR done_at <= ?) LIMIT ?)"+
		" RETURNING id, state, signature_id, email", []string{pending, done}, oldest, pending, oldest, atOnce).Scan(&gone).Error
	if err != nil || len(gone) == 0 {
		return 0, err
	}
	rows := map[int64][]byte{}
	for _, r := range gone {
		if r.State == pending || r.SignatureID != r.ID { // else the signature has the same id, and stays
			rows[r.ID] = r.Email
		}
	}
	return int64(len(gone)), i.belongings().remove(tx, rows)
}

func (i *Intake) belongings() belongings { return belongings{i.Keys, i.Outbox, i.Now} }
