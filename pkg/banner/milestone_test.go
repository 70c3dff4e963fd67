package banner_test

import (
	"math"
	"slices"
	"testing"

	"olivebranch/pkg/banner"
)

func TestTheNextMilestoneIsTheFirstRoundStepAboveUpToTheGoal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ n, goal, want int64 }{
		{-1, 0, 10}, {0, 0, 10}, {9, 0, 10}, {10, 0, 25}, {24, 0, 25}, {25, 0, 50}, {50, 0, 100}, {100, 0, 250},
		{999, 0, 1000}, {206_629, 100_000_000, 250_000}, {60_000_000, 100_000_000, 100_000_000},
		{300, 400, 400}, {400, 400, 400}, {401, 400, 400},
		{math.MaxInt64, 0, math.MaxInt64}, {math.MaxInt64 - 1, 0, math.MaxInt64},
	} {
		if got := banner.NextMilestone(c.n, c.goal); got != c.want {
			t.Errorf("NextMilestone(%d, %d) = %d, want %d", c.n, c.goal, got, c.want)
		}
	}
}

func TestMilestonesAreTheStepsThatAreReached(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, goal int64
		want    []int64
	}{
		{0, 100, nil}, {9, 100, nil}, {10, 100, []int64{10}}, {60, 100, []int64{10, 25, 50}}, {300, 0, []int64{10, 25, 50, 100, 250}},
		{60, 40, []int64{10, 25, 40}}, {40, 40, []int64{10, 25, 40}}, {39, 40, []int64{10, 25}}, {5, 5, []int64{5}},
	} {
		if got := banner.Milestones(c.n, c.goal); !slices.Equal(got, c.want) {
			t.Errorf("Milestones(%d, %d) = %v, want %v", c.n, c.goal, got, c.want)
		}
	}
	if got := len(banner.Milestones(math.MaxInt64, 0)); got < 50 || got > 60 {
		t.Errorf("%d steps up to the largest number", got)
	}
}

func TestRoundDownKeepsThreeFigures(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]int64{
		0: 0, 7: 7, 999: 999, 1000: 1000, 1009: 1000, 12_345: 12_300, 99_999: 99_900, 100_000: 100_000,
		206_629: 206_000, math.MaxInt64: 9_220_000_000_000_000_000,
	} {
		if got := banner.RoundDown(n); got != want {
			t.Errorf("RoundDown(%d) = %d, want %d", n, got, want)
		}
	}
}
