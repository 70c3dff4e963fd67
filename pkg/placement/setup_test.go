package placement_test

import (
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/config"
	"olivebranch/pkg/placement"
	"olivebranch/pkg/testkit"
)

// house is a campaign without its web; its notes are written when a test says
// so.
type house struct {
	*app.Core
	t     testing.TB
	clock *testkit.Clock
}

// onEach runs a test on both databases.
func onEach(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		clock := testkit.NewClock()
		if err := app.Migrate(t.Context(), c, clock.Now); err != nil {
			t.Fatal(err)
		}
		test(t, open(t, c, clock))
	})
}

// open is one copy of the program on a database.
func open(t testing.TB, c *config.Config, clock *testkit.Clock) *house {
	t.Helper()
	core, err := app.OpenCore(t.Context(), c, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = core.Close() })
	core.Places.Host = "campaign.example"
	return &house{Core: core, t: t, clock: clock}
}

// see shows a partner's banner on a page, as a query names it.
func (h *house) see(partner int64, at string) {
	h.Places.Notes.See(placement.Sight{Partner: partner, At: at, Now: h.clock.Now()})
}

func (h *house) write() int {
	h.t.Helper()
	n, err := h.Places.Write(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// list is every placement of a partner, those seen last first.
func (h *house) list(partner int64) []placement.Placement {
	h.t.Helper()
	rows, _, err := h.Places.List(h.t.Context(), placement.Query{Partner: partner, Most: 10_000})
	if err != nil {
		h.t.Fatal(err)
	}
	return rows
}

// sums are frames and clicks by page.
func (h *house) sums(partner int64) map[placement.Page][2]int64 {
	h.t.Helper()
	sums := map[placement.Page][2]int64{}
	for _, p := range h.list(partner) {
		sums[p.Page()] = [2]int64{p.Frames, p.Clicks}
	}
	return sums
}

const day = 24 * time.Hour
