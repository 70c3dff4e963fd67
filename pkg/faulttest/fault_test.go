package faulttest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"olivebranch/locales"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/testkit"
)

// outage is a fault of what the database stands on, and its end.
type outage struct {
	begin, end func()
	// reads says that pages which read the database are answered meanwhile.
	reads bool
	// partial says that what needs no more room may be done meanwhile, such as
	// confirming, which gives back what the request took.
	partial bool
}

// guests are some people in every stage, and one client.
type guests struct {
	*client
	partial  bool
	people   *crowd
	waiting  *person // signed, not confirmed
	counted  *person
	attempts int
}

func invite(t *testing.T, p *program, mails *post) *guests {
	t.Helper()
	people := newCrowd(mails)
	g := &guests{client: &client{program: p, mails: mails, over: &flag{}, acks: &people.acks}, people: people}
	g.waiting, g.counted = people.bring(sign, confirm), people.bring(sign, confirm, withdraw)
	for _, step := range []struct {
		who  *person
		deed deed
	}{{g.waiting, sign}, {g.counted, sign}, {g.counted, confirm}} {
		if err := step.who.try(g.client, step.deed); err != nil {
			t.Fatalf("%s: %v", step.deed, err)
		}
	}
	people.settleAll(t)
	return g
}

// settleAll waits for the letters of all who signed.
func (c *crowd) settleAll(t *testing.T) {
	t.Helper()
	testkit.Until(t, "the letters", func() bool {
		for _, p := range c.people {
			if _, n := c.mails.different(p.mail); p.ledger[sign] == acked && n == 0 {
				return false
			}
		}
		return true
	})
}

// survive is the story of every outage: whatever is acknowledged is so, what
// cannot be done is refused with 503, pages and embeds go on, and afterwards
// the same process works as before.
func survive(t *testing.T, g *guests, o outage) {
	t.Helper()
	p := g.program
	g.partial = o.partial
	o.begin()
	began := time.Now()
	g.untilRefused(t)
	g.refusedInEachLanguage(t)
	g.refused(t, g.waiting, confirm)
	g.refused(t, g.counted, withdraw)
	if !o.partial {
		p.mustBecome(http.StatusServiceUnavailable)
	}
	g.goesOn(t, o.reads)
	for range 200 { // a crowd that tries again does not fill the log
		g.refused(t, g.people.bring(sign), sign)
	}
	took := time.Since(began)
	if p.inside == nil {
		if n, most := strings.Count(p.log.String(), "level=ERROR"), 6+int(took/time.Minute); n == 0 || n > most {
			t.Errorf("the log has %d errors, want 1 to %d:\n%s", n, most, p.log)
		}
	}
	o.end()
	p.mustBecome(http.StatusOK)
	for _, step := range []struct {
		who  *person
		deed deed
	}{{g.people.bring(sign), sign}, {g.waiting, confirm}, {g.counted, withdraw}} {
		if err := step.who.try(g.client, step.deed); err != nil {
			t.Errorf("after the outage: %s: %v", step.deed, err)
		}
	}
	for _, wrong := range g.people.check(p, true) {
		t.Errorf("after the outage: %s", wrong)
	}
	t.Logf("%d attempts were refused in %v, %d acknowledgements", g.attempts, took.Round(time.Millisecond), g.acks.Load())
	if p.inside != nil {
		return
	}
	p.kill()
	p.start()
	for _, wrong := range g.people.check(p, true) {
		t.Errorf("after the outage and a crash: %s", wrong)
	}
}

// mustBecome waits for /readyz to answer so, whose good answer stands for a
// second.
func (p *program) mustBecome(status int) {
	p.t.Helper()
	testkit.Until(p.t, "/readyz to answer "+http.StatusText(status), func() bool {
		a, err := p.get("/readyz")
		return err == nil && a.status == status
	})
}

// untilRefused lets people sign until nobody can: a full disk still takes what
// fits into its last page.
func (g *guests) untilRefused(t *testing.T) {
	t.Helper()
	inARow := 0
	testkit.Until(t, "people to be refused", func() bool {
		err := g.people.bring(sign).try(g.client, sign)
		if inARow++; err == nil {
			inARow = 0
			return false
		}
		g.mustBeRefusal(t, sign, err)
		return inARow >= 10
	})
}

// refused wants a deed to be refused; what is acknowledged all the same is in
// the ledger and must be so.
func (g *guests) refused(t *testing.T, who *person, d deed) {
	t.Helper()
	if err := who.try(g.client, d); err != nil {
		g.mustBeRefusal(t, d, err)
	} else if !g.partial {
		t.Errorf("%s was acknowledged during the outage", d)
	}
}

func (g *guests) mustBeRefusal(t *testing.T, d deed, err error) {
	t.Helper()
	g.attempts++
	var r *refusal
	if !errors.As(err, &r) || r.status != http.StatusServiceUnavailable {
		t.Fatalf("%s: %v, want a refusal with 503", d, err)
	}
	if r.header.Get("Retry-After") == "" {
		t.Errorf("%s: no Retry-After", d)
	}
}

// htmlLang is the language a page says it is in.
var htmlLang = regexp.MustCompile(`<html lang="([^"]+)"`)

func (g *guests) refusedInEachLanguage(t *testing.T) {
	t.Helper()
	all, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all.Languages() {
		var a answer
		for i := range 1000 {
			if a, err = g.post("/"+l.Code+"/sign", url.Values{"name": {"Kept Words"}, "email": {fmt.Sprintf("kept-%s-%d@example.org", l.Code, i)}, "country": {"KR"}, "consent": {"1"}}); err != nil {
				t.Fatal(err)
			}
			if !g.partial || a.status != http.StatusSeeOther {
				break
			}
		}
		sentence := all.For(l.Code).T("error.paused")
		said := htmlLang.FindStringSubmatch(a.body)
		if a.status != http.StatusServiceUnavailable || said == nil || said[1] != l.Code || !strings.Contains(a.body, sentence) || !strings.Contains(a.body, "Kept Words") {
			t.Errorf("%s: status %d, %v, want 503 with the sentence and the words typed:\n%.3000s", l.Code, a.status, said, a.body)
		}
	}
}

// goesOn wants public pages, embeds and figures to be answered.
func (g *guests) goesOn(t *testing.T, reads bool) {
	t.Helper()
	l, _ := g.mails.different(g.counted.mail)
	paths := []string{"/healthz", "/en/", "/ko/sign", "/ar/partners", "/embed/v1.js", "/embed/all?layout=bar", "/embed/all/tally.json", "/embed/all/bar.svg", "/embed/all/badge.png"}
	if reads {
		paths = append(paths, "/en/signature/"+l[0].view, "/en/confirm/"+l[0].confirm, "/en/messages")
	}
	for _, path := range paths {
		a, err := g.program.get(path)
		if err != nil || a.status != http.StatusOK {
			t.Errorf("%s: status %d, %v", path, a.status, err)
		}
	}
	least, most := g.people.bounds()
	if n, err := g.program.total(); err != nil || n < least || n > most {
		t.Errorf("the banner says %d, %v, want %d to %d", n, err, least, most)
	}
}
