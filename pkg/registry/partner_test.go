package registry_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/outbox"
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

// tables of the moves, once more, so that a slip in one is seen.
var (
	staffMoves = map[registry.PartnerState]string{
		registry.Active: "paused suspended left", registry.Paused: "active suspended left",
		registry.Suspended: "active left", registry.Left: "active",
	}
	ownMoves = map[registry.PartnerState]string{
		registry.Active: "paused left", registry.Paused: "active left", registry.Suspended: "left", registry.Left: "",
	}
)

func TestOnlyTheMovesOfThePartnersTableAreMade(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		for who, table := range map[audit.Actor]map[registry.PartnerState]string{reviewer: staffMoves, {Kind: audit.Representative, ID: 9}: ownMoves} {
			for _, from := range registry.PartnerStates {
				for _, to := range append(registry.PartnerStates, "nonsense") {
					h.tryMove(p, who, from, to, slices.Contains(strings.Fields(table[from]), string(to)))
				}
			}
		}
		_, err := h.Registry.SetState(t.Context(), registry.PartnerMove{Partner: 1, Version: registry.AnyVersion, To: registry.Paused, By: reviewer})
		if !errors.Is(err, registry.ErrNoPartner) {
			t.Errorf("an unknown partner: %v, want ErrNoPartner", err)
		}
	})
}

func (h *house) tryMove(p *registry.Partner, who audit.Actor, from, to registry.PartnerState, may bool) {
	h.t.Helper()
	if err := h.Store.Exec(h.t.Context(), "UPDATE partners SET state = ?", from); err != nil {
		h.t.Fatal(err)
	}
	noted, letters, version := len(h.trail("partner", p.ID)), len(h.letters()), h.Register.Version()
	before := h.stored(p.ID)
	got, err := h.Registry.SetState(h.t.Context(), registry.PartnerMove{Partner: p.ID, Version: before.Version, To: to, By: who, Words: registry.Words{Body: "Because."}})
	now, trail := h.stored(p.ID), h.trail("partner", p.ID)
	if !may {
		if !errors.Is(err, registry.ErrPartnerMoved) || now.State != from || now.Version != before.Version || len(trail) != noted || len(h.letters()) != letters || h.Register.Version() != version {
			h.t.Errorf("%s: %s to %s: %v, now %s, want ErrPartnerMoved and nothing written", who.Kind, from, to, err, now.State)
		}
		return
	}
	entry := who.Kind + ` partner.` + string(to) + ` {"state":"` + string(from) + `"} {"state":"` + string(to) + `"}`
	if err != nil || now.State != to || len(trail) != noted+1 || trail[noted] != entry || h.Register.Version() != version+1 {
		h.t.Errorf("%s: %s to %s: %v, now %s, noted %v", who.Kind, from, to, err, now.State, trail[noted:])
		return
	}
	if got.State != to || got.Version != before.Version+1 || now.Version != got.Version {
		h.t.Errorf("%s to %s: returned %s of version %d, stored version %d, was %d", from, to, got.State, got.Version, now.Version, before.Version)
	}
	kind, lang, e := h.letter()
	if len(h.letters()) != letters+1 || string(kind) != "partner_"+string(to) || lang != "ko" || e.Args[outbox.ArgWords] != "Because." || e.Action != registry.PartnershipPath {
		h.t.Errorf("%s to %s: letter %s in %s to %s: %v", from, to, kind, lang, e.Action, e.Args)
	}
}

// stored reads a partner's row.
func (h *house) stored(id int64) *registry.Partner {
	h.t.Helper()
	var p registry.Partner
	if err := h.Store.Read(h.t.Context()).Where("id = ?", id).Take(&p).Error; err != nil {
		h.t.Fatal(err)
	}
	return &p
}

// setState brings a partner through states, as staff do.
func (h *house) setState(p *registry.Partner, through ...registry.PartnerState) {
	h.t.Helper()
	for _, to := range through {
		_, err := h.Registry.SetState(h.t.Context(), registry.PartnerMove{Partner: p.ID, Version: registry.AnyVersion, To: to, By: reviewer, Words: registry.Words{Body: "Because."}})
		if err != nil {
			h.t.Fatal(err)
		}
	}
}

func TestStaffWhoSuspendSayWhy(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		before := h.written()
		for words, key := range map[string]string{" \u200b": "text.required", "a\u202eb": "text.control"} {
			_, err := h.Registry.SetState(t.Context(), registry.PartnerMove{Partner: p.ID, Version: p.Version, To: registry.Suspended, By: reviewer, Words: registry.Words{Body: words}})
			wantField(t, err, "words", key)
		}
		if h.written() != before || h.stored(p.ID).State != registry.Active {
			t.Error("a refused suspension left something")
		}
		_, err := h.Registry.SetState(t.Context(), registry.PartnerMove{Partner: p.ID, Version: p.Version, To: registry.Suspended, By: reviewer, Words: registry.Words{Body: "Your site shows something else.", Lang: "en"}})
		if err != nil {
			t.Fatal(err)
		}
		words, at, err := h.Registry.Told(t.Context(), p.ID, outbox.PartnerSuspended)
		if err != nil || words != (registry.Words{Body: "Your site shows something else.", Lang: "en"}) || at != h.clock.Now().UnixMilli() {
			t.Errorf("the partner is told %q at %d, %v", words, at, err)
		}
	})
}

func TestOfTwoWhoMoveAPartnerAtOnceOneWins(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		var won, lost atomic.Int64
		var group sync.WaitGroup
		for i := range 8 {
			to := []registry.PartnerState{registry.Paused, registry.Left}[i%2]
			group.Go(func() {
				_, err := h.Registry.SetState(t.Context(), registry.PartnerMove{Partner: p.ID, Version: p.Version, To: to, By: reviewer})
				switch {
				case err == nil:
					won.Add(1)
				case errors.Is(err, registry.ErrPartnerMoved):
					lost.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if won.Load() != 1 || lost.Load() != 7 {
			t.Errorf("%d won and %d lost, want 1 and 7", won.Load(), lost.Load())
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
		if n := h.Register.Look(registry.Query{Lang: "en"}).Counts.Countries; n["KR"] != 2 || n["DE"] != 1 || len(n) != 3 {
			t.Errorf("countries %v", n)
		}
	})
}

// alphabet is that of any language, without scripts that come first.
type alphabet struct{ tag language.Tag }

func (a alphabet) Collator() *collate.Collator { return collate.New(a.tag) }
func (alphabet) Leads(string) bool             { return false }
func (alphabet) Letters() func(string) string  { return func(string) string { return "A" } }

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
		register, err := registry.LoadRegister(t.Context(), h.Store, registry.World{Alphabet: func(lang string) registry.Alphabet { return alphabet{language.Make(lang)} }, Regions: locale.RegionsOf})
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
			h.setState(p, state)
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
		rename := func(id int64, to string) error {
			_, err := h.Registry.Rename(t.Context(), id, registry.AnyVersion, to, reviewer)
			return err
		}
		if err := rename(p.ID, " Third-Name"); err != nil {
			t.Fatal(err)
		}
		for _, slug := range []string{"new-name", "third-name"} {
			if q, ok := h.Register.BySlug(slug); !ok || q.ID != p.ID || q.Slug != "third-name" {
				t.Errorf("%s leads to %+v", slug, q)
			}
		}
		other := h.partner("sailors")
		wantField(t, rename(other.ID, "new-name"), "slug", "slug.taken")
		wantField(t, rename(other.ID, "third-name"), "slug", "slug.taken")
		wantField(t, rename(other.ID, "track-me"), "slug", "slug.reserved")
		if q := h.partner("", named("New Name", "")); q.Slug != "new-name-2" {
			t.Errorf("an old slug was given to %s, whose slug is %s", q.Name, q.Slug)
		}
		if err := rename(p.ID, "new-name"); err != nil {
			t.Errorf("its own old one back: %v", err)
		}
		if q, ok := h.Register.BySlug("third-name"); !ok || q.Slug != "new-name" {
			t.Errorf("third-name leads to %+v", q)
		}
		if trail := h.trail("partner", p.ID); trail[len(trail)-1] != `staff partner.renamed {"slug":"third-name"} {"slug":"new-name"}` {
			t.Errorf("noted %v", trail)
		}
		if _, err := h.Registry.Rename(t.Context(), p.ID, p.Version, "fourth", reviewer); !errors.Is(err, registry.ErrPartnerMoved) {
			t.Errorf("who saw the partner before: %v, want ErrPartnerMoved", err)
		}
	})
}
