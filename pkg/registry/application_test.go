package registry_test

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
)

// wantField wants an error that refuses one field, for one reason.
func wantField(t *testing.T, err error, field, key string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid || !slices.Equal(f.Fields.Names(), []string{field}) || f.Fields[field].Key != key {
		t.Errorf("%v, want %s refused with %s", err, field, key)
	}
}

func TestAnApplicationIsRefusedFieldByField(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for _, c := range []struct {
			field, key string
			change     func(*registry.Form)
		}{
			{"name", "text.required", func(f *registry.Form) { f.Name = " " }},
			{"name_latin", "text.long", func(f *registry.Form) { f.NameLatin = strings.Repeat("x", 121) }},
			{"about", "text.required", func(f *registry.Form) { f.About = "" }},
			{"contact_name", "text.required", func(f *registry.Form) { f.Contact.Name = "\u200b" }},
			{"contact_role", "text.required", func(f *registry.Form) { f.Contact.Role = "" }},
			{"placement", "text.required", func(f *registry.Form) { f.Placement = "" }},
			{"website", "url.scheme", func(f *registry.Form) { f.Website = "javascript:alert(1)" }},
			{"website", "url.host", func(f *registry.Form) { f.Website = "http://127.1/" }},
			{"email", "email.bad", func(f *registry.Form) { f.Contact.Email = "a@b" }},
			{"country", "country.required", func(f *registry.Form) { f.Country = "" }},
			{"country", "country.bad", func(f *registry.Form) { f.Country = "kr" }},
			{"kind", "kind.required", func(f *registry.Form) { f.Kind = "" }},
			{"kind", "kind.bad", func(f *registry.Form) { f.Kind = "army" }},
			{"reach", "reach.bad", func(f *registry.Form) { f.Reach = "all" }},
			{"mail_lang", "mail_lang.bad", func(f *registry.Form) { f.Contact.Lang = "../../etc" }},
			{"pledge", "join.pledge_required", func(f *registry.Form) { f.Consents = registry.ConsentContact }},
			{"consent", "join.consent_required", func(f *registry.Form) { f.Consents = registry.ConsentPledge }},
		} {
			f := form()
			c.change(&f)
			_, err := h.Registry.Apply(t.Context(), f)
			wantField(t, err, c.field, c.key)
		}
		if n := h.count("applications") + h.count("outbox") + h.count("audit_entries"); n != 0 {
			t.Errorf("%d rows were written", n)
		}
	})
}

func TestAnApplicationIsStoredAndItsContactSealed(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.application(h.apply().ID)
		if a.State != registry.Submitted || a.Name != "Harbour Choir" || a.WebsiteHost != "harbour-choir.example" || a.SubmittedAt != h.clock.Now().UnixMilli() {
			t.Errorf("stored %+v", a)
		}
		if !regexp.MustCompile(`^OB-2026-[2-9A-HJ-NP-Z]{6}$`).MatchString(a.Reference) {
			t.Errorf("reference %s", a.Reference)
		}
		if c, err := h.Registry.Contact(a); err != nil || c != form().Contact {
			t.Errorf("the contact opens as %+v, %v", c, err)
		}
		a.ID++
		if _, err := h.Registry.Contact(a); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("on another row the contact opens: %v", err)
		}
		if by, err := h.Registry.ByReference(t.Context(), a.Reference); err != nil || by.ID != a.ID-1 {
			t.Errorf("by reference: %v", err)
		}
		_, byID := h.Registry.Application(t.Context(), 1)
		_, byReference := h.Registry.ByReference(t.Context(), "OB-2026-AAAAAA")
		if !errors.Is(byID, registry.ErrNoApplication) || !errors.Is(byReference, registry.ErrNoApplication) {
			t.Errorf("unknown: %v and %v, want ErrNoApplication", byID, byReference)
		}
	})
}

func TestNobodysNameOrAddressIsInTheDatabaseInTheClear(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.partner("")
		h.send("zebulon.quux@harbour-choir.example")
		stored := h.everything()
		if !bytes.Contains(stored, []byte("Harbour Choir")) {
			t.Fatal("what is public is not found either")
		}
		for _, secret := range []string{"zebulon", "quux"} {
			for _, form := range []string{secret, strings.ToUpper(secret[:1]) + secret[1:]} {
				if bytes.Contains(stored, []byte(form)) {
					t.Errorf("%s is in the clear", form)
				}
			}
		}
	})
}

// everything is all that the database stores: SQLite's files as they are,
// and of PostgreSQL every row of every table as text, with bytes as letters.
func (h *house) everything() []byte {
	h.t.Helper()
	var all []byte
	for _, f := range h.Store.Files() {
		raw, err := os.ReadFile(f)
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, raw...)
	}
	if !h.Store.Postgres() {
		return all
	}
	var tables []string
	if err := h.Store.Read(h.t.Context()).Raw("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()").Scan(&tables).Error; err != nil || len(tables) == 0 {
		h.t.Fatal(tables, err)
	}
	for _, table := range tables {
		var rows []string
		sql := "SET bytea_output = 'escape'"
		err := h.Store.Exec(h.t.Context(), sql)
		if err == nil {
			err = h.Store.Read(h.t.Context()).Raw("SELECT row_to_json(t)::text FROM " + table + " t").Scan(&rows).Error
		}
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, strings.Join(rows, "\n")...)
	}
	return all
}

func TestTheLinkThatConfirmsAnAddressIsGoodForFourteenDays(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.apply()
		_, _, e := h.letter()
		token := strings.Split(e.Action, "/")[3]
		if _, err := h.Keys.Parse(seal.ConfirmApplication, token, h.clock.Now().Add(14*day-time.Second)); err != nil {
			t.Errorf("a second before: %v", err)
		}
		got, err := h.Keys.Parse(seal.ConfirmApplication, token, h.clock.Now().Add(14*day))
		if !errors.Is(err, seal.ErrExpired) || got.Row != a.ID {
			t.Errorf("after fourteen days: row %d, %v", got.Row, err)
		}
		status := strings.Split(h.Registry.StatusLink(a), "/")[3]
		if got, err := h.Keys.Parse(seal.ViewApplication, status, h.clock.Now().Add(3650*day)); err != nil || got.Row != a.ID {
			t.Errorf("the status link ten years on: row %d, %v", got.Row, err)
		}
	})
}

func TestTheInboxHasTheLongestWaitingFirst(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		var ids []int64
		for range 3 {
			ids = append(ids, h.apply().ID)
			h.clock.Advance(time.Minute)
		}
		for _, i := range []int{2, 0} {
			if _, err := h.Registry.ConfirmAddress(t.Context(), ids[i]); err != nil {
				t.Fatal(err)
			}
		}
		rows, err := h.Registry.Inbox(t.Context(), registry.InboxQuery{States: registry.Waiting, Most: 10})
		if err != nil || len(rows) != 2 || rows[0].ID != ids[0] || rows[1].ID != ids[2] {
			t.Errorf("%d waiting, %v", len(rows), err)
		}
		if rows, err := h.Registry.Inbox(t.Context(), registry.InboxQuery{States: registry.Waiting, Most: 1}); err != nil || len(rows) != 1 || rows[0].ID != ids[0] {
			t.Errorf("at most one: %d, %v", len(rows), err)
		}
		n, err := h.Registry.CountByState(t.Context())
		if err != nil || n[registry.Verified] != 2 || n[registry.Submitted] != 1 || len(n) != 2 {
			t.Errorf("counted %v, %v", n, err)
		}
	})
}
