package browsertest

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/testkit"
)

// TestAnApplicationIsSavedContinuedAndGetsALogo: somebody leaves the form off
// in the middle, goes on in another browser by the mailed link, sends it,
// confirms the address and gives the organization its logo.
func TestAnApplicationIsSavedContinuedAndGetsALogo(t *testing.T) {
	t.Parallel()
	st := newStage(t, testkit.Demo(t))
	logo := filepath.Join(t.TempDir(), "logo.png")
	if err := os.WriteFile(logo, rectangle(t, 1200, 600), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, who := range []people{walks[0], walks[2]} {
		t.Run(who.lang, func(t *testing.T) {
			st.app.Clock.Advance(time.Hour)
			j := &journey{people: who, T: t, stage: st, words: st.app.Catalogues.For(who.lang), browser: startChromium(t, st, who.lang)}
			j.visitor, j.mail = j.browser.person(), "half@lights-"+who.lang+".test"
			j.savesForLater()
			j.continues()
			j.givesALogo(logo)
			j.showsTheLogo()
			j.leftNoCookie()
		})
	}
}

// rectangle is a picture too large to be kept as it is.
func rectangle(t *testing.T, w, h int) []byte {
	t.Helper()
	m := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.White, color.NRGBA{R: 0x55, G: 0x72, B: 0x2f, A: 0xff}})
	for i := range m.Pix {
		m.Pix[i] = uint8(i / 100 % 2)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (j *journey) savesForLater() {
	v := j.visitor
	v.open("/" + j.lang + "/join")
	v.fill("name", j.organization, "country", j.country, "email", j.mail)
	v.press("main button", j.say("draft.later"))
	v.isAt("/" + j.lang + "/draft/")
	v.reads(j.say("draft.saved"))
	v.audit("join, saved for later")
}

// continues on another device, where only the mail is.
func (j *journey) continues() {
	v := j.browser.person()
	j.visitor = v
	v.open(j.link(j.letter(j.mail, "application_draft"), "/draft/"))
	for name, want := range map[string]string{"name": j.organization, "country": j.country, "email": j.mail, "about": ""} {
		if got := v.value("main [name=" + name + "]"); got != want {
			j.Errorf("the form opens with %s as %q, want %q", name, got, want)
		}
	}
	v.fill("website", "https://half-"+j.lang+".example", "kind", "peace", "about", j.about, "reach", "100_999", "contact_name", j.contactName,
		"contact_role", "X", "placement", "half-"+j.lang+".example", "pledge", "on", "consent", "on", "authorised", "on")
	v.press("main button", j.say("join.button"))
	v.isAt("/" + j.lang + "/application/")
	v.reads(j.organization, j.say("application.state.submitted"), j.say("applicant.confirm_heading"), j.mail)
	v.audit("application, not confirmed")
	v.press("main button", j.say("applicant.resend"))
	v.reads(j.say("applicant.resent"))
	v.open(j.link(j.letter(j.mail, "application_confirm"), "/confirm"))
	v.press("main button", j.say("application.confirm_button"))
	v.reads(j.say("application.state.verified"))
}

func (j *journey) givesALogo(file string) {
	v := j.visitor
	run(v, "choose a file", chromedp.SetUploadFiles("#f-logo", []string{file}))
	v.browser.see.meanRefusal(j.app.BaseURL.JoinPath(v.path(), "logo").String())
	v.press("#logo button", j.say("applicant.logo_button"))
	v.reads(j.say("form.refused_title"))
	v.audit("application, logo without words")
	run(v, "choose the file again", chromedp.SetUploadFiles("#f-logo", []string{file}))
	v.fill("logo_alt", j.organization)
	v.press("#logo button", j.say("applicant.logo_button"))
	j.seesLogo()
	v.fill("message", j.about)
	v.press("#more button", j.say("applicant.more_button"))
	if got := v.value("#f-message"); got != j.about {
		j.Errorf("the message is now %q", got)
	}
	v.audit("application, with a logo")
	for _, width := range []int64{360, 1280} {
		v.screen(width, "light")
		v.noSideways("the status page")
	}
}

// seesLogo waits for the logo on the page, made smaller and described.
func (j *journey) seesLogo() {
	j.Helper()
	j.visitor.until("the logo", func() bool {
		return eval[bool](j.visitor, `(alt) => { const i = document.querySelector("main img.logo");
			return !!i && i.complete && i.naturalWidth === 512 && i.naturalHeight === 256 && i.alt === alt }`, j.organization)
	})
}

func (j *journey) showsTheLogo() {
	link, err := j.app.Keys.Parse(seal.ViewApplication, strings.TrimPrefix(j.visitor.path(), "/"+j.lang+"/application/"), j.app.Clock.Now())
	if err != nil {
		j.Fatal(err)
	}
	p, err := j.app.Registry.Approve(j.Context(), registry.Decision{Application: link.Row, By: audit.Actor{Kind: audit.Program}})
	if err != nil {
		j.Fatal(err)
	}
	j.visitor.open("/" + j.lang + "/partners/" + p.Slug)
	j.visitor.reads(j.organization, j.about)
	j.seesLogo()
	j.visitor.audit("partner, with a logo")
}
