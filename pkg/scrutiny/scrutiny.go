// Package scrutiny tells what people signed from what machines did. It counts
// what comes in by address range, mail domain, partner and country; says where
// so much comes from that a proof of work is asked for; examines what runs hot
// for patterns of machines; holds the groups in which it finds them, and raises
// alarms at the desk.
//
// It moves no signature itself: others hand it a Mover. Mail domains and
// address ranges are known to it by their keyed hashes only. Counts for the
// challenge are those of one copy of the program; what is held is decided from
// the database, and so from what all copies took in together.
package scrutiny

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

// Reasons to hold a signature, as package appeal has them.
const (
	becauseAlike   = "alike"
	becauseNames   = "names"
	becauseCountry = "country"
)

// States of a signature between which a rule moves some.
const (
	Counted = "counted"
	Held    = "held"
)

// Order says which signatures to move.
type Order struct {
	IDs      []int64
	From, To string
	Reason   string // "" with Counted
	Why      string // a few words for the trail
}

// Mover moves signatures between states.
type Mover func(ctx context.Context, o Order) error

// Parts is what scrutiny needs.
type Parts struct {
	Store      *store.Store
	Keys       *seal.Keys
	Trail      audit.Trail
	AppealID   func() int64
	Move       Mover
	IsCountry  func(code string) bool
	IsPartner  func(id int64) bool
	Population func(country string) int64 // 0 if unknown
	Counted    func(country string) int64 // signatures of a country that are counted
	Now        func() time.Time
	Quickest   time.Duration // what a person needs at least between mail and confirmation; 0 never minds
	NameColumn string        // under which package seal binds names and addresses
	MailColumn string
}

// Scrutiny watches what comes in. Safe for concurrent use. Run examines.
type Scrutiny struct {
	Parts
	rules   atomic.Pointer[rules]
	holds   atomic.Pointer[holds]
	version atomic.Int64
	alarms  atomic.Int64 // that are open

	mu     sync.Mutex
	counts map[string]*counters

	examining sync.Mutex
	window    *window
	cleared   map[string]clearance
	raised    map[string]int64 // when alarms whose cause lasts were last raised
	asked     atomic.Int64     // requests since the last examination
}

// Load reads limits and holds, and counts what the last period brought.
func Load(ctx context.Context, p Parts) (*Scrutiny, error) {
	s := &Scrutiny{Parts: p, counts: map[string]*counters{}, window: newWindow(), cleared: map[string]clearance{}, raised: map[string]int64{}}
	for _, kind := range Kinds() {
		s.counts[kind] = newCounters(mostKeys)
	}
	if err := s.Reload(ctx); err != nil {
		return nil, err
	}
	if err := s.follow(ctx); err != nil {
		return nil, err
	}
	s.recount()
	return s, nil
}

// Version is that of the limits and holds in memory.
func (s *Scrutiny) Version() int64 { return s.version.Load() }

// Reload reads limits and holds anew.
func (s *Scrutiny) Reload(ctx context.Context) error {
	change, err := store.Changed(s.Store.Read(ctx), store.TopicScrutiny)
	if err != nil {
		return err
	}
	limits, err := s.Limits(ctx)
	if err != nil {
		return err
	}
	open, err := s.openHolds(ctx)
	if err != nil {
		return fmt.Errorf("read the holds: %w", err)
	}
	var alarms int64
	if err := s.Store.Read(ctx).Model(&AlarmRow{}).Where("done_at = 0").Count(&alarms).Error; err != nil {
		return fmt.Errorf("count the alarms: %w", err)
	}
	s.alarms.Store(alarms)
	s.rules.Store(newRules(limits, s.Keys))
	s.holds.Store(newHolds(open))
	s.version.Store(change.N)
	return nil
}

// Seen is where a request comes from. The keys are keyed hashes of its mail
// domain and of Range.
type Seen struct {
	PartnerID           int64
	Country             string
	Range               string
	DomainKey, RangeKey []byte
}

// buckets of a request with their limits, in the order of Kinds.
func (r *rules) buckets(from Seen) [4]struct {
	kind  string
	limit *Limit
	key   key
} {
	wide, wideKey := r.around(from.Range, keyOf(from.RangeKey))
	domain, partner, country := keyOf(from.DomainKey), partnerKey(from.PartnerID), keyOf([]byte(from.Country))
	return [4]struct {
		kind  string
		limit *Limit
		key   key
	}{{ByRange, wide, wideKey}, {ByDomain, r.of(ByDomain, domain), domain}, {ByPartner, r.of(ByPartner, partner), partner}, {ByCountry, r.of(ByCountry, country), country}}
}

// Doubt counts a request, and says why its signature is to be held: a bucket
// that is over its limit, or a group under hold; "" to count it.
func (s *Scrutiny) Doubt(from Seen) string {
	now := s.Now().UnixMilli()
	why := ""
	s.mu.Lock()
	for _, b := range s.rules.Load().buckets(from) {
		n := s.counts[b.kind].add(b.key, b.limit.period(), now)
		if why == "" && b.limit.Hold != 0 && n > b.limit.Hold {
			why = b.kind // the reasons for single buckets are called as they are
		}
	}
	s.mu.Unlock()
	s.asked.Add(1)
	if h := s.holds.Load().match(from.PartnerID, from.Country, keyOf(from.DomainKey), keyOf(from.RangeKey)); h != nil {
		why = h.Reason
	}
	return why
}

// Quick is what a person needs at least between a mail and its confirmation.
func (s *Scrutiny) Quick() time.Duration { return s.Quickest }

// Hot says whether so much comes from where this comes from that a proof of
// work is asked for.
func (s *Scrutiny) Hot(from Seen) bool {
	now := s.Now().UnixMilli()
	if s.holds.Load().match(from.PartnerID, from.Country, keyOf(from.DomainKey), keyOf(from.RangeKey)) != nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.rules.Load().buckets(from) {
		if b.limit.Ask != 0 && s.counts[b.kind].get(b.key, b.limit.period(), now) >= b.limit.Ask {
			return true
		}
	}
	return false
}

// recount fills the counters from the window, after a start. Requests of a
// wider prefix count for their own range until new ones come.
func (s *Scrutiny) recount() {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rules.Load()
	for _, row := range s.window.rows {
		for kind, k := range map[string]key{ByRange: row.rng, ByDomain: row.domain, ByPartner: partnerKey(row.partner), ByCountry: keyOf([]byte(row.country))} {
			s.counts[kind].add(k, r.of(kind, k).period(), row.created)
		}
	}
}
