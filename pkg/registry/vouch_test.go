package registry_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
)

// another is a partner whose representative reads English.
func (h *house) another(slug, name string) *registry.Partner {
	h.t.Helper()
	return h.partner(slug, named(name, ""), func(f *registry.Form) {
		f.Contact.Email, f.Contact.Lang = "mina@"+slug+".example", "en"
	})
}

func TestAPartnerIsAskedOnceAndItsAnswerIsKept(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		p := h.another("school", "River School")
		a := h.verified()
		before := len(h.letters())
		v, err := h.Registry.AskPartner(ctx, a.ID, p, reviewer)
		if err != nil || v.State != registry.VouchAsked || v.StaffID != reviewer.ID {
			t.Fatalf("%+v, %v", v, err)
		}
		kind, lang, e := h.letter()
		if kind != outbox.VouchRequest || lang != "en" || e.To != "mina@school.example" || e.Args[outbox.ArgOrganization] != "Harbour Choir" ||
			!strings.HasPrefix(e.Action, "/en/vouch/") || len(h.letters()) != before+1 {
			t.Errorf("the letter: %s in %s to %s: %+v", kind, lang, e.To, e)
		}
		for _, said := range e.Args {
			if strings.Contains(said, "@") || strings.Contains(said, "Zebulon") && said != e.Args[outbox.ArgName] {
				t.Errorf("the letter says %q", said)
			}
		}
		if _, err := h.Registry.AskPartner(ctx, a.ID, p, reviewer); fault.KindOf(err) != fault.Invalid || len(h.letters()) != before+1 {
			t.Errorf("asked twice: %v, %d letters", err, len(h.letters())-before)
		}
		for _, answer := range []registry.VouchState{"", "asked", "named", "withdrawn", "yes"} {
			if err := h.Registry.AnswerVouch(ctx, v.ID, answer, ""); fault.KindOf(err) != fault.Invalid {
				t.Errorf("answer %q: %v, want Invalid", answer, err)
			}
		}
		if err := h.Registry.AnswerVouch(ctx, v.ID, registry.VouchKnown, "  We sang together.  "); err != nil {
			t.Fatal(err)
		}
		if err := h.Registry.AnswerVouch(ctx, v.ID, registry.VouchDoubts, ""); !errors.Is(err, registry.ErrVouchOver) {
			t.Errorf("a second answer: %v, want ErrVouchOver", err)
		}
		if _, err := h.Registry.WithdrawVouch(ctx, v.ID, reviewer); err != nil {
			t.Errorf("taking back what was answered: %v", err)
		}
		rows, err := h.Registry.Vouches(ctx, a.ID)
		if err != nil || len(rows) != 1 || rows[0].State != registry.VouchKnown || rows[0].Words != "We sang together." || rows[0].AnsweredAt == 0 {
			t.Errorf("kept %+v, %v", rows, err)
		}
		var deeds []string
		for _, line := range h.trail("application", a.ID) {
			if f := strings.Fields(line); strings.HasPrefix(f[1], "vouch.") {
				deeds = append(deeds, f[0]+" "+f[1])
			}
		}
		if !slices.Equal(deeds, []string{"staff vouch.asked", "representative vouch.known"}) {
			t.Errorf("the trail has %v", deeds)
		}
	})
}

func TestAQuestionThatIsTakenBackCannotBeAnsweredNorAskedAgain(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		p, a := h.another("school", "River School"), h.verified()
		v, err := h.Registry.AskPartner(ctx, a.ID, p, reviewer)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // twice changes nothing more
			back, err := h.Registry.WithdrawVouch(ctx, v.ID, reviewer)
			if err != nil || back.ApplicationID != a.ID {
				t.Fatalf("%+v, %v", back, err)
			}
		}
		now, err := h.Registry.Vouch(ctx, v.ID)
		if err != nil || now.State != registry.VouchWithdrawn || now.Counter != v.Counter+1 {
			t.Errorf("%+v, %v", now, err)
		}
		if err := h.Registry.AnswerVouch(ctx, v.ID, registry.VouchKnown, ""); !errors.Is(err, registry.ErrVouchOver) {
			t.Errorf("answered after it was taken back: %v", err)
		}
		if _, err := h.Registry.AskPartner(ctx, a.ID, p, reviewer); fault.KindOf(err) != fault.Invalid {
			t.Errorf("asked again: %v", err)
		}
	})
}

func TestAQuestionEndsWithItsReason(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		p, a := h.another("school", "River School"), h.verified()
		v, err := h.Registry.AskPartner(ctx, a.ID, p, reviewer)
		if err != nil {
			t.Fatal(err)
		}
		over := func(why string) {
			t.Helper()
			if err := h.Registry.AnswerVouch(ctx, v.ID, registry.VouchKnown, ""); !errors.Is(err, registry.ErrVouchOver) {
				t.Errorf("%s: %v, want ErrVouchOver", why, err)
			}
		}
		if _, err := h.Registry.SetState(ctx, registry.PartnerMove{Partner: v.PartnerID, Version: registry.AnyVersion, To: registry.Suspended, By: reviewer, Words: registry.Words{Body: "See above."}}); err != nil {
			t.Fatal(err)
		}
		over("the partner is suspended")
		if _, err := h.Registry.SetState(ctx, registry.PartnerMove{Partner: v.PartnerID, Version: registry.AnyVersion, To: registry.Active, By: reviewer, Words: registry.Words{Body: "See above."}}); err != nil {
			t.Fatal(err)
		}
		for _, state := range []registry.State{registry.Approved, registry.Declined, registry.WithdrawnByOrigin} {
			h.put(a.ID, state)
			over(string(state))
			if _, err := h.Registry.AskPartner(ctx, a.ID, h.another("s-"+string(state), string(state)+" School"), reviewer); !errors.Is(err, registry.ErrMoved) {
				t.Errorf("asked when %s: %v", state, err)
			}
		}
		h.put(a.ID, registry.InReview)
		if err := h.Registry.AnswerVouch(ctx, v.ID, registry.VouchUnknown, ""); err != nil {
			t.Errorf("in review: %v", err)
		}
	})
}

func TestAnApplicantNamesPartnersAndStaffAskThem(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		school, house, mill := h.another("school", "River School"), h.another("house", "Lantern House"), h.another("mill", "Old Mill")
		a := h.verified()
		letters := len(h.letters())
		name := func(ids ...int64) {
			t.Helper()
			if err := h.Registry.NamePartners(ctx, a.ID, ids); err != nil {
				t.Fatal(err)
			}
		}
		states := func() string {
			t.Helper()
			rows, err := h.Registry.Vouches(ctx, a.ID)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, v := range rows {
				p, _ := h.Register.ByID(v.PartnerID)
				out = append(out, p.Slug+":"+string(v.State))
			}
			slices.Sort(out)
			return strings.Join(out, " ")
		}
		name(school.ID, house.ID)
		if got := states(); got != "house:named school:named" || len(h.letters()) != letters {
			t.Errorf("named: %s, %d letters", got, len(h.letters())-letters)
		}
		if _, err := h.Registry.AskPartner(ctx, a.ID, school, reviewer); err != nil || len(h.letters()) != letters+1 {
			t.Fatalf("asked: %v, %d letters", err, len(h.letters())-letters)
		}
		name(mill.ID)
		if got := states(); got != "mill:named school:asked" {
			t.Errorf("named anew: %s", got)
		}
		name(school.ID, mill.ID)
		if got := states(); got != "mill:named school:asked" {
			t.Errorf("named one that is asked: %s", got)
		}
		name() // all are taken back
		if got := states(); got != "school:asked" {
			t.Errorf("named none: %s", got)
		}
		if trail := h.trail("application", a.ID); !strings.HasPrefix(trail[len(trail)-1], "applicant vouch.withdrawn ") {
			t.Errorf("the trail ends with %s", trail[len(trail)-1])
		}
		h.put(a.ID, registry.Approved)
		if err := h.Registry.NamePartners(ctx, a.ID, []int64{house.ID}); !errors.Is(err, registry.ErrMoved) {
			t.Errorf("named after the decision: %v", err)
		}
	})
}

func TestAPartnerIsFoundByWhatPeopleCallIt(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.another("river-school", "River School")
		shut := h.another("river-house", "River House")
		h.another("house", "Haus der Brücke")
		if _, err := h.Registry.SetState(t.Context(), registry.PartnerMove{Partner: shut.ID, Version: registry.AnyVersion, To: registry.Paused, By: reviewer, Words: registry.Words{Body: "See above."}}); err != nil {
			t.Fatal(err)
		}
		h.another("river", "River")
		for typed, want := range map[string]string{
			"river-school": "river-school", " River-School ": "river-school", "https://appeal.test/en/partners/river-school/": "river-school", "RIVER school": "river-school",
			"school": "river-school", "brucke": "house", "River": "river", "river house": "vouch.partner_none", "nobody": "vouch.partner_none", "riv": "vouch.partner_several",
			"": "text.required", "  ": "text.required", "\u200b": "vouch.partner_none", strings.Repeat("river ", 1000): "vouch.partner_none",
		} {
			p, err := h.Register.Named(typed)
			var f *fault.Error
			if errors.As(err, &f) {
				if f.Key != want {
					t.Errorf("%.40q: %s, want %s", typed, f.Key, want)
				}
			} else if p.Slug != want {
				t.Errorf("%.40q is %s, want %s", typed, p.Slug, want)
			}
		}
	})
}

func TestControlAloneIsNeverGood(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		n := h.online()
		school, mill := h.another("school", "River School"), h.another("mill", "Old Mill")
		a, poor := h.verified(at("http://choir.test")), h.verified(named("Poor Choir", ""), at("http://poor.test"))
		n.Text("choir.test", h.Registry.ProofCode(a))
		signs := func() registry.Signs {
			t.Helper()
			all, err := h.Registry.ProofSummaries(ctx, []int64{a.ID, poor.ID, 1})
			if err != nil || len(all) != 2 || all[poor.ID] != (registry.Signs{}) {
				t.Fatalf("%+v, %v", all, err)
			}
			proofs, err := h.Registry.Proofs(ctx, h.application(a.ID))
			if err != nil {
				t.Fatal(err)
			}
			vouches, err := h.Registry.Vouches(ctx, a.ID)
			if err != nil {
				t.Fatal(err)
			}
			if one := registry.SignsOf(h.application(a.ID), proofs, vouches); one != all[a.ID] {
				t.Errorf("one by one %+v, together %+v", one, all[a.ID])
			}
			return all[a.ID]
		}
		h.look(a, registry.ProofDNS, "")
		if err := h.Registry.SetLinks(ctx, a.ID, []string{"https://news.example", "https://peace.example"}); err != nil {
			t.Fatal(err)
		}
		if s := signs(); s != (registry.Signs{Found: 1, Links: 2}) || s.Good() {
			t.Errorf("control and links: %+v, good %v", s, s.Good())
		}
		v, err := h.Registry.AskPartner(ctx, a.ID, school, reviewer)
		if err != nil {
			t.Fatal(err)
		}
		if s := signs(); s.Asked != 1 || s.Good() {
			t.Errorf("asked: %+v", s)
		}
		if err := h.Registry.AnswerVouch(ctx, v.ID, registry.VouchKnown, ""); err != nil {
			t.Fatal(err)
		}
		if s := signs(); s != (registry.Signs{Found: 1, Links: 2, Known: 1}) || !s.Good() {
			t.Errorf("known: %+v, good %v", s, s.Good())
		}
		if v, err = h.Registry.AskPartner(ctx, a.ID, mill, reviewer); err != nil {
			t.Fatal(err)
		}
		if err := h.Registry.AnswerVouch(ctx, v.ID, registry.VouchDoubts, ""); err != nil {
			t.Fatal(err)
		}
		if s := signs(); s.Doubts != 1 || s.Good() {
			t.Errorf("doubted: %+v", s)
		}
	})
}
