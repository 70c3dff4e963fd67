package schema_test

import (
	"path/filepath"
	"strings"
	"testing"

	"olivebranch/pkg/schema"
	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

// However many requests and mails wait, those of a batch are looked up by
// their ids, and signatures for a table by the time of their confirmation.
func TestThePlannerKnowsTheLargeTables(t *testing.T) {
	t.Parallel()
	open := func(path string) *store.Store {
		s, err := store.Open(t.Context(), store.Options{Path: path, Now: testkit.NewClock().Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	path := filepath.Join(t.TempDir(), "planner.db")
	if err := schema.Migrate(t.Context(), open(path)); err != nil {
		t.Fatal(err)
	}
	s := open(path) // statistics are read with the schema
	for query, want := range map[string]string{
		"SELECT id FROM sign_requests WHERE id IN (1, 2, 3) AND state = 'pending' AND created_at > 5":                                                                                             "INTEGER PRIMARY KEY",
		"UPDATE outbox SET state = 'sent' WHERE id IN (1, 2, 3) AND state = 'waiting' AND lease_until = 4":                                                                                        "INTEGER PRIMARY KEY",
		"SELECT id FROM outbox WHERE recipient_key IN (x'00', x'01') AND state = 'waiting'":                                                                                                       "outbox_recipient",
		"SELECT id FROM sign_requests WHERE state = 'pending' AND created_at < 5 LIMIT 9":                                                                                                         "sign_requests_state",
		"SELECT name FROM signatures WHERE appeal_id = 1 AND confirmed_at > 5 ORDER BY confirmed_at, id":                                                                                          "signatures_confirmed",
		"SELECT name FROM signatures WHERE appeal_id = 1 AND confirmed_at = 5 AND id > 3 ORDER BY id":                                                                                             "signatures_confirmed",
		"SELECT r.id FROM sign_requests r LEFT JOIN signatures s ON s.id = r.id WHERE r.state = 'done' AND r.created_at > 5 ORDER BY r.created_at DESC LIMIT 9":                                   "sign_requests_state",
		"SELECT s.id, COALESCE((SELECT r.sent_at FROM sign_requests r WHERE r.id = s.id), 0) FROM signatures s WHERE s.appeal_id = 1 AND s.confirmed_at > 5 ORDER BY s.confirmed_at DESC LIMIT 9": "signatures_confirmed",
		"SELECT id FROM signatures WHERE state = 'held' AND held_at >= 5 AND reason = 'alike' AND created_at >= 5":                                                                                "signatures_held",
		"SELECT id FROM outbox WHERE state = 'waiting' AND not_before < 5 ORDER BY urgency, not_before, id":                                                                                       "outbox_due",
	} {
		var plan []struct{ Detail string }
		if err := s.Read(t.Context()).Raw("EXPLAIN QUERY PLAN " + query).Scan(&plan).Error; err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan[0].Detail, want) {
			t.Errorf("%s: the plan is %v, want %s", query, plan, want)
		}
	}
}
