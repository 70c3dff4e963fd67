package registry_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"olivebranch/pkg/address"
	"olivebranch/pkg/registry"
)

func site(url string) func(*registry.Form) { return func(f *registry.Form) { f.Website = url } }

func TestASlugIsDerivedFromWhatTheOrganizationSaid(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		long := strings.Repeat("peace", 11) + " adop" // 60 characters, of which 58 end in "-ad"
		for _, c := range []struct {
			name, latin, website, want string
		}{
			{"Harbour Choir", "", "https://a.example", "harbour-choir"},
			{"Harbour Choir", "", "https://a.example", "harbour-choir-2"},
			{"Harbour Chöir!", "", "https://a.example", "harbour-choir-3"},
			{"항구 합창단", "Hanggu Hapchangdan", "https://a.example", "hanggu-hapchangdan"},
			{"항구 합창단", "", "https://hanggu.example", "hanggu-example"},
			{"항구 합창단", "", "https://hanggu.example", "hanggu-example-2"},
			{"Admin", "", "https://sailors.example", "sailors-example"},
			{"Peace Banner Makers", "", "https://a.example", "peace-makers"},
			{long, "", "https://a.example", strings.ReplaceAll(long, " ", "-")},
			{long, "", "https://a.example", strings.Repeat("peace", 11) + "-2"},
		} {
			p := h.partner("", named(c.name, c.latin), site(c.website))
			if p.Slug != c.want {
				t.Errorf("%s, %s, %s: %s, want %s", c.name, c.latin, c.website, p.Slug, c.want)
			}
			if err := address.ValidSlug(p.Slug); err != nil {
				t.Errorf("%s: %v", p.Slug, err)
			}
			h.clock.Advance(day) // so that no letter is one too many
		}
	})
}

func TestASlugGivenByStaffIsTakenOrRefused(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		if p := h.partner(" Choir "); p.Slug != "choir" {
			t.Errorf("slug %s, want choir", p.Slug)
		}
		a := h.verified()
		before := h.written()
		_, err := h.Registry.Approve(t.Context(), registry.Decision{Application: a.ID, By: reviewer, Slug: "CHOIR"})
		wantField(t, err, "slug", "slug.taken")
		if h.application(a.ID).State != registry.Verified || h.written() != before {
			t.Error("a refused slug left something")
		}
	})
}

func TestOnlyTheMovesOfThePartnersTableAreMade(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		states := []registry.PartnerState{registry.Active, registry.Paused, registry.Suspended, registry.Left}
		table := map[registry.PartnerState]string{
			registry.Active: "paused suspended left", registry.Paused: "active suspended left",
			registry.Suspended: "active left", registry.Left: "active",
		}
		for _, from := range states {
			for _, to := range states {
				if err := h.Store.Exec(t.Context(), "UPDATE partners SET state = ?", from); err != nil {
					t.Fatal(err)
				}
				noted, version := len(h.trail("partner", p.ID)), h.Register.Version()
				_, err := h.Registry.SetState(t.Context(), "choir", to, reviewer)
				var now registry.PartnerState
				if err := h.Store.Read(t.Context()).Raw("SELECT state FROM partners").Row().Scan(&now); err != nil {
					t.Fatal(err)
				}
				trail := h.trail("partner", p.ID)
				if slices.Contains(strings.Fields(table[from]), string(to)) {
					entry := `staff partner.` + string(to) + ` {"state":"` + string(from) + `"} {"state":"` + string(to) + `"}`
					if err != nil || now != to || len(trail) != noted+1 || trail[noted] != entry || h.Register.Version() != version+1 {
						t.Errorf("%s to %s: %v, now %s, noted %v", from, to, err, now, trail[noted:])
					}
				} else if !errors.Is(err, registry.ErrMoved) || now != from || len(trail) != noted || h.Register.Version() != version {
					t.Errorf("%s to %s: %v, now %s, want ErrMoved and nothing written", from, to, err, now)
				}
			}
		}
		if _, err := h.Registry.SetState(t.Context(), "nobody", registry.Paused, reviewer); !errors.Is(err, registry.ErrNoPartner) {
			t.Errorf("an unknown slug: %v, want ErrNoPartner", err)
		}
	})
}

func names(list []*registry.Partner) string {
	var out []string
	for _, p := range list {
		out = append(out, p.Name)
	}
	return strings.Join(out, ", ")
}

func TestTheRegisterIsSearchedAsPeopleType(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for i, c := range [][3]string{{"Friedensstraße Köln", "", "DE"}, {"항구 합창단", "Hanggu Hapchangdan", "KR"}, {"حركة السلام", "", "EG"}, {"100% Peace_Now", "", "KR"}} {
			h.partner("slug-"+string(rune('a'+i)), named(c[0], c[1]), func(f *registry.Form) { f.Country = c[2] })
			h.clock.Advance(day)
		}
		for _, c := range []struct{ search, country, want string }{
			{"FRIEDENSSTRASSE", "", "Friedensstraße Köln"},
			{"koln", "", "Friedensstraße Köln"},
			{"Köln friedens", "", "Friedensstraße Köln"},
			{"hapchang", "", "항구 합창단"},
			{"합창단", "", "항구 합창단"},
			{"حَركة", "", "حركة السلام"},
			{"peace", "KR", "100% Peace_Now"},
			{"peace", "DE", ""},
			{"", "EG", "حركة السلام"},
			{"", "kr", ""},
			{"%", "", "100% Peace_Now"},
			{"_", "", "100% Peace_Now"},
			{"koln peace", "", ""},
		} {
			if got := names(h.Register.Find(registry.Query{Lang: "en", Search: c.search, Country: c.country})); got != c.want {
				t.Errorf("%q in %q: %s, want %s", c.search, c.country, got, c.want)
			}
		}
		if got := h.Register.Find(registry.Query{Lang: "en", Search: " \u200b "}); len(got) != 4 || h.Register.Len() != 4 {
			t.Errorf("nothing asked: %s", names(got))
		}
		if n := h.Register.Countries(); n["KR"] != 2 || n["DE"] != 1 || len(n) != 3 {
			t.Errorf("countries %v", n)
		}
	})
}

// alphabet is that of any language, without scripts that come first.
type alphabet struct{ tag language.Tag }

func (a alphabet) Collator() *collate.Collator { return collate.New(a.tag) }
func (alphabet) Leads(string) bool             { return false }

func TestAReadersOwnScriptComesFirst(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for i, name := range []string{"Apfel", "한빛", "سلام", "가람"} {
			h.partner("slug-"+string(rune('a'+i)), named(name, ""))
		}
		for lang, want := range map[string]string{
			"en": "Apfel, سلام, 가람, 한빛", "ko": "가람, 한빛, Apfel, سلام", "ar": "سلام, Apfel, 가람, 한빛",
		} {
			if got := names(h.Register.Find(registry.Query{Lang: lang})); got != want {
				t.Errorf("in %s: %s, want %s", lang, got, want)
			}
		}
	})
}

func TestEachLanguageSortsTheRegisterItsOwnWay(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for i, name := range []string{"Zebra", "Äpfel", "apple", "Apfel"} {
			h.partner("slug-"+string(rune('a'+i)), named(name, ""))
			h.clock.Advance(day)
		}
		register, err := registry.LoadRegister(t.Context(), h.Store, func(lang string) registry.Alphabet { return alphabet{language.Make(lang)} })
		if err != nil {
			t.Fatal(err)
		}
		for lang, want := range map[string]string{"de": "Apfel, Äpfel, apple, Zebra", "sv": "Apfel, apple, Zebra, Äpfel"} {
			for range 2 { // the second time from memory
				if got := names(register.Find(registry.Query{Lang: lang})); got != want {
					t.Errorf("in %s: %s, want %s", lang, got, want)
				}
			}
		}
		if got := names(h.Register.All()); got != "Zebra, Äpfel, apple, Apfel" {
			t.Errorf("oldest first: %s", got)
		}
	})
}

func TestOnlyActivePartnersAreShownAndTheOthersAreStillKnown(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.partner("stays", named("Stays", ""))
		p := h.partner("choir")
		for _, state := range []registry.PartnerState{registry.Paused, registry.Suspended, registry.Left} {
			if err := h.Store.Exec(t.Context(), "UPDATE partners SET state = 'active' WHERE id = ?", p.ID); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Registry.SetState(t.Context(), "choir", state, reviewer); err != nil {
				t.Fatal(err)
			}
			if got := names(h.Register.Find(registry.Query{Lang: "en"})); got != "Stays" || h.Register.Len() != 1 {
				t.Errorf("%s: the list shows %s", state, got)
			}
			if got := names(h.Register.Find(registry.Query{Lang: "en", Search: "choir"})); got != "" {
				t.Errorf("%s: the search finds %s", state, got)
			}
			if _, ok := h.Register.Active("choir"); ok {
				t.Errorf("%s counts as active", state)
			}
			if q, ok := h.Register.BySlug("choir"); !ok || q.ID != p.ID || q.State != state {
				t.Errorf("%s: by its slug %+v", state, q)
			}
			if q, ok := h.Register.ByID(p.ID); !ok || q.State != state {
				t.Errorf("%s: by its id %+v", state, q)
			}
		}
		for _, slug := range []string{"", "nobody", "Stays"} {
			if _, ok := h.Register.BySlug(slug); ok {
				t.Errorf("%q is somebody's slug", slug)
			}
		}
	})
}

func TestAnOldSlugStillLeadsToItsPartner(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("new-name")
		if err := h.Store.Exec(t.Context(), "INSERT INTO partner_slugs (slug, partner_id) VALUES ('old-name', ?)", p.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Register.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		if q, ok := h.Register.BySlug("old-name"); !ok || q.Slug != "new-name" {
			t.Errorf("%+v", q)
		}
	})
}
