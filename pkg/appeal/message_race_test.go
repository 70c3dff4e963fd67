package appeal_test

import (
	"errors"
	"maps"
	"slices"
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

// One decision changes one place on the wall, whoever decides beside it.
func TestTheWallAfterManyDecisionsIsAsTheDatabaseHasIt(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		ctx := t.Context()
		var entries []appeal.Entry
		for i := range 90 {
			entries = append(entries, spoke(t, i, []string{"en", "ko", "ar"}[i%3], "KR", 0))
		}
		put(t, a, entries...)
		load := func() *appeal.Messages {
			m, err := appeal.LoadMessages(ctx, a.Store, a.Keys, func() []appeal.Message { return nil })
			must(t, err)
			return m
		}
		copies := []*appeal.Messages{a.Messages, load()}
		var all sync.WaitGroup
		for i, m := range wholeWall(t, a.Messages) {
			all.Go(func() {
				desk, by := copies[i%2], audit.Actor{Kind: audit.Staff, ID: int64(i%2 + 1)}
				refuse := appeal.Ruling{Message: m.ID, Version: m.Version, State: appeal.MessageRefused, Reason: "unclear", Lang: "fr"}
				err := desk.Decide(ctx, refuse, by)
				switch {
				case err == nil && i%3 == 0:
					err = desk.Undo(ctx, m.ID, by)
				case err == nil && i%3 == 1:
					err = desk.Decide(ctx, appeal.Ruling{Message: m.ID, Version: m.Version + 1, State: appeal.MessageShown, Lang: "id"}, by)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		fresh := load()
		kept := fresh.Select(appeal.WallQuery{})
		if kept.Len() != 60 || kept.Langs["id"] != 30 {
			t.Fatalf("the database has %d messages, %v", kept.Len(), kept.Langs)
		}
		last := wholeWall(t, fresh)[7]
		must(t, a.Messages.Decide(ctx, appeal.Ruling{Message: last.ID, Version: last.Version, State: appeal.MessageRefused, Reason: "unclear"}, audit.Actor{Kind: audit.Staff, ID: 1}))
		must(t, fresh.Reload(ctx))
		if a.Messages.Version() != fresh.Version() {
			t.Errorf("the wall is of change %d, want %d", a.Messages.Version(), fresh.Version())
		}
		got, want := a.Messages.Select(appeal.WallQuery{}), fresh.Select(appeal.WallQuery{})
		if !maps.Equal(got.Langs, want.Langs) || !slices.Equal(bodies(wholeWall(t, a.Messages)), bodies(wholeWall(t, fresh))) || !slices.Equal(bodies(a.Messages.Shown()), bodies(fresh.Shown())) {
			t.Errorf("the wall has %v, the database %v", got.Langs, want.Langs)
		}
	})
}

func wholeWall(t *testing.T, m *appeal.Messages) []appeal.Message {
	t.Helper()
	page, err := m.After(t.Context(), m.Select(appeal.WallQuery{}), appeal.MessageKey{}, appeal.Bounds{Messages: 1000, Bytes: 1 << 30})
	must(t, err)
	return page.Messages
}
