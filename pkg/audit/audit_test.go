package audit_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/schema"
	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

// onEach runs a test with an empty trail on both databases.
func onEach(t *testing.T, test func(t *testing.T, trail audit.Trail, clock *testkit.Clock)) {
	t.Helper()
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		if err := c.MakeData(); err != nil {
			t.Fatal(err)
		}
		clock := testkit.NewClock()
		s, err := store.Open(t.Context(), store.Options{URL: c.Database, Path: c.DatabasePath(), Now: clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		if err := schema.Migrate(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		test(t, audit.Trail{Store: s}, clock)
	})
}

var mina = audit.Actor{Kind: audit.Staff, ID: 7}

func note(t *testing.T, trail audit.Trail, d audit.Deed) error {
	t.Helper()
	return trail.Store.InTx(t.Context(), func(_ context.Context, tx *gorm.DB) error { return trail.Note(tx, mina, d) })
}

func of(t *testing.T, trail audit.Trail, subject string, id int64) []audit.Entry {
	t.Helper()
	rows, _, err := trail.Newest(t.Context(), subject, id, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestAnEntrySaysWhoDidWhatToWhichAndWhen(t *testing.T) {
	onEach(t, func(t *testing.T, trail audit.Trail, _ *testkit.Clock) {
		err := note(t, trail, audit.Deed{Action: "partner.paused", Subject: "partner", SubjectID: 3,
			Before: map[string]any{"state": "active"}, After: map[string]any{"state": "paused"}})
		if err != nil {
			t.Fatal(err)
		}
		rows := of(t, trail, "partner", 3)
		if len(rows) != 1 {
			t.Fatalf("%d entries, want 1", len(rows))
		}
		want := audit.Entry{ID: rows[0].ID, At: testkit.Start.UnixMilli(), ActorKind: audit.Staff, ActorID: 7, Action: "partner.paused",
			Subject: "partner", SubjectID: 3, Before: `{"state":"active"}`, After: `{"state":"paused"}`}
		if rows[0] != want || rows[0].ID == 0 {
			t.Errorf("noted %+v, want %+v", rows[0], want)
		}
	})
}

func TestADeedThatDidNotHappenIsNotInTheTrail(t *testing.T) {
	onEach(t, func(t *testing.T, trail audit.Trail, _ *testkit.Clock) {
		no := errors.New("no")
		err := trail.Store.InTx(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			if err := trail.Note(tx, mina, audit.Deed{Action: "partner.paused", Subject: "partner", SubjectID: 3}); err != nil {
				return err
			}
			return no
		})
		if !errors.Is(err, no) {
			t.Fatal(err)
		}
		if rows := of(t, trail, "partner", 3); len(rows) != 0 {
			t.Errorf("noted %+v", rows)
		}
	})
}

func TestADeedThatCannotBeNotedDoesNotHappen(t *testing.T) {
	onEach(t, func(t *testing.T, trail audit.Trail, _ *testkit.Clock) {
		for name, d := range map[string]audit.Deed{
			"before": {Action: "x", Subject: "partner", SubjectID: 3, Before: func() {}},
			"after":  {Action: "x", Subject: "partner", SubjectID: 3, After: make(chan int)},
		} {
			if err := note(t, trail, d); err == nil {
				t.Errorf("%s is no JSON, and was noted", name)
			}
		}
		if err := trail.Store.Exec(t.Context(), "DROP TABLE audit_entries"); err != nil {
			t.Fatal(err)
		}
		if err := note(t, trail, audit.Deed{Action: "partner.paused"}); err == nil || !strings.Contains(err.Error(), "partner.paused") {
			t.Errorf("%v, want an error that names the deed", err)
		}
	})
}

func TestTheTrailOfARowIsOldestFirstAndHoldsNoOthers(t *testing.T) {
	onEach(t, func(t *testing.T, trail audit.Trail, clock *testkit.Clock) {
		add := func(action, subject string, id int64) {
			t.Helper()
			if err := note(t, trail, audit.Deed{Action: action, Subject: subject, SubjectID: id}); err != nil {
				t.Fatal(err)
			}
		}
		add("second", "partner", 3)
		add("third", "partner", 3) // in the same millisecond
		add("of another row", "partner", 4)
		add("of another kind", "application", 3)
		clock.Advance(-time.Hour)
		add("first", "partner", 3)
		clock.Advance(2 * time.Hour)
		add("fourth", "partner", 3)
		var got []string
		for _, e := range of(t, trail, "partner", 3) {
			got = append(got, e.Action)
			if e.Before != "" || e.After != "" {
				t.Errorf("%s: nothing changed, and noted is %q to %q", e.Action, e.Before, e.After)
			}
		}
		if order := strings.Join(got, " "); order != "first second third fourth" {
			t.Errorf("in the order %s", order)
		}
		if rows := of(t, trail, "partner", 5); len(rows) != 0 {
			t.Errorf("of a row nothing was done to: %+v", rows)
		}
	})
}

func TestTheTrailIsOnlyAddedTo(t *testing.T) {
	onEach(t, func(t *testing.T, trail audit.Trail, _ *testkit.Clock) {
		if err := note(t, trail, audit.Deed{Action: "partner.paused", Subject: "partner", SubjectID: 3}); err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{"UPDATE audit_entries SET action = 'partner.active'", "UPDATE audit_entries SET at = at + 1 WHERE subject_id = 3", "DELETE FROM audit_entries", "DELETE FROM audit_entries WHERE id = 0 OR subject_id = 3"} {
			if err := trail.Store.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "only added to") {
				t.Errorf("%s: %v", sql, err)
			}
		}
		if rows := of(t, trail, "partner", 3); len(rows) != 1 || rows[0].Action != "partner.paused" {
			t.Errorf("now it is %+v", rows)
		}
	})
}
