package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/testkit"
)

// Sixty forms of one place in an hour are taken as they come; from then on a
// browser works for each, which nobody is refused for.
func TestARushFromOnePlaceIsAskedToWorkAndNotRefused(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		c.Limits = "on"
		// All have one name, which an examination would notice.
		a := testkit.Run(t, c, func(o *app.Options) { o.Unexamined = true })
		words := a.Catalogues.For("en")
		sign := func(i int, more ...string) *testkit.Page {
			return a.Client().Post("/en/sign", append(testkit.SignForm("Mina Example", fmt.Sprintf("mina@family-%d.example", i)), more...)...)
		}
		took := func(p *testkit.Page) bool { return strings.Contains(p.URL.Path, "/sign/sent/") }
		for i := range 60 {
			if p := sign(i); !took(p) {
				t.Fatalf("form %d: status %d: %s", i, p.Status, p.Text())
			}
		}
		if p := sign(60); took(p) || p.Status != http.StatusUnprocessableEntity || !p.Has(words.T("challenge.explain")) {
			t.Fatalf("the 61st: status %d at %s: %s", p.Status, p.URL, p.Text())
		}
		for i := 60; i < 80; i++ {
			if p := sign(i, "proof", a.Client().Work(fmt.Sprintf("mina@family-%d.example", i))); !took(p) {
				t.Fatalf("form %d, worked for: status %d: %s", i, p.Status, p.Text())
			}
		}
		// What nobody worked for has mail sent as well, so there is less of it.
		refused := 0
		for i := 80; i < 150; i++ {
			if p := sign(i, "unproven", "1"); p.Status == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused != 10 {
			t.Errorf("%d of 70 forms nobody worked for were refused, want 10", refused)
		}
		if s := confirmed(t, a, "mina@family-0.example"); s.State != appeal.Counted {
			t.Errorf("the first is %s for %q", s.State, s.Reason)
		}
		if s := confirmed(t, a, "mina@family-80.example"); s.State != appeal.Held || s.Reason != appeal.ReasonUnproven {
			t.Errorf("one nobody worked for is %s for %q", s.State, s.Reason)
		}
		a.MustVerify()
	})
}
