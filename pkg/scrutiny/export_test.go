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

// Names weighs names with the local parts and domains of their addresses.
func Names(of [][3]string) []Evidence {
	people := make([]person, len(of))
	for i, p := range of {
		people[i] = person{foldName(p[0]), p[1], p[2]}
	}
	return scoreNames(people)
}

// Visit is a request of one group: when it came, and how long its confirmation
// took, in seconds; 0 if it was not confirmed.
type Visit struct {
	At, Took float64
	Country  string
}

// Times weighs the times of a group from one address range.
func Times(of []Visit, now float64) []Evidence {
	rows := make([]*row, len(of))
	for i, v := range of {
		rows[i] = &row{id: int64(i), country: v.Country, created: int64(1000 * v.At)}
		if v.Took > 0 {
			rows[i].confirmed = rows[i].created + int64(1000*v.Took)
		}
	}
	return score(rows, newBaseline(rows), int64(1000*now))
}
