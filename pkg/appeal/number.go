package appeal

import (
	"cmp"
	"fmt"
	"slices"

	"gorm.io/gorm"
)

// Origins of a signature beside Online.
const (
	Paper    = "paper"    // on a list, typed in by staff
	Imported = "imported" // taken over from where they were gathered before
)

// Number is the one figure that a campaign is quoted with, taken apart into
// what it is made of, at a moment.
type Number struct {
	At       int64 `json:"at"` // Unix milliseconds
	Total    int64 `json:"total"`
	Online   int64 `json:"online"` // with the next two, it sums up to Total
	Paper    int64 `json:"paper"`
	Imported int64 `json:"imported"`
	Partners int   `json:"partners"`
	// The rest is what the newest bulletin says, which alone may tell more than
	// the total; Day is "" before the first.
	Day       string `json:"day"`
	Countries int    `json:"countries"` // from which there is a signature
	Waiting   int64  `json:"waiting"`
	Held      int64  `json:"held"`
	Invalid   int64  `json:"invalid"`
	Withdrawn int64  `json:"withdrawn"`
}

// with adds the signatures of an origin.
func (n *Number) with(origin string, signatures int64) {
	n.Total += signatures
	switch origin {
	case Paper:
		n.Paper += signatures
	case Imported:
		n.Imported += signatures
	default:
		n.Online += signatures
	}
}

// Tell takes in what a bulletin tells.
func (n *Number) Tell(b Bulletin) {
	n.Day, n.Countries = b.Day, len(b.Countries)
	n.Waiting, n.Held, n.Invalid, n.Withdrawn = b.Waiting, b.Held, b.Invalid, b.Withdrawn
}

// Number is the total and its origins, without a time and what others know.
func (t *Tally) Number() Number {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var n Number
	for _, origin := range []string{Online, Paper, Imported} {
		n.with(origin, t.n[tallyKey{ByOrigin, origin}])
	}
	return n
}

// count fills in the total and its origins from the database, as of now.
func (n *Number) count(db *gorm.DB, appealID int64) error {
	var rows []tallyRow
	if err := db.Where("appeal_id = ? AND kind = ?", appealID, ByOrigin).Find(&rows).Error; err != nil {
		return fmt.Errorf("read the tallies of origins: %w", err)
	}
	n.At, n.Total, n.Online, n.Paper, n.Imported = db.NowFunc().UnixMilli(), 0, 0, 0, 0
	for _, r := range rows {
		n.with(r.Key, r.N)
	}
	return nil
}

// Milestone is a round figure and the day, UTC, on which the signatures that
// count today had reached it.
type Milestone struct {
	N   int64
	Day string
}

// Reached says when each step, in rising order, was reached; it leaves out
// those that are still to come.
func (t *Tally) Reached(steps []int64) []Milestone {
	var out []Milestone
	var sum int64
	for _, d := range t.Days() {
		for sum += d.N; len(steps) > 0 && steps[0] <= sum; steps = steps[1:] {
			out = append(out, Milestone{steps[0], d.Day})
		}
	}
	return out
}

// Days are those with signatures, oldest first. They are made once for each
// change of the numbers; nobody may change them.
func (t *Tally) Days() []DayCount {
	if last := t.days.Load(); last != nil && last.version == t.Version() {
		return last.days
	}
	t.mu.RLock()
	now := &daysOf{version: t.version, days: t.listDays()}
	t.mu.RUnlock()
	t.days.Store(now)
	return now.days
}

// daysOf are the days at a version of the numbers.
type daysOf struct {
	version int64
	days    []DayCount
}

// listDays wants the lock held.
func (t *Tally) listDays() []DayCount {
	var days []DayCount
	for k, n := range t.n {
		if k.kind == ByDay && n != 0 {
			days = append(days, DayCount{k.key, n})
		}
	}
	slices.SortFunc(days, func(a, b DayCount) int { return cmp.Compare(a.Day, b.Day) })
	return days
}
