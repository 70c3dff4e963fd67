package cli

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
)

func TestVerifyNamesWhatDoesNotHold(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	o := must(t, data, "verify", "--json")
	if found := read[[]map[string]any](t, o); len(found) != 0 {
		t.Fatalf("a new demo: %v", found)
	}
	db, err := sql.Open("sqlite3", filepath.Join(data, "olivebranch.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("UPDATE tallies SET n = n + 1 WHERE kind = 'total'"); err != nil {
		t.Fatal(err)
	}
	o = run(t, data, "verify")
	o.wants(t, exitFailed, "findings")
	if !strings.Contains(o.out, "invariant 1: ") {
		t.Errorf("stdout does not name invariant 1:\n%s", o.out)
	}
	o = run(t, data, "verify", "--json")
	o.wants(t, exitFailed, "findings")
	if found := read[[]map[string]any](t, o); len(found) == 0 {
		t.Error("no finding in the JSON")
	}
}

func TestSeedTwiceSeedsOnce(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	before := must(t, data, "partner", "list").out
	must(t, data, "seed")
	if after := must(t, data, "partner", "list").out; before != after || before == "" {
		t.Errorf("the partners changed:\n%s\n%s", before, after)
	}
	must(t, data, "seed", "--signatures", "1500")
	must(t, data, "verify")
}
