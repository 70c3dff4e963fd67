package registry_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/testkit"
)

func TestTheLinkToConfirmIsSentAgainAsOftenAsAnAddressMayBeWrittenTo(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.apply()
		for range 5 {
			if _, err := h.Registry.Resend(t.Context(), a.Link()); err != nil {
				t.Fatalf("the answer differs: %v", err)
			}
		}
		if n := h.count("outbox"); n != 3 {
			t.Errorf("%d letters, want 3", n)
		}
		if _, err := h.Registry.ConfirmLink(t.Context(), h.link(seal.ConfirmApplication, "/ko/application/")); err != nil {
			t.Fatal(err)
		}
		before := h.count("outbox")
		h.clock.Advance(2 * day)
		if _, err := h.Registry.Resend(t.Context(), a.Link()); err != nil || h.count("outbox") != before {
			t.Errorf("once it is confirmed: %v, %d letters more", err, h.count("outbox")-before)
		}
	})
}

// The links that went to a wrong address are in a stranger's hands.
func TestACorrectedAddressShutsOutWhoHasTheOldOne(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		a := h.apply()
		old := h.link(seal.ConfirmApplication, "/ko/application/")
		if _, err := h.Registry.CorrectAddress(ctx, a.Link(), "a@b"); err == nil {
			t.Error("what is no address was taken")
		}
		now, err := h.Registry.CorrectAddress(ctx, a.Link(), "Right@harbour-choir.example")
		if err != nil {
			t.Fatal(err)
		}
		kind, _, e := h.letter()
		if kind != outbox.ApplicationConfirm || e.To != "Right@harbour-choir.example" || e.Manage != h.Registry.StatusLink(now) {
			t.Errorf("the letter is %s to %s with %s", kind, e.To, e.Manage)
		}
		if n := h.count("outbox"); n != 1 {
			t.Errorf("%d letters wait, the one to the wrong address among them", n)
		}
		for what, try := range map[string]func() (*registry.Application, error){
			"confirming":  func() (*registry.Application, error) { return h.Registry.ConfirmLink(ctx, old) },
			"reading":     func() (*registry.Application, error) { return h.Registry.Linked(ctx, a.Link()) },
			"withdrawing": func() (*registry.Application, error) { return h.Registry.WithdrawLink(ctx, a.Link()) },
			"resending":   func() (*registry.Application, error) { return h.Registry.Resend(ctx, a.Link()) },
			"correcting":  func() (*registry.Application, error) { return h.Registry.CorrectAddress(ctx, a.Link(), contact) },
			"a message":   func() (*registry.Application, error) { return h.Registry.SetMessage(ctx, a.Link(), "x") },
			"naming speaker": func() (*registry.Application, error) {
				return h.Registry.NameSpeaker(ctx, a.Link(), "X", "x@y.example")
			},
			"removing logo": func() (*registry.Application, error) { return h.Registry.RemoveLogo(ctx, a.Link()) },
		} {
			if _, err := try(); !errors.Is(err, registry.ErrReplaced) {
				t.Errorf("%s with the old link: %v", what, err)
			}
		}
		if s := h.application(a.ID).State; s != registry.Submitted {
			t.Errorf("now %s", s)
		}
		done, err := h.Registry.ConfirmLink(ctx, h.link(seal.ConfirmApplication, "/ko/application/"))
		if err != nil || done.State != registry.Verified || done.EmailDomain != "harbour-choir.example" {
			t.Errorf("with the new link: %+v, %v", done, err)
		}
		if _, err := h.Registry.CorrectAddress(ctx, done.Link(), contact); !errors.Is(err, registry.ErrMoved) {
			t.Errorf("correcting once it is confirmed: %v", err)
		}
	})
}

func TestAnAddressIsCorrectedFiveTimesAtMost(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.apply()
		var err error
		for i := range 5 {
			if a, err = h.Registry.CorrectAddress(t.Context(), a.Link(), fmt.Sprintf("try%d@harbour-choir.example", i)); err != nil {
				t.Fatalf("correction %d: %v", i+1, err)
			}
		}
		if _, err := h.Registry.CorrectAddress(t.Context(), a.Link(), "try5@harbour-choir.example"); fault.KindOf(err) != fault.TooMany {
			t.Errorf("the sixth: %v", err)
		}
		if same, err := h.Registry.CorrectAddress(t.Context(), a.Link(), "TRY4@harbour-choir.example"); err != nil || same.Counter != a.Counter {
			t.Errorf("the address it has: %v", err)
		}
	})
}

func TestWhoDoesNotConfirmIsRemindedAfterTwoAndAfterFiveDays(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.verified(func(f *registry.Form) { f.Contact.Email = "confirmed@harbour-choir.example" })
		a := h.apply()
		began := h.count("outbox")
		for _, c := range []struct {
			after time.Duration
			more  int64
		}{
			{0, 0}, {2*day - time.Second, 0}, {2 * day, 1}, {2 * day, 1}, {4 * day, 1}, {5*day - time.Second, 1}, {5 * day, 2}, {6 * day, 2}, {13 * day, 2},
		} {
			h.clock.Advance(testStart(h, c.after))
			if _, err := h.Registry.Remind(ctx); err != nil {
				t.Fatal(err)
			}
			if n := h.count("outbox") - began; n != c.more {
				t.Fatalf("after %v: %d reminders, want %d", c.after, n, c.more)
			}
		}
		kind, lang, e := h.letter()
		if kind != outbox.ApplicationReminder || lang != "ko" || e.Args[outbox.ArgReference] != a.Reference {
			t.Errorf("the letter is %s in %s, %v", kind, lang, e.Args)
		}
		if _, err := h.Registry.ConfirmLink(ctx, h.link(seal.ConfirmApplication, "/ko/application/")); err != nil {
			t.Errorf("the link of the reminder: %v", err)
		}
	})
}

// testStart is how far the clock must go to stand so long after the start.
func testStart(h *house, after time.Duration) time.Duration {
	return testkit.Start.Add(after).Sub(h.clock.Now())
}

func TestWhoWasNotRemindedInTimeIsRemindedOnce(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.apply()
		h.clock.Advance(6 * day)
		for range 2 {
			if _, err := h.Registry.Remind(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := h.count("outbox"); n != 2 {
			t.Errorf("%d letters, want the first and one reminder", n)
		}
	})
}

// plant puts a row into every table of what hangs on an application.
func (h *house) plant(id int64) {
	h.t.Helper()
	for _, sql := range []string{
		"INSERT INTO images (id, owner, owner_id, type, width, height, hash, body, created_at) VALUES (?, 'application', ?, '', 1, 1, '', 'x', 1)",
		"INSERT INTO notes (id, subject, subject_id, author_kind, author_id, body, lang, created_at) VALUES (?, 'application', ?, 'staff', 1, 'x', 'en', 1)",
		"INSERT INTO letters (id, subject, subject_id, kind, lang, created_at) VALUES (?, 'application', ?, 'x', 'en', 1)",
		"INSERT INTO profile_versions (id, subject, subject_id, version, profile, actor_kind, actor_id, created_at) VALUES (?, 'application', ?, 1, '{}', 'applicant', 0, 1)",
		"INSERT INTO decisions (id, application_id, batch_id, state, kind, version, slug, reason, questions, words, words_lang, staff_id, due_at, settled_at, created_at) VALUES (?, ?, 1, 'undone', 'decline', 1, '', '', '', '', '', 1, 1, 1, 1)",
		"INSERT INTO readings (id, application_id, staff_id, expires_at, ended_at, created_at) VALUES (?, ?, 1, 1, 0, 1)",
		"INSERT INTO proofs (id, application_id, kind, target, state, detail, found_at, checked_at, next_at, created_at) VALUES (?, ?, 'dns', '', '', '', 0, 0, 0, 1)",
		"INSERT INTO vouches (id, application_id, partner_id, state, words, staff_id, counter, created_at, answered_at) VALUES (?, ?, 1, '', '', 1, 0, 1, 0)",
	} {
		if err := h.Store.Exec(h.t.Context(), sql, h.Store.NewID(), id); err != nil {
			h.t.Fatal(err)
		}
	}
}

var hanging = registry.Belongings()

// belonging counts the rows of a table that hang on an application.
func (h *house) belonging(table string, id int64) int64 {
	h.t.Helper()
	column := "application_id"
	for _, owned := range []string{"subject_id", "owner_id"} {
		if h.Store.Read(h.t.Context()).Migrator().HasColumn(table, owned) {
			column = owned
		}
	}
	var n int64
	if err := h.Store.Read(h.t.Context()).Table(table).Where(column+" = ?", id).Count(&n).Error; err != nil {
		h.t.Fatal(err)
	}
	return n
}

func TestWhatIsNotConfirmedInFourteenDaysIsForgotten(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		draft, err := h.Registry.SaveDraft(ctx, half())
		if err != nil {
			t.Fatal(err)
		}
		draftLink := h.link(seal.ContinueDraft, "/ko/draft/")
		sent := h.apply()
		h.plant(sent.ID)
		h.clock.Advance(time.Minute)
		kept := h.verified(func(f *registry.Form) { f.Contact.Email = "kept@harbour-choir.example" })
		h.plant(kept.ID)
		same := h.apply() // of the same address, but a day younger
		h.clock.Advance(14*day - time.Minute - time.Second)
		if n, err := h.Registry.Forget(ctx); n != 0 || err != nil {
			t.Fatalf("a second too early: %d, %v", n, err)
		}
		if err := h.Store.Exec(ctx, "UPDATE applications SET submitted_at = submitted_at + ? WHERE id = ?", day.Milliseconds(), same.ID); err != nil {
			t.Fatal(err)
		}
		letters := h.count("outbox")
		h.clock.Advance(time.Second)
		if n, err := h.Registry.Forget(ctx); n != 2 || err != nil {
			t.Fatalf("forgot %d, %v", n, err)
		}
		for what, link := range map[string]seal.Token{"the draft": draftLink, "the status page": sent.Link()} {
			if _, err := h.Registry.Linked(ctx, link); !errors.Is(err, registry.ErrForgotten) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := h.Registry.ConfirmLink(ctx, sent.Link()); !errors.Is(err, registry.ErrForgotten) {
			t.Errorf("confirming: %v", err)
		}
		for _, table := range hanging {
			if gone, left := h.belonging(table, sent.ID), h.belonging(table, kept.ID); gone != 0 || left == 0 {
				t.Errorf("%s has %d rows of it and %d of the other application", table, gone, left)
			}
		}
		if gone := letters - h.count("outbox"); gone != 2 || h.count("applications") != 2 {
			t.Errorf("%d letters gone, %d applications left", gone, h.count("applications"))
		}
		if got := h.trail("application", draft.ID); len(got) != 1 || got[0] != `program application.forgotten {"state":"draft"} ` {
			t.Errorf("noted %q", got)
		}
		if got := h.trail("application", sent.ID); len(got) != 2 {
			t.Errorf("noted %q", got)
		}
	})
}

// A table that is added later must not be forgotten by forgetting. Reports are
// about messages and partners.
func TestEveryTableThatHangsOnAnApplicationIsForgottenWithIt(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		db := h.Store.Read(t.Context())
		tables, err := db.Migrator().GetTables()
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, table := range tables {
			columns, err := db.Migrator().ColumnTypes(table)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range columns {
				if c.Name() != "application_id" && c.Name() != "subject_id" {
					continue
				}
				if found++; !slices.Contains(append(registry.Belongings(), "audit_entries", "partners", "reports"), table) {
					t.Errorf("%s.%s is not forgotten", table, c.Name())
				}
			}
		}
		if found < len(hanging)-1 { // images name their owner
			t.Errorf("found %d tables", found)
		}
	})
}

func TestTheContactOfAnEndedApplicationIsErasedAfterNinetyDays(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		mail := func(s string) func(*registry.Form) { return func(f *registry.Form) { f.Contact.Email = s } }
		withdrawn, declined, waiting := h.verified(mail("a@x.example")), h.verified(mail("b@x.example")), h.verified(mail("c@x.example"))
		h.partner("choir", mail("d@x.example"))
		h.plant(declined.ID)
		h.clock.Advance(30 * day)
		if _, err := h.Registry.Withdraw(ctx, withdrawn.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Registry.Decline(ctx, registry.Decision{Application: declined.ID, By: reviewer, Reason: "incomplete"}); err != nil {
			t.Fatal(err)
		}
		h.clock.Advance(90*day - time.Second)
		if n, err := h.Registry.EraseContacts(ctx); n != 0 || err != nil {
			t.Fatalf("a second too early: %d, %v", n, err)
		}
		h.clock.Advance(time.Second)
		for _, want := range []int{2, 0} {
			if n, err := h.Registry.EraseContacts(ctx); n != want || err != nil {
				t.Fatalf("erased %d, %v, want %d", n, err, want)
			}
		}
		for _, id := range []int64{withdrawn.ID, declined.ID} {
			a := h.application(id)
			c, err := h.Registry.Contact(a)
			if err != nil || c.Name+c.Email+c.Role != "" || a.EmailKey != nil || a.EmailDomain != "" || a.Name != "Harbour Choir" {
				t.Errorf("left: %+v of %+v, %v", c, a, err)
			}
		}
		if c, err := h.Registry.Contact(h.application(waiting.ID)); err != nil || c.Email != "c@x.example" {
			t.Errorf("of one that waits: %+v, %v", c, err)
		}
		if n := h.belonging("letters", withdrawn.ID) + h.belonging("letters", declined.ID); n != 0 || h.belonging("notes", declined.ID) != 1 {
			t.Errorf("%d letters, %d notes", n, h.belonging("notes", declined.ID))
		}
	})
}

func TestWhatApplicantsAndReadersWroteIsErasedWithTheContact(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		a := h.verified()
		must(h.Registry.AskBack(ctx, registry.Decision{Application: a.ID, By: reviewer, Words: "Dear Zebulon, who are you?", WordsLang: "en"}))
		_, err := h.Registry.Answer(ctx, a.ID, "I am Zebulon Quux, call me at 555.")
		must(err)
		must(h.Registry.AddNote(ctx, of(a), words, reviewer))
		lent, err := h.Registry.LendOut(ctx, a.ID, reviewer)
		must(err)
		remark := registry.Words{Body: "A choir, as they say.", Lang: "en"}
		must(h.Registry.Remark(ctx, lent.ID, "Zed Reader", remark))
		must(h.Registry.Decline(ctx, registry.Decision{Application: a.ID, By: reviewer, Reason: "incomplete", Words: "Dear Zebulon, no.", WordsLang: "en"}))
		h.clock.Advance(90*day - time.Hour)
		erases := func(want int) {
			t.Helper()
			if n, err := h.Registry.EraseContacts(ctx); n != want || err != nil {
				t.Fatalf("erased %d, %v, want %d", n, err, want)
			}
		}
		erases(0)
		if got := h.story(of(a)); !slices.Contains(got, "note applicant") || !slices.Contains(got, "note reader Zed Reader") || h.application(a.ID).ReasonWords == "" {
			t.Errorf("too early: %q", got)
		}
		late, err := h.Registry.LendOut(ctx, a.ID, reviewer)
		must(err)
		h.clock.Advance(time.Hour)
		erases(1)
		erases(0)
		must(h.Registry.Remark(ctx, late.ID, "Yet Another", remark))
		erases(1)
		erases(0)
		var notes []string
		for _, line := range h.story(of(a)) {
			if strings.HasPrefix(line, "note ") {
				notes = append(notes, line)
			}
		}
		if want := []string{"note staff", "note reader", "note reader"}; !slices.Equal(notes, want) {
			t.Errorf("left are %q, want %q", notes, want)
		}
		now := h.application(a.ID)
		if now.ReasonWords+now.WordsLang != "" || now.Reason != "incomplete" || now.About == "" {
			t.Errorf("left is %q, for %q", now.ReasonWords, now.Reason)
		}
		rulings, err := h.Registry.Decisions(ctx, a.ID)
		if err != nil || len(rulings) != 2 || rulings[0].Words+rulings[1].Words != "" || rulings[0].Reason != "incomplete" {
			t.Errorf("decisions: %+v, %v", rulings, err)
		}
	})
}

func TestWithdrawingIsToldByMailAndFinal(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified()
		for range 2 {
			if _, err := h.Registry.WithdrawLink(t.Context(), a.Link()); err != nil {
				t.Fatal(err)
			}
		}
		kind, lang, e := h.letter()
		if kind != outbox.ApplicationWithdrawn || lang != "ko" || e.Args[outbox.ArgReference] != a.Reference || h.count("outbox") != 3 {
			t.Errorf("%d letters, the newest is %s in %s with %v", h.count("outbox"), kind, lang, e.Args)
		}
		for _, to := range registry.States {
			if registry.May(registry.WithdrawnByOrigin, to) {
				t.Errorf("a withdrawn application may become %s", to)
			}
		}
	})
}
