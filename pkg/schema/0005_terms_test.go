package schema_test

import (
	"fmt"
	"testing"

	"olivebranch/pkg/config"
	"olivebranch/pkg/schema"
	"olivebranch/pkg/testkit"
)

// TestOldSignaturesNameTheTextsThatStoodThere upgrades a database in which
// texts changed between signatures.
func TestOldSignaturesNameTheTextsThatStoodThere(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		ctx := t.Context()
		s := openOlder(t, c, "0004-placements")
		must := s.must
		must(s.Exec(ctx, "INSERT INTO appeals (id, slug, goal, state, created_at) VALUES (1, 'appeal', 10, 'open', 1)"))
		// id, field, language, version, body, time
		for _, text := range [][]any{
			{11, "body", "en", 1, "Peace.", 100}, {12, "consent", "en", 1, "Count me.", 100}, {13, "consent", "ko", 1, "집계", 100}, {14, "controller", "en", 1, "We.", 100},
			{21, "recipients", "en", 1, "The UN.", 200},
			{31, "body", "ko", 1, "평화.", 300},
			{41, "body", "ko", 2, "평화!", 400}, {42, "recipients", "ko", 1, "유엔", 400},
			{51, "recipients", "en", 2, "", 500}, // taken away: in any language
			{61, "consent", "ko", 2, "집계함", 600},
		} {
			must(s.Exec(ctx, "INSERT INTO texts (id, kind, owner_id, field, lang, version, base_version, body, staff_id, created_at) VALUES (?, 'appeal', 1, ?, ?, ?, 0, ?, 0, ?)", text...))
		}
		// Each signer with the versions an older program kept, and what the page said.
		signers := []struct {
			lang          string
			text, consent int
			at            int
			want          string // body, consent, recipients, controller
		}{
			{"en", 1, 1, 150, "11 12 0 14"},
			{"ko", 1, 1, 150, "11 13 0 14"},
			{"ko", 1, 1, 250, "11 13 21 14"}, // version 1 of the English text
			{"ko", 1, 1, 350, "31 13 21 14"}, // version 1 of the Korean
			{"ko", 2, 1, 400, "41 13 42 14"},
			{"en", 1, 1, 550, "11 12 42 14"},
			{"ko", 2, 2, 700, "41 61 42 14"},
			{"ko", 2, 1, 50, "41 13 42 14"},  // written in with a time before the texts
			{"ko", 2, 1, 700, "41 13 42 14"}, // signed while the wording was changed
			{"fr", 0, 0, 700, ""},
		}
		for i, signer := range signers {
			must(s.Exec(ctx, "INSERT INTO sign_requests (id, appeal_id, email_key, partner_id, country, lang, state, signature_id, consents, text_version, consent_version, message, mails, mailed_at, code_tries, created_at, done_at)"+
				" VALUES (?, 1, ?, 0, 'KR', ?, 'pending', 0, 1, ?, ?, '', 1, 1, 0, ?, 0)", i+1, []byte{byte(i)}, signer.lang, signer.text, signer.consent, signer.at))
			must(s.Exec(ctx, "INSERT INTO signatures (id, appeal_id, email_key, partner_id, country, lang, origin, state, day, consents, text_version, consent_version, counter, created_at, confirmed_at, forgotten_at, withdrawn_at)"+
				" VALUES (?, 1, ?, 0, 'KR', ?, 'online', 'counted', '2026-03-01', 1, ?, ?, 0, ?, 1, 0, 0)", i+1, []byte{byte(i)}, signer.lang, signer.text, signer.consent, signer.at))
		}
		must(schema.Migrate(ctx, s.Store))
		for _, table := range []string{"sign_requests", "signatures"} {
			for i, signer := range signers {
				if got := s.termsOf(table, i+1); got != signer.want {
					t.Errorf("%s: who signed in %s at %d agreed to %q, want %q", table, signer.lang, signer.at, got, signer.want)
				}
			}
			for _, column := range []string{"text_version", "consent_version"} {
				if s.Read(ctx).Migrator().HasColumn(table, column) {
					t.Errorf("%s still has %s", table, column)
				}
			}
		}
		if s.Read(ctx).Migrator().HasTable("terms_spans") {
			t.Error("the table of the migration is still there")
		}
	})
}

// termsOf are the texts a row names, "" for none.
func (o *older) termsOf(table string, row int) string {
	var r struct{ BodyID, ConsentID, RecipientsID, ControllerID int64 }
	res := o.Read(o.Context()).Raw("SELECT t.* FROM "+table+" r JOIN terms t ON t.id = r.terms_id AND t.lang = r.lang WHERE r.id = ?", row).Scan(&r)
	if res.Error != nil {
		o.Error(res.Error)
	}
	if res.RowsAffected == 0 {
		return ""
	}
	return fmt.Sprint(r.BodyID, r.ConsentID, r.RecipientsID, r.ControllerID)
}
