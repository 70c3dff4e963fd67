package staff_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/staff"
)

// admin makes an administrator.
func (d *desk) admin(email string) *staff.Account {
	d.t.Helper()
	a := d.insert(email)
	d.must(d.Store.Exec(d.t.Context(), "UPDATE staff_accounts SET role = 'admin' WHERE id = ?", a.ID))
	a.Role = staff.Admin
	return a
}

func TestNobodyTakesTheLastActiveAdminAway(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		last, gone := d.admin("last@example.org"), d.admin("gone@example.org")
		d.insert("reviewer@example.org")
		d.must(d.Disable(ctx, gone.ID, operator)) // a disabled admin is none
		for what, do := range map[string]func() error{
			"disable":  func() error { return d.Disable(ctx, last.ID, operator) },
			"observer": func() error { return d.SetRole(ctx, last.ID, staff.Observer, operator) },
		} {
			if err := do(); !errors.Is(err, staff.ErrLastAdmin) {
				t.Errorf("%s: %v, want ErrLastAdmin", what, err)
			}
		}
		if a, err := d.Account(ctx, last.ID); err != nil || a.Role != staff.Admin || !a.Active() {
			t.Errorf("the last admin is now %+v, %v", a, err)
		}
		d.must(d.SetRole(ctx, last.ID, staff.Admin, operator)) // nothing changes
		d.must(d.Enable(ctx, gone.ID, operator))
		d.must(d.SetRole(ctx, last.ID, staff.Observer, audit.Actor{Kind: audit.Staff, ID: last.ID}))
		trail, _, err := d.Trail.Newest(ctx, "staff", last.ID, 1000)
		if err != nil || len(trail) != 1 || trail[0].Before != `{"role":"admin"}` || trail[0].After != `{"role":"observer"}` {
			t.Errorf("noted %+v, %v", trail, err)
		}
		if got := d.deeds(gone.ID); got != "disabled enabled" {
			t.Errorf("noted %q", got)
		}
	})
}

func TestOfTwoAdminsWhoRemoveEachOtherOneStays(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		a, b := d.admin("a@example.org"), d.admin("b@example.org")
		errs := make([]error, 2)
		var group sync.WaitGroup
		group.Go(func() { errs[0] = d.Disable(t.Context(), a.ID, operator) })
		group.Go(func() { errs[1] = d.SetRole(t.Context(), b.ID, staff.Reviewer, operator) })
		group.Wait()
		if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), staff.ErrLastAdmin) {
			t.Errorf("%v, want one ErrLastAdmin", errs)
		}
	})
}

func TestRolesAndAccountsThatAreNone(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		a := d.insert("mina@example.org")
		for _, role := range []staff.Role{"", "emperor", "Admin"} {
			var f *fault.Error
			if err := d.SetRole(ctx, a.ID, role, operator); !errors.As(err, &f) || f.Fields["role"] == nil {
				t.Errorf("the role %q: %v, want it refused", role, err)
			}
		}
		for what, err := range map[string]error{"role": d.SetRole(ctx, 1, staff.Admin, operator), "disable": d.Disable(ctx, 1, operator),
			"enable": d.Enable(ctx, 1, operator), "reset": d.ResetFactors(ctx, 1, operator)} {
			if !errors.Is(err, staff.ErrNoAccount) {
				t.Errorf("%s of nobody: %v, want ErrNoAccount", what, err)
			}
		}
		if found, err := d.ByEmail(ctx, " MINA@example.org"); err != nil || found.ID != a.ID {
			t.Errorf("by address: %v, %v", found, err)
		}
		if _, err := d.ByEmail(ctx, "nobody@example.org"); !errors.Is(err, staff.ErrNoAccount) {
			t.Errorf("by an address nobody has: %v, want ErrNoAccount", err)
		}
		if got := d.deeds(a.ID); got != "" {
			t.Errorf("noted %q", got)
		}
	})
}

func TestMembersShowFactorsAndLastUse(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		a, b := d.insert("a@example.org"), d.insert("b@example.org")
		d.enrol(d.enter(a.ID))
		signedIn := d.clock.Now().UnixMilli()
		d.clock.Advance(24 * time.Hour)
		d.must(d.Sweep(t.Context())) // the session is gone, the entry stays
		list, err := d.Members(t.Context())
		if err != nil || len(list) != 2 || !list[0].TOTP() || list[0].SeenAt != signedIn || list[1].ID != b.ID || list[1].TOTP() || list[1].SeenAt != 0 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		const fresh = "another sentence for testing"
		a, other := d.insert("mina@example.org"), d.insert("other@example.org")
		mine, elsewhere, theirs := d.begin(staff.StaffSession, a.ID), d.begin(staff.StaffSession, a.ID), d.begin(staff.StaffSession, other.ID)
		for what, c := range map[string][3]string{
			"a wrong old one":  {wrong, fresh, "old"},
			"no old one":       {"", fresh, "old"},
			"a short new one":  {password, "short", "password"},
			"a huge new one":   {password, strings.Repeat("x", 1025), "password"},
			"nothing of both":  {"", "", "old password"},
			"a huge wrong one": {strings.Repeat("x", 1<<20), fresh, "old"},
		} {
			var f *fault.Error
			if err := d.ChangePassword(ctx, d.session(mine), c[0], c[1]); !errors.As(err, &f) || !slices.Equal(f.Fields.Names(), strings.Fields(c[2])) {
				t.Errorf("%s: %v, want %s refused", what, err, c[2])
			}
		}
		if stored, err := d.Account(ctx, a.ID); err != nil || stored.Failures != 2 {
			t.Errorf("two wrong old ones count as %d, %v", stored.Failures, err)
		}
		d.must(d.ChangePassword(ctx, d.session(mine), password, fresh))
		d.session(mine)
		d.session(theirs)
		if _, err := d.Session(ctx, staff.StaffSession, elsewhere); !errors.Is(err, staff.ErrNoSession) {
			t.Errorf("the other session: %v, want ErrNoSession", err)
		}
		if _, err := d.SignIn(ctx, a.Email, password); !errors.Is(err, staff.ErrSignIn) {
			t.Errorf("the old password: %v, want ErrSignIn", err)
		}
		if _, err := d.SignIn(ctx, a.Email, fresh); err != nil {
			t.Errorf("the new password: %v", err)
		}
		if got := d.deeds(a.ID); got != "signed_in signed_in password_changed" {
			t.Errorf("noted %q", got)
		}
	})
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		a, other := d.insert("mina@example.org"), d.insert("other@example.org")
		this := d.session(d.begin(staff.StaffSession, a.ID))
		second, third := d.session(d.begin(staff.StaffSession, a.ID)), d.session(d.begin(staff.StaffSession, a.ID))
		theirs := d.session(d.begin(staff.StaffSession, other.ID))
		portal := d.begin(staff.PortalSession, a.ID)
		list := func() []int64 {
			t.Helper()
			rows, err := d.Sessions(ctx, a.ID)
			d.must(err)
			var ids []int64
			for _, r := range rows {
				ids = append(ids, r.ID)
				if r.Agent != "Firefox · Linux" {
					t.Errorf("the agent is %q", r.Agent)
				}
			}
			return ids
		}
		if got := list(); len(got) != 3 {
			t.Errorf("listed %v", got)
		}
		if err := d.EndOne(ctx, a.ID, theirs.ID); !errors.Is(err, staff.ErrNotYours) {
			t.Errorf("somebody else's: %v, want ErrNotYours", err)
		}
		d.must(d.EndOne(ctx, a.ID, second.ID))
		if got := list(); len(got) != 2 || slices.Contains(got, second.ID) {
			t.Errorf("after ending one: %v", got)
		}
		d.must(d.EndOthers(ctx, a.ID, this.ID))
		if got := list(); !slices.Equal(got, []int64{this.ID}) {
			t.Errorf("after ending the others: %v, the third was %d", got, third.ID)
		}
		if _, err := d.Session(ctx, staff.PortalSession, portal); err != nil {
			t.Errorf("the portal's session of the same number: %v", err)
		}
		d.clock.Advance(2 * time.Hour)
		if got := list(); len(got) != 0 {
			t.Errorf("idle sessions are listed: %v", got)
		}
	})
}

func TestAnAccountDescribesItself(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		a := d.insert("mina@example.org")
		for what, c := range map[string][3]string{"no name": {" ", "ko", "name"}, "a link": {"https://spam.example", "ko", "name"}, "no language": {"Mina", "", "lang"}, "Latin": {"Mina", "la", "lang"}} {
			var f *fault.Error
			if err := d.Describe(ctx, a.ID, c[0], c[1]); !errors.As(err, &f) || !slices.Equal(f.Fields.Names(), []string{c[2]}) {
				t.Errorf("%s: %v, want %s refused", what, err, c[2])
			}
		}
		d.must(d.Describe(ctx, a.ID, " 미나 ", "ar"))
		if stored, err := d.Account(ctx, a.ID); err != nil || stored.Name != "미나" || stored.Lang != "ar" {
			t.Errorf("stored %+v, %v", stored, err)
		}
	})
}
