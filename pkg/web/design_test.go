package web_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"olivebranch/pkg/app"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// signedIn is a representative of harbour-choir at their desk.
func signedIn(a *testkit.App) *testkit.Client {
	rep := a.Client()
	door := rep.Get(a.Link("contact@harbour-choir.test", "Welcome as a partner:", "/portal/enter/"))
	door.Submit(door.URL.Path)
	return rep
}

func TestADesignGoesFromTheConsoleToTheBanners(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		a.AddPartner("Harbour Choir", "harbour-choir")
		admin, rep, visitor := a.Enter(a.AddStaff("admin@example.org", staff.Admin)), signedIn(a), a.Client()
		frame := func() string { return visitor.Get("/embed/harbour-choir?lang=ko").Body }

		form := admin.Get("/console/designs/new")
		refused := form.Submit("/new", "code", "dawn", "figure", "#999999", "button", "#ffcc00", "slogan_ko", "이제 평화로")
		if refused.Status != http.StatusUnprocessableEntity || !refused.Has("2.72:1") || !refused.Has("1.44:1") || !strings.Contains(refused.Body, `value="이제 평화로"`) {
			t.Errorf("colours that cannot be read: status %d: %s", refused.Status, refused.Text())
		}
		draft := refused.Submit("/new", "figure", "#8a3b12", "button", "#9c3d12", "label_ko", "이름 보태기")
		if draft.Status != http.StatusOK || strings.Contains(frame(), "이제 평화로") {
			t.Fatalf("a draft: status %d, or it shows", draft.Status)
		}
		pictures := 0
		for _, part := range strings.Split(draft.Body+draft.Open(draft.URL.Path+"?lang=ko").Body, `<img src="`)[1:] {
			src, _, _ := strings.Cut(part, `"`)
			p := admin.Get(strings.ReplaceAll(src, "&amp;", "&"))
			if pictures++; p.Status != http.StatusOK || !strings.HasPrefix(p.Body, "<svg") || strings.Contains(src, "lang=ko") && !strings.Contains(src, "badge") && !strings.Contains(p.Body, "이제 평화로") {
				t.Errorf("%s: status %d", src, p.Status)
			}
		}
		if want := 7 * 2 * 2; pictures != want {
			t.Errorf("%d pictures, want %d", pictures, want)
		}
		if p := admin.Get(draft.URL.Path + "/pictures/nothing.svg?lang=en"); p.Status != http.StatusNotFound {
			t.Errorf("a layout there is not: status %d", p.Status)
		}

		if published := draft.Submit("/publish"); !published.Has("It shows now.") {
			t.Errorf("published: %s", published.Text())
		}
		if f := frame(); !strings.Contains(f, "이제 평화로") || !strings.Contains(f, "이름 보태기") || !strings.Contains(f, "--button:#9c3d12") {
			t.Error("the banner does not show the design")
		}
		if stale := draft.Submit("/publish"); stale.Status != http.StatusConflict {
			t.Errorf("an old page: status %d", stale.Status)
		}
		if changed := admin.Get(draft.URL.Path+"/edit").Submit("/edit", "slogan_ko", "평화가 먼저"); !changed.Has("평화가 먼저") || !changed.Has("이제 평화로") {
			t.Error("the trail does not tell what changed")
		}
		if !strings.Contains(frame(), "평화가 먼저") {
			t.Error("the banner does not follow the change")
		}

		admin.Get("/console/designs/new").Submit("/new", "code", "calm", "position", "99").Submit("/publish")
		if saved := rep.Get("/portal/design").Submit("/portal/design", "design", "calm"); !saved.Has("Your banner shows it now.") || strings.Contains(frame(), "평화가 먼저") {
			t.Errorf("the partner's choice does not show: %s", saved.Text())
		}
		admin.Get("/console/designs")
		calm := a.Designs.All()[1]
		if err := a.Designs.Withdraw(t.Context(), calm.ID, calm.Version, audit.Actor{Kind: audit.Staff}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(frame(), "평화가 먼저") || !rep.Get("/portal/design").Has("is not in use at present") {
			t.Error("a withdrawn design, and not the preferred one instead")
		}
		if got := rep.Get("/portal/design").Submit("/portal/design", "design", "calm"); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("choosing a withdrawn design: status %d", got.Status)
		}
	})
}

func TestAnotherCopysDesignShowsWithinASecond(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		other, err := app.OpenCore(t.Context(), c, a.Clock.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		h := house{App: &testkit.App{App: &app.App{Core: other}}, t: t}
		h.publishDesign()
		a.Until("the design of another copy shows", func() bool {
			return strings.Contains(a.Client().Get("/embed/all?lang=en").Body, "--button:#9c3d12")
		})
	})
}

func TestAPartnersLineIsReadBeforeItShows(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		p := a.AddPartner("Harbour Choir", "harbour-choir")
		admin, rep := a.Enter(a.AddStaff("reviewer@example.org", staff.Reviewer)), signedIn(a)
		shown := func(words string) bool {
			return strings.Contains(a.Client().Get("/embed/harbour-choir?lang=en&layout=box").Body, words)
		}
		drawn := func(kind string) string {
			return a.Client().Get("/embed/harbour-choir/box." + kind + "?lang=en").Body
		}
		const hostile = `<script>alert("we wait")</script>`
		sent := rep.Get("/portal/design").Submit("/line", "line", hostile, "line_lang", "en")
		if !sent.Has("This line waits to be read") || shown("we wait") {
			t.Fatalf("sent, and not read yet: %s", sent.Text())
		}
		if profile := rep.Get("/portal/profile").Submit("/portal/profile", "about", "We march."); !profile.Has(hostile) {
			t.Error("a change of the profile throws the line away")
		}
		publish := func() {
			t.Helper()
			list, _, err := a.Registry.ChangesWaiting(t.Context(), 1)
			if err != nil || len(list) != 1 {
				t.Fatalf("changes %v, %v", list, err)
			}
			page := admin.Get("/console/changes/" + strconv.FormatInt(list[0].ID, 10))
			if !page.Has("Own line on the banner") {
				t.Errorf("staff do not see the line: %s", page.Text())
			}
			admin.Get(page.URL.Path + "/publish").Submit("/publish")
		}
		publish()
		if !shown(`<bdi lang="en" translate="no">&lt;script&gt;alert(`) {
			t.Error("published, and does not show")
		}
		svg, png := drawn("svg"), drawn("png")
		rep.Get("/portal/design").Submit("/line", "line", "Zum zweiten Mal.", "line_lang", "de")
		if shown("zweiten") || !shown("we wait") || drawn("svg") != svg || drawn("png") != png {
			t.Error("the old line does not stay until the new one is read")
		}
		publish()
		if !shown(`<bdi lang="de" translate="no">Zum zweiten Mal.</bdi>`) || !strings.Contains(drawn("svg"), "Zum zweiten Mal.") || drawn("png") == png {
			t.Error("the second line does not show in every rendering")
		}
		edit := admin.Get("/console/partners/"+strconv.FormatInt(p.ID, 10)+"/edit").Submit("/edit", "line", "Von uns gekürzt.")
		if !edit.Has("Von uns gekürzt.") || !shown("Von uns") {
			t.Error("staff cannot change the line")
		}
		if gone := rep.Get("/portal/design").Submit("/line/remove"); !gone.Has("no line of your own") || shown(`class="line"`) {
			t.Error("the line is not gone at once")
		}
	})
}
