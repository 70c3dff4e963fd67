package browsertest

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/demo"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// desk is the console in a browser, read in English.
type desk struct {
	*testing.T
	*stage
	say     func(id string, pairs ...any) string
	browser *chromium
	me      *tab
}

func openDesk(t *testing.T) *desk {
	t.Helper()
	st := newStage(t, testkit.Demo(t))
	st.app.Clock.Advance(time.Hour)
	d := &desk{T: t, stage: st, say: st.app.Catalogues.For("en").T, browser: startChromium(t, st, "en")}
	d.me = d.signIn(demo.StaffMail, demo.StaffPassword)
	return d
}

// signIn is a tab of a member of staff, at the inbox.
func (d *desk) signIn(mail, password string) *tab {
	d.Helper()
	s := d.browser.person()
	s.open("/console/sign-in")
	s.fill("email", mail, "password", password)
	s.press("main button", d.say("console.sign_in_button"))
	s.isAt("/console")
	return s
}

// applies lets an organization apply and confirm, and returns its page.
func (d *desk) applies(name, mail, lang string) (status string, a *registry.Application) {
	d.Helper()
	form := append(testkit.ApplicationForm(name, mail), "mail_lang", lang, "website", "https://"+strings.Split(mail, "@")[1])
	p := d.app.Client().Get("/en/join").Submit("/en/join", form...)
	if p.Status != 200 {
		d.Fatalf("apply: status %d: %s", p.Status, p.Text())
	}
	d.app.Client().Get(d.app.Link(mail, "", "/confirm")).Submit("/confirm")
	list, err := d.app.Registry.Inbox(d.Context(), registry.InboxQuery{States: []registry.State{registry.Verified}, Most: 100})
	if err != nil || len(list) == 0 {
		d.Fatalf("%v, %v", list, err)
	}
	return p.URL.Path, &list[len(list)-1]
}

// hit presses a key that leads to another page.
func (b *tab) hit(key string) {
	b.t.Helper()
	run(b, "the key "+key, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.KeyEvent(key)))
}

// tap presses a key that leads nowhere.
func (b *tab) tap(key string) {
	b.t.Helper()
	run(b, "the key "+key, chromedp.KeyEvent(key))
}

func (d *desk) state(id int64) registry.State {
	d.Helper()
	a, err := d.app.Registry.Application(d.Context(), id)
	if err != nil {
		d.Fatal(err)
	}
	return a.State
}

func path(id int64) string { return "/console/applications/" + strconv.FormatInt(id, 10) }

// TestADecisionTakesThreeKeys: the inbox opens with the longest waiting.
func TestADecisionTakesThreeKeys(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	list, err := d.app.Registry.Inbox(t.Context(), registry.InboxQuery{States: registry.Waiting, Most: 3})
	if err != nil || len(list) != 3 {
		t.Fatalf("%v, %v", list, err)
	}
	d.me.reads(list[0].Name, d.say("console.desk.overdue"))
	d.me.audit("desk, inbox")
	d.me.screen(360, "light")
	d.me.noSideways("the inbox")
	d.me.screen(1280, "dark")
	d.me.auditColours("desk, inbox in dark")
	d.me.screen(1280, "light")

	d.me.hit("a")
	d.me.isAt(path(list[0].ID) + "/approve")
	d.me.reads(d.say("mail.application_approved.action"))
	d.me.audit("desk, approve")
	d.me.hit("\r")
	d.me.isAt(path(list[1].ID))
	d.me.reads(d.say("console.decide.done.approve"), list[0].Name)

	d.me.hit("d")
	d.me.isAt(path(list[1].ID) + "/decline")
	d.me.tap("2")
	d.me.until("the letter with the reason", func() bool {
		return strings.Contains(eval[string](d.me, `() => document.getElementById("letters").innerText`), d.say("registry.reason.not_verifiable"))
	})
	d.me.audit("desk, decline")
	d.me.hit("\r")
	d.me.isAt(path(list[2].ID))
	d.me.hit("u")
	d.app.Settle()
	if got := [2]registry.State{d.state(list[0].ID), d.state(list[1].ID)}; got != [2]registry.State{registry.Approved, list[1].State} {
		t.Errorf("the applications are %v; the first was approved, the second taken back", got)
	}

	d.me.open("/console")
	for _, step := range []struct{ key, at string }{{"j", path(list[2].ID)}, {"k", path(list[1].ID)}} {
		d.me.hit(step.key)
		d.me.isAt(step.at)
	}
	d.me.tap("?")
	d.me.until("the list of keys", func() bool { return strings.Contains(d.me.text(), d.say("console.keys.digit")) })
	d.me.tap("/")
	if !eval[bool](d.me, `() => document.activeElement.id === "f-q"`) {
		t.Error("the key / does not lead to the search")
	}
	d.me.tap("d") // typed into the field
	d.me.isAt(path(list[1].ID))
}

func TestAQuestionComesBackWithItsAnswer(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	status, a := d.applies("جمعية السؤال", "contact@sual.test", "ar")
	d.me.open(path(a.ID))
	d.me.hit("n")
	d.me.tap("1")
	d.me.reads(d.say("registry.question.what_you_do"))
	arabic := d.app.Catalogues.For("ar")
	d.me.until("the letter beside its twin", func() bool {
		letters := eval[string](d.me, `() => document.getElementById("letters").innerText`)
		return strings.Contains(letters, arabic.T("registry.question.what_you_do")) && strings.Contains(letters, d.say("registry.question.what_you_do"))
	})
	d.me.fill("words", "Please name two concerts.")
	d.me.audit("desk, ask")
	d.me.press("#give", "")
	d.app.Settle()
	letter := d.app.LetterTo("contact@sual.test", arabic.T("mail.application_needs_info.subject", "Campaign", d.app.Campaign("ar")))
	if !strings.Contains(letter.Text, arabic.T("registry.question.what_you_do")) || !strings.Contains(letter.Text, "two concerts") {
		t.Errorf("the letter does not ask:\n%s", letter.Text)
	}
	v := d.browser.person()
	v.open(letter.Links[0])
	v.isAt(strings.Replace(status, "/en/", "/ar/", 1))
	v.reads(arabic.T("registry.question.what_you_do"), "Please name two concerts.")
	v.audit("application, asked")
	v.fill("answer", "أقمنا حفلين في الربيع.")
	v.press("#answer button", arabic.T("answer.button"))
	v.reads(arabic.T("application.state.in_review"))
	d.me.open(path(a.ID))
	d.me.reads(d.say("console.state.in_review"), "أقمنا حفلين في الربيع.")
}

func TestABulkIsDeclinedAndTakenBack(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	var ids []int64
	for _, name := range []string{"Cheap Watches One", "Cheap Watches Two"} {
		_, a := d.applies(name, "contact@"+strings.ToLower(strings.ReplaceAll(name, " ", "-"))+".test", "en")
		ids = append(ids, a.ID)
	}
	d.me.open("/console")
	for _, id := range ids {
		d.me.pick(`.entries input[value="`+strconv.FormatInt(id, 10)+`"]`, "")
	}
	d.me.press("#picks button", d.say("console.spam.begin"))
	d.me.isAt("/console/spam")
	d.me.reads("Cheap Watches One", "Cheap Watches Two", d.say("console.spam.explain", "N", 2))
	d.me.audit("desk, spam")
	d.me.press("main button", d.say("console.spam.button", "N", 2))
	d.me.isAt("/console")
	d.me.reads(d.say("console.decide.many", "N", 2))
	d.me.press(".pending button", d.say("console.decide.undo"))
	d.app.Settle()
	for _, id := range ids {
		if s := d.state(id); s != registry.Verified {
			t.Errorf("after taking back, %d is %s", id, s)
		}
	}
	d.me.reads("Cheap Watches One", "Cheap Watches Two")
}

func TestOfTwoStaffOneIsFirst(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	_, a := d.applies("Harbour of Two", "contact@two.test", "en")
	d.app.AddStaff("second@example.org", staff.Reviewer)
	other := d.signIn("second@example.org", testkit.Password)
	d.me.open(path(a.ID) + "/approve")
	other.open(path(a.ID) + "/decline")
	d.me.press("#give", "")
	other.pick("#c-incomplete", "")
	d.browser.see.meanRefusal(d.app.BaseURL.JoinPath(path(a.ID), "decline").String())
	other.press("#give", "")
	other.reads("Demo", d.say("console.did.application.decided"))
	d.app.Settle()
	if s := d.state(a.ID); s != registry.Approved {
		t.Errorf("the application is %s, want what the first decided", s)
	}
}

// TestAnOpenDeskHearsOfOthers: what is asked every half minute is asked too by
// who comes back to the tab.
func TestAnOpenDeskHearsOfOthers(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	_, a := d.applies("Harbour of News", "contact@news.test", "en")
	second := d.app.AddStaff("second@example.org", staff.Reviewer)
	d.me.open(path(a.ID))
	waiting := eval[string](d.me, `() => document.querySelector("[data-n=waiting]").textContent`)
	back := func() { eval[bool](d.me, `() => document.dispatchEvent(new Event("visibilitychange"))`) }
	if err := d.app.Registry.Claim(t.Context(), a.ID, false, audit.Actor{Kind: audit.Staff, ID: second.ID}); err != nil {
		t.Fatal(err)
	}
	back()
	d.me.until("the news", func() bool { return strings.Contains(d.me.text(), d.say("console.desk.again")) })
	d.me.reads(second.Name)
	d.me.audit("desk, news")
	d.applies("Harbour of More", "contact@more.test", "en")
	back()
	d.me.until("the number of now", func() bool {
		return eval[string](d.me, `() => document.querySelector("[data-n=waiting]").textContent`) != waiting
	})
	d.me.press("#news a", d.say("console.desk.again"))
	d.me.isAt(path(a.ID))
	d.me.until("a page without old news", func() bool {
		return eval[bool](d.me, `() => document.querySelector("#news") !== null && document.querySelector("#news p") === null`)
	})
}
