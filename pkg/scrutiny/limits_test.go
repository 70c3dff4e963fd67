package scrutiny_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/scrutiny"
	"olivebranch/pkg/testkit"
)

// Each bucket runs hot by itself, and cools down after its period.
func TestABucketRunsHotByItself(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		for _, kind := range scrutiny.Kinds() {
			limit(t, a, scrutiny.Limit{Kind: kind, Minutes: 10, Ask: 1000, Examine: 0})
		}
		limit(t, a, scrutiny.Limit{Kind: scrutiny.ByRange, Minutes: 10, Ask: 8})
		for i := range 8 {
			if a.Scrutiny.Hot(seen(a, "other.example", "192.0.2.0/24", "KR", 5)) {
				t.Fatalf("hot after %d", i)
			}
			sign(t, a, form(i, fmt.Sprintf("d%d.example", i), "192.0.2.0/24"), 0)
		}
		if !a.Scrutiny.Hot(seen(a, "other.example", "192.0.2.0/24", "KR", 5)) {
			t.Error("eight from one range are not hot")
		}
		if a.Scrutiny.Hot(seen(a, "other.example", "198.51.100.0/24", "FR", 0)) {
			t.Error("another range is hot")
		}
		a.Clock.Advance(21 * time.Minute)
		if a.Scrutiny.Hot(seen(a, "other.example", "192.0.2.0/24", "KR", 5)) {
			t.Error("still hot after two periods")
		}
	})
}

// A carrier's prefix is one bucket with its own numbers, which its ranges have
// no others beside.
func TestACarriersPrefixIsOneBucket(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		limit(t, a, scrutiny.Limit{Kind: scrutiny.ByRange, Minutes: 60, Ask: 5})
		limit(t, a, scrutiny.Limit{Kind: scrutiny.ByRange, Key: "203.0.112.7/20", Minutes: 60, Ask: 30, Note: "a carrier"})
		for i := range 29 {
			sign(t, a, form(i, fmt.Sprintf("d%d.example", i), fmt.Sprintf("203.0.%d.0/24", 112+i%4)), 0)
		}
		if a.Scrutiny.Hot(seen(a, "x.example", "203.0.113.0/24", "KR", 0)) {
			t.Error("a carrier's range is hot before its own limit")
		}
		sign(t, a, form(30, "d30.example", "203.0.119.0/24"), 0)
		if !a.Scrutiny.Hot(seen(a, "x.example", "203.0.127.0/24", "KR", 0)) {
			t.Error("a carrier's prefix is not counted as one")
		}
		if a.Scrutiny.Hot(seen(a, "x.example", "203.0.128.0/24", "KR", 0)) {
			t.Error("what lies outside the prefix is hot")
		}
	})
}

// Where staff say that all above a number is held, it is, with its reason.
func TestOverItsLimitABucketIsHeld(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		limit(t, a, scrutiny.Limit{Kind: scrutiny.ByDomain, Key: "Flood.Example", Minutes: 60, Hold: 50})
		var last int64
		for i := range 51 {
			last = sign(t, a, form(i, "flood.example", fmt.Sprintf("10.1.%d.0/24", i)), time.Minute/10)
			want := "counted"
			if i == 50 {
				want = "held domain"
			}
			if got := state(t, a, last); got != want {
				t.Fatalf("number %d is %q, want %q", i+1, got, want)
			}
		}
		a.MustVerify()
	})
}

func TestLimitsHaveBounds(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		for name, l := range map[string]scrutiny.Limit{
			"kind":    {Kind: "colour", Minutes: 60},
			"key":     {Kind: scrutiny.ByRange, Key: "10.0.0.0/7", Minutes: 60},
			"minutes": {Kind: scrutiny.ByRange, Minutes: 0},
			"ask":     {Kind: scrutiny.ByRange, Minutes: 60, Ask: 1},
			"examine": {Kind: scrutiny.ByRange, Minutes: 60, Examine: 3},
			"hold":    {Kind: scrutiny.ByRange, Minutes: 60, Ask: 500, Hold: 60},
		} {
			var refused *fault.Error
			if err := a.Scrutiny.SaveLimit(t.Context(), l, mina); !errors.As(err, &refused) || refused.Fields[name] == nil || len(refused.Fields) != 1 {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, key := range []string{"203.0.113.0/25", "::ffff:10.0.0.0/100", "2001:db8::/49", "10.0.0.1"} {
			if err := a.Scrutiny.SaveLimit(t.Context(), scrutiny.Limit{Kind: scrutiny.ByRange, Key: key, Minutes: 60}, mina); err == nil {
				t.Errorf("%s is taken for a prefix", key)
			}
		}
		rows, err := a.Scrutiny.Limits(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Scrutiny.RemoveLimit(t.Context(), rows[0].ID, mina); err == nil {
			t.Error("a default was removed")
		}
	})
}
