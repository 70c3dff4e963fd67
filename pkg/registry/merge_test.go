package registry_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
)

func (h *house) merge(from, into *registry.Application) error {
	h.t.Helper()
	from, into = h.application(from.ID), h.application(into.ID)
	return h.Registry.MergeApplications(h.t.Context(), registry.Merge{From: from.ID, Into: into.ID, FromVersion: from.Version, IntoVersion: into.Version, By: reviewer})
}

func (h *house) mergePartners(from, into *registry.Partner) error {
	h.t.Helper()
	from, _ = h.Register.ByID(from.ID)
	into, _ = h.Register.ByID(into.ID)
	return h.Registry.MergePartners(h.t.Context(), registry.Merge{From: from.ID, Into: into.ID, FromVersion: from.Version, IntoVersion: into.Version, By: reviewer})
}

func (h *house) inInbox(id int64) bool {
	h.t.Helper()
	rows, err := h.Registry.Inbox(h.t.Context(), registry.InboxQuery{States: registry.Waiting, Most: 100})
	if err != nil {
		h.t.Fatal(err)
	}
	n, err := h.Registry.CountByState(h.t.Context())
	if err != nil || n[registry.Verified]+n[registry.InReview] != int64(len(rows)) {
		h.t.Errorf("the tabs count %v, the inbox has %d, %v", n, len(rows), err)
	}
	return slices.ContainsFunc(rows, func(a registry.Application) bool { return a.ID == id })
}

func TestAMergedApplicationIsHandledWithTheOtherUntilThatIsUndone(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a, b := h.verified(org(1, nil)), h.verified(org(2, nil))
		before := *h.application(a.ID)
		if err := h.merge(a, b); err != nil {
			t.Fatal(err)
		}
		if h.inInbox(a.ID) || !h.inInbox(b.ID) {
			t.Error("the merged application is in the inbox, or the other is not")
		}
		kind, lang, e := h.letter()
		if kind != outbox.ApplicationMerged || lang != "ko" || e.Args[outbox.ArgOther] != b.Reference || e.Args[outbox.ArgReference] != a.Reference || e.Action != h.Registry.StatusLink(a) {
			t.Errorf("the letter is %s in %s: %+v", kind, lang, e)
		}
		now := h.application(a.ID)
		if together, err := h.Registry.Together(t.Context(), now); err != nil || together.Reference != b.Reference {
			t.Errorf("together with %+v, %v", together, err)
		}
		decision := registry.Decision{Application: a.ID, By: reviewer, Reason: "spam"}
		if _, err := h.Registry.Approve(t.Context(), decision); !errors.Is(err, registry.ErrMerged) {
			t.Errorf("approving it: %v", err)
		}
		if err := h.Registry.Decline(t.Context(), decision); !errors.Is(err, registry.ErrMerged) {
			t.Errorf("declining it: %v", err)
		}
		if _, err := h.Registry.Approve(t.Context(), registry.Decision{Application: b.ID, By: reviewer}); err != nil {
			t.Fatal(err)
		}
		if n := h.count("representatives"); n != 1 {
			t.Errorf("%d representatives, want only the contact of the one that was approved", n)
		}
		if err := h.Registry.UnmergeApplication(t.Context(), a.ID, now.Version-1, reviewer); !errors.Is(err, registry.ErrMoved) {
			t.Errorf("undoing what was seen before: %v", err)
		}
		if err := h.Registry.UnmergeApplication(t.Context(), a.ID, now.Version, reviewer); err != nil {
			t.Fatal(err)
		}
		after := *h.application(a.ID)
		if before.Version, after.Version = 0, 0; before.MergedInto != after.MergedInto || before.State != after.State || !h.inInbox(a.ID) {
			t.Errorf("after undoing %+v, before %+v", after, before)
		}
		if err := h.Registry.UnmergeApplication(t.Context(), a.ID, now.Version+1, reviewer); !errors.Is(err, registry.ErrNotMerged) {
			t.Errorf("undoing twice: %v", err)
		}
		trail := strings.Join(h.trail("application", a.ID), "\n")
		if !strings.Contains(trail, "staff application.merged ") || !strings.Contains(trail, "staff application.unmerged ") {
			t.Errorf("noted\n%s", trail)
		}
	})
}

func TestAnUnconfirmedApplicantGetsNoLetterAboutAMerge(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a, b := h.apply(org(1, nil)), h.verified(org(2, nil))
		n := len(h.letters())
		if err := h.merge(a, b); err != nil || len(h.letters()) != n {
			t.Errorf("%d letters more, %v", len(h.letters())-n, err)
		}
		if _, err := h.Registry.ConfirmAddress(t.Context(), a.ID); err != nil {
			t.Errorf("confirming the address of a merged application: %v", err)
		}
		if _, err := h.Registry.Withdraw(t.Context(), a.ID); err != nil {
			t.Errorf("withdrawing it: %v", err)
		}
	})
}

func TestMergesMakeNoChainsAndNoCircles(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		refuse := func(what string, err, want error) {
			t.Helper()
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
		a, b, c := h.verified(org(1, nil)), h.verified(org(2, nil)), h.verified(org(3, nil))
		refuse("into itself", h.merge(a, a), registry.ErrNoMerge)
		refuse("a into b", h.merge(a, b), nil)
		refuse("a again", h.merge(a, c), registry.ErrMerged)
		refuse("into what is merged", h.merge(c, a), registry.ErrMerged)
		refuse("in a circle", h.merge(b, a), registry.ErrMerged)
		refuse("in a chain", h.merge(b, c), registry.ErrMerged)
		refuse("c into b", h.merge(c, b), nil)
		draft, err := h.Registry.SaveDraft(t.Context(), form())
		if err != nil {
			t.Fatal(err)
		}
		waiting := h.verified(org(4, nil))
		refuse("a draft", h.merge(draft, b), registry.ErrNoMerge)
		for _, state := range registry.States {
			var from, into error = registry.ErrNoMerge, registry.ErrNoMerge
			if slices.Contains([]registry.State{registry.Submitted, registry.Verified, registry.InReview, registry.NeedsInfo}, state) {
				from = nil
			}
			if slices.Contains([]registry.State{registry.Verified, registry.InReview, registry.NeedsInfo, registry.Approved}, state) {
				into = nil
			}
			mays := [2]error{registry.MayMergeApplications(h.put(draft.ID, state), waiting), registry.MayMergeApplications(waiting, h.put(draft.ID, state))}
			for i, want := range [2]error{from, into} {
				if !errors.Is(mays[i], want) {
					t.Errorf("%s, as the one that goes and the one that stays: %v", state, mays)
				}
			}
		}
		p, q, r := h.partner("tide-one", org(5, nil)), h.partner("tide-two", org(6, nil)), h.partner("tide-three", org(7, nil))
		refuse("a partner into itself", h.mergePartners(p, p), registry.ErrNoMerge)
		refuse("p into q", h.mergePartners(p, q), nil)
		refuse("p again", h.mergePartners(p, r), registry.ErrMerged)
		refuse("partners in a chain", h.mergePartners(q, r), registry.ErrMerged)
		refuse("partners in a circle", h.mergePartners(q, p), registry.ErrMerged)
		if _, err := h.Registry.SetState(t.Context(), registry.PartnerMove{Partner: q.ID, Version: registry.AnyVersion, To: registry.Suspended, By: reviewer, Words: registry.Words{Body: "See above."}}); err != nil {
			t.Fatal(err)
		}
		refuse("into a suspended partner", h.mergePartners(r, q), registry.ErrNoMerge)
		refuse("of versions seen before", h.Registry.MergePartners(t.Context(), registry.Merge{From: r.ID, Into: p.ID, FromVersion: r.Version + 9, By: reviewer}), registry.ErrMerged)
		refuse("what is not there", h.Registry.MergePartners(t.Context(), registry.Merge{From: r.ID, Into: 1, By: reviewer}), registry.ErrNoPartner)
	})
}

func TestAMergeOfWhatWasSeenBeforeIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a, b := h.verified(org(1, nil)), h.verified(org(2, nil))
		if err := h.Registry.Review(t.Context(), b.ID, reviewer); err != nil {
			t.Fatal(err)
		}
		for _, m := range []registry.Merge{
			{From: a.ID, Into: b.ID, FromVersion: a.Version, IntoVersion: b.Version, By: reviewer},
			{From: a.ID, Into: b.ID, FromVersion: a.Version - 1, IntoVersion: b.Version + 1, By: reviewer},
		} {
			before := h.written()
			if err := h.Registry.MergeApplications(t.Context(), m); !errors.Is(err, registry.ErrMoved) || h.written() != before || h.application(a.ID).MergedInto != 0 {
				t.Errorf("%+v: %v", m, err)
			}
		}
	})
}

func TestOfMergesMadeAtOnceThereIsNoChain(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a, b, c := h.verified(org(1, nil)), h.verified(org(2, nil)), h.verified(org(3, nil))
		pairs := [][2]*registry.Application{{a, b}, {b, c}, {c, a}, {b, a}}
		var group sync.WaitGroup
		for _, p := range pairs {
			group.Go(func() {
				_ = h.Registry.MergeApplications(t.Context(), registry.Merge{From: p[0].ID, Into: p[1].ID, FromVersion: p[0].Version, IntoVersion: p[1].Version, By: reviewer})
			})
		}
		group.Wait()
		merged := 0
		for _, x := range []*registry.Application{a, b, c} {
			if into := h.application(x.ID).MergedInto; into != 0 {
				merged++
				if h.application(into).MergedInto != 0 {
					t.Error("a merged application leads to another merged one")
				}
			}
		}
		if merged == 0 {
			t.Error("nobody's merge stood")
		}
	})
}

func TestAMergedPartnerLeadsToTheOtherUntilThatIsUndone(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p, q := h.partner("tide-one", org(1, nil)), h.partner("tide-two", org(2, nil))
		if err := h.mergePartners(p, q); err != nil {
			t.Fatal(err)
		}
		got, ok := h.Register.Active("tide-one")
		if !ok || got.ID != q.ID || !h.Register.Lent("tide-one") || h.Register.Lent("tide-two") || h.Register.Len() != 1 || len(h.Register.Find(registry.Query{Lang: "en"})) != 1 {
			t.Errorf("the slug leads to %+v, and %d are listed", got, h.Register.Len())
		}
		for _, id := range []int64{p.ID, q.ID} {
			if f := h.Register.Family(id); !slices.Equal(f, []int64{q.ID, p.ID}) {
				t.Errorf("the family of %d is %v", id, f)
			}
		}
		if _, err := h.Registry.SetState(t.Context(), registry.PartnerMove{Partner: q.ID, Version: registry.AnyVersion, To: registry.Suspended, By: reviewer, Words: registry.Words{Body: "See above."}}); err != nil {
			t.Fatal(err)
		}
		if _, ok := h.Register.Active("tide-one"); ok {
			t.Error("the slug of a partner that is merged into a suspended one shows it")
		}
		now, _ := h.Register.ByID(p.ID)
		if err := h.Registry.UnmergePartner(t.Context(), p.ID, now.Version, reviewer); err != nil {
			t.Fatal(err)
		}
		if got, ok := h.Register.Active("tide-one"); !ok || got.ID != p.ID || h.Register.Lent("tide-one") || !slices.Equal(h.Register.Family(p.ID), []int64{p.ID}) {
			t.Errorf("after undoing, the slug leads to %+v", got)
		}
		if got := strings.Join(h.trail("partner", p.ID), "\n"); !strings.Contains(got, "staff partner.merged ") || !strings.Contains(got, "staff partner.unmerged ") {
			t.Errorf("noted %s", got)
		}
	})
}

// TestWhatIsMergedOutlivesWhatItWasMergedInto: an application must not vanish
// because somebody took back, or was refused, another one.
func TestWhatIsMergedOutlivesWhatItWasMergedInto(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		mail := func(s string) func(*registry.Form) { return func(f *registry.Form) { f.Contact.Email = s } }
		ends := map[string]func(id int64) error{
			"withdrawn": func(id int64) error { _, err := h.Registry.Withdraw(t.Context(), id); return err },
			"declined": func(id int64) error {
				return h.Registry.Decline(t.Context(), registry.Decision{Application: id, By: reviewer, Reason: "spam"})
			},
		}
		for how, end := range ends {
			child, target := h.verified(mail("child@"+how+".example")), h.verified(mail("target@"+how+".example"))
			if err := h.merge(child, target); err != nil {
				t.Fatal(err)
			}
			if h.inInbox(child.ID) {
				t.Fatal("what is merged is in the inbox")
			}
			if err := end(target.ID); err != nil {
				t.Fatal(err)
			}
			if now := h.application(child.ID); now.MergedInto != 0 || !h.inInbox(child.ID) {
				t.Errorf("%s: merged into %d", how, now.MergedInto)
			}
		}
	})
}
