package audit_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/testkit"
)

// actions are those of entries, in their order.
func actions(entries []audit.Entry) string {
	var out []string
	for _, e := range entries {
		out = append(out, e.Action)
	}
	return strings.Join(out, " ")
}

func TestTheTrailIsSearchedByWhoWhatWhichAndWhen(t *testing.T) {
	onEach(t, func(t *testing.T, trail audit.Trail, clock *testkit.Clock) {
		for _, e := range []struct {
			by audit.Actor
			d  audit.Deed
		}{
			{mina, audit.Deed{Action: "partner.paused", Subject: "partner", SubjectID: 3}},
			{audit.Actor{Kind: audit.Staff, ID: 8}, audit.Deed{Action: "partner.left", Subject: "partner", SubjectID: 4}},
			{audit.Actor{Kind: audit.Applicant}, audit.Deed{Action: "application.verified", Subject: "application", SubjectID: 3}},
			{mina, audit.Deed{Action: "partners.imported", Subject: "partner", SubjectID: 3}},
		} {
			err := trail.Store.InTx(t.Context(), func(_ context.Context, tx *gorm.DB) error { return trail.Note(tx, e.by, e.d) })
			if err != nil {
				t.Fatal(err)
			}
			clock.Advance(time.Hour)
		}
		hour := func(n int) int64 { return testkit.Start.Add(time.Duration(n) * time.Hour).UnixMilli() }
		for _, c := range []struct {
			q    audit.Query
			want string
		}{
			{audit.Query{}, "partners.imported application.verified partner.left partner.paused"},
			{audit.Query{ActorKind: audit.Staff}, "partners.imported partner.left partner.paused"},
			{audit.Query{ActorKind: audit.Staff, ActorID: 8}, "partner.left"},
			{audit.Query{Group: "partner"}, "partner.left partner.paused"},
			{audit.Query{Group: "%"}, ""},
			{audit.Query{Group: "p_rtner"}, ""},
			{audit.Query{Group: "' OR 1=1 --"}, ""},
			{audit.Query{Subject: "partner", SubjectID: 3}, "partners.imported partner.paused"},
			{audit.Query{From: hour(1), To: hour(3)}, "application.verified partner.left"},
			{audit.Query{ActorKind: audit.Staff, Group: "partner", From: hour(1)}, "partner.left"},
		} {
			rows, err := trail.Search(t.Context(), c.q, audit.Key{}, 10)
			if err != nil || actions(rows) != c.want {
				t.Errorf("%+v finds %q, %v; want %q", c.q, actions(rows), err, c.want)
			}
		}
		groups, err := trail.Groups(t.Context())
		if err != nil || !slices.Equal(groups, []string{"application", "partner", "partners"}) {
			t.Errorf("groups %q, %v", groups, err)
		}
	})
}

// Many entries are of one moment: the pages must still meet without a gap.
func TestThePagesOfTheTrailMeet(t *testing.T) {
	onEach(t, func(t *testing.T, trail audit.Trail, clock *testkit.Clock) {
		for i := range 25 {
			if err := note(t, trail, audit.Deed{Action: "partner.paused", Subject: "partner", SubjectID: int64(i)}); err != nil {
				t.Fatal(err)
			}
			if i%10 == 9 {
				clock.Advance(time.Minute)
			}
		}
		seen := map[int64]bool{}
		var before audit.Key
		for pages := 0; ; pages++ {
			rows, err := trail.Search(t.Context(), audit.Query{}, before, 7)
			if err != nil || pages > 4 {
				t.Fatal(err, pages)
			}
			for _, e := range rows {
				if seen[e.ID] {
					t.Errorf("%d is on two pages", e.SubjectID)
				}
				seen[e.ID] = true
				before = e.Key()
			}
			if len(rows) < 7 {
				break
			}
		}
		if len(seen) != 25 {
			t.Errorf("%d of 25 entries were listed", len(seen))
		}
	})
}
