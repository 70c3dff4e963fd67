package scrutiny

// Counters for tests.
func NewCounters(most int) *counters { return newCounters(most) }

// Add counts one more under a name.
func (c *counters) Add(name string, period, now int64) int64 {
	return c.add(keyOf([]byte(name)), period, now)
}

// Get is the count under a name.
func (c *counters) Get(name string, period, now int64) int64 {
	return c.get(keyOf([]byte(name)), period, now)
}

// Len is how many keys are kept.
func (c *counters) Len() int { return len(c.n) }
