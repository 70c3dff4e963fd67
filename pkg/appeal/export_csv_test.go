package appeal_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/testkit"
)

// export reads what an export writes: the rows by column, without the heading.
func export(t *testing.T, a *testkit.App, purpose appeal.Purpose) []map[string]string {
	t.Helper()
	var out bytes.Buffer
	n, err := a.Signatures.Export(t.Context(), appeal.Export{AppealID: a.Appeal.Current().ID, Purpose: purpose, To: &out,
		Partner: func(id int64) string { return "partner-" + strconv.FormatInt(id, 10) }})
	if err != nil {
		t.Fatal(err)
	}
	table, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(out.Bytes(), []byte("\uFEFF")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, cells := range table[1:] {
		row := map[string]string{}
		for i, heading := range table[0] {
			row[heading] = cells[i]
		}
		rows = append(rows, row)
	}
	if len(rows) != n {
		t.Errorf("the export says it wrote %d rows, and wrote %d", n, len(rows))
	}
	return rows
}

func TestAnExportSaysOfPeopleOnlyWhatTheyAllowed(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		for mail, consents := range map[string]appeal.Consents{
			"count@example.org": 0, "handover@example.org": appeal.ConsentHandover,
			"updates@example.org": appeal.ConsentUpdates, "both@example.org": appeal.ConsentHandover | appeal.ConsentUpdates,
			"withdrawn@example.org": appeal.ConsentHandover | appeal.ConsentUpdates,
			"forgotten@example.org": appeal.ConsentHandover | appeal.ConsentUpdates,
		} {
			f := form(mail)
			f.Name, f.Consents, f.PartnerID = "Person "+strings.TrimSuffix(mail, "@example.org"), consents|appeal.ConsentCount, 7
			row := request(t, a, f)
			confirm(t, a, row, appeal.OutcomeConfirmed)
			a.Clock.Advance(time.Second)
			var err error
			switch mail {
			case "withdrawn@example.org":
				err = a.Signatures.Withdraw(t.Context(), row)
			case "forgotten@example.org":
				err = a.Signatures.Forget(t.Context(), row)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		people := map[appeal.Purpose]map[string]string{} // name to address
		for _, purpose := range appeal.Purposes {
			people[purpose] = map[string]string{}
			for _, row := range export(t, a, purpose) {
				people[purpose][row["name"]] = row["email"]
				if row["partner"] != "partner-7" || row["country"] != "KR" || row["language"] != "en" {
					t.Errorf("%s: a row says %v", purpose, row)
				}
			}
		}
		if fmt.Sprint(people[appeal.ForFigures]) != "map[:]" || len(export(t, a, appeal.ForFigures)) != 6 {
			t.Errorf("figures hold %v of 6", people[appeal.ForFigures])
		}
		if got := fmt.Sprint(people[appeal.ForHandover]); got != "map[Person both: Person handover:]" {
			t.Errorf("the handover holds %s", got)
		}
		if got := fmt.Sprint(people[appeal.ForUpdates]); got != "map[Person both:both@example.org Person updates:updates@example.org]" {
			t.Errorf("the updates hold %s", got)
		}
	})
}

func TestAnExportPagesThroughRowsOfOneMoment(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		const n = 12_000 // more than two pages
		entries := make([]appeal.Entry, n)
		for i := range entries {
			entries[i] = entry(t, address(i))
		}
		if _, err := a.Signatures.Add(t.Context(), a.Appeal.Current(), entries); err != nil {
			t.Fatal(err)
		}
		a.Clock.Advance(time.Second)
		seen := map[string]bool{}
		for _, row := range export(t, a, appeal.ForFigures) {
			seen[row["id"]] = true
		}
		if len(seen) != n {
			t.Errorf("%d of %d rows", len(seen), n)
		}
	})
}

// An export while people confirm has all who were told "confirmed" before it
// began, and nobody who confirmed after.
func TestAnExportHasWhatWasConfirmedBeforeItBeganAndNothingElse(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c, func(o *app.Options) { o.Now = time.Now })
		ctx, stop := context.WithCancel(t.Context())
		var mu sync.Mutex
		told := map[string]time.Time{} // when each was told
		var group sync.WaitGroup
		for worker := range 8 {
			group.Go(func() {
				for i := worker; ctx.Err() == nil; i += 8 {
					row, err := a.Intake.Request(context.Background(), form(address(i)))
					if err == nil {
						_, err = a.Intake.Confirm(context.Background(), row)
					}
					if err != nil {
						t.Errorf("sign: %v", err)
						return
					}
					mu.Lock()
					told[strconv.FormatInt(row, 10)] = time.Now()
					mu.Unlock()
				}
			})
		}
		testkit.Until(t, "some signatures", func() bool { return a.Tally.Total() > 200 })
		began := time.Now()
		rows := export(t, a, appeal.ForFigures)
		stop()
		group.Wait()
		exported := map[string]bool{}
		for _, row := range rows {
			exported[row["id"]] = true
			if at, err := time.Parse(time.RFC3339, row["confirmed_at"]); err != nil || at.After(began) {
				t.Errorf("%s was confirmed after the export began, or %v", row["id"], err)
			}
		}
		late := 0
		for id, at := range told {
			if at.Before(began) && !exported[id] {
				t.Errorf("%s was told %v before the export began, and is not in it", id, began.Sub(at))
			}
			if at.After(began.Add(time.Second)) {
				late++
			}
		}
		if late == 0 {
			t.Error("nobody confirmed while it was written")
		}
	})
}
