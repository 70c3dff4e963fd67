package placement

import (
	"context"
	"fmt"
	"time"
)

// Rules of how long things are kept and when a banner is missed.
const (
	keptDays   = 400
	usualDays  = 3 // a banner seen on so many days was there to stay
	missedDays = 7 // full days without it
)

// Today is the day of a time, as days since 1970, UTC.
func Today(now time.Time) int64 { return now.UnixMilli() / millisPerDay }

// Gone is a partner whose banner is not seen any more. Since is the last day
// it was: 2026-01-31, UTC.
type Gone struct {
	Partner int64
	Since   string
}

// Vanished finds the partners whose banner was seen on three days or more, on
// pages somebody named, and then not for seven whole days.
func (p *Places) Vanished(ctx context.Context, now time.Time) ([]Gone, error) {
	var gone []Gone
	err := p.Store.Read(ctx).Raw("SELECT p.partner_id AS partner, MAX(d.day) AS since FROM placement_days d JOIN placements p ON p.id = d.placement_id"+
		" WHERE p.host <> '' AND d.frames > 0 GROUP BY p.partner_id HAVING COUNT(DISTINCT d.day) >= ? AND MAX(d.day) < ? ORDER BY p.partner_id",
		usualDays, dayText(Today(now)-missedDays)).Scan(&gone).Error
	if err != nil {
		return nil, fmt.Errorf("find banners that vanished: %w", err)
	}
	return gone, nil
}
