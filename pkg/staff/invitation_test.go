package staff_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
)

// invite invites somebody and returns the token of the link.
func (d *desk) invite(email string, role staff.Role, by *staff.Account) (staff.Invitation, string) {
	d.t.Helper()
	d.must(d.Invite(d.t.Context(), staff.NewInvitation{Email: email, Lang: "ko", Role: role}, by))
	list, err := d.Invitations(d.t.Context())
	d.must(err)
	return list[0], d.link(list[0])
}

func (d *desk) link(i staff.Invitation) string {
	return d.Keys.Token(seal.Token{Purpose: seal.AcceptInvitation, Row: i.ID, Expires: time.UnixMilli(i.ExpiresAt), Counter: uint16(i.Counter)})
}

func TestAnInvitationMakesOneAccountWithItsRole(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		boss := d.admin("boss@example.org")
		i, link := d.invite("New@Example.org", staff.Moderator, boss)
		if i.Email != "new@example.org" || i.StaffID != boss.ID || d.letters("staff_invitation") != 1 {
			t.Errorf("invited %+v, %d letters", i, d.letters("staff_invitation"))
		}
		var f *fault.Error
		if _, err := d.Accept(ctx, link, "", "short"); !errors.As(err, &f) || !slices.Equal(f.Fields.Names(), []string{"name", "password"}) {
			t.Errorf("nothing filled in: %v", err)
		}
		errs := make([]error, 3)
		var group sync.WaitGroup
		for n := range errs {
			group.Go(func() { _, errs[n] = d.Accept(ctx, link, "Noor Example", password) })
		}
		group.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, staff.ErrNoInvitation) && !errors.Is(err, staff.ErrTaken) {
				t.Errorf("who came too late: %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d were told it was made: %v", won, errs)
		}
		who, err := d.ByEmail(ctx, "new@example.org")
		if err != nil || who.Role != staff.Moderator || who.Lang != "ko" || who.Name != "Noor Example" {
			t.Errorf("made %+v, %v", who, err)
		}
		if _, err := d.Invitation(ctx, link); !errors.Is(err, staff.ErrNoInvitation) {
			t.Errorf("the link afterwards: %v, want ErrNoInvitation", err)
		}
		if left, err := d.Invitations(ctx); err != nil || len(left) != 0 {
			t.Errorf("still listed: %+v, %v", left, err)
		}
	})
}

func TestALinkThatIsNotGoodMakesNoAccount(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		boss, other := d.admin("boss@example.org"), d.admin("other@example.org")
		gone := func(what, link string) {
			t.Helper()
			if _, err := d.Accept(ctx, link, "Noor Example", password); !errors.Is(err, staff.ErrNoInvitation) {
				t.Errorf("%s: %v, want ErrNoInvitation", what, err)
			}
		}
		i, link := d.invite("new@example.org", staff.Admin, boss)
		gone("of another purpose", d.Keys.Token(seal.Token{Purpose: seal.FirstAdmin, Row: i.ID, Expires: d.clock.Now().Add(time.Hour)}))
		gone("damaged", link[1:])
		d.must(d.SetRole(ctx, boss.ID, staff.Reviewer, operator))
		gone("from somebody who is no admin any more", link)
		d.must(d.Resend(ctx, i.ID, other))
		gone("sent again since", link)
		list, err := d.Invitations(ctx)
		d.must(err)
		again := d.link(list[0])
		d.clock.Advance(staff.InvitationLife - time.Second)
		if _, err := d.Invitation(ctx, again); err != nil {
			t.Errorf("in the last second: %v", err)
		}
		d.clock.Advance(time.Second)
		gone("run out", again)
		d.must(d.Resend(ctx, i.ID, other))
		list, err = d.Invitations(ctx)
		d.must(err)
		d.must(d.Revoke(ctx, i.ID, operator))
		gone("taken back", d.link(list[0]))
		for what, err := range map[string]error{"resend": d.Resend(ctx, i.ID, other), "revoke": d.Revoke(ctx, i.ID, operator)} {
			if !errors.Is(err, staff.ErrNoInvitation) {
				t.Errorf("%s what was taken back: %v, want ErrNoInvitation", what, err)
			}
		}
		if n := d.count("staff_accounts"); n != 2 {
			t.Errorf("%d accounts, want 2", n)
		}
	})
}

func TestAnInvitationIsRefusedFieldByField(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		boss := d.admin("boss@example.org")
		d.invite("open@example.org", staff.Observer, boss)
		good := staff.NewInvitation{Email: "new@example.org", Lang: "en", Role: staff.Observer}
		for what, c := range map[string]struct {
			change func(*staff.NewInvitation)
			field  string
			key    string
		}{
			"no address":         {func(n *staff.NewInvitation) { n.Email = "" }, "email", "email.required"},
			"who has an account": {func(n *staff.NewInvitation) { n.Email = "BOSS@example.org" }, "email", "staff.taken"},
			"who is invited":     {func(n *staff.NewInvitation) { n.Email = "open@example.org" }, "email", "invitation.open"},
			"no role":            {func(n *staff.NewInvitation) { n.Role = "" }, "role", "staff.role_bad"},
			"no language":        {func(n *staff.NewInvitation) { n.Lang = "xx" }, "lang", "mail_lang.bad"},
		} {
			n := good
			c.change(&n)
			var f *fault.Error
			if err := d.Invite(t.Context(), n, boss); !errors.As(err, &f) || f.Fields[c.field] == nil || f.Fields[c.field].Key != c.key || len(f.Fields) != 1 {
				t.Errorf("%s: %v, want %s at %s", what, err, c.key, c.field)
			}
		}
		if n := d.letters("staff_invitation"); n != 1 {
			t.Errorf("%d letters, want the one", n)
		}
		d.clock.Advance(40 * 24 * time.Hour)
		d.must(d.Sweep(t.Context()))
		if n := d.count("invitations"); n != 0 {
			t.Errorf("%d invitations are kept a month after they ran out", n)
		}
	})
}
