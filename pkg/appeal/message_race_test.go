package appeal_test

import (
	"errors"
	"sync"
	"testing"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/report"
	"olivebranch/pkg/testkit"
)

// What a person said is gone with the person, in every language, also when it
// is translated at that moment.
func TestNoTranslationOutlivesItsMessage(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		var entries []appeal.Entry
		for i := range 40 {
			entries = append(entries, spoke(t, i, "en", "KR", 0))
		}
		put(t, a, entries...)
		var all sync.WaitGroup
		for _, m := range a.Messages.Shown() {
			all.Go(func() {
				err := a.Messages.Translate(t.Context(), appeal.Rendering{Message: m.ID, Lang: "ko", Body: "평화"}, audit.Actor{Kind: audit.Staff, ID: 7})
				if err != nil && !errors.Is(err, appeal.ErrNoMessage) {
					t.Error(err)
				}
			})
			all.Go(func() {
				if err := a.Signatures.Forget(t.Context(), m.SignatureID); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if left := count(t, a, "texts", "kind = 'message'"); left != 0 {
			t.Errorf("%d translations are left of messages that are gone", left)
		}
	})
}

// A report may quote what it is about.
func TestTheReportsAboutAMessageGoWithIt(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		put(t, a, spoke(t, 0, "en", "KR", 0), spoke(t, 1, "en", "KR", 0))
		kept, gone := a.Messages.Shown()[0], a.Messages.Shown()[1]
		for _, m := range []appeal.Message{kept, gone} {
			must(t, a.Reports.File(t.Context(), report.Form{Subject: report.OfMessage, SubjectID: m.ID, Reason: "insult", Words: "It says: " + m.Body, Lang: "en"}))
		}
		must(t, a.Reports.File(t.Context(), report.Form{Subject: report.OfPartner, SubjectID: gone.ID, Reason: "wrong", Lang: "en"}))
		must(t, a.Signatures.Forget(t.Context(), gone.SignatureID))
		if about, rest := count(t, a, "reports", "subject = 'message' AND subject_id = ?", gone.ID), count(t, a, "reports", "TRUE"); about != 0 || rest != 2 {
			t.Errorf("%d reports about what is gone, %d in all", about, rest)
		}
	})
}

// Before a moderator sees a message its language is guessed, not after.
func TestTheLanguageAModeratorChoseStays(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		var forms []appeal.Form
		for i := range 60 {
			f := form(address(i + 1))
			f.Message = "Paz para todos."
			forms = append(forms, f)
		}
		signatures(t, a, forms...)
		must(t, a.Store.Exec(t.Context(), "UPDATE messages SET marking = 0, lang = 'en'"))
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := a.Messages.Mark(t.Context()); err != nil {
				t.Error(err)
			}
		})
		rows, _, err := a.Messages.Desk(t.Context(), appeal.ListWaiting, appeal.MessageKey{}, 60)
		must(t, err)
		for _, m := range rows {
			must(t, a.Messages.Decide(t.Context(), appeal.Ruling{Message: m.ID, Version: m.Version, State: appeal.MessageShown, Lang: "es"}, audit.Actor{Kind: audit.Staff, ID: 7}))
		}
		all.Wait()
		if lost := count(t, a, "messages", "lang <> 'es'"); lost != 0 {
			t.Errorf("%d of %d messages are in another language than the moderator said", lost, len(rows))
		}
	})
}
