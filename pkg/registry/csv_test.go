package registry_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/testkit"
)

const heading = "name,website,country,kind,about,reach,slug,state,since,contact_name,contact_role,contact_email,contact_lang\n"

func (h *house) take(table string, change ...func(*registry.Import)) (registry.ImportResult, error) {
	i := registry.Import{Table: []byte(table), By: reviewer}
	for _, c := range change {
		c(&i)
	}
	return h.Registry.Import(h.t.Context(), i)
}

func TestATableOfPartnersIsTakenIn(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		table := "\uFEFF" + strings.ReplaceAll(heading, ",", ";") +
			"Bridge Builders;bridge.example;kr;peace;\"We build.\r\nBridges.\";100_999;;;;;;;\r\n" +
			"평화의 집;https://house.example;KR;faith;'=We pray;under_100;house;paused;2024-05-01;Ada Example;Chair;ada@house.example;ko\r\n"
		dry, err := h.take(table, func(i *registry.Import) { i.DryRun = true })
		if err != nil || len(dry.Partners) != 2 || h.count("partners")+h.count("partner_slugs")+h.count("audit_entries") != 0 {
			t.Fatalf("dry run: %+v, %v", dry, err)
		}
		done, err := h.take(table)
		if err != nil || len(done.Partners) != 2 {
			t.Fatalf("%+v, %v", done, err)
		}
		bridge, _ := h.Register.Active("bridge-builders")
		if bridge == nil || bridge.About != "We build.\nBridges." || bridge.Country != "KR" || bridge.Placement != "bridge.example" || !bridge.ShowSignatures || bridge.Lang != "en" {
			t.Errorf("%+v", bridge)
		}
		house, _ := h.Register.BySlug("house")
		if house == nil || house.State != registry.Paused || house.About != "=We pray" || house.Since != 1714521600000 {
			t.Errorf("%+v", house)
		}
		if c, err := h.Registry.ContactOf(h.rep(house.ID)); err != nil || c != (registry.Contact{Name: "Ada Example", Role: "Chair", Email: "ada@house.example", Lang: "ko"}) {
			t.Errorf("%+v, %v", c, err)
		}
		if trail := h.trail("partner", house.ID); len(trail) != 1 || trail[0] != `staff partner.imported  {"line":4,"origin":"csv","state":"paused"}` {
			t.Errorf("noted %v", trail)
		}
		if len(h.versions(house)) != 1 || len(h.letters()) != 0 {
			t.Errorf("%d versions, %d letters", len(h.versions(house)), len(h.letters()))
		}
		if _, err := h.edit(house, func(e *registry.Edit) { e.Name = "House" }); err != nil {
			t.Error(err)
		}
	})
}

func TestOnWishImportedContactsAreInvited(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		table := heading + "House,house.example,KR,faith,We pray,under_100,,,,Ada Example,Chair,ada@house.example,ko\n"
		if _, err := h.take(table, func(i *registry.Import) { i.Letters = true }); err != nil {
			t.Fatal(err)
		}
		kind, lang, e := h.letter()
		if kind != outbox.PortalInvited || lang != "ko" || e.To != "ada@house.example" {
			t.Errorf("letter %s in %s to %s", kind, lang, e.To)
		}
		if _, err := h.enter(h.token()); err != nil {
			t.Error(err)
		}
	})
}

func TestATableWithAFaultIsNotTakenInAtAll(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.partner("taken", named("Harbour Choir", ""))
		good := "House,house.example,KR,faith,We pray,under_100"
		before := h.written()
		for _, c := range []struct{ table, want string }{
			{"nothing,else\n", "1 nothing import.column_unknown|1 else import.column_unknown|1 name import.column_missing|1 website import.column_missing|1 country import.column_missing|1 kind import.column_missing|1 about import.column_missing|1 reach import.column_missing"},
			{"name,name,website,country,kind,about,reach\n", "1 name import.column_twice"},
			{heading, "1  import.no_lines"},
			{heading + good + ",,,,,,,,more\n" + good + "\n", "2  import.many_cells"},
			{heading + "=1,javascript:x,Korea,club,,many\n" + good + "\n", "2 about text.required|2 country country.bad|2 kind kind.bad|2 name text.formula|2 reach reach.bad|2 website url.scheme"},
			{heading + good + ",Bad_Slug\n", "2 slug slug.bad"},
			{heading + good + ",admin\n", "2 slug slug.reserved"},
			{heading + good + ",taken\n", "2 slug slug.taken"},
			{heading + good + ",a-b\nOther,other.example,KR,faith,x,under_100,A-B\n", "3 slug import.line_twice"},
			{heading + good + "\n\n" + good + "\n", "4 name import.line_twice"},
			{heading + "Harbour Choir,harbour-choir.example,KR,peace,x,under_100\n", "2 name import.exists"},
			{heading + good + ",,gone,2024-13-01\n", "2 since import.since_bad|2 state import.state_bad"},
			{heading + good + ",,,2999-01-01\n", "2 since import.since_bad"},
			{heading + good + ",,,,Ada\n", "2 contact_email email.required|2 contact_role text.required"},
			{heading + good + ",,,,Ada,Chair,ada@x,zz\n", "2 contact_email email.bad|2 contact_lang mail_lang.bad"},
			{heading + good + "\u202e\n", "2 reach reach.bad"},
		} {
			got, err := h.take(c.table)
			wantField(t, err, "csv", "import.refused")
			var faults []string
			for _, f := range got.Faults {
				faults = append(faults, fmt.Sprint(f.Line, " ", f.Column, " ", f.Fault.Key))
			}
			if strings.Join(faults, "|") != c.want {
				t.Errorf("%q:\n got %s\nwant %s", c.table, strings.Join(faults, "|"), c.want)
			}
		}
		few := func(i *registry.Import) { i.Most = 1 }
		if got, err := h.take(heading+good+"\nx\ny\n", few); err == nil || len(got.Faults) != 1 || got.Faults[0].Fault.Key != "import.many_lines" {
			t.Errorf("three lines where one may be: %+v, %v", got, err)
		}
		for table, key := range map[string]string{"": "text.required", "a\xff": "text.encoding", heading + "\"open": "sheet.broken"} {
			_, err := h.take(table)
			wantField(t, err, "csv", key)
		}
		if h.written() != before {
			t.Error("a refused table left something")
		}
	})
}

func (h *house) export(contacts bool) string {
	h.t.Helper()
	var b bytes.Buffer
	if err := h.Registry.ExportPartners(h.t.Context(), &b, h.Register.All(), contacts); err != nil {
		h.t.Fatal(err)
	}
	return b.String()
}

func TestWhatIsExportedCanBeImported(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		choir := h.partner("choir", func(f *registry.Form) { f.About = "=HYPERLINK(\"x\"), and\nmore; \"words\"" })
		if _, err := h.edit(choir, func(e *registry.Edit) { e.Message = "@all\n-peace" }); err != nil {
			t.Fatal(err)
		}
		h.setState(h.partner("house", named("평화의 집", "House"), func(f *registry.Form) { f.About = "＝sum" }), registry.Suspended)
		plain := h.export(false)
		if strings.Contains(plain, "Zebulon") || !strings.Contains(plain, `"'=HYPERLINK(""x"")`) || !strings.Contains(plain, ",'＝sum,") {
			t.Errorf("export without contacts:\n%s", plain)
		}
		first := h.export(true)
		other := newHouse(t, testkit.SQLite(t))
		if _, err := other.take(first); err != nil {
			t.Fatal(err)
		}
		if again := other.export(true); again != first || !strings.Contains(again, "Zebulon Quux") {
			t.Errorf("imported and exported again:\n%s\nwant\n%s", again, first)
		}
	})
}

func TestTheRosterIsSearchedFilteredAndPaged(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for i, c := range []string{"KR", "DE", "KR"} {
			h.partner(fmt.Sprint("slug-", i), named(fmt.Sprint("Chöir ", i), ""), func(f *registry.Form) { f.Country = c })
			h.clock.Advance(day)
		}
		p, _ := h.Register.BySlug("slug-2")
		h.setState(p, registry.Left)
		for _, c := range []struct {
			q    registry.Roster
			want string
		}{
			{registry.Roster{}, "Chöir 2, Chöir 1, Chöir 0"},
			{registry.Roster{Search: "CHOIR 1"}, "Chöir 1"},
			{registry.Roster{Search: "slug-0"}, "Chöir 0"},
			{registry.Roster{Search: "harbour-choir.example"}, "Chöir 2, Chöir 1, Chöir 0"},
			{registry.Roster{Search: "%"}, ""},
			{registry.Roster{State: registry.Left}, "Chöir 2"},
			{registry.Roster{Country: "KR", State: registry.Active}, "Chöir 0"},
		} {
			found, states := h.Register.Roster(c.q)
			if names(found) != c.want {
				t.Errorf("%+v: %s, want %s", c.q, names(found), c.want)
			}
			if c.q == (registry.Roster{Country: "KR", State: registry.Active}) && (states[registry.Left] != 1 || states[registry.Active] != 1) {
				t.Errorf("states %v", states)
			}
		}
		all, _ := h.Register.Roster(registry.Roster{})
		page, next := registry.After(all, 0, 2)
		if names(page) != "Chöir 2, Chöir 1" || next != page[1].ID {
			t.Errorf("the first page: %s, next %d", names(page), next)
		}
		if page, next = registry.After(all, next, 2); names(page) != "Chöir 0" || next != 0 {
			t.Errorf("the second page: %s, next %d", names(page), next)
		}
	})
}
