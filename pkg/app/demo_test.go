package app_test

import (
	"testing"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/testkit"
)

// What the desk is for must be seen in the demo, or nobody who tries it out
// will find it.
func TestTheDemoShowsWhatTheDeskIsFor(t *testing.T) {
	t.Parallel()
	a := testkit.Demo(t)
	ctx := t.Context()
	shown := map[string]int{}
	list, err := a.Registry.Inbox(ctx, registry.InboxQuery{Most: 100})
	if err != nil {
		t.Fatal(err)
	}
	flags, err := a.Registry.Flags(ctx, list...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		one := &list[i]
		proofs, err := a.Registry.Proofs(ctx, one)
		if err != nil {
			t.Fatal(err)
		}
		vouches, err := a.Registry.Vouches(ctx, one.ID)
		if err != nil {
			t.Fatal(err)
		}
		like, err := a.Registry.Duplicates(ctx, one)
		if err != nil {
			t.Fatal(err)
		}
		events, _, err := a.Registry.Timeline(ctx, registry.About{Subject: registry.OfApplication, ID: one.ID}, audit.Key{}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			switch {
			case e.Deed != nil:
				shown[e.Deed.Action]++
			case e.Note != nil:
				shown["a note of "+e.Note.AuthorKind]++
			}
		}
		for _, l := range like {
			shown["alike: "+string(l.Reasons[0])]++
		}
		for _, f := range flags[one.ID] {
			shown["flag: "+string(f.Kind)]++
		}
		signs := registry.SignsOf(one, proofs, vouches)
		for what, so := range map[string]bool{"found": signs.Found > 0, "lost": signs.Lost > 0, "good": signs.Good(), "vouched": signs.Vouched(), "doubts": signs.Doubts > 0,
			"asked partner": signs.Asked > 0, "links": signs.Links > 0, "claimed": one.ClaimedBy != 0,
			"awaiting an answer": one.State == registry.NeedsInfo, "somebody else speaks": !one.Represented()} {
			if so {
				shown[what]++
			}
		}
	}
	for _, want := range []string{"found", "lost", "good", "vouched", "doubts", "asked partner", "links", "claimed", "awaiting an answer", "somebody else speaks",
		"alike: same_site", "flag: protected_name", "flag: mixed_scripts_name", "a note of staff", "a note of reader", "reading.opened"} {
		if shown[want] == 0 {
			t.Errorf("no application shows %q: %v", want, shown)
		}
	}
	merged, answered := false, false
	for _, one := range list {
		children, err := a.Registry.MergedApplications(ctx, one.ID)
		if err != nil {
			t.Fatal(err)
		}
		rulings, err := a.Registry.Decisions(ctx, one.ID)
		if err != nil {
			t.Fatal(err)
		}
		merged = merged || len(children) > 0
		answered = answered || one.State == registry.InReview && len(rulings) > 0
	}
	if _, changes, err := a.Registry.ChangesWaiting(ctx, 10); err != nil || changes < 2 || !merged || !answered {
		t.Errorf("%d changes wait (%v), merged: %t, answered: %t", changes, err, merged, answered)
	}
}
