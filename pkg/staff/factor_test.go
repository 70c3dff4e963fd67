package staff_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/staff"
)

func TestAPasswordAloneMakesHalfASession(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		a := d.insert("mina@example.org")
		half := d.enter(a.ID)
		if d.Whole(half) || half.Factor != "" || half.Agent != "Firefox · Linux" {
			t.Errorf("after the password: %+v", half)
		}
		if got := d.deeds(a.ID); got != "" {
			t.Errorf("noted %q before the second step", got)
		}
		token, err := d.Begin(t.Context(), staff.StaffSession, a.ID, firefox)
		d.must(err)
		d.clock.Advance(30*time.Minute - time.Millisecond)
		d.session(token)
		d.clock.Advance(time.Millisecond)
		if _, err := d.Session(t.Context(), staff.StaffSession, token); !errors.Is(err, staff.ErrNoSession) {
			t.Errorf("after half an hour: %v, want ErrNoSession", err)
		}
	})
}

func TestInTheDemoAPasswordIsEnoughUntilAFactorIsChosen(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		d.PasswordEnough = true
		a := d.insert("mina@example.org")
		whole := d.enter(a.ID)
		if !d.Whole(whole) || whole.Factor != staff.ByPassword || d.deeds(a.ID) != "signed_in" {
			t.Errorf("after the password: %+v, noted %q", whole, d.deeds(a.ID))
		}
		if _, token := d.enrol(whole); token != "" {
			t.Error("a whole session got a new token")
		}
		if half := d.enter(a.ID); d.Whole(half) {
			t.Errorf("with an app the password alone makes %+v", half)
		}
		d.PasswordEnough = false // the folder is now served for real
		if d.Whole(whole) {
			t.Error("a session by password alone is whole outside the demo")
		}
		d.PasswordEnough = true
		d.must(d.RemoveTOTP(t.Context(), a.ID))
		if !d.Whole(d.enter(a.ID)) {
			t.Error("without the app the password is not enough again")
		}
	})
}

func TestTheFirstFactorMakesTheSessionWholeUnderANewToken(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		a := d.insert("mina@example.org")
		old, err := d.Begin(t.Context(), staff.StaffSession, a.ID, firefox)
		d.must(err)
		half := d.session(old)
		_, token := d.enrol(half)
		if whole := d.session(token); !d.Whole(whole) || whole.ID != half.ID || whole.Factor != staff.ByTOTP {
			t.Errorf("afterwards: %+v", whole)
		}
		if _, err := d.Session(t.Context(), staff.StaffSession, old); !errors.Is(err, staff.ErrNoSession) {
			t.Errorf("the old token: %v, want ErrNoSession", err)
		}
		if got := d.deeds(a.ID); got != "factor_added signed_in" {
			t.Errorf("noted %q", got)
		}
	})
}

// Who only knows the password must not add a factor of their own.
func TestHalfASessionAddsNothingToAnAccountWithAFactor(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		a := d.insert("mina@example.org")
		first, second := d.enter(a.ID), d.enter(a.ID)
		d.enrol(first)
		offer, err := d.NewOffer(a, "Our Appeal")
		d.must(err)
		token, err := d.EnrolTOTP(t.Context(), second, offer.Sealed, app{t, d.clock, offer.Secret}.code(0))
		if token != "" || !errors.Is(err, staff.ErrHalf) {
			t.Errorf("%q, %v, want ErrHalf", token, err)
		}
	})
}

func TestAnAppIsConfirmedByItsFirstCode(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		a, other := d.insert("mina@example.org"), d.insert("other@example.org")
		half := d.enter(a.ID)
		offer, err := d.NewOffer(a, "Our Appeal")
		d.must(err)
		foreign, err := d.NewOffer(other, "Our Appeal")
		d.must(err)
		if !strings.HasPrefix(offer.URL, "otpauth://totp/Our%20Appeal:mina@example.org?") || !strings.Contains(offer.URL, "secret="+offer.Secret) || len(offer.Secret) != 32 {
			t.Errorf("the offer is %+v", offer)
		}
		own, theirs := app{t, d.clock, offer.Secret}, app{t, d.clock, foreign.Secret}
		for name, c := range map[string]struct{ sealed, code, key string }{
			"no code":             {offer.Sealed, "", "staff.code_wrong"},
			"a code of long ago":  {offer.Sealed, own.code(-2), "staff.code_wrong"},
			"a code of later":     {offer.Sealed, own.code(2), "staff.code_wrong"},
			"eight digits":        {offer.Sealed, own.code(0) + "00", "staff.code_wrong"},
			"another app's code":  {offer.Sealed, theirs.code(0), "staff.code_wrong"},
			"no offer":            {"", own.code(0), "staff.offer_gone"},
			"a damaged offer":     {offer.Sealed[1:], own.code(0), "staff.offer_gone"},
			"somebody else's one": {foreign.Sealed, theirs.code(0), "staff.offer_gone"},
		} {
			_, err := d.EnrolTOTP(t.Context(), half, c.sealed, c.code)
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Fields["code"] == nil || f.Fields["code"].Key != c.key {
				t.Errorf("%s: %v, want %s at the code", name, err, c.key)
			}
		}
		if f, err := d.Factors(t.Context(), a.ID); err != nil || f.Any() {
			t.Errorf("after all that: %+v, %v", f, err)
		}
		same, err := d.SameOffer(a, "Our Appeal", offer.Sealed)
		if err != nil || same.Secret != offer.Secret {
			t.Errorf("the refused form has another secret: %v", err)
		}
		if _, err := d.EnrolTOTP(t.Context(), half, same.Sealed, own.code(1)[:3]+" "+own.code(1)[3:]); err != nil {
			t.Errorf("the right code in two groups: %v", err)
		}
		stored, err := d.Account(t.Context(), a.ID)
		if err != nil || len(stored.TOTPSecret) == 0 || strings.Contains(string(stored.TOTPSecret), offer.Secret) {
			t.Errorf("stored %v, %v", stored, err)
		}
		column := staff.SealedColumns()[0]
		if _, err := d.Keys.Open(column.Binding, a.ID, stored.TOTPSecret); err != nil {
			t.Errorf("the secret does not open as verify opens it: %v", err)
		}
	})
}

func TestACodeIsAcceptedOnceAndOnlyNearItsTime(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		a := d.insert("mina@example.org")
		phone, _ := d.enrol(d.enter(a.ID)) // with the code of the step before
		enter := func(code string) error {
			t.Helper()
			d.must(d.Store.Exec(t.Context(), "UPDATE staff_accounts SET failures = 0"))
			token, err := d.EnterCode(t.Context(), d.enter(a.ID), code)
			if (err == nil) != (token != "") {
				t.Errorf("token %q with %v", token, err)
			}
			return err
		}
		for _, c := range []struct {
			name string
			code string
			good bool
		}{
			{"the one that confirmed the app", phone.code(-1), false},
			{"two steps ago", phone.code(-2), false},
			{"two steps ahead", phone.code(2), false},
			{"now", phone.code(0), true},
			{"now, again", phone.code(0), false},
			{"a step ahead", phone.code(1), true},
			{"a step ahead, again", phone.code(1), false},
			{"one before that", phone.code(0), false},
			{"empty", "", false},
			{"letters", "abcdef", false},
		} {
			if err := enter(c.code); (err == nil) != c.good || err != nil && !errors.Is(err, staff.ErrCode) {
				t.Errorf("%s: %v, want accepted: %v", c.name, err, c.good)
			}
		}
		d.clock.Advance(time.Minute)
		if err := enter(phone.code(0)); err != nil {
			t.Errorf("a minute later: %v", err)
		}
	})
}

func TestOneCodeAtOnceOpensOneSession(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		a := d.insert("mina@example.org")
		phone, _ := d.enrol(d.enter(a.ID))
		sessions := []*staff.Session{d.enter(a.ID), d.enter(a.ID), d.enter(a.ID)}
		tokens := make([]string, len(sessions))
		var group sync.WaitGroup
		for i, s := range sessions {
			group.Go(func() { tokens[i], _ = d.EnterCode(t.Context(), s, phone.code(0)) })
		}
		group.Wait()
		if n := len(strings.Fields(strings.Join(tokens, " "))); n != 1 {
			t.Errorf("%d sessions were opened, want 1", n)
		}
	})
}

func TestRecoveryCodesWorkOnceEach(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		a, other := d.insert("mina@example.org"), d.insert("other@example.org")
		if _, err := d.MakeCodes(ctx, a.ID); !errors.Is(err, staff.ErrNoFactor) {
			t.Errorf("without a factor: %v, want ErrNoFactor", err)
		}
		d.enrol(d.enter(a.ID))
		d.enrol(d.enter(other.ID))
		old, err := d.MakeCodes(ctx, a.ID)
		d.must(err)
		codes, err := d.MakeCodes(ctx, a.ID)
		d.must(err)
		seen := map[string]bool{}
		for _, c := range codes {
			if !regexp.MustCompile(`^([a-z2-9]{4}-){3}[a-z2-9]{4}$`).MatchString(c) || seen[c] {
				t.Errorf("the code %q", c)
			}
			seen[c] = true
		}
		var stored []string
		d.must(d.Store.Read(ctx).Table("recovery_codes").Pluck("hash", &stored).Error)
		if len(codes) != staff.RecoveryCodes || len(stored) != staff.RecoveryCodes || strings.Contains(strings.Join(stored, " "), strings.ReplaceAll(codes[0], "-", "")) {
			t.Errorf("%d codes, stored %d: %q", len(codes), len(stored), stored)
		}
		for _, c := range []struct {
			name    string
			account int64
			code    string
			good    bool
		}{
			{"one of the old codes", a.ID, old[0], false},
			{"somebody else's", other.ID, codes[0], false},
			{"the first", a.ID, codes[0], true},
			{"the first again", a.ID, codes[0], false},
			{"the second, in capitals and without hyphens", a.ID, strings.ToUpper(strings.ReplaceAll(codes[1], "-", " ")), true},
		} {
			s := d.enter(c.account)
			token, err := d.EnterCode(ctx, s, c.code)
			if (err == nil) != c.good {
				t.Errorf("%s: %v, want accepted: %v", c.name, err, c.good)
			}
			if c.good && d.session(token).Factor != staff.ByRecovery {
				t.Errorf("%s: the session says %q", c.name, d.session(token).Factor)
			}
		}
		if f, err := d.Factors(ctx, a.ID); err != nil || f.Codes != staff.RecoveryCodes-2 {
			t.Errorf("left: %+v, %v", f, err)
		}
	})
}

func TestWrongCodesLockTheAccountAndItsOwnerIsToldOnce(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		a := d.insert("mina@example.org")
		phone, _ := d.enrol(d.enter(a.ID))
		for range staff.MostFailures {
			// The right password in between forgets nothing, or who knows it
			// could guess codes for ever.
			who, err := d.SignIn(ctx, "mina@example.org", password)
			d.must(err)
			if _, err := d.EnterCode(ctx, d.enter(who.ID), "000 000"); !errors.Is(err, staff.ErrCode) {
				t.Fatalf("a wrong code: %v, want ErrCode", err)
			}
		}
		s := d.enter(a.ID)
		for range 3 {
			if _, err := d.EnterCode(ctx, s, phone.code(0)); !errors.Is(err, staff.ErrCode) {
				t.Errorf("the right code while locked: %v, want ErrCode", err)
			}
			if _, err := d.SignIn(ctx, "mina@example.org", wrong); !errors.Is(err, staff.ErrSignIn) {
				t.Errorf("a password while locked: %v, want ErrSignIn", err)
			}
		}
		if n := d.letters("staff_locked"); n != 1 {
			t.Errorf("%d letters tell of one lock", n)
		}
		d.clock.Advance(staff.LockTime)
		if _, err := d.EnterCode(ctx, s, phone.code(0)); err != nil {
			t.Errorf("after the lock: %v", err)
		}
		if got := d.deeds(a.ID); got != "factor_added signed_in locked signed_in" {
			t.Errorf("noted %q", got)
		}
	})
}

func TestTheLastFactorStays(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		a, other := d.insert("mina@example.org"), d.insert("other@example.org")
		d.enrol(d.enter(a.ID))
		if err := d.RemoveTOTP(ctx, a.ID); !errors.Is(err, staff.ErrLastFactor) {
			t.Errorf("the last one: %v, want ErrLastFactor", err)
		}
		key := staff.Passkey{ID: d.Store.NewID(), StaffID: a.ID, CredentialID: []byte{1}, Credential: "{}"}
		d.must(d.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Create(&key).Error }))
		if err := d.RemovePasskey(ctx, other.ID, key.ID); !errors.Is(err, staff.ErrNotYours) {
			t.Errorf("somebody else's passkey: %v, want ErrNotYours", err)
		}
		d.must(d.RemoveTOTP(ctx, a.ID))
		if err := d.RemovePasskey(ctx, a.ID, key.ID); !errors.Is(err, staff.ErrLastFactor) {
			t.Errorf("the passkey, now the last: %v, want ErrLastFactor", err)
		}
		if err := d.LabelPasskey(ctx, other.ID, key.ID, "mine"); !errors.Is(err, staff.ErrNotYours) {
			t.Errorf("naming somebody else's passkey: %v, want ErrNotYours", err)
		}
		d.must(d.LabelPasskey(ctx, a.ID, key.ID, " My  phone "))
		if f, err := d.Factors(ctx, a.ID); err != nil || f.TOTP || len(f.Passkeys) != 1 || f.Passkeys[0].Label != "My phone" {
			t.Errorf("left: %+v, %v", f, err)
		}
	})
}

func TestAResetLeadsToNewFactors(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		a, other := d.insert("mina@example.org"), d.insert("other@example.org")
		_, token := d.enrol(d.enter(a.ID))
		_, kept := d.enrol(d.enter(other.ID))
		_, err := d.MakeCodes(ctx, a.ID)
		d.must(err)
		d.lock("mina@example.org")
		d.must(d.ResetFactors(ctx, a.ID, audit.Actor{Kind: audit.Staff, ID: other.ID}))
		if _, err := d.Session(ctx, staff.StaffSession, token); !errors.Is(err, staff.ErrNoSession) {
			t.Errorf("the session lives: %v", err)
		}
		d.session(kept)
		if f, err := d.Factors(ctx, a.ID); err != nil || f.Any() || f.Codes != 0 {
			t.Errorf("left: %+v, %v", f, err)
		}
		if f, err := d.Factors(ctx, other.ID); err != nil || !f.TOTP {
			t.Errorf("of the other: %+v, %v", f, err)
		}
		if _, err := d.SignIn(ctx, "mina@example.org", password); err != nil {
			t.Errorf("the password: %v", err)
		}
		if got := d.deeds(a.ID); !strings.HasSuffix(got, "factors_reset") {
			t.Errorf("noted %q", got)
		}
	})
}

func TestCeremoniesAreForOneAccountOneUseAndFiveMinutes(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		a := d.insert("mina@example.org")
		half := d.enter(a.ID)
		p := d.passkeys()
		ask := func() string {
			t.Helper()
			q, err := p.AskRegister(ctx, a.ID)
			d.must(err)
			return q.Ceremony
		}
		// An answer of nonsense ends the ceremony all the same.
		used := ask()
		for what, c := range map[string]string{"nonsense": used, "nonsense again": used, "no ceremony": "", "one nobody began": "7"} {
			if token, err := p.Register(ctx, half, staff.Answer{Ceremony: c, Credential: []byte(`{}`)}); token != "" || !errors.Is(err, staff.ErrPasskey) {
				t.Errorf("%s: %v, want ErrPasskey", what, err)
			}
		}
		if n := d.count("ceremonies"); n != 0 {
			t.Errorf("%d ceremonies are left", n)
		}
		// One for registering is not good for signing in, nor one of another account.
		other := d.enter(d.insert("other@example.org").ID)
		for what, try := range map[string]func(c string) error{
			"sign in":         func(c string) error { _, err := p.SignIn(ctx, staff.Answer{Ceremony: c}, firefox); return err },
			"second step":     func(c string) error { _, err := p.Second(ctx, half, staff.Answer{Ceremony: c}); return err },
			"another account": func(c string) error { _, err := p.Register(ctx, other, staff.Answer{Ceremony: c}); return err },
		} {
			before := d.count("ceremonies")
			if err := try(ask()); !errors.Is(err, staff.ErrPasskey) || d.count("ceremonies") != before+1 {
				t.Errorf("%s: %v with %d ceremonies", what, err, d.count("ceremonies"))
			}
		}
		late := ask()
		d.clock.Advance(5 * time.Minute)
		if _, err := p.Register(ctx, half, staff.Answer{Ceremony: late}); !errors.Is(err, staff.ErrPasskey) || d.count("ceremonies") != 4 {
			t.Errorf("after five minutes: %v", err)
		}
		d.must(d.Sweep(ctx))
		if n := d.count("ceremonies"); n != 0 {
			t.Errorf("%d ceremonies are left after sweeping", n)
		}
		if _, err := p.AskSecond(ctx, a.ID); !errors.Is(err, staff.ErrPasskey) {
			t.Errorf("asking for a passkey of an account without: %v, want ErrPasskey", err)
		}
	})
}
