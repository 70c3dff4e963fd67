package browsertest

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// do sends one command of the protocol to the tab.
func do[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	return run(b, command.Method, func(ctx context.Context, t *chromedp.Target) (R, error) { return cdp.Call(ctx, t, command, params) })
}

// key plugs a device that holds passkeys into the tab; its owner is at once
// recognized, unless lost.
func (b *tab) key() webauthn.AuthenticatorID {
	b.t.Helper()
	do(b, webauthn.Enable, webauthn.EnableParams{})
	return do(b, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true,
		HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}}).AuthenticatorID
}

func (b *tab) recognizes(id webauthn.AuthenticatorID, owner bool) {
	b.t.Helper()
	do(b, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: id, IsUserVerified: owner})
}

// TestSigningInWithAPasskey registers one at the first sign-in, and then
// comes in by it alone and by it after the password.
func TestSigningInWithAPasskey(t *testing.T) {
	t.Parallel()
	st := newStage(t, testkit.Run(t, testkit.SQLite(t)))
	mina := st.app.AddStaff("mina@example.org", staff.Reviewer)
	say := st.app.Catalogues.For("en").T
	b := startChromium(t, st, "en").person()
	device := b.key()
	password := func() {
		t.Helper()
		b.open("/console/sign-in")
		b.fill("email", mina.Email, "password", testkit.Password)
		b.press("main button", say("console.sign_in_button"))
	}
	factors := func() staff.Factors {
		t.Helper()
		f, err := st.app.Staff.Factors(t.Context(), mina.ID)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}

	b.open("/console/sign-in")
	b.audit("console, sign in with passkeys")
	password()
	b.isAt("/console/factors")
	b.audit("console, first factor")
	b.fill("label", "Mina's phone")
	b.press("main button", say("factors.add_passkey"))
	b.isAt("/console/factors/codes")
	b.press("main button", say("factors.codes_make"))
	b.reads(say("factors.codes_keep"))
	b.audit("console, recovery codes")
	f := factors()
	if len(f.Passkeys) != 1 || f.Passkeys[0].Label != "Mina's phone" || f.Codes != staff.RecoveryCodes || f.TOTP {
		t.Fatalf("registered %+v", f)
	}
	b.open("/console/factors")
	if name := b.value("main .keys [name=label]"); name != "Mina's phone" {
		t.Errorf("the passkey is called %q", name)
	}
	b.audit("console, factors")
	b.press("header button", say("layout.sign_out"))

	st.app.Clock.Advance(time.Minute)
	b.press("main button", say("passkey.sign_in"))
	b.isAt("/console")
	b.reads(say("console.inbox"))
	b.open("/console/account")
	b.reads("Chromium · Linux", say("console.did.staff.signed_in"))
	b.audit("console, account")
	if used := factors().Passkeys[0]; used.UsedAt != st.app.Clock.Now().UnixMilli() {
		t.Errorf("the passkey was used at %d", used.UsedAt)
	}
	b.press("header button", say("layout.sign_out"))

	password()
	b.isAt("/console/second")
	b.audit("console, second step")
	b.recognizes(device, false) // somebody else holds the phone
	b.pick("main button", say("second.passkey"))
	b.until("the sentence that nobody was recognized", func() bool {
		return eval[string](b, `() => document.querySelector("[data-cancelled]").textContent`) == say("passkey.cancelled")
	})
	b.isAt("/console/second")
	b.recognizes(device, true)
	b.press("main button", say("second.passkey"))
	b.isAt("/console")
	b.reads(say("console.inbox"))

	// Removed at the site, the key in the device opens nothing.
	b.press("header button", say("layout.sign_out"))
	if err := st.app.Staff.ResetFactors(t.Context(), mina.ID, audit.Actor{Kind: audit.Operator}); err != nil {
		t.Fatal(err)
	}
	b.browser.see.meanRefusal(st.app.BaseURL.String() + "/console/sign-in/passkey")
	b.pick("main button", say("passkey.sign_in"))
	b.until("the sentence that the passkey is not known", func() bool {
		return eval[string](b, `() => document.querySelector("[data-cancelled]").textContent`) == say("passkey.wrong")
	})
	st.app.MustVerify()
}
