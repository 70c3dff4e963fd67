package mailer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/outbox"
)

// errPutBack marks a row that was claimed and not begun.
var errPutBack = errors.New("put back")

// errPointless marks a row that has lost its cause.
var errPointless = errors.New("pointless")

func isUnreachable(err error) bool { return errors.Is(err, ErrUnreachable) }

// head is a mail that waits at the head of its lane, with how its domain takes
// mail.
type head struct {
	ID        int64
	DomainKey []byte
	NotBefore int64
	Tries     int64
	Level     int64
	Until     int64
}

// waits is how long the mail has been in the outbox: an id has its time in it.
func (h head) waits(now int64) time.Duration {
	return time.Duration(now-outbox.TimeOf(h.ID)) * time.Millisecond
}

// How many of a lane are looked at: enough, unless many of them have to be
// passed over.
const (
	fewHeads  = 2 * batchLetters
	manyHeads = 1000
)

// claimed is what a claim took.
type claimed struct {
	rows   []outbox.Row
	probes map[int64]bool // of rows, those sent to see whether a domain is well again
	more   bool           // others may be found behind those that were passed over
}

const due = "state = 'waiting' AND not_before <= ? AND lease_until <= ?"

// claim takes mails that are due for as long as lease lasts: by lanes, under
// the ceilings, none for domains that are held back and none that is unwanted. Of
// several Mailers at once each gets other rows: on SQLite they take turns, on
// PostgreSQL they pass over what another has locked.
func (m *Mailer) claim(ctx context.Context, unwanted func(id int64, domain string) bool) (c claimed, err error) {
	m.claiming.Lock()
	defer m.claiming.Unlock()
	now := m.now().UnixMilli()
	var some bool
	err = m.store.Read(ctx).Raw("SELECT EXISTS (SELECT 1 FROM outbox WHERE "+due+")", now, now).Scan(&some).Error
	if err != nil || !some {
		return c, wrap("look for mails", err)
	}
	err = m.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		room, err := m.measure(tx, now)
		if err != nil || room.slots == 0 {
			return err
		}
		wasDeep := m.deep
		waiting, passed, err := m.heads(tx, now, unwanted)
		if err != nil {
			return err
		}
		picked := choose(waiting, room, &m.turn, now)
		var parked bool
		if c.probes, parked, err = m.holdBack(tx, now, picked, passed); err != nil {
			return err
		}
		if c.more = parked || m.deep && !wasDeep; len(picked) == 0 {
			return nil
		}
		tried := spans{}
		tried.add(now, int64(len(picked)), 0)
		if err := tx.Raw("UPDATE outbox SET lease_until = ?, tries = tries + 1 WHERE id IN ? RETURNING *", now+lease.Milliseconds(), ids(picked)).Scan(&c.rows).Error; err != nil {
			return err
		}
		order := ids(picked)
		slices.SortFunc(c.rows, func(a, b outbox.Row) int { return slices.Index(order, a.ID) - slices.Index(order, b.ID) })
		return tried.write(tx)
	})
	return c, wrap("claim mails", err)
}

func ids(heads []head) []int64 {
	out := make([]int64, len(heads))
	for i, h := range heads {
		out[i] = h.ID
	}
	return out
}

// heads are the mails at the head of each lane that may be sent, and those
// passed over because their domain is held back.
func (m *Mailer) heads(tx *gorm.DB, now int64, unwanted func(id int64, domain string) bool) (waiting [][]head, passed []head, err error) {
	limit := fewHeads
	if m.deep {
		limit = manyHeads
	}
	skip := ""
	if m.store.Postgres() {
		skip = " FOR UPDATE OF o SKIP LOCKED"
	}
	m.deep = false
	waiting = make([][]head, len(lanes))
	probes := map[string]int{}
	for l, lane := range lanes {
		for _, urgency := range lane.urgencies {
			var found []head
			err := tx.Raw("SELECT o.id, o.domain_key, o.not_before, o.tries, COALESCE(d.level, 0) AS level, COALESCE(d.until, 0) AS until"+
				" FROM outbox o LEFT JOIN mail_domains d ON d.domain_key = o.domain_key"+
				" WHERE o.state = 'waiting' AND o.urgency = ? AND o.not_before <= ? AND o.lease_until <= ? ORDER BY o.not_before, o.id LIMIT ?"+skip,
				urgency, now, now, limit).Scan(&found).Error
			if err != nil {
				return nil, nil, err
			}
			good := 0
			// Who was refused before goes first when it is tried whether a domain is
			// well again: a server that puts off strangers takes their second try.
			slices.SortStableFunc(found, func(a, b head) int {
				if a.Level == 0 || b.Level == 0 {
					return 0
				}
				return int(b.Tries - a.Tries)
			})
			for _, h := range found {
				domain := string(h.DomainKey)
				switch {
				case h.Until > now, h.Level > 0 && probes[domain] == mostProbes:
					passed = append(passed, h)
				case unwanted(h.ID, domain):
				default:
					if h.Level > 0 {
						probes[domain]++
					}
					waiting[l], good = append(waiting[l], h), good+1
				}
			}
			m.deep = m.deep || len(found) >= fewHeads && good < batchLetters
		}
	}
	return waiting, passed, nil
}

// TakeBack frees the mails that a program which died had claimed, so that they
// go out at once and not when the lease ends. Only for whoever is alone on
// the database: what another is sending would be sent twice.
func (m *Mailer) TakeBack(ctx context.Context) error {
	return wrap("take claimed mails back", m.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&outbox.Row{}).Where("state = ? AND lease_until > 0", outbox.Waiting).Update("lease_until", 0).Error
	}))
}

func wrap(doing string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
