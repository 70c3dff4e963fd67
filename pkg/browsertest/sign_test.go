package browsertest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"olivebranch/pkg/mailer"
	"olivebranch/pkg/registry"
)

// freshness is how long a banner may show an old number.
const freshness = 30 * time.Second

// signer is the address of one of the two signers.
func (j *journey) signer(i int) string { return fmt.Sprintf("signer-%d@lights-%s.test", i, j.lang) }

// signs sends the form in and returns the letter that asks to confirm.
func (j *journey) signs(i int) mailer.Caught {
	j.Helper()
	v := j.visitor
	v.open("/p/" + j.partner.Slug)
	j.isAtTheForm(v)
	v.fill("name", j.signers[i], "email", j.signer(i), "country", j.country, "consent", "on")
	v.press("main button", j.say("sign.button"))
	v.isAt("/" + j.lang + "/sign/sent/")
	v.reads(j.say("sent.explain"))
	return j.letter(j.signer(i), "sign_confirm")
}

// counted wants the number to have risen by one, to the visitor and in the
// portal.
func (j *journey) counted(total, own int64) {
	j.Helper()
	j.visitor.isAt("/" + j.lang + "/signature/")
	j.visitor.reads(j.say("signature.counted"), j.number(total), j.organization)
	j.contact.open("/portal")
	if got := j.contact.ownCount(); got != j.number(own) {
		j.Errorf("the portal shows %q signatures, want %q", got, j.number(own))
	}
	j.contact.reads(j.say("portal.brought_of", "N", total))
	j.tallyIs(total, nil)
}

// step 6: one signs with the link in the mail, whose page has a button.
func (j *journey) signsByLink() {
	v, before := j.visitor, j.app.Tally.Total()
	letter := j.signs(0)
	v.audit("sign, sent")
	v.open(j.link(letter, "/confirm/"))
	v.audit("confirm")
	if now := j.app.Tally.Total(); now != before {
		j.Errorf("opening the link changed the total from %d to %d", before, now)
	}
	v.press("main button", j.say("confirm.button"))
	j.counted(before+1, 1)
	v.audit("signature")
}

// step 6 again: another signs with the six digits.
func (j *journey) signsByCode() {
	v, before := j.visitor, j.app.Tally.Total()
	code := regexp.MustCompile(`(?m)^\D*(\d{6})\D*$`).FindStringSubmatch(j.signs(1).Text)
	if code == nil {
		j.Fatal("no six digits in the letter")
	}
	v.fill("code", code[1])
	v.press("main button", j.say("sent.button"))
	j.counted(before+1, 2)
}

// step 6, what they see of it: a partner's own number is public from ten on,
// and the banner shows the new total as soon as caches let it, within 30 s.
func (j *journey) seesItGrow() {
	for i := range 9 {
		link := j.app.Sign("/"+j.lang+"/sign?via="+j.partner.Slug, "Friend", fmt.Sprintf("friend-%d@lights-%s.test", i, j.lang))
		if p := j.app.Client().Get(link).Submit(""); p.Status != 200 {
			j.Fatalf("confirm: status %d: %s", p.Status, p.Text())
		}
	}
	total, ten := j.app.Tally.Total(), int64(10)
	j.tallyIs(total, &ten)
	j.visitor.open("/" + j.lang + "/partners/" + j.partner.Slug)
	j.visitor.reads(j.say("partner.brought") + " " + j.number(ten))
	v, deadline := j.visitor, time.Now().Add(freshness)
	for v.open(j.host); !strings.Contains(j.figure(v), j.number(total)); v.reload() {
		if time.Now().After(deadline) {
			j.Fatalf("after %v the banner still shows %q, want %d", freshness, j.figure(v), total)
		}
	}
	j.banner(v, total)
}

// figure is what the banner says once it has asked for the present number.
func (j *journey) figure(v *tab) string {
	j.Helper()
	f := v.frame("/embed/" + j.partner.Slug)
	return eval[string](f, `async () => {
		const asked = () => performance.getEntriesByType("resource").some((e) => e.name.endsWith("/tally.json"));
		while (!asked()) await new Promise(requestAnimationFrame);
		await new Promise(requestAnimationFrame);
		return document.getElementById("people").innerText;
	}`)
}

// tallyIs wants these numbers in tally.json.
func (j *journey) tallyIs(total int64, own *int64) {
	j.Helper()
	var got struct {
		Partner           string `json:"partner"`
		PartnerSignatures *int64 `json:"partner_signatures"`
		Signatures        int64  `json:"signatures"`
	}
	body := j.app.Client().Get("/embed/" + j.partner.Slug + "/tally.json").Body
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		j.Fatalf("tally.json: %v: %s", err, body)
	}
	same := (own == nil) == (got.PartnerSignatures == nil) && (own == nil || *own == *got.PartnerSignatures)
	if got.Partner != j.partner.Slug || got.Signatures != total || !same {
		j.Errorf("tally.json is %s, want %d signatures", body, total)
	}
}

// step 7: the new partner is in the register, by name and by country.
func (j *journey) isFound() {
	v := j.visitor
	v.press("header a", j.say("layout.partners"))
	v.isAt("/" + j.lang + "/partners")
	v.reads(j.say("partners.lead", "N", j.app.Register.Len()), j.organization)
	v.audit("partners")
	v.fill("q", j.organization)
	v.press("main button", j.say("partners.search_button"))
	v.reads(j.say("partners.found", "N", 1), j.organization)
	v.fill("q", "", "country", j.country)
	v.press("main button", j.say("partners.search_button"))
	v.reads(j.say("partners.found", "N", len(j.app.Register.Find(registry.Query{Lang: j.lang, Country: j.country}))), j.organization)
	v.audit("partners, of a country")
	v.press("main .who a", j.organization)
	v.isAt("/" + j.lang + "/partners/" + j.partner.Slug)
	v.reads(j.organization, j.about, j.words.Country(j.country), j.say("partner.under_ten"))
	v.audit("partner")
}

// step 8: one has the data erased, and the support stays counted.
func (j *journey) isForgotten() {
	v, before := j.visitor, j.app.Tally.Total()
	v.open(j.link(j.letter(j.signer(0), "sign_confirm"), "/signature/"))
	v.reads(j.signers[0], j.signer(0))
	v.press("main button", j.say("signature.forget"))
	v.reads(j.say("signature.forgotten", "N", j.app.Appeal.Current().Retention.Keys), j.say("signature.counted"))
	if eval[bool](v, `(who) => document.body.innerText.includes(who)`, j.signers[0]) {
		j.Error("the name still stands on the page of a signature that was to be forgotten")
	}
	v.audit("signature, forgotten")
	j.tallyStays(before)
}

// step 8 again: the other withdraws, and the total falls.
func (j *journey) withdraws() {
	v, before := j.visitor, j.app.Tally.Total()
	v.open(j.link(j.letter(j.signer(1), "sign_confirm"), "/signature/"))
	v.press("main button", j.say("signature.withdraw"))
	v.reads(j.say("signature.withdrawn"))
	v.audit("signature, withdrawn")
	j.tallyStays(before - 1)
	v.open("/" + j.lang + "/")
	v.reads(j.number(before - 1))
}

func (j *journey) tallyStays(total int64) {
	j.Helper()
	if now := j.app.Tally.Total(); now != total {
		j.Errorf("the total is %d, want %d", now, total)
	}
}
