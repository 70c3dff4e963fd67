package registry_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
)

// allowed is the design's table of moves, written down a second time.
var allowed = map[registry.State]string{
	registry.Draft:     "submitted withdrawn",
	registry.Submitted: "verified declined withdrawn",
	registry.Verified:  "in_review approved declined withdrawn",
	registry.InReview:  "needs_info approved declined withdrawn",
	registry.NeedsInfo: "in_review approved declined withdrawn",
}

func TestOnlyTheMovesOfTheTableAreMade(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		id := h.apply().ID
		for _, from := range registry.States {
			for _, to := range registry.States {
				name := string(from) + " to " + string(to)
				want := slices.Contains(strings.Fields(allowed[from]), string(to))
				if registry.May(from, to) != want {
					t.Errorf("%s: may is %v", name, !want)
				}
				a := h.put(id, from)
				noted, version := h.count("audit_entries"), a.Version
				err := h.tx(func(_ context.Context, tx *gorm.DB) error { return h.Registry.Move(tx, a, to, reviewer) })
				now, entries := h.application(id), h.count("audit_entries")
				if want && (err != nil || now.State != to || now.Version != version+1 || entries != noted+1 || a.State != to) {
					t.Errorf("%s: %v, now %s version %d, %d entries", name, err, now.State, now.Version-version, entries-noted)
				}
				if !want && (!errors.Is(err, registry.ErrMoved) || now.State != from || now.Version != version || entries != noted || a.State != from) {
					t.Errorf("%s is not in the table: %v, now %s, %d entries, want ErrMoved and nothing written", name, err, now.State, entries-noted)
				}
			}
		}
	})
}

func TestAMoveOfWhatWasSeenBeforeIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		seen := h.verified()
		if err := h.Registry.Review(t.Context(), seen.ID, reviewer); err != nil {
			t.Fatal(err)
		}
		err := h.tx(func(_ context.Context, tx *gorm.DB) error {
			return h.Registry.Move(tx, seen, registry.Declined, reviewer)
		})
		if now := h.application(seen.ID); !errors.Is(err, registry.ErrMoved) || now.State != registry.InReview {
			t.Errorf("%v, now %s", err, now.State)
		}
		before := h.written()
		d := registry.Decision{Application: seen.ID, Version: seen.Version - 1, By: reviewer, Reason: "spam"}
		if _, err := h.Registry.Approve(t.Context(), d); !errors.Is(err, registry.ErrMoved) {
			t.Errorf("approving an old version: %v", err)
		}
		if err := h.Registry.Decline(t.Context(), d); !errors.Is(err, registry.ErrMoved) {
			t.Errorf("declining an old version: %v", err)
		}
		if h.written() != before {
			t.Errorf("written: %v, before %v", h.written(), before)
		}
	})
}

func TestEachDeedWorksInItsStatesAndLeavesTheOthersAlone(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		id := h.apply().ID
		for _, deed := range []struct {
			name, from string
			also       string // states in which it changes nothing and is no error
			do         func() error
		}{
			{"confirm", "submitted", "draft verified in_review needs_info approved declined withdrawn", func() error { _, err := h.Registry.ConfirmAddress(ctx, id); return err }},
			{"review", "verified needs_info", "in_review", func() error { return h.Registry.Review(ctx, id, reviewer) }},
			{"ask back", "verified in_review", "", func() error {
				return h.Registry.AskBack(ctx, registry.Decision{Application: id, By: reviewer, Words: "Who are you?"})
			}},
			{"answer", "needs_info", "", func() error { _, err := h.Registry.Answer(ctx, id, "We are a choir."); return err }},
			{"claim", "verified", "", func() error { h.unclaim(id); return h.Registry.Claim(ctx, id, false, reviewer) }},
			{"withdraw", "submitted verified in_review needs_info", "withdrawn", func() error { _, err := h.Registry.Withdraw(ctx, id); return err }},
			{"decline", "submitted verified in_review needs_info", "", func() error {
				return h.Registry.Decline(ctx, registry.Decision{Application: id, By: reviewer, Reason: "incomplete"})
			}},
			{"approve", "verified in_review needs_info", "", func() error {
				_, err := h.Registry.Approve(ctx, registry.Decision{Application: id, By: reviewer})
				return err
			}},
		} {
			for _, from := range registry.States {
				if deed.name == "withdraw" && from == registry.Draft {
					continue // nothing stays; see draft_test.go
				}
				h.put(id, from)
				before := h.written()
				err := deed.do()
				now := h.application(id).State
				if deed.name == "claim" && (from == registry.InReview || from == registry.NeedsInfo) {
					continue // claims without a move; see claim_test.go
				}
				moves := slices.Contains(strings.Fields(deed.from), string(from))
				silent := slices.Contains(strings.Fields(deed.also), string(from))
				switch {
				case moves && (err != nil || now == from || h.written() == before):
					t.Errorf("%s when %s: %v, now %s", deed.name, from, err, now)
				case !moves && (now != from || h.written() != before):
					t.Errorf("%s when %s: now %s, and written %v after %v", deed.name, from, now, h.written(), before)
				case !moves && !silent && !errors.Is(err, registry.ErrMoved):
					t.Errorf("%s when %s: %v, want ErrMoved", deed.name, from, err)
				case silent && err != nil:
					t.Errorf("%s when %s: %v", deed.name, from, err)
				}
				if deed.name == "approve" && moves {
					for _, table := range []string{"partners", "partner_slugs", "representatives"} {
						if err := h.Store.Exec(ctx, "DELETE FROM "+table); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
		}
	})
}

func TestEachMoveIsNotedAndToldToTheApplicantInTheirLanguage(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		told := func(kind outbox.Kind, link string) outbox.Envelope {
			t.Helper()
			got, lang, e := h.letter()
			if got != kind || lang != "ko" || e.To != "Zebulon.Quux@harbour-choir.example" || e.Args[outbox.ArgName] != "Zebulon Quux" || !strings.HasPrefix(e.Action, link) {
				t.Errorf("the newest letter is %s in %s to %s with %s, want %s with %s", got, lang, e.To, e.Action, kind, link)
			}
			return e
		}
		a := h.apply()
		told(outbox.ApplicationConfirm, "/ko/application/")
		for range 2 { // the second time nothing happens
			if _, err := h.Registry.ConfirmAddress(ctx, a.ID); err != nil {
				t.Fatal(err)
			}
		}
		if e := told(outbox.ApplicationReceived, h.Registry.StatusLink(a)); e.Args[outbox.ArgReference] != a.Reference {
			t.Errorf("the letter names %s, want %s", e.Args[outbox.ArgReference], a.Reference)
		}
		for _, err := range []error{h.Registry.Review(ctx, a.ID, reviewer), h.Registry.AskBack(ctx, registry.Decision{Application: a.ID, By: reviewer, Words: "?"}), h.Registry.Review(ctx, a.ID, reviewer)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		p, err := h.Registry.Approve(ctx, registry.Decision{Application: a.ID, By: reviewer, Words: "Welcome!"})
		if err != nil {
			t.Fatal(err)
		}
		if e := told(outbox.ApplicationApproved, "/portal/enter/"); e.Args[outbox.ArgWords] != "Welcome!" || e.Args[outbox.ArgOrganization] != "Harbour Choir" {
			t.Errorf("the letter of approval says %v", e.Args)
		}
		if n := len(h.letters()); n != 6 {
			t.Errorf("%d letters, want 6", n)
		}
		want := []string{
			`applicant application.submitted {"state":"draft"} {"state":"submitted"}`,
			`applicant application.verified {"state":"submitted"} {"state":"verified"}`,
			`staff application.in_review {"state":"verified"} {"state":"in_review"}`,
			`staff application.needs_info {"state":"in_review"} {"state":"needs_info"}`,
			`staff application.in_review {"state":"needs_info"} {"state":"in_review"}`,
			`staff application.approved {"state":"in_review"} {"state":"approved"}`,
		}
		if got := h.trail("application", a.ID); !slices.Equal(got, want) {
			t.Errorf("noted\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		now := h.application(a.ID)
		if now.PartnerID != p.ID || now.DecidedBy != reviewer.ID || now.DecidedAt != h.clock.Now().UnixMilli() || now.ReasonWords != "Welcome!" {
			t.Errorf("stored %+v", now)
		}
	})
}

func TestADeclinedApplicantReadsWhyAndASpammerNothing(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for _, reason := range registry.BuiltIn(registry.Reason) {
			a := h.verified(func(f *registry.Form) { f.Contact.Email = reason + "@harbour-choir.example" })
			before := len(h.letters())
			if err := h.Registry.Decline(t.Context(), registry.Decision{Application: a.ID, By: reviewer, Reason: reason, Words: "Sorry."}); err != nil {
				t.Fatal(err)
			}
			if now := h.application(a.ID); now.State != registry.Declined || now.Reason != reason || now.ReasonWords != "Sorry." {
				t.Errorf("%s: stored %+v", reason, now)
			}
			more := len(h.letters()) - before
			if reason == "spam" {
				if more != 0 {
					t.Errorf("%d letters to an address that may be anybody's", more)
				}
				continue
			}
			kind, lang, e := h.letter()
			if more != 1 || kind != outbox.ApplicationDeclined || lang != "ko" || e.Args[outbox.ArgReason] != reason || e.Args[outbox.ArgWords] != "Sorry." {
				t.Errorf("%s: %d letters, %s %s %v", reason, more, kind, lang, e.Args)
			}
		}
	})
}

func TestADecisionIsRefusedFieldByField(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified()
		before := h.written()
		decline := func(d registry.Decision) error { return h.Registry.Decline(t.Context(), d) }
		approve := func(d registry.Decision) error { _, err := h.Registry.Approve(t.Context(), d); return err }
		for _, c := range []struct {
			field, key string
			do         func(registry.Decision) error
			decision   registry.Decision
		}{
			{"reason", "decide.reason_required", decline, registry.Decision{}},
			{"reason", "decide.reason_required", decline, registry.Decision{Reason: "dislike"}},
			{"words", "text.long", decline, registry.Decision{Reason: "spam", Words: strings.Repeat("x", 501)}},
			{"words", "text.encoding", approve, registry.Decision{Words: "\xff"}},
			{"slug", "slug.bad", approve, registry.Decision{Slug: "x"}},
			{"slug", "slug.bad", approve, registry.Decision{Slug: "평화"}},
			{"slug", "slug.bad", approve, registry.Decision{Slug: "two words"}},
			{"slug", "slug.reserved", approve, registry.Decision{Slug: "admin"}},
			{"slug", "slug.reserved", approve, registry.Decision{Slug: "peace-banner"}},
			{"slug", "slug.reserved", approve, registry.Decision{Slug: "p-728x90"}},
		} {
			c.decision.Application, c.decision.By = a.ID, reviewer
			wantField(t, c.do(c.decision), c.field, c.key)
		}
		if h.application(a.ID).State != registry.Verified || h.written() != before {
			t.Error("a refused decision left something")
		}
	})
}

func TestOfDecisionsMadeAtOnceOneStands(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for round := range 5 {
			a := h.verified(func(f *registry.Form) { f.Contact.Email = string(rune('a'+round)) + "@harbour-choir.example" })
			partners, letters, entries := h.count("partners"), len(h.letters()), len(h.trail("application", a.ID))
			approve := func() error {
				_, err := h.Registry.Approve(context.Background(), registry.Decision{Application: a.ID, Version: a.Version, By: reviewer})
				return err
			}
			decline := func() error {
				return h.Registry.Decline(context.Background(), registry.Decision{Application: a.ID, Version: a.Version, By: reviewer, Reason: "duplicate"})
			}
			deeds := []func() error{approve, decline, approve, decline}
			errs := make([]error, len(deeds))
			var group sync.WaitGroup
			for i, deed := range deeds {
				group.Go(func() { errs[i] = deed() })
			}
			group.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
				} else if !errors.Is(err, registry.ErrMoved) {
					t.Errorf("the one who came too late: %v, want ErrMoved", err)
				}
			}
			made := map[registry.State]int64{registry.Approved: 1, registry.Declined: 0}[h.application(a.ID).State]
			if won != 1 || h.count("partners")-partners != made || h.count("partner_slugs") != h.count("partners") || h.count("representatives") != h.count("partners") {
				t.Errorf("%d decisions stand, %d partners more, want 1 and %d", won, h.count("partners")-partners, made)
			}
			if l, e := len(h.letters())-letters, len(h.trail("application", a.ID))-entries; l != 1 || e != 1 {
				t.Errorf("%d letters and %d entries, want one of each", l, e)
			}
		}
	})
}
