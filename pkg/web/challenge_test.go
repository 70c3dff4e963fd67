package web_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/testkit"
)

// crowded runs the program while so much comes in that work is asked for.
func crowded(t *testing.T, c *config.Config) (*testkit.App, *atomic.Bool) {
	t.Helper()
	hot := &atomic.Bool{}
	hot.Store(true)
	c.Limits = "on"
	return testkit.Run(t, c, func(o *app.Options) { o.Hot = func(appeal.Form) bool { return hot.Load() } }), hot
}

// confirmed follows the link of a letter and presses its button.
func confirmed(t *testing.T, a *testkit.App, email string) (s appeal.Signature) {
	t.Helper()
	link := a.Link(email, "", "/confirm/")
	a.Client().Get(link).Submit("")
	row, err := a.Keys.Parse(seal.ConfirmSignature, link[strings.LastIndexByte(link, '/')+1:], a.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Store.Read(t.Context()).Where("id = ?", row.Row).Take(&s).Error; err != nil {
		t.Fatal(err)
	}
	return s
}

func requests(t *testing.T, a *testkit.App) (n int64) {
	t.Helper()
	if err := a.Store.Read(t.Context()).Table("sign_requests").Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWithoutScriptOneMaySignUncheckedAndIsHeld(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a, _ := crowded(t, c)
		for _, lang := range languages {
			email, words := "mina-"+lang+"@example.org", a.Catalogues.For(lang)
			before := requests(t, a)
			p := a.Client().Get("/"+lang+"/sign").Submit("/sign", testkit.SignForm("Mina <b>Example", email)...)
			if p.Status != http.StatusUnprocessableEntity || p.Has(words.T("form.refused_title")) || !p.Has(words.T("challenge.explain")) || !p.Has(words.T("challenge.without")) {
				t.Fatalf("%s: status %d: %s", lang, p.Status, p.Text())
			}
			if want := words.T("layout.title", "Title", words.T("sign.page"), "Campaign", a.Campaign(lang)); p.Words("title") != want {
				t.Errorf("the title is %q, want %q: nobody made an error", p.Words("title"), want)
			}
			if requests(t, a) != before {
				t.Error("it was stored before it was decided")
			}
			// All that was written is still in the form, which is sent again.
			if p = p.Submit("/sign", "name", "Mina Example", "unproven", "1"); !strings.Contains(p.URL.Path, "/sign/sent/") {
				t.Fatalf("%s: status %d at %s: %s", lang, p.Status, p.URL, p.Text())
			}
			if s := confirmed(t, a, email); s.State != appeal.Held || s.Reason != appeal.ReasonUnproven || s.Country != "KR" {
				t.Errorf("%s: it is %s for %q", lang, s.State, s.Reason)
			}
		}
		if a.Tally.Total() != 0 {
			t.Errorf("%d are counted", a.Tally.Total())
		}
		a.MustVerify()
	})
}

func TestWhoWorkedSignsAsEver(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a, _ := crowded(t, c)
		v := a.Client()
		p := v.Get("/en/sign").Submit("/sign", append(testkit.SignForm("Mina Example", "mina@example.org"), "proof", v.Work("mina@example.org"))...)
		if !strings.Contains(p.URL.Path, "/sign/sent/") {
			t.Fatalf("status %d at %s: %s", p.Status, p.URL, p.Text())
		}
		if s := confirmed(t, a, "mina@example.org"); s.State != appeal.Counted || s.Reason != "" {
			t.Errorf("it is %s for %q", s.State, s.Reason)
		}
		a.MustVerify()
	})
}

func TestOneSolutionDoesNotServeASecondAddress(t *testing.T) {
	t.Parallel()
	a, _ := crowded(t, testkit.SQLite(t))
	v, words := a.Client(), a.Catalogues.For("en")
	proof := v.Work("mina@example.org")
	for _, c := range []struct {
		name, proof, says string
		later             time.Duration
	}{
		{"another's", proof, "challenge.elsewhere", 0},
		{"forged", proof[:len(proof)-9] + "AAAAAAAA=", "challenge.bad", 0},
		{"oversized", strings.Repeat("A", 32<<10), "challenge.bad", 0},
		{"control characters", "\x01\x02.\x7f", "challenge.bad", 0},
		{"of long ago", v.Work("yuna@example.org"), "challenge.expired", time.Hour},
	} {
		a.Clock.Advance(c.later)
		p := v.Post("/en/sign", append(testkit.SignForm("Yuna Example", "yuna@example.org"), "proof", c.proof)...)
		if p.Status != http.StatusUnprocessableEntity || !p.Has(words.T(c.says)) || !p.Has(words.T("challenge.without_button")) || !strings.Contains(p.Body, `value="Yuna Example"`) {
			t.Errorf("%s: status %d: %s", c.name, p.Status, p.Text())
		}
	}
	if n := requests(t, a); n > 0 {
		t.Errorf("%d requests were stored", n)
	}
	// Whoever has a bad one can still go on without.
	p := v.Post("/en/sign", append(testkit.SignForm("Yuna Example", "yuna@example.org"), "proof", proof, "unproven", "1")...)
	if s := confirmed(t, a, "yuna@example.org"); s.State != appeal.Held {
		t.Errorf("status %d, it is %s", p.Status, s.State)
	}
}

func TestWorkIsAskedForOnlyWhileItIsHot(t *testing.T) {
	t.Parallel()
	a, hot := crowded(t, testkit.SQLite(t))
	// What is wrong with a form is said before anybody works for it.
	p := a.Client().Post("/en/sign", testkit.SignForm("Mina Example", "no address")...)
	if p.Has(a.Catalogues.For("en").T("challenge.explain")) || !p.Has(a.Catalogues.For("en").T("form.refused_title")) {
		t.Errorf("a bad form: %s", p.Text())
	}
	for _, page := range []string{"/en/", "/en/sign"} {
		hot.Store(true)
		if p := a.Client().Get(page); !strings.Contains(p.Body, "data-challenge") || !strings.Contains(p.Body, "/static/sign.") {
			t.Errorf("%s has no script while it is hot", page)
		}
		hot.Store(false)
		if p := a.Client().Get(page); strings.Contains(p.Body, "data-challenge") || strings.Contains(p.Body, "/static/sign.") {
			t.Errorf("%s asks for work while it is not hot", page)
		}
	}
	if p := a.Client().Post("/en/sign", testkit.SignForm("Mina Example", "mina@example.org")...); !strings.Contains(p.URL.Path, "/sign/sent/") {
		t.Errorf("status %d: %s", p.Status, p.Text())
	}
}

func TestLimitsOffAskNobodyToWork(t *testing.T) {
	t.Parallel()
	c := testkit.SQLite(t)
	c.Limits = "off"
	a := testkit.Run(t, c, func(o *app.Options) { o.Hot = func(appeal.Form) bool { return true } })
	if p := a.Client().Post("/en/sign", testkit.SignForm("Mina Example", "mina@example.org")...); !strings.Contains(p.URL.Path, "/sign/sent/") {
		t.Errorf("status %d: %s", p.Status, p.Text())
	}
}

func TestAChallengeIsForACommitmentAndNotKept(t *testing.T) {
	t.Parallel()
	a, _ := crowded(t, testkit.SQLite(t))
	good := strings.Repeat("0a", 32)
	p := a.Client().Get("/ko/sign/challenge/" + good)
	if p.Status != http.StatusOK || p.Header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(p.Header.Get("Content-Type"), "application/json") {
		t.Errorf("status %d, %v", p.Status, p.Header)
	}
	for _, bad := range []string{good[1:], good + "0", "mina@example.org", strings.ToUpper(good), "%00", strings.Repeat("0", 4000)} {
		if p := a.Client().Get("/ko/sign/challenge/" + bad); p.Status != http.StatusNotFound {
			t.Errorf("%.70s: status %d", bad, p.Status)
		}
	}
}
