package registry_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/registry"
)

// org is an application of an organization with everything its own; its name
// is of letters drawn from one of several alphabets.
func org(n int, change func(*registry.Form)) func(*registry.Form) {
	return func(f *registry.Form) {
		draw, letters := rand.New(rand.NewPCG(uint64(n), 1)), []rune(alphabets[n%len(alphabets)])
		f.Name = ""
		for range 9 {
			f.Name += string(letters[draw.IntN(len(letters))])
		}
		f.Website, f.Contact.Email = fmt.Sprintf("https://own-%d.example", n), fmt.Sprintf("own-%d@mail.example", n)
		if change != nil {
			change(f)
		}
	}
}

var alphabets = []string{"abcdefghijklmnopqrstuvwxyz", "бвгджзиклмнпрстуфхцчшэюя", "가나다라마바사아자차카타파하거너더러머버서어", "ابتثجحخدذرزسشصضطظعغفقك",
	"βγδζηθκλμξπρστφχψ", "青竹書院松梅山水花月日星河海空雨雪", "कखगघचछजझटठडढणतथद"}

// told are the reasons for which the first is like the other, "" if it is not.
func told(found []registry.Likeness, id int64) string {
	for _, l := range found {
		if l.ID == id {
			return strings.Trim(fmt.Sprint(l.Reasons), "[]")
		}
	}
	return ""
}

func TestDuplicatesAreFoundWithTheirReasons(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		name := func(a, b string) [2]func(*registry.Form) {
			return [2]func(*registry.Form){func(f *registry.Form) { f.Name = a }, func(f *registry.Form) { f.Name = b }}
		}
		latin := func(name, latin string) func(*registry.Form) {
			return func(f *registry.Form) { f.Name, f.NameLatin = name, latin }
		}
		site := func(a, b string) [2]func(*registry.Form) {
			return [2]func(*registry.Form){func(f *registry.Form) { f.Website = a }, func(f *registry.Form) { f.Website = b }}
		}
		for i, c := range []struct {
			pair [2]func(*registry.Form)
			want string
		}{
			{site("https://harbour.org/choir", "http://www.harbour.org"), "same_site"},
			{site("https://facebook.com/one", "https://m.facebook.com/One/"), "same_site"},
			{site("https://facebook.com/four", "https://facebook.com/five"), ""},
			{site("https://facebook.com", "https://facebook.com/"), ""},
			{name("Morning Light", "The MORNING light e.V."), "same_name"},
			{name("사단법인 새벽빛", "새벽빛"), "same_name"}, {name("جمعية نور الفجر", "نور الفجر"), "same_name"},
			{name("АНО «Утренний свет»", "утренний свет"), "same_name"}, {name("Πρωινό Φως", "ΠΡΩΙΝΟ ΦΩΣ"), "same_name"},
			{name("曙光協會", "曙光协会"), "same_name"}, {name("भोर संस्था", "भोर"), "same_name"},
			{name("Evening Prayer", "Еvеning Рrаyеr"), "lookalike_name"}, {name("Modern Oxfam", "Modem 0xfam"), "lookalike_name"},
			{name("Sunflower Women's League", "Sunflower Womens Leage"), "similar_name"}, {name("들꽃평화학교", "들꽃평화학당"), "similar_name"},
			{[2]func(*registry.Form){latin("아침노을", "Dawn Glow Collective"), func(f *registry.Form) { f.Name = "Dawn Glow Collective" }}, "same_name"},
			{[2]func(*registry.Form){func(f *registry.Form) { f.Name = "Amber Coast Alliance" }, latin("호박해안", "Amber Coast Aliance")}, "similar_name"},
			{[2]func(*registry.Form){func(f *registry.Form) { f.Contact.Email = "One.Person@gmail.com" }, func(f *registry.Form) { f.Contact.Email = "oneperson+x@gmail.com" }}, "same_contact"},
			{[2]func(*registry.Form){func(f *registry.Form) {
				f.Name, f.Website, f.Contact.Email = "Red Kite", "https://redkite.example", "a@redkite.example"
			},
				func(f *registry.Form) {
					f.Name, f.Website, f.Contact.Email = "RED KITE", "https://www.redkite.example/x", "a@redkite.example"
				}}, "same_site same_name same_contact"},
		} {
			a, b := h.verified(org(2*i, c.pair[0])), h.verified(org(2*i+1, c.pair[1]))
			for _, way := range [][2]*registry.Application{{a, b}, {b, a}} {
				found, err := h.Registry.Duplicates(t.Context(), way[0])
				if err != nil {
					t.Fatal(err)
				}
				if got := told(found, way[1].ID); got != c.want {
					t.Errorf("%s (%s) and %s (%s): %q, want %q", way[0].Name, way[0].Website, way[1].Name, way[1].Website, got, c.want)
				}
				if len(found) > 1 || c.want == "" && len(found) > 0 {
					t.Errorf("%s is also like %+v", way[0].Name, found)
				}
			}
		}
	})
}

func TestAPartnerIsFoundByItsSiteNameAndRepresentative(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir", org(7, func(f *registry.Form) { f.Name, f.Contact.Email = "Tidewater Choir", "conductor@tide.example" }))
		a := h.verified(org(1, func(f *registry.Form) { f.Name, f.Contact.Email = "Tidewater Choir, Inc.", "conductor@tide.example" }))
		other := h.partner("tide-hall", org(2, func(f *registry.Form) { f.Website = "https://own-7.example/x" }))
		found, err := h.Registry.Duplicates(t.Context(), a)
		if err != nil || len(found) != 1 || told(found, p.ID) != "same_name same_contact" || found[0].Subject != "partner" || found[0].Slug != "choir" {
			t.Errorf("%+v, %v: want the partner alone, not its own application", found, err)
		}
		found, err = h.Registry.PartnerDuplicates(t.Context(), p)
		if err != nil || told(found, a.ID) != "same_name same_contact" || told(found, other.ID) != "same_site" || len(found) != 2 || found[0].ID != other.ID {
			t.Errorf("the partner is like %+v, %v", found, err)
		}
		own, err := h.Registry.Application(t.Context(), p.ApplicationID)
		if err != nil {
			t.Fatal(err)
		}
		if found, err = h.Registry.Duplicates(t.Context(), own); err != nil || told(found, p.ID) != "" {
			t.Errorf("an application doubles the partner it became: %+v, %v", found, err)
		}
	})
}

func TestDuplicatesAreCountedForAWholePage(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.partner("", org(0, func(f *registry.Form) { f.Name = "Long Bridge" }))
		same := func(f *registry.Form) { f.Name, f.NameLatin = "긴 다리", "Long Bridge" }
		a, b, c := h.verified(org(1, same)), h.verified(org(2, same)), h.verified(org(3, nil))
		n, err := h.Registry.DuplicateCounts(t.Context(), []registry.Application{*a, *b, *c})
		if err != nil || n[a.ID] != 2 || n[b.ID] != 2 || n[c.ID] != 0 {
			t.Errorf("%v, %v: want a partner and an application for the first two", n, err)
		}
		if n, err := h.Registry.DuplicateCounts(t.Context(), nil); err != nil || len(n) != 0 {
			t.Errorf("of nothing: %v, %v", n, err)
		}
	})
}

func TestADraftIsNobodysDuplicate(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		if _, err := h.Registry.SaveDraft(t.Context(), form()); err != nil {
			t.Fatal(err)
		}
		a := h.verified()
		found, err := h.Registry.Duplicates(t.Context(), a)
		if n, _ := h.Registry.DuplicateCounts(t.Context(), []registry.Application{*a}); err != nil || len(found) != 0 || n[a.ID] != 0 {
			t.Errorf("found %+v and counted %v, %v", found, n, err)
		}
	})
}

func TestRowsOfOlderRulesAreBroughtUpToDate(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir", named("평화의 등대", "Peace Lighthouse"))
		for i := range 450 {
			h.apply(org(i+1, nil))
		}
		old := "folding = 0, skeleton = '', latin_skeleton = '', site_key = '', "
		for _, sql := range []string{"UPDATE applications SET " + old + "folded = ''", "UPDATE partners SET " + old + "name_folded = ''"} {
			if err := h.Store.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		version := h.Register.Version()
		n, err := h.Registry.Refold(t.Context())
		if err != nil || n != 452 {
			t.Errorf("%d rows, %v; want 451 applications and a partner", n, err)
		}
		a := h.application(p.ApplicationID)
		if !strings.Contains(a.Folded, "peace lighthouse harbour-choir.example ob-2026-") || !strings.Contains(" "+a.Folded, " "+strings.Join(plaintext.SearchWords("평화의 등대"), " ")) || a.Skeleton != "평화의등대" || a.LatinSkeleton != "peacellghthouse" || a.SiteKey != "harbour-choir.example" || a.Folding == 0 {
			t.Errorf("the application is %+v", a)
		}
		now, _ := h.Register.BySlug("choir")
		if h.Register.Version() == version || now.Skeleton != "평화의등대" || now.LatinSkeleton != "peacellghthouse" || now.SiteKey != "harbour-choir.example" || now.NameFolded != plaintext.SearchKey("평화의 등대", "Peace Lighthouse") {
			t.Errorf("the partner in memory is %+v", now)
		}
		if n, err := h.Registry.Refold(t.Context()); err != nil || n != 0 {
			t.Errorf("the second time: %d rows, %v", n, err)
		}
	})
}

func TestWhatIsStoredIsFoldedFromTheStart(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("")
		if n, err := h.Registry.Refold(t.Context()); err != nil || n != 0 {
			t.Errorf("%d rows were behind, %v", n, err)
		}
		if a := h.application(p.ApplicationID); a.Skeleton != p.Skeleton || p.Skeleton == "" || p.SiteKey == "" {
			t.Errorf("%+v", p)
		}
	})
}

func TestASimilarNameIsFoundThatWasAddedOrChangedMeanwhile(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified(org(1, func(f *registry.Form) { f.Name = "Sunflower Women's League" }))
		similar := func() string {
			t.Helper()
			found, err := h.Registry.Duplicates(t.Context(), a)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, l := range found {
				names = append(names, l.Name)
			}
			return strings.Join(names, ", ")
		}
		if got := similar(); got != "" {
			t.Errorf("found %s", got)
		}
		b := h.verified(org(2, func(f *registry.Form) { f.Name = "Sunflower Womens Leage" }))
		if got := similar(); got != b.Name {
			t.Errorf("just added: found %q", got)
		}
		b.Name = "Lantern House"
		columns := b.Refold()
		columns["name"] = b.Name
		err := h.tx(func(_ context.Context, tx *gorm.DB) error {
			return tx.Model(&registry.Application{}).Where("id = ?", b.ID).Updates(columns).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := similar(); got != "" {
			t.Errorf("under its new name it is found as %q", got)
		}
		a.Name = "Lantern Houses"
		a.Refold()
		if h.clock.Advance(time.Minute); similar() != b.Name {
			t.Errorf("a minute after the change its new name is not found: %q", similar())
		}
	})
}
