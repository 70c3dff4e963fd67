package staff_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/staff"
)

func TestARoleCoversItselfAndThoseBelow(t *testing.T) {
	t.Parallel()
	for have, r := range staff.Roles {
		for need, wanted := range staff.Roles {
			if got := r.Covers(wanted); got != (have >= need) {
				t.Errorf("%s covers %s: %v", r, wanted, got)
			}
		}
		if r.Covers("emperor") || staff.Role("emperor").Covers(r) || r.Covers("") || staff.Role("").Covers(r) {
			t.Errorf("a role that does not exist covers or is covered by %s", r)
		}
	}
	if staff.Role("").Covers("") {
		t.Error("no role covers no role")
	}
}

func TestAnAccountIsRefusedFieldByField(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		for name, c := range map[string]struct {
			change func(*staff.NewAccount)
			key    string
			field  string
		}{
			"no address":          {func(n *staff.NewAccount) { n.Email = "" }, "email.required", "email"},
			"no real address":     {func(n *staff.NewAccount) { n.Email = "mina@localhost" }, "email.bad", "email"},
			"no name":             {func(n *staff.NewAccount) { n.Name = " \u200b" }, "text.required", "name"},
			"a link for a name":   {func(n *staff.NewAccount) { n.Name = "https://spam.example" }, "", "name"},
			"14 characters":       {func(n *staff.NewAccount) { n.Password = strings.Repeat("평", 14) }, "staff.password_short", "password"},
			"1025 bytes":          {func(n *staff.NewAccount) { n.Password = strings.Repeat("x", 1025) }, "text.long", "password"},
			"no role":             {func(n *staff.NewAccount) { n.Role = "" }, "staff.role_bad", "role"},
			"a role of one's own": {func(n *staff.NewAccount) { n.Role = "Admin" }, "staff.role_bad", "role"},
		} {
			n := person("mina@example.org")
			c.change(&n)
			_, err := d.Add(t.Context(), n, operator)
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Invalid || !slices.Equal(f.Fields.Names(), []string{c.field}) {
				t.Errorf("%s: %v, want only %s refused", name, err, c.field)
				continue
			}
			if got := f.Fields[c.field].Key; c.key != "" && got != c.key {
				t.Errorf("%s: %s, want %s", name, got, c.key)
			}
		}
		_, err := d.Add(t.Context(), staff.NewAccount{}, operator)
		var f *fault.Error
		if !errors.As(err, &f) || !slices.Equal(f.Fields.Names(), []string{"email", "name", "password", "role"}) {
			t.Errorf("an empty account: %v, want every field refused", err)
		}
		if n := d.count("staff_accounts") + d.count("audit_entries"); n != 0 {
			t.Errorf("%d rows were written", n)
		}
	})
}

func TestTheShortestAndTheLongestPasswordAreAccepted(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		for email, word := range map[string]string{"short@example.org": strings.Repeat("평", 15), "long@example.org": strings.Repeat("x", 1024)} {
			n := person(email)
			n.Password = word
			if _, err := d.Add(t.Context(), n, operator); err != nil {
				t.Errorf("%s: %v", email, err)
			}
			if _, err := d.SignIn(t.Context(), email, word); err != nil {
				t.Errorf("sign in as %s: %v", email, err)
			}
		}
	})
}

func TestAddingAnAccountStoresNoPasswordAndIsNoted(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		d.Cost = staff.Cost{}
		a := d.add("Mina@Example.org")
		stored, err := d.Account(t.Context(), a.ID)
		if err != nil || stored.Email != "mina@example.org" || stored.Name != "Mina Example" || stored.Role != staff.Reviewer || !stored.Active() {
			t.Fatalf("stored %+v, %v", stored, err)
		}
		if !strings.HasPrefix(stored.PasswordHash, "$argon2id$v=19$m=65536,t=3,p=4$") || strings.Contains(stored.PasswordHash, password) {
			t.Errorf("the password is stored as %s", stored.PasswordHash)
		}
		if other := d.add("other@example.org"); other.PasswordHash == a.PasswordHash {
			t.Error("two people with one password have one hash")
		}
		noted, _, err := d.Trail.Newest(t.Context(), "staff", a.ID, 1000)
		if err != nil || len(noted) != 1 || noted[0].Action != "staff.added" || noted[0].ActorKind != audit.Operator || noted[0].After != `{"role":"reviewer"}` {
			t.Errorf("noted %+v, %v", noted, err)
		}
	})
}

func TestAnAddressHasOneAccountHoweverItIsSpelled(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		d.add("mina@example.org")
		for _, same := range []string{"mina@example.org", "MINA+staff@EXAMPLE.ORG"} {
			if _, err := d.Add(t.Context(), person(same), operator); !errors.Is(err, staff.ErrTaken) {
				t.Errorf("%s: %v, want ErrTaken", same, err)
			}
		}
		if accounts, noted := d.count("staff_accounts"), d.count("audit_entries"); accounts != 1 || noted != 1 {
			t.Errorf("%d accounts and %d entries, want one of each", accounts, noted)
		}
	})
}

func TestOfTwoFirstAccountsAtOnceOneIsMade(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		if any, err := d.Any(t.Context()); err != nil || any {
			t.Fatalf("before: %v, %v", any, err)
		}
		errs := make([]error, 2)
		var group sync.WaitGroup
		for i, email := range []string{"one@example.org", "two@example.org"} {
			group.Go(func() { _, errs[i] = d.AddFirst(t.Context(), person(email)) })
		}
		group.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, staff.ErrTaken):
				t.Errorf("the one who came too late: %v, want ErrTaken", err)
			}
		}
		if n := d.count("staff_accounts"); won != 1 || n != 1 {
			t.Errorf("%d were told it was made, %d accounts, want one of each", won, n)
		}
		if any, err := d.Any(t.Context()); err != nil || !any {
			t.Errorf("afterwards: %v, %v", any, err)
		}
		if _, err := d.AddFirst(t.Context(), person("late@example.org")); !errors.Is(err, staff.ErrTaken) {
			t.Errorf("a day late: %v, want ErrTaken", err)
		}
	})
}

func TestAccountsAreListedByAddress(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		for _, email := range []string{"c@example.org", "a@example.org", "b@example.org"} {
			d.insert(email)
		}
		rows, err := d.List(t.Context())
		if err != nil || len(rows) != 3 || rows[0].Email != "a@example.org" || rows[2].Email != "c@example.org" {
			t.Errorf("%+v, %v", rows, err)
		}
		if _, err := d.Account(t.Context(), 1); !errors.Is(err, staff.ErrNoAccount) {
			t.Errorf("an id nobody has: %v, want ErrNoAccount", err)
		}
	})
}

func TestADisabledAccountIsOutAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		a, other := d.insert("mina@example.org"), d.insert("other@example.org")
		mine := []string{d.begin(staff.StaffSession, a.ID), d.begin(staff.StaffSession, a.ID)}
		others := map[string]string{d.begin(staff.StaffSession, other.ID): staff.StaffSession, d.begin(staff.PortalSession, a.ID): staff.PortalSession}
		if err := d.Disable(ctx, a.ID, operator); err != nil {
			t.Fatal(err)
		}
		for _, token := range mine {
			if _, err := d.Session(ctx, staff.StaffSession, token); !errors.Is(err, staff.ErrNoSession) {
				t.Errorf("their session: %v, want ErrNoSession", err)
			}
		}
		for token, kind := range others {
			if _, err := d.Session(ctx, kind, token); err != nil {
				t.Errorf("a %s session of somebody else: %v", kind, err)
			}
		}
		if stored, err := d.Account(ctx, a.ID); err != nil || stored.Active() {
			t.Errorf("the account is active: %v", err)
		}
		if _, err := d.SignIn(ctx, "mina@example.org", password); !errors.Is(err, staff.ErrSignIn) {
			t.Errorf("signing in with the right password: %v, want ErrSignIn", err)
		}
		if got := d.deeds(a.ID); got != "signed_in signed_in disabled" {
			t.Errorf("noted %s", got)
		}
	})
}
