package registry_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/registry"
)

// place makes partners that differ in where they are and what they are.
func place(country, kind, lang string) func(*registry.Form) {
	return func(f *registry.Form) { f.Country, f.Kind, f.Profile.Lang = country, kind, lang }
}

// say gives a partner words in other languages, and networks.
func (h *house) say(p *registry.Partner, networks string, others ...registry.Statement) {
	h.t.Helper()
	now, _ := h.Register.ByID(p.ID)
	public := now.Public()
	public.Others, public.Networks = others, networks
	if _, err := h.Registry.EditPartner(h.t.Context(), registry.Edit{Partner: p.ID, Version: now.Version, Public: public, ShowSignatures: now.ShowSignatures, By: reviewer}); err != nil {
		h.t.Fatalf("edit %s: %v", p.Slug, err)
	}
}

func TestEachFacetCountsWhatItWouldLeave(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.partner("aa", named("Alpha Peace", ""), place("KR", "peace", "ko"))
		h.partner("bb", named("Beta Peace", ""), place("JP", "faith", "ja"))
		c := h.partner("cc", named("Gamma", ""), place("FR", "peace", "fr"))
		h.partner("nn", named("Net Peace", ""), place("DE", "network", "de"))
		h.say(a, "nn", registry.Statement{Lang: "en", About: "We sing."})
		h.say(c, "nn")
		settings, err := h.Registry.Settings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		settings.Home = "KR"
		if err := h.Registry.SaveSettings(t.Context(), settings, reviewer); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name  string
			q     registry.Query
			found string
			of    func(registry.Counts) map[string]int
			want  map[string]int
		}{
			{"all", registry.Query{}, "Alpha Peace, Beta Peace, Gamma, Net Peace", func(c registry.Counts) map[string]int { return c.Regions },
				map[string]int{"001": 4, "142": 2, "030": 2, "150": 2, "155": 2}},
			{"a region leaves the other regions to choose", registry.Query{Region: "142"}, "Alpha Peace, Beta Peace", func(c registry.Counts) map[string]int { return c.Regions },
				map[string]int{"001": 4, "142": 2, "030": 2, "150": 2, "155": 2}},
			{"and narrows the countries", registry.Query{Region: "142"}, "Alpha Peace, Beta Peace", func(c registry.Counts) map[string]int { return c.Countries },
				map[string]int{"KR": 1, "JP": 1}},
			{"two at once", registry.Query{Region: "150", Kind: "peace"}, "Gamma", func(c registry.Counts) map[string]int { return c.Kinds },
				map[string]int{"peace": 1, "network": 1}},
			{"words", registry.Query{Search: "peace", Country: "JP"}, "Beta Peace", func(c registry.Counts) map[string]int { return c.Countries },
				map[string]int{"KR": 1, "JP": 1, "DE": 1}},
			{"a language it also says something in", registry.Query{Speaks: "en"}, "Alpha Peace", func(c registry.Counts) map[string]int { return c.Languages },
				map[string]int{"ko": 1, "en": 1, "ja": 1, "fr": 1, "de": 1}},
			{"a network", registry.Query{Network: "nn"}, "Alpha Peace, Gamma", func(c registry.Counts) map[string]int { return c.Networks },
				map[string]int{"nn": 2}},
			{"at home", registry.Query{Side: registry.AtHome}, "Alpha Peace", func(c registry.Counts) map[string]int { return c.Sides },
				map[string]int{"home": 1, "abroad": 3}},
			{"abroad", registry.Query{Side: registry.Abroad, Network: "nn"}, "Gamma", func(c registry.Counts) map[string]int { return c.Sides },
				map[string]int{"home": 1, "abroad": 1}},
		} {
			c.q.Lang = "en"
			l := h.Register.Look(c.q)
			if got := names(l.Partners); got != c.found {
				t.Errorf("%s: found %s, want %s", c.name, got, c.found)
			}
			if got := c.of(l.Counts); !maps.Equal(got, c.want) {
				t.Errorf("%s: counts %v, want %v", c.name, got, c.want)
			}
		}
		// A network that is no more takes nobody with it.
		h.setState(must(h.Register.BySlug("nn")), registry.Paused)
		if got := names(h.Register.Find(registry.Query{Lang: "en", Network: "nn"})); got != "" || len(h.Register.Networks(must(h.Register.BySlug("aa")))) != 0 {
			t.Errorf("of a paused network: %s", got)
		}
	})
}

func must(p *registry.Partner, _ bool) *registry.Partner { return p }

func TestPartsOfTheRegisterHoldWhileOthersJoinAndLeave(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for i := range 10 {
			h.partner(fmt.Sprintf("slug-%d", i), named(fmt.Sprintf("Choir %c", 'A'+2*i), ""))
		}
		part := func(w registry.Window) (string, registry.Part) {
			w.Most = 4
			p := h.Register.Look(registry.Query{Lang: "en"}).Part(w)
			var out []string
			for _, row := range p.Rows {
				out = append(out, strings.TrimPrefix(row.Name, "Choir "))
			}
			return strings.Join(out, ""), p
		}
		first, p := part(registry.Window{})
		if first != "ACEG" || p.From != 1 || p.To != 4 || p.Before != "" {
			t.Errorf("the first part: %s %+v", first, p)
		}
		// One joins before, one leaves on the page that was read, and the last one read is paused.
		h.partner("joined-late", named("Choir B", ""))
		h.setState(must(h.Register.BySlug("slug-1")), registry.Paused)
		h.setState(must(h.Register.BySlug("slug-3")), registry.Paused)
		second, q := part(registry.Window{After: p.After})
		if second != "IKMO" {
			t.Errorf("behind %s: %s", p.After, second)
		}
		if third, r := part(registry.Window{After: q.After}); third != "QS" || r.After != "" || r.To != 9 {
			t.Errorf("the last: %s %+v", third, r)
		}
		if back, b := part(registry.Window{Before: q.Before}); back != "ABEI" || b.From != 1 || b.Before != "" {
			t.Errorf("before: %s %+v", back, b)
		}
		for _, w := range []registry.Window{{After: "nobody"}, {Before: "nobody"}, {Letter: "Ω"}, {Letter: "C"}} {
			if got, _ := part(w); got != "ABEI" {
				t.Errorf("%+v: %s", w, got)
			}
		}
		// Through a search as well, from a place that it leaves out.
		narrow := h.Register.Look(registry.Query{Lang: "en", Search: "choir q"})
		if p := narrow.Part(registry.Window{After: "slug-2", Most: 4}); len(p.Rows) != 1 || p.Rows[0].Name != "Choir Q" {
			t.Errorf("narrowed: %+v", p)
		}
	})
}

func TestWhatIsSaidInAnotherLanguageWaitsForReview(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir", named("Choir", ""))
		h.partner("net", named("Net", ""), place("DE", "network", "de"))
		reps, err := h.Registry.Representatives(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		propose := func(others registry.Statements, networks string) error {
			base, err := h.Registry.LiveVersion(t.Context(), p.ID)
			if err != nil {
				t.Fatal(err)
			}
			wish := must(h.Register.BySlug("choir")).Public()
			wish.Others, wish.Networks = others, networks
			return h.Registry.Propose(t.Context(), &reps[0], registry.Proposal{Base: base, Public: wish})
		}
		fr, ko := registry.Statement{Lang: "fr", About: "Nous chantons."}, registry.Statement{Lang: "ko", About: "노래합니다.", Message: "평화를."}
		for field, refused := range map[string]func() error{
			"other_1_lang":  func() error { return propose(registry.Statements{{Lang: "not a tag", About: "x"}}, "") },
			"other_2_lang":  func() error { return propose(registry.Statements{fr, fr}, "") },
			"other_1_about": func() error { return propose(registry.Statements{{Lang: "fr", Message: "Paix."}}, "") },
			"network_1":     func() error { return propose(nil, "choir") },
			"network_2":     func() error { return propose(nil, "net nobody") },
		} {
			if err := refused(); !refusesField(err, field) {
				t.Errorf("%s: %v", field, err)
			}
		}
		if err := propose(registry.Statements{ko, fr, {Lang: "de"}}, "net"); err != nil {
			t.Fatal(err)
		}
		if now := must(h.Register.BySlug("choir")); len(now.Others) != 0 || now.Networks != "" {
			t.Errorf("shown before review: %+v", now)
		}
		// Staff write Spanish meanwhile: no conflict, and nothing is lost.
		es := registry.Statement{Lang: "es", About: "Cantamos."}
		h.say(p, "", es)
		change, err := h.Registry.NewestChange(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		now, err := h.Registry.Rebase(t.Context(), change, must(h.Register.BySlug("choir")))
		if err != nil || len(now.Conflicts) != 0 {
			t.Fatalf("conflicts %v, %v", now.Conflicts, err)
		}
		var fields []string
		for _, d := range registry.Differences(now.Live, now.Published) {
			fields = append(fields, d.Field+" "+d.Lang)
		}
		if want := []string{"networks ", "about fr", "about ko", "message ko"}; !slices.Equal(fields, want) {
			t.Errorf("the change is of %q, want %q", fields, want)
		}
		live := must(h.Register.BySlug("choir"))
		if err := h.Registry.PublishChange(t.Context(), registry.ChangeDecision{Change: change.ID, Version: live.Version, By: reviewer}); err != nil {
			t.Fatal(err)
		}
		after := must(h.Register.BySlug("choir"))
		if want := []string{"en", "es", "fr", "ko"}; !slices.Equal(after.Languages(), want) || after.Networks != "net" {
			t.Errorf("speaks %q, in %q", after.Languages(), after.Networks)
		}
		if after.Statement("ko") != ko || after.Statement("ja").About != live.About || after.Statement("ja").Lang != "en" {
			t.Errorf("to a Korean %+v, to a Japanese %+v", after.Statement("ko"), after.Statement("ja"))
		}
		if stored := h.stored(p.ID); !slices.Equal(stored.Others, after.Others) {
			t.Errorf("stored: %+v", stored.Others)
		}
	})
}

// refusesField says that an error is a refusal of one field and no other.
func refusesField(err error, field string) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Fields[field] != nil && len(f.Fields) == 1
}
