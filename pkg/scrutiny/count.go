package scrutiny

// key names a bucket: the beginning of a keyed hash, or the bytes of an id or a
// code. The beginning is enough to tell millions apart, and leaves no trace of
// the hash in a signature that is erased.
type key [8]byte

func keyOf(b []byte) (k key) {
	copy(k[:], b)
	return k
}

// mostKeys bounds the memory of one kind of buckets, about 5 MB.
const mostKeys = 100_000

// counter is how many came in the period now and in the one before.
type counter struct {
	slot        int64
	now, before uint32
}

// counters count by key in sliding periods, in bounded memory: when there are
// more keys than there is room, each gives one away, and those that have
// nothing left go (Misra and Gries, "Finding repeated elements", 1982). So a
// count is never too high, and too low by at most all that came in two periods
// divided by mostKeys: ten million domains with one request each cost a busy
// one a hundred.
type counters struct {
	n    map[key]counter
	most int
}

func newCounters(most int) *counters { return &counters{map[key]counter{}, most} }

// add counts one more, and returns how many came in the period until now. The
// period before counts for the share of it that is still inside.
func (c *counters) add(k key, period, now int64) int64 {
	n, known := c.n[k]
	if !known && len(c.n) >= c.most {
		c.makeRoom()
	}
	n = n.at(now / period)
	n.now++
	c.n[k] = n
	return n.count(period, now)
}

// get is how many came in the period until now.
func (c *counters) get(k key, period, now int64) int64 {
	return c.n[k].at(now/period).count(period, now)
}

func (n counter) at(slot int64) counter {
	switch {
	case n.slot == slot:
		return n
	case n.slot == slot-1:
		return counter{slot: slot, before: n.now}
	}
	return counter{slot: slot}
}

func (n counter) count(period, now int64) int64 {
	return int64(n.now) + int64(n.before)*(period-now%period)/period
}

func (c *counters) makeRoom() {
	for k, n := range c.n {
		switch {
		case n.before > 0:
			n.before--
		case n.now > 0:
			n.now--
		}
		if n.before == 0 && n.now == 0 {
			delete(c.n, k)
			continue
		}
		c.n[k] = n
	}
}
