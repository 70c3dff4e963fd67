package placement

import (
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// MostNotes is how many different notes wait in memory for the next batch at
// most, some 10 MB of them; what comes on top is dropped and counted.
const MostNotes = 20_000

// shards is how many parts the notes are in, so that requests seldom wait for
// each other.
const shards = 64

// Notes are what was seen and clicked since the last batch was written. The
// zero value is ready. Safe for concurrent use.
//
// A note is taken while somebody waits for a banner, so that it is as cheap
// as can be: what the page says of itself is kept as it came, and read when
// the batch is written.
type Notes struct {
	waiting atomic.Int64
	dropped atomic.Int64
	shards  [shards]shard
}

type shard struct {
	mu sync.Mutex
	n  map[note]*sum
	_  [48]byte // each on a cache line of its own
}

// note is what is counted together.
type note struct {
	partner int64
	day     int64 // since 1970, UTC
	layout  uint8
	source  source
	page    string // as source says
}

// source says where the word about a page is from.
type source uint8

const (
	fromLoader  source = iota // host and path, encoded as in a query
	fromReferer               // the whole header
	fromLink                  // host and path, decoded: the loader's, at a click
)

type sum struct{ frames, clicks int64 }

var seed = maphash.MakeSeed()

const millisPerDay = 24 * 60 * 60 * 1000

// Sight is one showing of a banner.
type Sight struct {
	Partner int64
	Layout  uint8
	// At is what the query says about the page, still encoded; "" if it says
	// nothing, and then Referer is the header, or "".
	At, Referer string
	Now         time.Time
}

// See notes that a banner was shown. It keeps no part of the request's memory.
func (n *Notes) See(s Sight) {
	k := note{partner: s.Partner, day: s.Now.UnixMilli() / millisPerDay, layout: s.Layout, page: s.At}
	if s.At == "" {
		k.source, k.page = fromReferer, s.Referer
	}
	n.add(k, sum{frames: 1})
}

// Click notes that somebody followed a banner's link on a page, as Page.At
// gives it.
func (n *Notes) Click(partner int64, at string, now time.Time) {
	n.add(note{partner: partner, day: now.UnixMilli() / millisPerDay, source: fromLink, page: at}, sum{clicks: 1})
}

func (n *Notes) add(k note, s sum) {
	if len(k.page) > 2*LongestAt {
		k.page = "" // it says nothing that would be read
	}
	shard := n.shard(k)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if has := shard.n[k]; has != nil {
		has.frames += s.frames
		has.clicks += s.clicks
		return
	}
	if n.waiting.Add(1) > MostNotes {
		n.waiting.Add(-1)
		n.dropped.Add(1)
		return
	}
	if shard.n == nil {
		shard.n = map[note]*sum{}
	}
	k.page = strings.Clone(k.page)
	shard.n[k] = &s
}

func (n *Notes) shard(k note) *shard {
	return &n.shards[(maphash.String(seed, k.page)^uint64(k.partner))%shards]
}

// clicked says whether a click on a page, of today or of yesterday, waits for
// the next batch.
func (n *Notes) clicked(partner int64, at string, now time.Time) bool {
	k := note{partner: partner, day: now.UnixMilli() / millisPerDay, source: fromLink, page: at}
	shard := n.shard(k)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	today := shard.n[k] != nil
	k.day--
	return today || shard.n[k] != nil
}

// Dropped is how many showings and clicks were not noted since the start,
// because too many different ones were waiting.
func (n *Notes) Dropped() int64 { return n.dropped.Load() }

// take empties the notes into one map.
func (n *Notes) take() map[note]*sum {
	all := map[note]*sum{}
	for i := range n.shards {
		shard := &n.shards[i]
		shard.mu.Lock()
		taken := shard.n
		shard.n = nil
		n.waiting.Add(-int64(len(taken)))
		shard.mu.Unlock()
		for k, s := range taken {
			all[k] = s
		}
	}
	return all
}

// putBack returns what could not be written, as far as there is room.
func (n *Notes) putBack(all map[note]*sum) {
	for k, s := range all {
		n.add(k, *s)
	}
}
