package appeal

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/store"
)

// Kinds of tallies. Each but ByState and ByPlacement sums up to the total.
const (
	ByTotal      = "total"
	ByPartner    = "partner" // key: the partner's id, or Direct
	ByCountry    = "country"
	ByLanguage   = "language"
	ByOrigin     = "origin"
	ByDay        = "day"
	ByPartnerDay = "partner-day" // key: partner's key, a slash, the day
	ByPlacement  = "placement"   // key: the placement's id; none for signatures without one
	ByState      = "state"       // all signatures, whatever their state
)

// Direct is the partner key of signatures that no partner brought.
const Direct = "direct"

// PartnerKey is the key of a partner's tally; id 0 is nobody's.
func PartnerKey(id int64) string {
	if id == 0 {
		return Direct
	}
	return strconv.FormatInt(id, 10)
}

type tallyKey struct{ kind, key string }

// delta is what a transaction changes of the tallies.
type delta map[tallyKey]int64

// add counts n signatures like this one in (n = 1) or out (n = -1).
func (d delta) add(s Signature, n int64) {
	d[tallyKey{ByState, s.State}] += n
	if s.State != Counted {
		return
	}
	partner := PartnerKey(s.PartnerID)
	d[tallyKey{ByTotal, ""}] += n
	d[tallyKey{ByPartner, partner}] += n
	d[tallyKey{ByCountry, s.Country}] += n
	d[tallyKey{ByLanguage, s.Lang}] += n
	d[tallyKey{ByOrigin, s.Origin}] += n
	d[tallyKey{ByDay, s.Day}] += n
	d[tallyKey{ByPartnerDay, partner + "/" + s.Day}] += n
	if s.PlacementID != 0 {
		d[tallyKey{ByPlacement, strconv.FormatInt(s.PlacementID, 10)}] += n
	}
}

// write adds the delta to the stored tallies, in sorted order so that two
// copies of the program never wait for each other in a ring, and raises the
// change counter. It must be the last thing before the commit.
func (d delta) write(tx *gorm.DB, appealID int64) (store.Change, error) {
	keys := slices.SortedFunc(maps.Keys(d), func(a, b tallyKey) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.key, b.key))
	})
	args := make([]any, 0, 4*len(keys))
	for _, k := range keys {
		args = append(args, appealID, k.kind, k.key, d[k])
	}
	if len(keys) > 0 {
		err := tx.Exec("INSERT INTO tallies (appeal_id, kind, key, n) VALUES "+store.Values(len(keys), 4)+
			" ON CONFLICT (appeal_id, kind, key) DO UPDATE SET n = tallies.n + excluded.n", args...).Error
		if err != nil {
			return store.Change{}, fmt.Errorf("write tallies: %w", err)
		}
	}
	return store.Bump(tx, store.TopicTally)
}

// Tally is the counts of the main appeal in memory. It follows the commits of
// this process at once, those of others on Reload. Safe for concurrent use.
type Tally struct {
	store    *store.Store
	appealID int64

	mu      sync.RWMutex
	n       map[tallyKey]int64
	version int64
	stale   bool
	asOf    time.Time

	days atomic.Pointer[daysOf]
}

type tallyRow struct {
	AppealID int64
	Kind     string
	Key      string
	N        int64
}

func (tallyRow) TableName() string { return "tallies" }

// LoadTally reads the tallies of an appeal.
func LoadTally(ctx context.Context, s *store.Store, appealID int64) (*Tally, error) {
	t := &Tally{store: s, appealID: appealID, n: map[tallyKey]int64{}}
	return t, t.Reload(ctx)
}

// resident says which kinds are kept in memory: the days of single partners
// and the pages of their banners are left in the database.
func resident(kind string) bool { return kind != ByPartnerDay && kind != ByPlacement }

// Reload reads the tallies anew, all as of one moment.
func (t *Tally) Reload(ctx context.Context) error {
	var rows []tallyRow
	var change store.Change
	err := t.store.Snapshot(ctx, func(db *gorm.DB) (err error) {
		if change, err = store.Changed(db, store.TopicTally); err != nil {
			return err
		}
		return db.Where("appeal_id = ? AND kind NOT IN ?", t.appealID, []string{ByPartnerDay, ByPlacement}).Find(&rows).Error
	})
	if err != nil {
		return fmt.Errorf("read tallies: %w", err)
	}
	n := make(map[tallyKey]int64, len(rows))
	for _, r := range rows {
		n[tallyKey{r.Kind, r.Key}] = r.N
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if change.N >= t.version {
		t.n, t.version, t.stale = n, change.N, false
		t.asOf = time.UnixMilli(change.At).UTC()
	}
	return nil
}

// follow applies a commit of this process. When another process committed in
// between, the numbers stay as they were until the next Reload, which the
// watcher of the change counter asks for.
func (t *Tally) follow(change store.Change, d delta) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if change.N != t.version+1 || t.stale {
		t.stale = t.stale || change.N > t.version
		return
	}
	t.version, t.asOf = change.N, time.UnixMilli(change.At).UTC()
	for k, n := range d {
		if resident(k.kind) {
			t.n[k] += n
		}
	}
}

// Version is the value of the change counter the numbers are of.
func (t *Tally) Version() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.version
}

// Get is one number: a kind and its key.
func (t *Tally) Get(kind, key string) int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.n[tallyKey{kind, key}]
}

// Total is the number of counted signatures.
func (t *Tally) Total() int64 { return t.Get(ByTotal, "") }

// PartnerSignatures is the number some partners brought together.
func (t *Tally) PartnerSignatures(ids ...int64) int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var n int64
	for _, id := range ids {
		n += t.n[tallyKey{ByPartner, PartnerKey(id)}]
	}
	return n
}

// PlacementSignatures are the numbers that came from some placements, by their
// ids, read from the database.
func (t *Tally) PlacementSignatures(ctx context.Context, placements []int64) (map[int64]int64, error) {
	keys := make([]string, len(placements))
	for i, id := range placements {
		keys[i] = strconv.FormatInt(id, 10)
	}
	var rows []tallyRow
	if err := t.store.Read(ctx).Where("appeal_id = ? AND kind = ? AND key IN ?", t.appealID, ByPlacement, keys).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the signatures of placements: %w", err)
	}
	n := make(map[int64]int64, len(rows))
	for _, r := range rows {
		id, err := strconv.ParseInt(r.Key, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read the tally of placement %q: %w", r.Key, err)
		}
		n[id] = r.N
	}
	return n, nil
}

// AsOf is the time of the last change in the numbers, UTC; the Unix epoch if
// there was none.
func (t *Tally) AsOf() time.Time {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.asOf
}

// Keys are the keys of a kind that have a number other than zero, in
// alphabetical order.
func (t *Tally) Keys(kind string) []string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var keys []string
	for k, n := range t.n {
		if k.kind == kind && n != 0 {
			keys = append(keys, k.key)
		}
	}
	slices.Sort(keys)
	return keys
}
