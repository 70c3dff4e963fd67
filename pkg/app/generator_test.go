package app_test

import (
	"net/http"
	"strings"
	"testing"

	"olivebranch/pkg/testkit"
)

func TestAPartnersPageIsLookedAtFromOutside(t *testing.T) {
	t.Parallel()
	n := testkit.NewInternet(t)
	w := testkit.Run(t, testkit.SQLite(t), n.Use)
	w.AddPartner("Harbour Choir", "harbour-choir")
	enter := path(w.Link("contact@harbour-choir.test", "partner", "/portal/enter/"))
	rep := w.Client()
	rep.Get(enter).Submit(enter)
	code := func(site string) string {
		return rep.Get("/portal/embed?site=" + site + "&layout=box").Words("textarea")
	}
	live, pasted := code("html"), code("wordpress")
	if !strings.Contains(live, `layout="box"`) || pasted != w.BaseURL.String()+"/p/harbour-choir" {
		t.Fatalf("%q, %q", live, pasted)
	}
	n.Page("choir.test/good", "<p>Welcome"+live)
	n.Page("choir.test/half", strings.Split(live, "\n")[0])
	n.Page("choir.test/none", "<p>Welcome")
	n.Handle("choir.test/tight", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "script-src 'self'")
		_, _ = w.Write([]byte(live))
	})
	for page, want := range map[string]string{
		"good": "Everything is as it should be.", "half": "its script is missing", "none": "no banner and no link of yours",
		"tight": "Add to it: script-src " + w.BaseURL.String(), "gone": "status 404",
	} {
		if body := rep.Get("/portal/embed").Submit("/portal/embed/check", "url", "http://choir.test/"+page); !body.Has(want) {
			t.Errorf("%s: no %q in %s", page, want, body.Text())
		}
	}
}
