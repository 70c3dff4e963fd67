package appeal

import (
	"context"
	"fmt"

	"olivebranch/pkg/outbox"
)

// ConfirmedByDomain counts who confirmed after a moment and until another, in
// Unix milliseconds, by mail domain and day. Who was forgotten or withdrew
// since is not among them.
func (s *Signatures) ConfirmedByDomain(ctx context.Context, after, until int64) (all []outbox.Confirmed, err error) {
	err = s.Store.Read(ctx).Raw("SELECT domain_key, day, COUNT(*) AS n FROM signatures WHERE appeal_id = ? AND confirmed_at > ? AND confirmed_at <= ?"+
		" AND domain_key IS NOT NULL AND origin = ? GROUP BY domain_key, day ORDER BY domain_key, day", s.Appeal.Current().ID, after, until, Online).Scan(&all).Error
	if err != nil {
		return nil, fmt.Errorf("count confirmations by domain: %w", err)
	}
	return all, nil
}
