package registry_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
)

// kept are the letters about something, oldest first, as kind, language and
// what they say.
func (h *house) kept(about registry.About) (kinds []string, args []map[string]string) {
	h.t.Helper()
	var rows []registry.Letter
	if err := h.Store.Read(h.t.Context()).Where("subject = ? AND subject_id = ?", about.Subject, about.ID).Order("id").Find(&rows).Error; err != nil {
		h.t.Fatal(err)
	}
	for _, l := range rows {
		_, said, err := h.Registry.Letter(h.t.Context(), about, l.ID)
		if err != nil {
			h.t.Fatal(err)
		}
		kinds, args = append(kinds, string(l.Kind)+" "+l.Lang), append(args, said)
	}
	return kinds, args
}

func ofPartner(p *registry.Partner) registry.About {
	return registry.About{Subject: registry.OfPartner, ID: p.ID}
}

// addressed are the newest letters in the outbox, as kind, language and
// address.
func (h *house) addressed(newest int) []string {
	h.t.Helper()
	rows := h.letters()
	var out []string
	for _, r := range rows[len(rows)-newest:] {
		e, err := r.Open(h.Keys)
		if err != nil {
			h.t.Fatal(err)
		}
		out = append(out, string(r.Kind)+" "+r.Lang+" "+e.To)
	}
	return out
}

func TestStaffsOwnWordsToAPartnerCarryTheirLanguage(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		if err := h.add(p, person("Ada")); err != nil {
			t.Fatal(err)
		}
		for lang, want := range map[string]string{"en": "en", "xx": "", "": ""} {
			h.setState(p, registry.Paused)
			m := registry.PartnerMove{Partner: p.ID, Version: registry.AnyVersion, To: registry.Suspended, By: reviewer, Words: registry.Words{Body: "Please call.", Lang: lang}}
			if _, err := h.Registry.SetState(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			words, _, err := h.Registry.Told(t.Context(), p.ID, outbox.PartnerSuspended)
			if err != nil || words != (registry.Words{Body: "Please call.", Lang: want}) {
				t.Errorf("in %q: kept is %+v, %v", lang, words, err)
			}
			if _, _, e := h.letter(); e.Args[outbox.ArgWordsLang] != want {
				t.Errorf("in %q: the mail says %v", lang, e.Args)
			}
			h.setState(p, registry.Active)
			h.clock.Advance(2 * day)
		}
		langs, err := h.Registry.LettersTo(t.Context(), p.ID)
		if err != nil || !slices.Equal(langs, []string{"ko", "ar"}) {
			t.Errorf("it is written to in %v, %v", langs, err)
		}
		if kinds, args := h.kept(ofPartner(p)); kinds[0] != "partner_paused ko" || args[0][outbox.ArgName] != "" {
			t.Errorf("kept %v, %v; want it in the language of the first, and nobody's name", kinds, args[0])
		}
	})
}

func TestMergingPartnersIsToldToBothAndSoIsUndoingIt(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p, q := h.partner("tide-one", named("Tide One", "")), h.another("tide-two", "Tide Two")
		if err := h.mergePartners(p, q); err != nil {
			t.Fatal(err)
		}
		first := "Zebulon.Quux@harbour-choir.example"
		if got, want := h.addressed(2), []string{"partner_merged ko " + first, "partner_joined en mina@tide-two.example"}; !slices.Equal(got, want) {
			t.Errorf("merging sends %q, want %q", got, want)
		}
		now, _ := h.Register.ByID(p.ID)
		if err := h.Registry.UnmergePartner(t.Context(), p.ID, now.Version, reviewer); err != nil {
			t.Fatal(err)
		}
		if got, want := h.addressed(2), []string{"partner_unmerged ko " + first, "partner_unmerged en mina@tide-two.example"}; !slices.Equal(got, want) {
			t.Errorf("undoing sends %q, want %q", got, want)
		}
		for _, c := range []struct {
			of, other *registry.Partner
			kinds     []string
		}{{p, q, []string{"partner_merged ko", "partner_unmerged ko"}}, {q, p, []string{"partner_joined en", "partner_unmerged en"}}} {
			kinds, args := h.kept(ofPartner(c.of))
			if !slices.Equal(kinds, c.kinds) || args[0][outbox.ArgPartner] != c.other.Name || args[1][outbox.ArgOrganization] != c.of.Name {
				t.Errorf("kept of %s: %q, %v", c.of.Name, kinds, args)
			}
		}
	})
}

func TestAnApplicantIsToldThatAMergeIsOver(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a, b := h.verified(org(1, nil)), h.verified(org(2, nil))
		over := map[string]func() error{
			"undone": func() error {
				return h.Registry.UnmergeApplication(t.Context(), a.ID, h.application(a.ID).Version, reviewer)
			},
			"withdrawn": func() error { _, err := h.Registry.Withdraw(t.Context(), b.ID); return err },
		}
		for _, how := range []string{"undone", "withdrawn"} {
			if err := h.merge(a, b); err != nil {
				t.Fatal(err)
			}
			if err := over[how](); err != nil {
				t.Fatal(err)
			}
			kinds, args := h.kept(of(a))
			last := len(kinds) - 1
			if kinds[last] != "application_unmerged ko" || args[last][outbox.ArgOther] != b.Reference || args[last][outbox.ArgReference] != a.Reference {
				t.Errorf("%s: kept %q, %v", how, kinds, args[last])
			}
		}
		if n := strings.Count(strings.Join(h.addressed(len(h.letters())), "\n"), "application_unmerged"); n != 2 {
			t.Errorf("%d mails, want 2", n)
		}
		unconfirmed, c := h.apply(org(3, nil)), h.verified(org(4, nil))
		if err := h.merge(unconfirmed, c); err != nil {
			t.Fatal(err)
		}
		n := len(h.letters())
		if err := h.Registry.UnmergeApplication(t.Context(), unconfirmed.ID, h.application(unconfirmed.ID).Version, reviewer); err != nil || len(h.letters()) != n {
			t.Errorf("to an address that may be anybody's: %d letters, %v", len(h.letters())-n, err)
		}
	})
}

func TestLettersToOthersAboutAnApplicationAreKeptWithItWithoutTheirNames(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a, link := h.named()
		p := h.another("school", "River School")
		if _, err := h.Registry.AskPartner(t.Context(), a.ID, p, reviewer); err != nil {
			t.Fatal(err)
		}
		kinds, args := h.kept(of(a))
		if want := []string{"speaker_confirm ko", "vouch_request en"}; !slices.Equal(kinds[len(kinds)-2:], want) {
			t.Fatalf("kept %q, want also %q", kinds, want)
		}
		for i, want := range []map[string]string{{outbox.ArgReference: a.Reference}, {outbox.ArgOrganization: a.Name}} {
			if got := args[len(args)-2+i]; !reflect.DeepEqual(got, want) {
				t.Errorf("kept %v, want %v", got, want)
			}
		}
		story := h.story(of(a))
		if !slices.Contains(story, "letter speaker_confirm") || !slices.Contains(story, "letter vouch_request") {
			t.Errorf("the story is %q", story)
		}
		if err := h.Registry.RefuseToSpeak(t.Context(), link); err != nil {
			t.Fatal(err)
		}
		_, args = h.kept(of(a))
		for _, said := range args {
			for _, value := range said {
				if strings.Contains(value, "Lantern") || strings.Contains(value, "lantern") {
					t.Errorf("who wants to be erased is still in a letter: %v", said)
				}
			}
		}
	})
}

// A representative may name anybody, and then pause and resume all day.
func TestWhomSomebodyNamedGetsThreeMailsADay(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		stranger := person("Ada")
		by := audit.Actor{Kind: audit.Representative}
		toAda := func() (n int) {
			for _, to := range h.addressed(len(h.letters())) {
				if strings.HasSuffix(to, " "+stranger.Email) {
					n++
				}
			}
			return n
		}
		for range 5 {
			if err := h.add(p, stranger); err != nil {
				t.Fatal(err)
			}
			reps, err := h.Registry.Representatives(t.Context(), p.ID)
			if err != nil {
				t.Fatal(err)
			}
			if err := h.Store.Exec(t.Context(), "UPDATE representatives SET counter = 1 WHERE id = ?", reps[0].ID); err != nil {
				t.Fatal(err)
			}
			if err := h.Registry.RemovePerson(t.Context(), p.ID, reps[1].ID, by); err != nil {
				t.Fatal(err)
			}
		}
		if n := toAda(); n != 3 {
			t.Errorf("invited and removed five times: %d mails, want 3", n)
		}
		h.clock.Advance(2 * day)
		if err := h.add(p, stranger); err != nil {
			t.Fatal(err)
		}
		all := len(h.letters())
		for range 3 {
			h.setState(p, registry.Paused, registry.Active)
		}
		if n := toAda(); n != 6 {
			t.Errorf("paused and resumed three times: %d mails, want the invitation and two more", n-3)
		}
		if n := len(h.letters()) - all; n != 6+2 {
			t.Errorf("%d letters: who has confirmed the address is told each time", n)
		}
		h.send(stranger.Email)
		if n := toAda(); n != 6 {
			t.Error("and a link to sign in on top")
		}
	})
}
