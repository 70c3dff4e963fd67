package schema_test

import (
	"fmt"
	"path/filepath"
	"slices"
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
		"SELECT id FROM sign_requests WHERE id IN (1, 2, 3) AND state = 'pending' AND created_at > 5":                                                                                                   "INTEGER PRIMARY KEY",
		"UPDATE outbox SET state = 'sent' WHERE id IN (1, 2, 3) AND state = 'waiting' AND lease_until = 4":                                                                                              "INTEGER PRIMARY KEY",
		"SELECT id FROM outbox WHERE recipient_key IN (x'00', x'01') AND state = 'waiting'":                                                                                                             "outbox_recipient",
		"SELECT id FROM sign_requests WHERE state = 'pending' AND created_at < 5 LIMIT 9":                                                                                                               "sign_requests_state",
		"SELECT name FROM signatures WHERE appeal_id = 1 AND confirmed_at > 5 ORDER BY confirmed_at, id":                                                                                                "signatures_confirmed",
		"SELECT name FROM signatures WHERE appeal_id = 1 AND confirmed_at = 5 AND id > 3 ORDER BY id":                                                                                                   "signatures_confirmed",
		"SELECT confirmed_at AS at, id FROM signatures WHERE confirmed_at >= 5 AND confirmed_at <= 9 AND (confirmed_at > 5 OR id > 3) ORDER BY confirmed_at, id LIMIT 9":                                "COVERING INDEX signatures_confirmed",
		"SELECT name FROM signatures WHERE confirmed_at >= 5 AND confirmed_at <= 9 AND appeal_id = 1 AND state NOT IN ('held', 'withdrawn') ORDER BY confirmed_at, id":                                  "signatures_confirmed",
		"SELECT name FROM signatures WHERE state = 'held' AND held_at >= 5 AND held_at <= 9 AND (held_at > 5 OR id > 3) AND appeal_id = 1 AND reason = 'quick' ORDER BY held_at, id":                    "signatures_held",
		"SELECT count(*) FROM (SELECT 1 FROM signatures WHERE state = 'held' AND held_at <= 5 LIMIT 9) AS late":                                                                                         "signatures_held",
		"SELECT id, partner_id FROM signatures WHERE id IN (1, 2, 3) AND sweep_id = 4 AND state = 'held' ORDER BY id":                                                                                   "INTEGER PRIMARY KEY",
		"UPDATE signatures SET state = i.was FROM sweep_items AS i WHERE signatures.id IN (1, 2, 3) AND i.sweep_id = 4 AND i.signature_id = signatures.id":                                              "SEARCH signatures USING INTEGER PRIMARY KEY",
		"SELECT id FROM outbox WHERE state = 'waiting' AND not_before < 5 ORDER BY urgency, not_before, id":                                                                                             "outbox_due",
		"SELECT reason, count(*) FROM signatures WHERE state = 'held' AND +appeal_id = 1 GROUP BY reason":                                                                                               "SCAN signatures USING INDEX signatures_held",
		"SELECT reason, count(*) FROM signatures WHERE state = 'invalid' AND +appeal_id = 1 GROUP BY reason":                                                                                            "SCAN signatures USING INDEX signatures_invalid",
		"SELECT r.id FROM sign_requests r LEFT JOIN signatures s ON s.id = r.id WHERE r.state = 'done' AND r.created_at > 5 ORDER BY r.created_at DESC LIMIT 9":                                         "sign_requests_state",
		"SELECT s.id, COALESCE((SELECT r.sent_at FROM sign_requests r WHERE r.id = s.id), 0) FROM signatures s WHERE s.appeal_id = 1 AND s.confirmed_at > 5 ORDER BY s.confirmed_at DESC LIMIT 9":       "signatures_confirmed",
		"SELECT count(*) FROM signatures WHERE state = 'held' AND country = 'VA'":                                                                                                                       "SCAN signatures USING INDEX signatures_held",
		"SELECT id FROM signatures WHERE id IN (1, 2, 3) AND state = 'held' AND NOT EXISTS (SELECT 1 FROM sweeps w WHERE w.id = signatures.sweep_id AND w.by_kind = 'staff') ORDER BY id":               "INTEGER PRIMARY KEY",
		"SELECT * FROM messages WHERE state = 'waiting' AND marks <> '' AND (created_at, id) > (5, 3) ORDER BY created_at, id LIMIT 9":                                                                  "messages_marked",
		"SELECT * FROM messages WHERE renamed AND (signature_id = 0 OR EXISTS (SELECT 1 FROM signatures s WHERE s.id = messages.signature_id AND s.state = 'counted')) ORDER BY created_at, id LIMIT 9": "messages_renamed",
		"SELECT * FROM messages WHERE state = 'shown' AND (created_at, id) < (5, 3) ORDER BY created_at DESC, id DESC LIMIT 9":                                                                          "messages_state",
		"SELECT id, body FROM messages WHERE marking < 1 ORDER BY marking, id LIMIT 9":                                                                                                                  "messages_marking",
		"SELECT * FROM messages WHERE id IN (1, 2, 3) AND state = 'shown'":                                                                                                                              "INTEGER PRIMARY KEY",
		"SELECT 1 AS one FROM reports WHERE state = 'open' AND subject = 'message' AND subject_id = 5 LIMIT 9":                                                                                          "reports_open",
		"SELECT * FROM reports WHERE subject = 'message' AND subject_id = 5 AND state = 'open' ORDER BY created_at, id LIMIT 9":                                                                         "reports_",
		"SELECT id FROM signatures WHERE state = 'held' AND held_at >= 5 AND reason = 'alike' AND created_at >= 5":                                                                                      "signatures_held",
	} {
		var plan []struct{ Detail string }
		if err := s.Read(t.Context()).Raw("EXPLAIN QUERY PLAN " + query).Scan(&plan).Error; err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(plan, func(step struct{ Detail string }) bool { return strings.Contains(step.Detail, want) }) ||
			!strings.HasPrefix(want, "SCAN") && strings.Contains(fmt.Sprint(plan), "SCAN signatures") {
			t.Errorf("%s: the plan is %v, want %s", query, plan, want)
		}
	}
}
