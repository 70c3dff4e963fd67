package mailer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/store"
)

// room is how many mails may be tried now.
type room struct {
	slots  int // at most so many in this round
	limits []limit
}

// limit is a ceiling with what is used of it.
type limit struct{ most, used int64 }

func (r *room) use() {
	r.slots--
	for i := range r.limits {
		r.limits[i].used++
	}
}

// within says that less than a share of each ceiling is used, rounded up, so
// that of a ceiling of one the one goes to whoever comes.
func (r *room) within(percent int64) bool {
	for _, l := range r.limits {
		if l.used >= (l.most*percent+99)/100 {
			return false
		}
	}
	return true
}

// measure reads how much room there is under the ceilings. With PostgreSQL it
// makes copies of the program wait for each other until the transaction ends.
// Spans are counted whole, so a ceiling is never passed by what the clock
// rounds off.
func (m *Mailer) measure(tx *gorm.DB, now int64) (room, error) {
	r := room{slots: batchLetters}
	if m.ceilings == (outbox.Ceilings{}) {
		return r, nil
	}
	if m.store.Postgres() {
		if err := tx.Exec("SELECT pg_advisory_xact_lock(hashtext('olivebranch mail ceilings ' || current_schema()))").Error; err != nil {
			return r, fmt.Errorf("wait for others who send: %w", err)
		}
	}
	for _, c := range []struct {
		most   int
		span   int64
		window time.Duration
	}{{m.ceilings.Minute, 1, time.Minute}, {m.ceilings.Day, 60, 24 * time.Hour}} {
		if c.most == 0 {
			continue
		}
		l := limit{most: int64(c.most)}
		since := now - c.window.Milliseconds() - c.span*1000
		if err := tx.Raw("SELECT COALESCE(SUM(tried), 0) FROM mail_spans WHERE seconds = ? AND start > ?", c.span, since).Scan(&l.used).Error; err != nil {
			return r, fmt.Errorf("count what was sent: %w", err)
		}
		r.slots = max(min(r.slots, int(l.most-l.used)), 0)
		r.limits = append(r.limits, l)
	}
	return r, nil
}

// spans adds up, by span, what was tried and sent at moments.
type spans map[[2]int64][2]int64

// add counts; tried may be less than nothing, for what was put back.
func (s spans) add(at, tried, sent int64) {
	for _, seconds := range []int64{1, 60} {
		key := [2]int64{seconds, at - at%(seconds*1000)}
		n := s[key]
		s[key] = [2]int64{n[0] + tried, n[1] + sent}
	}
}

// write adds them to the table, in its order, lest two who write wait for each
// other in a ring.
func (s spans) write(tx *gorm.DB) error {
	var keys [][2]int64
	for k, n := range s {
		if n != [2]int64{} {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	slices.SortFunc(keys, func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) })
	args := make([]any, 0, 4*len(keys))
	for _, k := range keys {
		args = append(args, k[0], k[1], s[k][0], s[k][1])
	}
	statement := []string{"INSERT INTO mail_spans (seconds, start, tried, sent) VALUES", store.Values(len(keys), 4),
		"ON CONFLICT (seconds, start) DO UPDATE SET tried = mail_spans.tried + excluded.tried, sent = mail_spans.sent + excluded.sent"}
	if err := tx.Exec(strings.Join(statement, " "), args...).Error; err != nil {
		return fmt.Errorf("count what is sent: %w", err)
	}
	return nil
}
