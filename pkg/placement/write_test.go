package placement_test

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/config"
	"olivebranch/pkg/placement"
	"olivebranch/pkg/testkit"
)

func TestABatchAddsUpWhatWasSeenOfEachPage(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		notes, now := h.Places.Notes, h.clock.Now
		for _, at := range []string{"acme.example%2Fpeace", "acme.example/peace", "www.acme.example:443%2Fpeace", "acme.example%2F", "acme.example%2Fu%2Fa%40b.example"} {
			h.see(1, at)
		}
		notes.See(placement.Sight{Partner: 1, Layout: 3, At: "acme.example%2Fpeace", Now: now()})
		notes.See(placement.Sight{Partner: 1, Referer: "https://blog.example/secret?x", Now: now()})
		notes.See(placement.Sight{Partner: 1, Now: now()})
		notes.See(placement.Sight{Partner: 1, At: "%00", Referer: "https://not.example/", Now: now()})
		notes.See(placement.Sight{Partner: 1, At: "campaign.example%2Fportal", Now: now()})
		notes.Click(1, "acme.example/peace", now())
		notes.Click(1, "localhost", now())
		h.see(2, "acme.example%2Fpeace")
		if n := h.write(); n != 6 {
			t.Errorf("%d pages were written", n)
		}
		want := map[placement.Page][2]int64{
			{Host: "acme.example", Path: "/peace"}: {4, 1}, {Host: "acme.example", Path: "/"}: {1, 0}, {Host: "acme.example", Path: "/u/…"}: {1, 0},
			{Host: "blog.example"}: {1, 0}, {}: {2, 0},
		}
		if got := h.sums(1); !maps.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}

		h.clock.Advance(day)
		h.see(1, "acme.example%2Fpeace")
		h.write()
		top := h.list(1)[0]
		if top.Path != "/peace" || top.Frames != 5 || top.Clicks != 1 || top.Layouts != 1|1<<3 || top.LastSeen-top.FirstSeen != day.Milliseconds() {
			t.Errorf("the next day: %+v", top)
		}
		var days int64
		if err := h.Store.Read(t.Context()).Table("placement_days").Where("placement_id = ?", top.ID).Count(&days).Error; err != nil || days != 3 {
			t.Errorf("%d rows of days, %v", days, err)
		}
		if h.write() != 0 {
			t.Error("a batch was written twice")
		}
	})
}

func TestTwoCopiesAddUp(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		clock := testkit.NewClock()
		if err := app.Migrate(t.Context(), c, clock.Now); err != nil {
			t.Fatal(err)
		}
		copies := []*house{open(t, c, clock), open(t, c, clock)}
		var group sync.WaitGroup
		for _, h := range copies {
			group.Go(func() {
				for batch := range 5 {
					for i := range 20 {
						h.see(1, fmt.Sprintf("acme.example%%2F%d", (i+batch)%20))
					}
					if _, err := h.Places.Write(context.Background()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		rows := copies[0].list(1)
		if len(rows) != 20 {
			t.Fatalf("%d pages", len(rows))
		}
		for _, r := range rows {
			if r.Frames != 10 {
				t.Errorf("%s%s: %d frames", r.Host, r.Path, r.Frames)
			}
		}
	})
}

func TestPagesBeyondTheBoundCountForTheirHost(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.see(1, "acme.example%2Ffirst")
		h.write()
		for i := range placement.MostPages + 50 {
			h.see(1, fmt.Sprintf("acme.example%%2Fa%d", i))
		}
		for i := range 1200 {
			h.see(1, fmt.Sprintf("h%d.example%%2F", i))
		}
		h.see(2, "small.example%2F")
		h.write()
		h.see(1, "acme.example%2Ffirst")
		h.see(1, "acme.example%2Fa0")
		h.see(1, "acme.example%2Fone-more")
		h.write()
		sums := h.sums(1)
		if n := len(sums); n > 1002 {
			t.Errorf("%d places are kept", n)
		}
		var frames int64
		for _, s := range sums {
			frames += s[0]
		}
		if want := int64(1 + placement.MostPages + 50 + 1200 + 3); frames != want {
			t.Errorf("%d frames in all, want %d", frames, want)
		}
		if got := sums[placement.Page{Host: "acme.example", Path: "/first"}]; got[0] != 2 {
			t.Errorf("a page that was known: %v", got)
		}
		if got := sums[placement.Page{Host: "acme.example"}]; got[0] < 51 {
			t.Errorf("the other pages of the host: %v", got)
		}
		if sums[placement.Page{}][0] == 0 {
			t.Error("no host was beyond the bound")
		}
		if got := h.sums(2); len(got) != 1 {
			t.Errorf("another partner has %v", got)
		}
		id, err := h.Places.Find(t.Context(), 1, placement.Page{Host: "acme.example", Path: "/never-seen"})
		if err != nil || id == 0 {
			t.Errorf("a page among the others of its host: %d %v", id, err)
		}
		if id, err := h.Places.Find(t.Context(), 2, placement.Page{Host: "never.example", Path: "/"}); err != nil || id != 0 {
			t.Errorf("a page nobody saw: %d %v", id, err)
		}
	})
}

func TestWhatCannotBeWrittenWaits(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.see(1, "acme.example%2F")
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := h.Places.Write(over); err == nil {
			t.Fatal("it was written")
		}
		h.see(1, "acme.example%2F")
		h.write()
		if got := h.sums(1)[placement.Page{Host: "acme.example", Path: "/"}]; got[0] != 2 {
			t.Errorf("%v", got)
		}
	})
}

func TestNotesAreBoundedAndWhatIsDroppedIsCounted(t *testing.T) {
	t.Parallel()
	var notes placement.Notes
	const more = 500
	var group sync.WaitGroup
	for part := range 4 {
		group.Go(func() {
			for i := part; i < placement.MostNotes+more; i += 4 {
				notes.See(placement.Sight{Partner: 1, At: fmt.Sprintf("h%d.example", i), Now: time.UnixMilli(0)})
			}
		})
	}
	group.Wait()
	if got := notes.Dropped(); got != more {
		t.Errorf("%d were dropped", got)
	}
	full := notes.Dropped()
	for i := range 10 { // one that is there already needs no room
		notes.See(placement.Sight{Partner: 1, At: fmt.Sprintf("h%d.example", i), Now: time.UnixMilli(0)})
	}
	if got := notes.Dropped(); got-full > 10 {
		t.Errorf("%d were dropped", got-full)
	}
}

func TestOldDaysAreForgotten(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.see(1, "old.example%2F")
		h.see(1, "acme.example%2F")
		h.write()
		h.clock.Advance(401 * day)
		h.see(1, "acme.example%2F")
		h.write()
		n, err := h.Places.Forget(t.Context(), placement.Today(h.clock.Now()))
		if err != nil || n != 3 {
			t.Errorf("%d rows went, %v", n, err)
		}
		rows := h.list(1)
		if len(rows) != 1 || rows[0].Host != "acme.example" || rows[0].Frames != 2 {
			t.Errorf("%+v", rows)
		}
	})
}

func TestABannerThatWasThereToStayIsMissed(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		expect := func(what string, want ...placement.Gone) {
			t.Helper()
			got, err := h.Places.Vanished(t.Context(), h.clock.Now())
			if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %v %v, want %v", what, got, err, want)
			}
		}
		var last string
		for i := range 3 {
			h.see(1, "acme.example%2F")
			h.see(3, "") // nobody said where
			if i < 2 {
				h.see(2, "twice.example%2F")
			}
			last = h.clock.Now().UTC().Format(time.DateOnly)
			h.write()
			h.clock.Advance(day)
		}
		h.clock.Advance(6 * day)
		expect("on the seventh day")
		h.clock.Advance(day)
		expect("after seven days", placement.Gone{Partner: 1, Since: last})
		h.see(1, "acme.example%2Fother")
		h.write()
		expect("when it is back")
	})
}

func TestTheListIsPaged(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for i := range 7 {
			h.see(1, fmt.Sprintf("h%d.example%%2F", i))
			h.see(2, "x.example%2F")
			if i%3 == 0 {
				h.write()
				h.clock.Advance(day)
			}
		}
		h.write()
		seen := map[string]bool{}
		q := placement.Query{Partner: 1, Most: 3}
		for pages := 0; ; pages++ {
			rows, next, err := h.Places.List(t.Context(), q)
			if err != nil || pages > 3 {
				t.Fatal(pages, err)
			}
			for _, r := range rows {
				seen[r.Host] = true
			}
			if next == (placement.Key{}) {
				break
			}
			q.After = next
		}
		if len(seen) != 7 {
			t.Errorf("%v", seen)
		}
		placed, err := h.Places.Placed(t.Context())
		if err != nil || !maps.Equal(placed, map[int64]bool{1: true, 2: true}) {
			t.Errorf("%v %v", placed, err)
		}
	})
}
