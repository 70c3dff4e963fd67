package browsertest

import (
	"strings"

	"olivebranch/pkg/demo"
	"olivebranch/pkg/registry"
)

// step 2: a form that is refused first, then the confirmation by mail.
func (j *journey) applies() {
	v := j.visitor
	v.press("header a", j.say("layout.join"))
	v.isAt("/" + j.lang + "/join")
	v.audit("join")
	v.fill("name", j.organization, "name_latin", j.latin, "website", "https://lights-"+j.lang+".example", "country", j.country,
		"kind", "peace", "about", j.about, "reach", "100_999", "contact_name", j.contactName, "contact_role", "X",
		"email", "nobody at home", "placement", "lights-"+j.lang+".example", "pledge", "on")
	v.browser.see.meanRefusal(j.app.BaseURL.JoinPath(j.lang, "join").String())
	v.press("main button", j.say("join.button"))
	v.isAt("/" + j.lang + "/join")
	v.reads(j.say("form.refused_title"), j.say("email.bad"), j.say("join.consent_required"))
	if !eval[bool](v, `() => document.activeElement.id === "refusal"`) {
		j.Error("the summary of a refused form does not take the focus")
	}
	prefix, _, _ := strings.Cut(j.say("layout.error_title", "Title", "\x00", "Campaign", j.campaign()), "\x00")
	if title := eval[string](v, `() => document.title`); prefix == "" || !strings.HasPrefix(title, prefix) {
		j.Errorf("the title of a refused form is %q, want it to start with %q", title, prefix)
	}
	for name, want := range map[string]string{"name": j.organization, "about": j.about, "country": j.country, "email": "nobody at home"} {
		if got := v.value("main [name=" + name + "]"); got != want {
			j.Errorf("a refused form shows %s as %q, want %q", name, got, want)
		}
	}
	v.audit("join, refused")

	v.fill("email", j.mail, "consent", "on", "authorised", "on")
	v.press("main button", j.say("join.button"))
	v.isAt("/" + j.lang + "/application/")
	v.reads(j.organization, j.say("application.state.submitted"))
	v.audit("application, sent")
	reference := eval[string](v, `() => document.querySelector("main code").textContent`)
	status := v.path()

	v.open(j.link(j.letter(j.mail, "application_confirm"), "/confirm"))
	v.audit("application, to confirm")
	v.reads(j.organization)
	v.press("main button", j.say("application.confirm_button"))
	if v.path() != status {
		j.Errorf("after confirming the browser is at %s, want %s", v.path(), status)
	}
	v.reads(j.say("application.state.verified"), reference)
	v.audit("application, confirmed")
	if l := j.letter(j.mail, "application_received"); reference == "" || !strings.Contains(l.Text, reference) {
		j.Errorf("the letter does not name the reference %q:\n%s", reference, l.Text)
	}
}

// step 3: staff find the application and approve it. The console speaks
// English or Korean; the account of the demo reads English.
func (j *journey) isApproved() {
	s := j.browser.person()
	door := j.words
	if j.lang != "ko" {
		door = j.app.Catalogues.For("en")
	}
	say := j.app.Catalogues.For("en").T
	s.open("/console")
	s.isAt("/console/sign-in")
	s.audit("console, sign in")
	s.fill("email", demo.StaffMail, "password", demo.StaffPassword)
	s.press("main button", door.T("console.sign_in_button"))
	s.isAt("/console")
	s.reads(say("console.inbox"), say("console.tab.waiting"))
	s.audit("console, inbox")
	s.press(".entries a", j.organization)
	s.isAt("/console/applications/")
	s.reads(j.about, j.contactName, j.mail, say("console.did.application.verified"))
	s.audit("console, application")
	s.press("main .bar a", say("console.decide.button.approve"))
	s.isAt("/console/applications/")
	s.reads(j.organization, j.say("mail.application_approved.subject", "Campaign", j.campaign()), say("mail.application_approved.subject", "Campaign", j.app.Campaign("en")))
	s.audit("console, approve")
	s.press("main button", say("console.decide.give.approve"))
	s.isAt("/console")
	s.reads(say("console.decide.done.approve"))
	j.app.Settle()
	found := j.app.Register.Find(registry.Query{Lang: j.lang, Search: j.organization})
	if len(found) != 1 {
		j.Fatalf("%d partners have the name %q after the approval", len(found), j.organization)
	}
	j.partner = found[0]
	letter := j.letter(j.mail, "application_approved")
	if !strings.Contains(letter.Text, j.organization) {
		j.Errorf("the letter of approval does not name %q:\n%s", j.organization, letter.Text)
	}
}

// step 4: the mailed link opens the portal with the codes, the simplest first.
func (j *journey) getsTheCodes() {
	c := j.contact
	c.open(j.link(j.letter(j.mail, "application_approved"), "/portal/enter/"))
	c.reads(j.organization)
	c.audit("portal, enter")
	c.press("main button", j.say("portal.enter_button"))
	c.isAt("/portal")
	c.reads(j.organization, j.say("portal.brought"), j.say("portal.brought_of", "N", j.app.Tally.Total()))
	if got := c.ownCount(); got != j.number(0) {
		j.Errorf("the portal of a new partner shows %q signatures, want %q", got, j.number(0))
	}
	order := eval[string](c, `() => [...document.querySelectorAll(".copyable")].map((e) => e.id).join(" ")`)
	if order != "code-picture code-link" {
		j.Errorf("the codes stand in the order %q, want the picture first", order)
	}
	c.until("the picture in the portal", func() bool {
		return eval[bool](c, `() => document.querySelector("main img").naturalWidth > 0`)
	})
	c.audit("portal")
	c.pick("[data-copy=code-picture]", j.say("portal.copy"))
	c.until("the word that the code was copied", func() bool { return strings.Contains(c.text(), j.say("portal.copied")) })
	j.picture = c.value("#code-picture")
	c.open("/portal/embed")
	c.until("the preview with campaign, number and name", func() bool {
		shown := eval[string](c, `() => document.querySelector('main iframe[src*="/embed/"]').contentDocument?.body?.innerText ?? ""`)
		return strings.Contains(shown, j.campaign()) && strings.Contains(shown, j.number(j.app.Tally.Total())) && strings.Contains(shown, j.organization)
	})
	c.audit("generator")
	j.live = c.value("#code-live")
}

// ownCount is the large number of the portal.
func (b *tab) ownCount() string {
	b.t.Helper()
	return eval[string](b, `() => document.querySelector(".figures .number strong").textContent`)
}
