package registry_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
)

// wantFields fails unless exactly these fields are refused, for these reasons.
func wantFields(t *testing.T, err error, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	var f *fault.Error
	if errors.As(err, &f) {
		for name, why := range f.Fields {
			got[name] = why.Key
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("refused %v, want %v", got, want)
	}
}

func person(name string) registry.Contact {
	return registry.Contact{Name: name + " Example", Role: "Treasurer", Email: strings.ToLower(name) + "@harbour-choir.example", Lang: "ar"}
}

func (h *house) add(p *registry.Partner, c registry.Contact) error {
	return h.Registry.AddPerson(h.t.Context(), p, c, audit.Actor{Kind: audit.Representative})
}

func TestSomebodyMoreActsForAPartnerByAMailedLink(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		if err := h.add(p, person("Ada")); err != nil {
			t.Fatal(err)
		}
		kind, lang, e := h.letter()
		if kind != outbox.PortalInvited || lang != "ar" || e.To != "ada@harbour-choir.example" || e.Args[outbox.ArgOrganization] != "Harbour Choir" {
			t.Errorf("letter %s in %s to %s: %v", kind, lang, e.To, e.Args)
		}
		rep, err := h.enter(h.token())
		if err != nil || rep.PartnerID != p.ID || !rep.SignedIn() {
			t.Fatalf("%+v, %v", rep, err)
		}
		twice := person("Ada")
		twice.Email = "ADA@harbour-choir.example"
		wantField(t, h.add(p, twice), "email", "people.taken")
		bad := registry.Contact{Name: "=1", Email: "no", Lang: "xx"}
		err = h.add(p, bad)
		wantFields(t, err, map[string]string{"contact_name": "text.formula", "contact_role": "text.required", "email": "email.bad", "mail_lang": "mail_lang.bad"})
		if err := h.Registry.ChangePerson(t.Context(), rep, registry.Contact{Name: "Ada Lovelace", Role: "Chair", Lang: "en"}); err != nil {
			t.Fatal(err)
		}
		rep, err = h.Registry.Representative(t.Context(), rep.ID)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := h.Registry.ContactOf(rep); err != nil || c != (registry.Contact{Name: "Ada Lovelace", Role: "Chair", Email: "ada@harbour-choir.example", Lang: "en"}) {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

func TestNoMoreThanTwentyActForAPartner(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		for i := 1; i < registry.MostPeople; i++ {
			if err := h.add(p, person(fmt.Sprintf("Ada%d", i))); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.add(p, person("Onemore")); fault.KindOf(err) != fault.Conflict {
			t.Errorf("one more: %v", err)
		}
	})
}

func TestTheLastWhoCanSignInStays(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		first, err := h.enter(h.token())
		if err != nil {
			t.Fatal(err)
		}
		remove := func(id int64) error {
			return h.Registry.RemovePerson(t.Context(), p.ID, id, audit.Actor{Kind: audit.Representative, ID: first.ID})
		}
		if err := h.add(p, person("Ada")); err != nil {
			t.Fatal(err)
		}
		invitation := h.token()
		if err := remove(first.ID); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the only one who ever signed in: %v", err)
		}
		ada, err := h.enter(invitation)
		if err != nil {
			t.Fatal(err)
		}
		other := h.rep(h.partner("sailors").ID)
		if err := remove(other.ID); !errors.Is(err, registry.ErrNoPerson) {
			t.Errorf("another partner's: %v, want ErrNoPerson", err)
		}
		var group sync.WaitGroup
		for _, id := range []int64{first.ID, ada.ID} {
			group.Go(func() { _ = remove(id) })
		}
		group.Wait()
		if reps, err := h.Registry.Representatives(t.Context(), p.ID); err != nil || len(reps) != 1 {
			t.Errorf("both removed each other at once; %d are left, %v", len(reps), err)
		}
	})
}

func TestALinkStillWorksAfterSixtyFiveThousandOthers(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		for _, counter := range []int64{1<<16 - 1, 1 << 16, 1<<16 + 5} {
			if err := h.Store.Exec(t.Context(), "UPDATE representatives SET counter = ?", counter); err != nil {
				t.Fatal(err)
			}
			h.clock.Advance(day)
			h.send(contact)
			link := h.token()
			if rep, err := h.enter(link); err != nil || rep.Counter != counter+1 || rep.PartnerID != p.ID {
				t.Errorf("counter %d: %+v, %v", counter, rep, err)
			}
			if _, err := h.enter(link); !errors.Is(err, registry.ErrLinkUsed) {
				t.Errorf("counter %d, a second time: %v", counter, err)
			}
		}
	})
}

func TestAPartnerWritesToStaff(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		rep := h.rep(p.ID)
		wantField(t, h.Registry.WriteToStaff(t.Context(), rep, " "), "words", "text.required")
		for i := range 20 {
			if err := h.Registry.WriteToStaff(t.Context(), rep, fmt.Sprint("Please look again ", i)); err != nil {
				t.Fatal(err)
			}
			h.clock.Advance(1e9)
		}
		if err := h.Registry.WriteToStaff(t.Context(), rep, "Once more"); fault.KindOf(err) != fault.TooMany {
			t.Errorf("the twenty-first in a day: %v", err)
		}
		words, err := h.Registry.WordsOf(t.Context(), p.ID)
		if err != nil || len(words) != 20 || words[0].Body != "Please look again 19" || words[0].Lang != "ko" {
			t.Errorf("%d words, the newest %+v, %v", len(words), words[0], err)
		}
	})
}
