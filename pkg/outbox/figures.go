package outbox

import (
	"context"
	"fmt"
)

// KindFigures is how the mail of one kind fares. What was sent or given up is
// counted for eight days.
type KindFigures struct {
	Kind    Kind
	Waiting int64
	Refused int64 // of those that wait: tried in vain so far
	Sent    int64
	Failed  int64 // given up
}

// ByKind counts the mails in the outbox, by kind.
func (o *Outbox) ByKind(ctx context.Context) ([]KindFigures, error) {
	var rows []KindFigures
	err := o.Store.Read(ctx).Table("outbox").Group("kind").Order("kind").Select("kind" +
		", SUM(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END) AS waiting" +
		", SUM(CASE WHEN state = 'waiting' AND last_error <> '' THEN 1 ELSE 0 END) AS refused" +
		", SUM(CASE WHEN state = 'sent' THEN 1 ELSE 0 END) AS sent" +
		", SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END) AS failed").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count mails by kind: %w", err)
	}
	return rows, nil
}
