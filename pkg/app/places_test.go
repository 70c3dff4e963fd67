package app_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/mailer"
	"olivebranch/pkg/placement"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// approved is in the subject of the letter that lets a partner in.
const approved = "Welcome"

// button follows the button of a partner's frame on a page, as a query names
// it, and returns where it leads.
func button(a *testkit.App, slug, at string) string {
	_, rest, _ := strings.Cut(a.Client().Get("/embed/"+slug+"?lang=en&at="+at).Body, `<a href="`)
	href, _, _ := strings.Cut(rest, `"`)
	return strings.TrimPrefix(href, a.BaseURL.String()) + "?at=" + at // as the frame's script does
}

// write stores what was noted.
func write(t *testing.T, a *testkit.App) {
	t.Helper()
	if _, err := a.Places.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// counted are frames, clicks and signatures of a partner's banner by page.
func counted(t *testing.T, a *testkit.App, partner int64) map[string]string {
	t.Helper()
	rows, _, err := a.Places.List(t.Context(), placement.Query{Partner: partner, Most: 100})
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	n, err := a.Tally.PlacementSignatures(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range rows {
		out[r.Host+r.Path] = fmt.Sprint(r.Frames, r.Clicks, n[r.ID])
	}
	return out
}

func TestASignatureIsFollowedToThePageOfTheBanner(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		choir := a.AddPartner("Harbour Choir", "harbour-choir")
		const at = "songs.example%2Fpeace"
		link := button(a, "harbour-choir", at)
		if link != "/p/harbour-choir?at="+at {
			t.Fatalf("the button leads to %s", link)
		}
		write(t, a)
		form := a.Client().Get(link)
		if form.URL.Query().Get("via") != "harbour-choir" || form.URL.Query().Get("at") != "songs.example/peace" {
			t.Errorf("the button leads on to %s", form.URL)
		}
		if page := form.Submit("/sign", testkit.SignForm("Mina Example", "mina@example.org")...); page.Status != 200 {
			t.Fatalf("sign: %d %s", page.Status, page.Text())
		}
		confirm := path(a.Link("mina@example.org", "", "/confirm/"))
		a.Client().Get(confirm).Submit(confirm)
		write(t, a)
		if got := counted(t, a, choir.ID); got["songs.example/peace"] != "1 1 1" {
			t.Errorf("counted %v", got)
		}

		// What nobody saw, and what is no page, is left out; the signature stands.
		for i, at := range []string{"never-seen.example/", "<script>", "localhost/", strings.Repeat("a", 5000), "songs.example/peace\x00"} {
			mail := fmt.Sprintf("hostile-%d@example.org", i)
			pairs := append(testkit.SignForm("Mina Example", mail), "via", "harbour-choir", "at", at)
			if page := a.Client().Post("/en/sign", pairs...); page.Status != 200 {
				t.Errorf("%.40q: status %d", at, page.Status)
			}
			confirm := path(a.Link(mail, "", "/confirm/"))
			a.Client().Get(confirm).Submit(confirm)
		}
		refused := a.Client().Post("/en/sign", "via", "harbour-choir", "at", "songs.example/peace?x=1#y", "name", "")
		if !strings.Contains(refused.Body, `name="at" value="songs.example/peace"`) {
			t.Error("a refused form forgets the page")
		}
		if strings.Contains(a.Client().Get("/en/sign?via=harbour-choir&at=%3Cscript%3E").Body, `name="at"`) {
			t.Error("the form takes what is no page along")
		}
		if a.Tally.Total() != 6 || a.Tally.PartnerSignatures(choir.ID) != 6 {
			t.Errorf("%d signatures, %d of the partner", a.Tally.Total(), a.Tally.PartnerSignatures(choir.ID))
		}
		if got := counted(t, a, choir.ID); got["songs.example/peace"] != "1 1 1" {
			t.Errorf("counted %v", got)
		}
		a.MustVerify()
	})
}

// The first visitors of a page sign before anybody has written that there is
// one.
func TestTheFirstSignerCountsForThePage(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		choir := a.AddPartner("Harbour Choir", "harbour-choir")
		for i, at := range []string{"songs.example%2Fpeace", "songs.example%2Fother", "a%C3%A9.example%2F%EB%85%B8%EB%9E%98"} {
			mail := fmt.Sprintf("first-%d@example.org", i)
			a.Client().Get(button(a, "harbour-choir", at)).Submit("/sign", testkit.SignForm("Mina Example", mail)...)
			confirm := path(a.Link(mail, "", "/confirm/"))
			a.Client().Get(confirm).Submit(confirm)
		}
		write(t, a)
		got := counted(t, a, choir.ID)
		if len(got) != 3 || got["songs.example/peace"] != "1 1 1" || got["songs.example/other"] != "1 1 1" || got["xn--a-bga.example/노래"] != "1 1 1" {
			t.Errorf("counted %v", got)
		}
		a.MustVerify()
	})
}

func TestAnothersWebsiteCountsForNobodyUntilItIsClaimed(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		choir, school := a.AddPartner("Harbour Choir", "harbour-choir"), a.AddPartner("River School", "river-school")
		rep := a.Client()
		entered := rep.Get(path(a.Link("contact@harbour-choir.test", approved, "/portal/enter/")))
		entered.Submit(entered.URL.Path)
		frame := func(slug string) string { return a.Client().Get("/embed/" + slug + "?at=songs.example%2F").Body }
		if !strings.Contains(frame("harbour-choir"), "Harbour Choir") || !strings.Contains(frame("river-school"), "River School") {
			t.Fatal("on a website nobody knows a banner has no name")
		}
		write(t, a)
		claimed := rep.Get("/portal/places").Submit("/portal/hosts")
		if !claimed.Has("Yours") || claimed.Has("This is ours") {
			t.Errorf("after the claim: %s", claimed.Text())
		}
		if !strings.Contains(frame("harbour-choir"), "Harbour Choir") || strings.Contains(frame("river-school"), "River School") {
			t.Error("the claim changed nothing")
		}
		if got := a.Client().Get("/p/river-school?at=songs.example/").URL; got.Path != "/en/sign" || got.RawQuery != "" {
			t.Errorf("the short link credits the wrong one: %s", got)
		}
		if !strings.Contains(a.Client().Get("/embed/river-school?at=x.filesusr.com%2F").Body, "River School") {
			t.Error("a site builder's frame is taken for somebody's")
		}

		desk := a.Enter(a.AddStaff("desk@example.org", staff.Reviewer))
		list := desk.Get("/console/placements?host=songs.example")
		if !list.Has("Another partner's") {
			t.Errorf("staff read %s", list.Text())
		}
		moved := list.Submit("/hosts", "slug", "river-school")
		if moved.URL.Query().Get("partner") != strconv.FormatInt(school.ID, 10) {
			t.Errorf("after moving: %s %s", moved.URL, moved.Text())
		}
		if strings.Contains(frame("harbour-choir"), "Harbour Choir") || !strings.Contains(frame("river-school"), "River School") {
			t.Error("the move changed nothing")
		}
		entries, _, err := a.Trail.Newest(t.Context(), registry.OfPartner, choir.ID, 2)
		var did []string
		for _, e := range entries {
			did = append(did, e.ActorKind+" "+e.Action)
		}
		if err != nil || !slices.Equal(did, []string{audit.Representative + " partner.host_added", audit.Staff + " partner.host_removed"}) {
			t.Errorf("the trail: %v %v", did, err)
		}
		// What was noted of whose banner, and what it brought, stays with whose code stands there.
		write(t, a)
		if got := [2]string{counted(t, a, choir.ID)["songs.example/"], counted(t, a, school.ID)["songs.example/"]}; got != [2]string{"3 0 0", "3 0 0"} {
			t.Errorf("after the move the pages show %q", got)
		}
		if !moved.Has("What has been counted stays as it is.") {
			t.Error("staff are not told that what was counted stays")
		}
		if again := rep.Get("/portal/places").Submit("/portal/hosts", "host", "songs.example"); again.Status != 422 || !again.Has("belongs to another partner") {
			t.Errorf("claiming it back: %d", again.Status)
		}
	})
}

func TestAFigureUnderTenIsNotTold(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	choir := a.AddPartner("Harbour Choir", "harbour-choir")
	a.Client().Get("/embed/harbour-choir?at=songs.example%2F")
	write(t, a)
	at, err := a.Places.Find(t.Context(), choir.ID, placement.Page{Host: "songs.example", Path: "/"})
	if err != nil || at == 0 {
		t.Fatal(at, err)
	}
	rep := a.Client()
	entered := rep.Get(path(a.Link("contact@harbour-choir.test", approved, "/portal/enter/")))
	entered.Submit(entered.URL.Path)
	for n := range 10 {
		if page := rep.Get("/portal/places"); !page.Has("fewer than 10") {
			t.Errorf("with %d: %s", n, page.Text())
		}
		row, err := a.Intake.Request(t.Context(), appeal.Form{Name: "Mina", Email: fmt.Sprintf("m%d@example.org", n), Country: "KR", Lang: "en",
			Consents: appeal.ConsentCount, Range: "192.0.2.0/24", PartnerID: choir.ID, PlacementID: at})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Intake.Confirm(t.Context(), row); err != nil {
			t.Fatal(err)
		}
	}
	if page := rep.Get("/portal/places"); page.Has("fewer than 10") {
		t.Errorf("with ten: %s", page.Text())
	}
}

func TestAPartnerIsWrittenToWhenItsBannerIsGone(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		a.AddPartner("Harbour Choir", "harbour-choir")
		a.AddPartner("River School", "river-school")
		letters := func() (n int) {
			for _, l := range a.Mail.Letters() {
				if strings.Contains(l.Subject, "not seen your banner") {
					n++
				}
			}
			return n
		}
		tend := func() {
			t.Helper()
			for _, j := range a.Jobs.Jobs {
				if j.Name == "placements" {
					if _, err := j.Run(t.Context()); err != nil {
						t.Fatal(err)
					}
					return
				}
			}
			t.Fatal("there is no such job")
		}
		see := func(days int) {
			for range days {
				a.Client().Get("/embed/harbour-choir?at=songs.example%2F")
				write(t, a)
				a.Clock.Advance(24 * time.Hour)
			}
		}
		see(3)
		a.Clock.Advance(6 * 24 * time.Hour)
		tend()
		a.Clock.Advance(24 * time.Hour)
		tend()
		letter := a.LetterTo("contact@harbour-choir.test", "not seen your banner")
		if !strings.Contains(letter.Text, "Harbour Choir") || !slices.ContainsFunc(letter.Links, func(l string) bool { return strings.HasSuffix(l, "/portal/places") }) {
			t.Errorf("the letter: %s %v", letter.Text, letter.Links)
		}
		a.Clock.Advance(24 * time.Hour)
		tend()
		see(1)
		a.Clock.Advance(8 * 24 * time.Hour)
		tend()
		a.Until("a second letter, after it was seen again", func() bool { return letters() == 2 })

		page := a.Enter(a.AddStaff("desk@example.org", staff.Observer)).Get("/console/partners?owing=1")
		if !page.Has("River School") || page.Has("Harbour Choir") || !page.Has("https://harbour-choir.example/peace") {
			t.Errorf("who promised and never placed: %s", page.Text())
		}
	})
}

func TestWhatWasSeenIsWrittenWhenTheProgramStops(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		clock := testkit.NewClock()
		o := app.Options{Now: clock.Now, Mail: &mailer.Catcher{}}
		a, err := app.Open(t.Context(), c, o)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- a.Run(ctx) }()
		a.Places.Notes.See(placement.Sight{Partner: 7, At: "songs.example%2F", Now: clock.Now()})
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		rows, _, err := a.Places.List(t.Context(), placement.Query{Partner: 7, Most: 10})
		if err != nil || len(rows) != 1 || rows[0].Frames != 1 {
			t.Errorf("%+v %v", rows, err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
}
