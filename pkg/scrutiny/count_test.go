package scrutiny_test

import (
	"strconv"
	"testing"

	"olivebranch/pkg/scrutiny"
)

const hour = int64(3_600_000)

// However many domains there are, the memory stays, what is busy is seen, and
// nothing is counted too high.
func TestCountsStaySmallAndAreNeverTooHigh(t *testing.T) {
	t.Parallel()
	const most, others, busy = 1000, 500_000, 2000
	c := scrutiny.NewCounters(most)
	for i := range others {
		if n := c.Add(strconv.Itoa(i), hour, 5); n > 1 {
			t.Fatalf("a domain that came once counts %d", n)
		}
		if i%(others/busy) == 0 {
			c.Add("busy", hour, 5)
		}
		if c.Len() > most {
			t.Fatalf("%d keys are kept, want no more than %d", c.Len(), most)
		}
	}
	if n := c.Get("busy", hour, 5); n > busy || n < busy-(others+busy)/most {
		t.Errorf("the busy one counts %d, want %d less at most %d", n, busy, (others+busy)/most)
	}
}

func TestAPeriodSlides(t *testing.T) {
	t.Parallel()
	c := scrutiny.NewCounters(10)
	for range 100 {
		c.Add("a", hour, hour-1)
	}
	for at, want := range map[int64]int64{hour - 1: 100, hour + hour/4: 75, hour + hour/2: 50, 2 * hour: 0} {
		if n := c.Get("a", hour, at); n != want {
			t.Errorf("at %d it counts %d, want %d", at, n, want)
		}
	}
}
