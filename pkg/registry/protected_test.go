package registry_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"olivebranch/pkg/registry"
)

func TestWhatPassesForAProtectedNameIsFlagged(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for _, name := range []string{"Olive Branch", "UN", "유엔평화", "dove.org"} {
			if err := h.Registry.Protect(t.Context(), name, reviewer); err != nil {
				t.Fatal(err)
			}
		}
		wantField(t, h.Registry.Protect(t.Context(), "The 0LIVE Branch, Inc.", reviewer), "name", "protected.taken")
		wantField(t, h.Registry.Protect(t.Context(), " ", reviewer), "name", "text.required")
		wantField(t, h.Registry.Protect(t.Context(), "!!!", reviewer), "name", "text.required")
		for _, c := range []struct{ name, latin, website, want string }{
			{"Harbour Choir", "", "https://harbour.example", ""},
			{"Олива", "Olive Branch Fund", "https://harbour.example", "protected_name Olive Branch"},
			{"Оlіvе Вrаnсh", "", "https://harbour.example", "protected_name Olive Branch, mixed_scripts_name Оlіvе"},
			{"U.N.", "", "https://harbour.example", "protected_name UN"}, {"Union", "", "https://union.example", ""},
			{"한국유엔평화회", "", "https://harbour.example", "protected_name 유엔평화"},
			{"Harbour Choir", "", "https://www.0livebranch.net/x", "protected_host Olive Branch"}, {"Harbour Choir", "", "https://dοve.org", "protected_host dove.org, mixed_scripts_host xn--dve-9yc.org"},
			{"Harbour Choir", "", "https://аррӏе.com", "lookalike_host xn--80ak6aa92e.com"}, {"Harbour Choir", "", "https://평화.한국", "international_domain xn--of8bo0c.xn--3e0b707e"},
			{"Harbour Сhoir", "", "https://harbour.example", "mixed_scripts_name Сhoir"}, {"평화YMCA", "", "https://harbour.example", ""},
		} {
			a := h.apply(func(f *registry.Form) { f.Name, f.NameLatin, f.Website = c.name, c.latin, c.website })
			all, err := h.Registry.Flags(t.Context(), *a)
			var got []string
			for _, f := range all[a.ID] {
				got = append(got, fmt.Sprint(f.Kind, " ", f.Text))
			}
			if strings.Join(got, ", ") != c.want || err != nil {
				t.Errorf("%s (%s) at %s: %q, %v; want %q", c.name, c.latin, c.website, got, err, c.want)
			}
		}
	})
}

func TestTheListOfProtectedNamesIsKeptAndNoted(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		if err := h.Registry.Protect(t.Context(), " Olive  Branch ", reviewer); err != nil {
			t.Fatal(err)
		}
		list, err := h.Registry.ProtectedNames(t.Context())
		if err != nil || len(list) != 1 || list[0].Name != "Olive Branch" || list[0].StaffID != reviewer.ID {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := h.Registry.Unprotect(t.Context(), list[0].ID, reviewer); err != nil {
			t.Fatal(err)
		}
		if err := h.Registry.Unprotect(t.Context(), list[0].ID, reviewer); !errors.Is(err, registry.ErrNoProtectedName) {
			t.Errorf("the second time: %v", err)
		}
		if got := h.trail("protected", list[0].ID); len(got) != 2 || !strings.Contains(got[0], "protected.added") || !strings.Contains(got[1], "protected.removed") {
			t.Errorf("noted %v", got)
		}
	})
}
