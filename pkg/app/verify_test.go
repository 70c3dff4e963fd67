package app_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// signed is a running campaign with two counted signatures.
func signed(t *testing.T, c *config.Config) (*testkit.App, []int64) {
	t.Helper()
	a := testkit.Run(t, c)
	var rows []int64
	for _, mail := range []string{"first@example.org", "second@example.org"} {
		row, err := a.Intake.Request(t.Context(), appeal.Form{Name: "Mina Example", Email: mail, Country: "KR", Lang: "en",
			Consents: appeal.ConsentCount, Range: "192.0.2.0/24"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Intake.Confirm(t.Context(), row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	a.Until("the mails are sent", func() bool { n, err := a.Outbox.Waiting(t.Context()); return err == nil && n == 0 })
	return a, rows
}

func TestVerifyFindsEachPlantedErrorAndNamesItsRow(t *testing.T) {
	t.Parallel()
	// %[1]d and %[2]d are the two signatures.
	for _, planted := range []struct {
		invariant int
		name      string
		sql       []string
		row       string
	}{
		{1, "a total that is not the number of rows", []string{"UPDATE tallies SET n = 3 WHERE kind = 'total'"}, "appeals"},
		{2, "a tally of a country that is not the number of rows", []string{"UPDATE tallies SET n = 1 WHERE kind = 'country'"}, "country KR"},
		{2, "a day without a tally", []string{"DELETE FROM tallies WHERE kind = 'day'"}, "day 2026-03-01"},
		{2, "a page with more signatures than rows", []string{"INSERT INTO tallies (appeal_id, kind, key, n) SELECT id, 'placement', '77', 1 FROM appeals"}, "placement 77"},
		{2, "a page without its signatures", []string{"UPDATE signatures SET placement_id = 78 WHERE id = %[1]d"}, "placement 78"},
		{3, "two rows of one address", []string{"DROP INDEX signatures_once",
			"UPDATE signatures SET email_key = (SELECT email_key FROM signatures WHERE id = %[1]d) WHERE id = %[2]d"}, "signatures %[1]d"},
		{4, "a confirmation whose signature is missing", []string{"DELETE FROM signatures WHERE id = %[1]d"}, "sign_requests %[1]d"},
		{5, "a counted row without its consent", []string{"UPDATE signatures SET consents = 2 WHERE id = %[2]d"}, "signatures %[2]d"},
		{5, "a counted row without the texts it agreed to", []string{"UPDATE signatures SET terms_id = 0 WHERE id = %[1]d"}, "signatures %[1]d"},
		{5, "a counted row with texts of another language", []string{"UPDATE signatures SET terms_id = (SELECT id FROM terms WHERE lang = 'ko' LIMIT 1) WHERE id = %[2]d"}, "signatures %[2]d"},
		{7, "a held row that does not say why", []string{"UPDATE signatures SET state = 'held', held_at = 5 WHERE id = %[1]d"}, "signatures %[1]d"},
		{7, "a held row that does not say since when", []string{"UPDATE signatures SET state = 'held', reason = 'quick' WHERE id = %[1]d"}, "signatures %[1]d"},
		{7, "a counted row with a reason", []string{"UPDATE signatures SET reason = 'quick' WHERE id = %[2]d"}, "signatures %[2]d"},
		{7, "a row that a sweep moved and does not know", []string{"UPDATE signatures SET sweep_id = 5 WHERE id = %[2]d"}, "signatures %[2]d"},
		{7, "a sweep that knows more than it moved", []string{"INSERT INTO sweeps (id, appeal_id, rule, from_state, to_state, reason, state, by_kind, by_id, expected, looked, moved, back, at_confirmed, at_id, until, created_at, ended_at, undone_at)" +
			" VALUES (5, 1, '{}', '', 'held', 'staff', 'done', 'staff', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0)",
			"INSERT INTO sweep_items (sweep_id, signature_id, was, was_reason, was_held_at) VALUES (5, %[1]d, 'counted', '', 0)"}, "sweeps 5"},
		{6, "a name that is sealed for another row", []string{"UPDATE signatures SET name = (SELECT name FROM signatures WHERE id = %[1]d) WHERE id = %[2]d"}, "signatures %[2]d"},
		{6, "an address in the clear", []string{"UPDATE messages SET body = 'x'",
			"INSERT INTO messages (id, appeal_id, signature_id, partner_id, country, lang, body, state, created_at, decided_at, decided_by) VALUES (1, 1, %[1]d, 0, 'KR', 'en', 'write to second@example.org', 'waiting', 1, 0, 0)"}, "signatures %[2]d"},
	} {
		t.Run(planted.name, func(t *testing.T) {
			t.Parallel()
			testkit.OnEach(t, func(t *testing.T, c *config.Config) {
				a, rows := signed(t, c)
				a.MustVerify()
				for _, sql := range planted.sql {
					if err := a.Store.Exec(t.Context(), withIDs(sql, rows)); err != nil {
						t.Fatal(err)
					}
				}
				found, err := a.Verify(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range found {
					if f.Invariant == planted.invariant && strings.Contains(f.Row, withIDs(planted.row, rows)) {
						return
					}
				}
				t.Errorf("not found; verify says %+v", found)
			})
		})
	}
}

// withIDs puts the ids where a text asks for them.
func withIDs(text string, rows []int64) string {
	return strings.NewReplacer("%[1]d", strconv.FormatInt(rows[0], 10), "%[2]d", strconv.FormatInt(rows[1], 10)).Replace(text)
}

func TestVerifyFindsAPlantedCanaryInTheClear(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a, _ := signed(t, c)
		var row struct {
			ID     int64
			Sealed []byte
		}
		if err := a.Store.Read(t.Context()).Table("canaries").Take(&row).Error; err != nil {
			t.Fatal(err)
		}
		word, err := a.Keys.Open("canaries.sealed", row.ID, row.Sealed)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Store.Exec(t.Context(), "UPDATE jobs SET last_result = ?", string(word)); err != nil {
			t.Fatal(err)
		}
		if err := a.Store.Exec(t.Context(), "INSERT INTO changes (topic, n, at) VALUES (?, 1, 1)", string(word)); err != nil {
			t.Fatal(err)
		}
		found, err := a.Verify(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 1 || found[0].Invariant != 6 || found[0].Row != fmt.Sprintf("canaries %d", row.ID) {
			t.Errorf("verify says %+v, want the canary", found)
		}
	})
}

// The key of an authenticator app is no address, whatever bytes it has.
func TestVerifyTakesNoKeyForAnAddress(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a, _ := signed(t, c)
		who, column := a.AddStaff("keeper@example.org", staff.Reviewer), staff.SealedColumns()[0]
		key := a.Keys.Seal(column.Binding, who.ID, []byte("\xd7\xdd@\xff"))
		if err := a.Store.Exec(t.Context(), "UPDATE staff_accounts SET totp_secret = ? WHERE id = ?", key, who.ID); err != nil {
			t.Fatal(err)
		}
		a.MustVerify()
	})
}

// rowID is an id in a page: half of it is random.
var rowID = regexp.MustCompile(`\d{15,}`)

func TestTheDemoIsTheSameEveryTimeAndHasEveryState(t *testing.T) {
	testkit.Unraced(t)
	t.Parallel()
	one, other := testkit.Demo(t), testkit.Demo(t)
	for _, p := range []string{"/ko/partners.json", "/embed/all/tally.json", "/embed/handeul-peace-yard/tally.json", "/ar/messages"} {
		first, second := one.Client().Get(p).Body, other.Client().Get(p).Body
		first = strings.ReplaceAll(rowID.ReplaceAllString(first, ""), one.BaseURL.Host, "")
		second = strings.ReplaceAll(rowID.ReplaceAllString(second, ""), other.BaseURL.Host, "")
		if first != second {
			t.Errorf("%s differs between two demos", p)
		}
	}
	counts, err := one.Registry.CountByState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range registry.States {
		if counts[s] == 0 {
			t.Errorf("no application is %s", s)
		}
	}
	states := map[registry.PartnerState]int{}
	for _, p := range one.Register.All() {
		states[p.State]++
	}
	for _, s := range []registry.PartnerState{registry.Active, registry.Paused, registry.Suspended, registry.Left} {
		if states[s] == 0 {
			t.Errorf("no partner is %s", s)
		}
	}
}

func TestTheDemoHoldsAllInvariants(t *testing.T) {
	testkit.Unraced(t)
	t.Parallel()
	a := testkit.Demo(t)
	a.MustVerify()
	if n := a.Tally.Total(); n != 25_000 {
		t.Errorf("the demo has %d signatures", n)
	}
	if n := len(a.Tally.Keys(appeal.ByCountry)); n < 80 {
		t.Errorf("they come from %d countries, want 80", n)
	}
	if n := len(a.Tally.Keys(appeal.ByDay)); n < 300 {
		t.Errorf("they were made on %d days", n)
	}
}
