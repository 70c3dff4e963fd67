package scrutiny

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Bounds of what is examined: the requests of a day, and the newest of them
// when there are more, some 15 MB.
const (
	windowTime = 24 * time.Hour
	windowRows = 100_000
	// late is how much later than its time a row may be committed.
	late = 10 * time.Second
)

// row is a request as the window has it. Times are Unix milliseconds.
type row struct {
	id, partner   int64
	country, lang string
	domain, rng   key
	created, sent int64
	confirmed     int64 // 0 if it was not
	domainSince   int64 // when the first request came from its mail domain
	doubt         bool  // it will be held, or is, or somebody decided about it
}

// delay is how long the person took after the mail, in milliseconds; after the
// form, when the mail server said only later that it took the mail.
func (r *row) delay() int64 {
	if r.created < r.sent && r.sent < r.confirmed {
		return r.confirmed - r.sent
	}
	return max(1, r.confirmed-r.created)
}

// window is the newest requests, followed in the database, so that it has what
// all copies of the program took in.
type window struct {
	rows      []*row // in the order of their time
	byID      map[int64]*row
	created   int64 // as far as requests were read
	confirmed int64 // as far as confirmations were
	domains   map[key]int64
}

func newWindow() *window { return &window{byID: map[int64]*row{}, domains: map[key]int64{}} }

// stored is a request as the database has it. What is personal in it is with
// its signature once it was confirmed.
type stored struct {
	ID, PartnerID         int64
	Country, Lang         string
	DomainKey, RangeKey   []byte
	CreatedAt, SentAt     int64
	Doubt, State          string
	SweepID               int64
	SignatureID, Confirms int64
}

const windowQuery = "SELECT r.id, r.partner_id, r.country, r.lang, COALESCE(s.domain_key, r.domain_key) AS domain_key, COALESCE(s.range_key, r.range_key) AS range_key," +
	" r.created_at, r.sent_at, r.doubt, r.signature_id, COALESCE(s.state, '') AS state, COALESCE(s.sweep_id, 0) AS sweep_id, COALESCE(s.confirmed_at, 0) AS confirms" +
	" FROM sign_requests r LEFT JOIN signatures s ON s.id = r.id WHERE r.state = ? AND r.created_at > ? ORDER BY r.created_at DESC LIMIT ?"

// follow reads what is new.
func (s *Scrutiny) follow(ctx context.Context) error {
	w, now := s.window, s.Now().UnixMilli()
	oldest := now - windowTime.Milliseconds()
	db := s.Store.Read(ctx)
	var fresh []*row
	for _, state := range []string{"pending", "done"} {
		var found []stored
		if err := db.Raw(windowQuery, state, max(oldest, w.created-late.Milliseconds()), windowRows).Scan(&found).Error; err != nil {
			return fmt.Errorf("read the newest requests: %w", err)
		}
		for _, f := range found {
			if w.byID[f.ID] != nil || f.SignatureID != 0 && f.SignatureID != f.ID || f.DomainKey == nil {
				continue // known, of somebody who had signed, or forgotten
			}
			r := &row{id: f.ID, partner: f.PartnerID, country: f.Country, lang: f.Lang, domain: keyOf(f.DomainKey), rng: keyOf(f.RangeKey),
				created: f.CreatedAt, sent: f.SentAt, confirmed: f.Confirms, doubt: f.Doubt != "" || f.State == Held || f.SweepID != 0}
			w.byID[r.id] = r
			fresh = append(fresh, r)
		}
	}
	slices.SortFunc(fresh, func(a, b *row) int { return int(a.created - b.created) })
	for _, r := range fresh {
		w.created = max(w.created, r.created)
	}
	w.rows = append(w.rows, fresh...)
	if err := s.followConfirms(db); err != nil {
		return err
	}
	w.forget(oldest)
	return s.meetDomains(ctx, fresh)
}

func (s *Scrutiny) followConfirms(db *gorm.DB) error {
	w := s.window
	var found []struct{ ID, ConfirmedAt, SentAt int64 }
	from := w.confirmed - late.Milliseconds()
	if w.confirmed == 0 {
		from = s.Now().UnixMilli() // the requests came with their confirmations
	}
	// A join would let SQLite walk through all requests.
	err := db.Raw("SELECT s.id, s.confirmed_at, COALESCE((SELECT r.sent_at FROM sign_requests r WHERE r.id = s.id), 0) AS sent_at FROM signatures s"+
		" WHERE s.appeal_id = ? AND s.confirmed_at > ? ORDER BY s.confirmed_at DESC LIMIT ?", s.AppealID(), from, windowRows).Scan(&found).Error
	if err != nil {
		return fmt.Errorf("read the newest confirmations: %w", err)
	}
	w.confirmed = max(w.confirmed, from)
	for _, f := range found {
		w.confirmed = max(w.confirmed, f.ConfirmedAt)
		if r := w.byID[f.ID]; r != nil {
			r.confirmed, r.sent = f.ConfirmedAt, f.SentAt
		}
	}
	return nil
}

// forget drops what is older, and what is too much.
func (w *window) forget(oldest int64) {
	n := max(0, len(w.rows)-windowRows)
	for n < len(w.rows) && w.rows[n].created < oldest {
		n++
	}
	for _, r := range w.rows[:n] {
		delete(w.byID, r.id)
	}
	w.rows = slices.Delete(w.rows, 0, n)
	if len(w.domains) > 2*windowRows {
		clear(w.domains)
		for _, r := range w.rows {
			w.domains[r.domain] = r.domainSince
		}
	}
}

// seenDomain is a row: a mail domain, and when the first request came from it.
type seenDomain struct {
	DomainKey []byte
	FirstAt   int64
}

// ForgetDomains erases which mail domains were ever seen. A small one can be a
// family's, and stand for who signed.
func (s *Scrutiny) ForgetDomains(ctx context.Context) error {
	var n int64
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		res := tx.Exec("DELETE FROM seen_domains")
		n = res.RowsAffected
		return res.Error
	})
	if err != nil {
		return fmt.Errorf("forget mail domains: %w", err)
	}
	if n > 0 {
		s.Store.Erased()
	}
	return nil
}

// meetDomains notes which mail domains were never seen before.
func (s *Scrutiny) meetDomains(ctx context.Context, fresh []*row) error {
	w := s.window
	first := map[key]int64{}
	for _, r := range fresh {
		if _, known := w.domains[r.domain]; !known {
			if at, met := first[r.domain]; !met || r.created < at {
				first[r.domain] = r.created
			}
		}
	}
	met := make([]seenDomain, 0, len(first))
	for k, at := range first {
		met = append(met, seenDomain{slices.Clone(k[:]), at})
	}
	slices.SortFunc(met, func(a, b seenDomain) int { return slices.Compare(a.DomainKey, b.DomainKey) })
	for part := range slices.Chunk(met, 500) {
		var known []seenDomain
		err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
			onKey := clause.OnConflict{Columns: []clause.Column{{Name: "domain_key"}}, DoNothing: true}
			if err := tx.Clauses(onKey).Create(&part).Error; err != nil {
				return err
			}
			asked := make([][]byte, len(part))
			for i := range part {
				asked[i] = part[i].DomainKey
			}
			return tx.Where("domain_key IN ?", asked).Find(&known).Error
		})
		if err != nil {
			return fmt.Errorf("note %d mail domains: %w", len(part), err)
		}
		for _, d := range known {
			w.domains[keyOf(d.DomainKey)] = d.FirstAt
		}
	}
	for _, r := range fresh {
		r.domainSince = w.domains[r.domain]
	}
	return nil
}
