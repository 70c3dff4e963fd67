package registry_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/texts"
)

var colleague = audit.Actor{Kind: audit.Staff, ID: 8}

// settle lets the minute pass and carries out what is due.
func (h *house) settle() int {
	h.t.Helper()
	h.clock.Advance(registry.UndoTime)
	n, err := h.Registry.Settle(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *house) decide(d registry.Decision) *registry.Ruling {
	h.t.Helper()
	v, err := h.Registry.Decide(h.t.Context(), d)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

func TestADecisionIsCarriedOutAfterAMinute(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for verdict, want := range map[registry.Verdict]struct {
			state  registry.State
			letter outbox.Kind
		}{
			registry.Admit: {registry.Approved, outbox.ApplicationApproved}, registry.Refuse: {registry.Declined, outbox.ApplicationDeclined},
			registry.Ask: {registry.NeedsInfo, outbox.ApplicationNeedsInfo},
		} {
			a := h.verified(func(f *registry.Form) { f.Contact.Email = string(verdict) + "@harbour-choir.example" })
			letters := len(h.letters())
			h.decide(registry.Decision{Application: a.ID, Version: a.Version, Verdict: verdict, By: reviewer, Reason: "incomplete",
				Questions: []string{"who_leads", "no such question", "what_you_do"}, Words: "맞습니까?", WordsLang: "ko"})
			h.clock.Advance(registry.UndoTime - time.Millisecond)
			if n, err := h.Registry.Settle(t.Context()); n != 0 || err != nil || h.application(a.ID).State != registry.Verified || len(h.letters()) != letters {
				t.Errorf("%s was carried out before its time: %d, %v", verdict, n, err)
			}
			h.clock.Advance(time.Millisecond)
			for round, settled := range []int{1, 0} {
				if n, err := h.Registry.Settle(t.Context()); n != settled || err != nil {
					t.Errorf("%s, round %d: %d carried out, %v", verdict, round, n, err)
				}
			}
			now := h.application(a.ID)
			kind, lang, e := h.letter()
			if now.State != want.state || kind != want.letter || lang != "ko" || len(h.letters()) != letters+1 {
				t.Errorf("%s: %s, letter %s in %s, %d more", verdict, now.State, kind, lang, len(h.letters())-letters)
			}
			if e.Args[outbox.ArgWords] != "맞습니까?" || e.Args[outbox.ArgWordsLang] != "ko" {
				t.Errorf("%s: the letter says %v", verdict, e.Args)
			}
			if verdict == registry.Ask && e.Args[outbox.ArgQuestions] != "what_you_do,who_leads" {
				t.Errorf("asked %q, want the questions in the order of the list", e.Args[outbox.ArgQuestions])
			}
		}
	})
}

func TestADecisionCanBeTakenBackForAMinute(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified()
		letters := len(h.letters())
		v := h.decide(registry.Decision{Application: a.ID, Version: a.Version, Verdict: registry.Admit, By: reviewer, Slug: "harbour"})
		if list, err := h.Registry.Inbox(t.Context(), registry.InboxQuery{States: registry.Waiting, Most: 5}); err != nil || len(list) != 0 {
			t.Errorf("what is decided still waits in the inbox: %d, %v", len(list), err)
		}
		if n, err := h.Registry.Undo(t.Context(), v.BatchID, colleague); n != 1 || err != nil {
			t.Fatalf("take back: %d, %v", n, err)
		}
		if n := h.settle(); n != 0 || h.application(a.ID).State != registry.Verified || len(h.letters()) != letters || h.count("partners") != 0 {
			t.Errorf("%d carried out after it was taken back", n)
		}
		if list, err := h.Registry.Inbox(t.Context(), registry.InboxQuery{States: registry.Waiting, Most: 5}); err != nil || len(list) != 1 {
			t.Errorf("it does not wait again: %d, %v", len(list), err)
		}
		if _, err := h.Registry.Undo(t.Context(), v.BatchID, colleague); !errors.Is(err, registry.ErrSettled) {
			t.Errorf("taken back twice: %v", err)
		}
		v = h.decide(registry.Decision{Application: a.ID, Version: a.Version, Verdict: registry.Admit, By: reviewer, Slug: "harbour"})
		h.settle()
		if _, err := h.Registry.Undo(t.Context(), v.BatchID, reviewer); !errors.Is(err, registry.ErrSettled) || h.application(a.ID).State != registry.Approved {
			t.Errorf("taken back too late: %v", err)
		}
		want := []string{"application.submitted", "application.verified", "application.decided", "application.undone", "application.decided", "application.approved"}
		entries, _, err := h.Trail.Newest(t.Context(), "application", a.ID, 1000)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range entries {
			got = append(got, e.Action)
		}
		if !slices.Equal(got, want) {
			t.Errorf("noted %v, want %v", got, want)
		}
	})
}

func TestOfTwoWhoDecideAtOnceOneIsFirst(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified()
		errs := make([]error, 6)
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() {
				d := registry.Decision{Application: a.ID, Version: a.Version, Verdict: registry.Verdicts[i%3], By: reviewer, Reason: "spam", Words: "?"}
				_, errs[i] = h.Registry.Decide(t.Context(), d)
			})
		}
		group.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, registry.ErrMoved) {
				t.Errorf("who came too late: %v, want ErrMoved", err)
			}
		}
		if won != 1 || h.count("decisions") != 1 || h.settle() != 1 {
			t.Errorf("%d decisions stand, %d are kept", won, h.count("decisions"))
		}
	})
}

func TestSeveralCopiesCarryOutADecisionOnce(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for i := range 5 {
			a := h.verified(func(f *registry.Form) { f.Contact.Email = string(rune('a'+i)) + "@harbour-choir.example" })
			h.decide(registry.Decision{Application: a.ID, Verdict: registry.Admit, By: reviewer})
		}
		h.clock.Advance(registry.UndoTime)
		done := make([]int, 4)
		var group sync.WaitGroup
		for i := range done {
			group.Go(func() { done[i], _ = h.Registry.Settle(t.Context()) })
		}
		group.Wait()
		h.settle()
		if h.count("partners") != 5 || h.count("representatives") != 5 {
			t.Errorf("%d partners of 5 decisions, %v", h.count("partners"), done)
		}
	})
}

func TestWhatTheApplicantDoesGoesBeforeAPendingDecision(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified()
		h.decide(registry.Decision{Application: a.ID, Verdict: registry.Admit, By: reviewer})
		if _, err := h.Registry.Withdraw(t.Context(), a.ID); err != nil {
			t.Fatal(err)
		}
		h.settle()
		list, err := h.Registry.Decisions(t.Context(), a.ID)
		if err != nil || len(list) != 1 || list[0].State != registry.Overtook || h.application(a.ID).State != registry.WithdrawnByOrigin || h.count("partners") != 0 {
			t.Errorf("%+v, %v, %d partners", list, err, h.count("partners"))
		}
	})
}

func TestASlugTakenWithinTheMinuteDoesNotHoldUpTheApproval(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified()
		h.decide(registry.Decision{Application: a.ID, Verdict: registry.Admit, By: reviewer, Slug: "harbour"})
		h.partner("harbour", func(f *registry.Form) { f.Name, f.Contact.Email = "Other Choir", "other@harbour-choir.example" })
		h.settle()
		if now := h.application(a.ID); now.State != registry.Approved || h.count("partners") != 2 {
			t.Errorf("%s, %d partners", now.State, h.count("partners"))
		}
		_, err := h.Registry.Decide(t.Context(), registry.Decision{Application: h.verified(func(f *registry.Form) { f.Contact.Email = "third@harbour-choir.example" }).ID,
			Verdict: registry.Admit, By: reviewer, Slug: "harbour"})
		wantField(t, err, "slug", "slug.taken")
	})
}

func TestSpamIsDeclinedTogetherAndTakenBackTogether(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		var picks []registry.Pick
		for i := range 6 {
			a := h.verified(func(f *registry.Form) { f.Contact.Email = string(rune('a'+i)) + "@harbour-choir.example" })
			picks = append(picks, registry.Pick{ID: a.ID, Version: a.Version})
		}
		moved, gone := picks[1].ID, int64(42)
		if err := h.Registry.Review(t.Context(), moved, colleague); err != nil {
			t.Fatal(err)
		}
		picks = append(picks, registry.Pick{ID: gone, Version: 1})
		letters := len(h.letters())
		batch, left, err := h.Registry.DeclineAsSpam(t.Context(), picks, reviewer)
		if err != nil || !slices.Equal(left, []int64{moved, gone}) {
			t.Fatalf("left %v, %v; want the one that moved on and the one that is not there", left, err)
		}
		if n, err := h.Registry.Undo(t.Context(), batch, reviewer); n != 5 || err != nil {
			t.Errorf("%d taken back, %v", n, err)
		}
		if _, _, err = h.Registry.DeclineAsSpam(t.Context(), picks, reviewer); err != nil || h.settle() != 5 {
			t.Errorf("declined: %v", err)
		}
		n, err := h.Registry.CountByState(t.Context())
		if err != nil || n[registry.Declined] != 5 || n[registry.InReview] != 1 || len(h.letters()) != letters {
			t.Errorf("%v, %v, %d letters more", n, err, len(h.letters())-letters)
		}
	})
}

func TestTheQuestionsOfStaffAreAnswered(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified()
		h.decide(registry.Decision{Application: a.ID, Verdict: registry.Ask, By: reviewer, Questions: []string{"who_leads"}, Words: "Please."})
		h.settle()
		asked, err := h.Registry.Asked(t.Context(), h.application(a.ID))
		if err != nil || asked == nil || !slices.Equal(asked.Asked(), []string{"who_leads"}) || asked.Words != "Please." {
			t.Fatalf("asked %+v, %v", asked, err)
		}
		for words, key := range map[string]string{"": "text.required", " \u200b ": "text.required", "\xff": "text.encoding"} {
			_, err := h.Registry.Answer(t.Context(), a.ID, words)
			wantField(t, err, "answer", key)
		}
		h.clock.Advance(time.Hour)
		now, err := h.Registry.Answer(t.Context(), a.ID, "우리는 합창단입니다.")
		if err != nil || now.State != registry.InReview || h.application(a.ID).WaitingSince != h.clock.Now().UnixMilli() {
			t.Errorf("%+v, %v", now, err)
		}
		if asked, err := h.Registry.Asked(t.Context(), now); asked != nil || err != nil {
			t.Errorf("still asked: %+v, %v", asked, err)
		}
		if _, err := h.Registry.Answer(t.Context(), a.ID, "Again."); !errors.Is(err, registry.ErrMoved) {
			t.Errorf("answered twice: %v", err)
		}
		if h.count("notes") != 1 {
			t.Errorf("%d notes", h.count("notes"))
		}
	})
}

func TestAClaimIsTakenGivenBackAndTakenOver(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified()
		ctx, letters := t.Context(), len(h.letters())
		for range 2 {
			if err := h.Registry.Claim(ctx, a.ID, false, reviewer); err != nil {
				t.Fatal(err)
			}
		}
		if now := h.application(a.ID); now.State != registry.InReview || now.ClaimedBy != reviewer.ID || len(h.letters()) != letters+1 {
			t.Errorf("%s, read by %d, %d letters", now.State, now.ClaimedBy, len(h.letters())-letters)
		}
		if err := h.Registry.Claim(ctx, a.ID, false, colleague); !errors.Is(err, registry.ErrClaimed) {
			t.Errorf("claimed twice: %v", err)
		}
		if err := h.Registry.Release(ctx, a.ID, colleague); err != nil || h.application(a.ID).ClaimedBy != reviewer.ID {
			t.Errorf("released by somebody else: %v", err)
		}
		if err := h.Registry.Claim(ctx, a.ID, true, colleague); err != nil || h.application(a.ID).ClaimedBy != colleague.ID {
			t.Errorf("taken over: %v", err)
		}
		if err := h.Registry.Release(ctx, a.ID, colleague); err != nil || h.application(a.ID).ClaimedBy != 0 || len(h.letters()) != letters+1 {
			t.Errorf("given back: %v", err)
		}
		for _, q := range []struct {
			claimed int64
			want    int
		}{{registry.Unclaimed, 1}, {reviewer.ID, 0}} {
			list, err := h.Registry.Inbox(ctx, registry.InboxQuery{States: registry.Waiting, Claimed: q.claimed, Most: 5})
			if err != nil || len(list) != q.want {
				t.Errorf("claimed by %d: %d, %v", q.claimed, len(list), err)
			}
		}
		h.put(a.ID, registry.Approved)
		if err := h.Registry.Claim(ctx, a.ID, false, reviewer); !errors.Is(err, registry.ErrMoved) {
			t.Errorf("claimed when decided: %v", err)
		}
	})
}

func TestAPhraseIsInSomeLanguagesAndReadInTheOthers(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		bodies := map[string]string{"en": "Not now.", "ko": "지금은 아닙니다.", "ar": "ليس الآن."}
		err := h.Phrases.Save(ctx, registry.Phrase{Kind: registry.Reason, Position: 5, Texts: map[string]string{"ko": " "}}, reviewer)
		wantField(t, err, "text_en", "text.required")
		if err := h.Phrases.Save(ctx, registry.Phrase{Kind: registry.Reason, Position: 4, Texts: map[string]string{"ko": "반."}}, reviewer); err != nil {
			t.Fatal(err)
		}
		half := h.Phrases.Offered(registry.Reason)[0]
		if got := h.Phrases.Text(half.Key, "ar"); got.Body != "반." || got.Lang != "ko" {
			t.Errorf("in Arabic it is %+v", got)
		}
		half.Retired = true
		if err := h.Phrases.Save(ctx, half, reviewer); err != nil {
			t.Fatal(err)
		}
		wantField(t, h.Phrases.Save(ctx, registry.Phrase{Kind: registry.Reason, Position: -1, Texts: bodies}, reviewer), "position", "phrase.position_bad")
		for _, f := range []registry.Phrase{{Key: "nothing", Texts: bodies}, {Kind: "nothing", Texts: bodies}} {
			if err := h.Phrases.Save(ctx, f, reviewer); !errors.Is(err, registry.ErrNoPhrase) {
				t.Errorf("saved %+v: %v", f, err)
			}
		}
		if err := h.Phrases.Save(ctx, registry.Phrase{Kind: registry.Reason, Position: 5, Texts: bodies}, reviewer); err != nil {
			t.Fatal(err)
		}
		added := h.Phrases.Offered(registry.Reason)[0]
		if added.Texts["ko"] != bodies["ko"] || h.Phrases.Text(added.Key, "ar").Body != bodies["ar"] || len(h.Phrases.Offered(registry.Question)) != 6 {
			t.Errorf("added %+v", added)
		}
		a := h.verified()
		if err := h.Registry.Decline(ctx, registry.Decision{Application: a.ID, By: reviewer, Reason: added.Key}); err != nil {
			t.Errorf("the new reason is no reason: %v", err)
		}
		added.Retired = true
		built := h.Phrases.All(registry.Reason)[1]
		built.Texts = map[string]string{"en": "Changed.", "ko": built.Texts["ko"], "ar": built.Texts["ar"]}
		for _, f := range []registry.Phrase{added, built} {
			if err := h.Phrases.Save(ctx, f, reviewer); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.Phrases.Reload(ctx); err != nil {
			t.Fatal(err)
		}
		if h.Phrases.Offers(registry.Reason, added.Key) || h.Phrases.Text(added.Key, "en").Body != "Not now." || h.Phrases.Text(built.Key, "en").Body != "Changed." {
			t.Errorf("after retiring one and changing another: %+v", h.Phrases.All(registry.Reason))
		}
		changed := h.Phrases.All(registry.Reason)
		changed = slices.DeleteFunc(changed, func(f registry.Phrase) bool { return f.Key != built.Key })
		for lang, want := range map[string]texts.Standing{"en": texts.Current, "ko": texts.Outdated, "fr": texts.Missing} {
			if got := changed[0].Wording.Standing(lang); got != want {
				t.Errorf("in %s what the program brought is %s after its English was changed, want %s", lang, got, want)
			}
		}
		draft := changed[0].Wording.Draft(texts.Of{}, "ko", " 바뀌었습니다. ")
		if err := h.Phrases.Translate(ctx, built.Key, draft, reviewer); err != nil {
			t.Fatal(err)
		}
		if err := h.Phrases.Translate(ctx, built.Key, draft, reviewer); !errors.Is(err, texts.ErrMoved) {
			t.Errorf("the same translation twice: %v", err)
		}
		if got := h.Phrases.Text(built.Key, "ko"); got.Body != "바뀌었습니다." || got.Version != 1 || got.BaseLang != "en" || got.BaseVersion != 1 {
			t.Errorf("translated: %+v", got)
		}
		b := h.verified(func(f *registry.Form) { f.Contact.Email = "b@harbour-choir.example" })
		wantField(t, h.Registry.Decline(ctx, registry.Decision{Application: b.ID, By: reviewer, Reason: added.Key}), "reason", "decide.reason_required")
	})
}
