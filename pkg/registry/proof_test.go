package registry_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbound"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/testkit"
)

var applicant = audit.Actor{Kind: audit.Applicant}

// online gives a house an internet of its own, and an applicant whose site is
// in it: http://choir.test.
func (h *house) online() *testkit.Internet {
	h.t.Helper()
	n := testkit.NewInternet(h.t)
	h.Registry.Outside = n.Client()
	h.Registry.HasBanner = func(page outbound.Page, slugs []string) bool {
		return len(banner.Inspect(page.Body, page.Header, "https://appeal.test", slugs).Ways) > 0
	}
	return n
}

func at(website string) func(*registry.Form) {
	return func(f *registry.Form) { f.Website, f.Contact.Email = website, "choir@gmail.com" }
}

// look checks a proof, long after the last look.
func (h *house) look(a *registry.Application, kind registry.ProofKind, page string) registry.Proof {
	h.t.Helper()
	h.clock.Advance(time.Minute)
	p, err := h.Registry.CheckProof(h.t.Context(), a.ID, kind, page, applicant)
	if err != nil {
		h.t.Fatalf("%s %s: %v", kind, page, err)
	}
	return *p
}

func TestEachProofIsFoundWhereItBelongs(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		n := h.online()
		a := h.verified(at("http://www.choir.test/"))
		code := h.Registry.ProofCode(a)
		check := func(kind registry.ProofKind, page string, want registry.ProofState, detail string) {
			t.Helper()
			if p := h.look(a, kind, page); p.State != want || p.Detail != detail || p.CheckedAt != h.clock.Now().UnixMilli() {
				t.Errorf("%s: %s %q, want %s %q", kind, p.State, p.Detail, want, detail)
			}
		}
		check(registry.ProofDNS, "", registry.ProofMissing, "no_name")
		check(registry.ProofMeta, "", registry.ProofUnreachable, "no_name")
		n.Page("www.choir.test/", "<html><head><title>Choir</title></head><body>"+code+"<meta name=olivebranch content="+code+"></body>")
		check(registry.ProofMeta, "", registry.ProofMissing, "nothing") // in the body anybody may write
		check(registry.ProofWellKnown, "", registry.ProofMissing, "status 404")
		n.Text("www.choir.test", "v=spf1 -all")
		check(registry.ProofDNS, "", registry.ProofMissing, "nothing")
		n.Text("_olivebranch.choir.test", "olivebranch="+strings.ToUpper(code))
		check(registry.ProofDNS, "", registry.ProofFound, "code")
		n.Page("www.choir.test/", `<!doctype html><meta charset=utf-8><META Name="OliveBranch" content=" `+code+` "><title>Choir</title>`)
		check(registry.ProofMeta, "", registry.ProofFound, "code")
		n.Page("www.choir.test/.well-known/olivebranch.txt", "# ours\r\n"+code+"\r\n")
		check(registry.ProofWellKnown, "", registry.ProofFound, "code")
		n.Page("news.choir.test/2026", "<p>Our code is <b>"+code+"</b>")
		check(registry.ProofPost, "news.choir.test/2026", registry.ProofUnreachable, "failure") // https, where nothing answers
		check(registry.ProofPost, "http://news.choir.test/2026", registry.ProofFound, "code")
		proofs, err := h.Registry.Proofs(t.Context(), h.application(a.ID))
		var kinds []registry.ProofKind
		for _, p := range proofs {
			kinds = append(kinds, p.Kind)
		}
		want := []registry.ProofKind{registry.ProofMailDomain, registry.ProofDNS, registry.ProofMeta, registry.ProofWellKnown, registry.ProofPost}
		if err != nil || !slices.Equal(kinds, want) || proofs[0].State != registry.ProofMissing || proofs[0].Detail != "free_mail" {
			t.Errorf("proofs %v, %v; want %v, and no mail of the site's own", kinds, err, want)
		}
		for _, noted := range []string{`applicant proof.found {"kind":"dns","state":"missing"} {"kind":"dns","state":"found"}`,
			`applicant proof.missing {"kind":"dns","state":""} {"kind":"dns","state":"missing"}`} {
			if trail := h.trail("application", a.ID); !slices.Contains(trail, noted) {
				t.Errorf("the trail lacks %s:\n%s", noted, strings.Join(trail, "\n"))
			}
		}
		other := h.Registry.ProofCode(h.verified(named("Another Choir", "")))
		n.Page("www.choir.test/", `<meta name="olivebranch" content="`+other+`">`)
		if p := h.look(a, registry.ProofMeta, ""); !p.Missed() {
			t.Errorf("the code of another application: %+v, want a miss", p)
		}
	})
}

func TestAProofOnSomebodyElsesPageIsNone(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		n := h.online()
		a := h.verified(at("http://pages.test/choir"))
		code := h.Registry.ProofCode(a)
		to := func(where string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, where, http.StatusFound) }
		}
		echo := func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte("You looked for " + r.URL.Query().Get("q")))
		}
		n.Page("evil.test/", code+`<meta name="olivebranch" content="`+code+`">`)
		n.Page("evil.test/.well-known/olivebranch.txt", code)
		n.Handle("pages.test/choir", to("http://evil.test/"))
		n.Handle("pages.test/.well-known/olivebranch.txt", to("http://evil.test/.well-known/olivebranch.txt"))
		n.Handle("pages.test/choir/away", to("http://evil.test/"))
		n.Page("pages.test/others", code)
		n.Handle("pages.test/choir/sideways", to("/others"))
		n.Handle("pages.test/choir/search", echo)
		n.Handle("pages.test/choir/round", to("/choir/search?q="+code))
		n.Handle("pages.test/choir/inside", to("http://10.0.0.1/"))
		for _, c := range []struct {
			kind   registry.ProofKind
			page   string
			detail string
		}{
			{registry.ProofMeta, "", "elsewhere evil.test"},
			{registry.ProofWellKnown, "", "elsewhere evil.test"},
			{registry.ProofPost, "http://pages.test/choir/away", "elsewhere evil.test"},
			{registry.ProofPost, "http://pages.test/choir/sideways", "elsewhere pages.test"},
			{registry.ProofPost, "http://pages.test/choir/round", "nothing"},
			{registry.ProofPost, "http://pages.test/choir/search?q=peace", "nothing"},
			{registry.ProofPost, "http://pages.test/choir/inside", "not_public"},
		} {
			if p := h.look(a, c.kind, c.page); p.State == registry.ProofFound || p.Detail != c.detail {
				t.Errorf("%s %s: %s %q, want %q", c.kind, c.page, p.State, p.Detail, c.detail)
			}
		}
		before := h.count("proofs")
		for page, key := range map[string]string{
			"http://pages.test/others": "proofs.page_elsewhere", "http://pages.test/choirs": "proofs.page_elsewhere", "http://pages.test/": "proofs.page_elsewhere",
			"http://evil.test/choir": "proofs.page_elsewhere", "http://xpages.test/choir": "proofs.page_elsewhere", "http://pages.test.evil.test/choir": "proofs.page_elsewhere",
			"http://pages.test/choir/search?q=" + code:                               "proofs.page_echo",
			"http://pages.test/choir/search?q=" + strings.ToUpper(code):              "proofs.page_echo",
			"http://pages.test/choir/search?q=%6f%62" + code[2:]:                     "proofs.page_echo",
			"http://pages.test/choir/search?q=" + url.QueryEscape("%6f%62"+code[2:]): "proofs.page_echo",
			"http://pages.test/choir/../others":                                      "proofs.page_elsewhere", "http://pages.test/choir/%2e%2e/others": "proofs.page_elsewhere",
			"http://127.0.0.1/choir": "url.host", "http://user:pw@pages.test/choir": "url.user", "javascript:1": "url.scheme",
			"http://pages.test:8080/choir": "url.port",
		} {
			h.clock.Advance(time.Minute)
			_, err := h.Registry.CheckProof(t.Context(), a.ID, registry.ProofPost, page, applicant)
			var f *fault.Error
			if !errors.As(err, &f) || f.Fields["url"] == nil || f.Fields["url"].Key != key {
				t.Errorf("%s: %v, want %s", page, err, key)
			}
		}
		if h.count("proofs") != before {
			t.Error("what was refused was stored")
		}
	})
}

func TestTheBannerOfThisPartnerIsAProof(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		n := h.online()
		p := h.partner("choir", at("http://choir.test"))
		a := h.application(p.ApplicationID)
		for i, c := range []struct {
			page  string
			found bool
		}{
			{`<olive-embed partner="choir" layout="bar"><a href="https://appeal.test/p/choir">Sign</a></olive-embed>`, true},
			{`<olive-embed partner=choir></olive-embed>`, true},
			{`<iframe src="https://appeal.test/embed/choir?layout=bar&amp;lang=en"></iframe>`, true},
			{`<a href="https://appeal.test/p/choir"><img src="x"></a>`, true},
			{`<img src="https://appeal.test/embed/choir/bar.svg?lang=ko">`, true},
			{`<a href="//appeal.test/p/choir">`, true},
			{`<olive-embed partner="school"></olive-embed>`, false},
			{`<a href="https://appeal.test/p/choir-2">`, false},
			{`<a href="https://appeal.test.evil.test/p/choir">`, false},
			{`<a href="https://evil.test/p/choir">`, false},
			{`<!-- <olive-embed partner="choir"> --> https://appeal.test/p/choir`, false},
			{`<a href="https://appeal.test/en/sign">`, false},
		} {
			page := "choir.test/" + string(rune('a'+i))
			n.Page(page, c.page)
			if got := h.look(a, registry.ProofEmbed, "http://"+page); (got.State == registry.ProofFound) != c.found {
				t.Errorf("%s: %s, want found %v", c.page, got.State, c.found)
			}
		}
		early := h.verified(at("http://choir.test"), named("Another Choir", ""))
		_, err := h.Registry.CheckProof(t.Context(), early.ID, registry.ProofEmbed, "http://choir.test/a", applicant)
		var f *fault.Error
		if !errors.As(err, &f) || f.Fields["url"] == nil || f.Fields["url"].Key != "proofs.banner_later" {
			t.Errorf("before it is a partner: %v", err)
		}
	})
}

func TestMailAtTheSitesOwnDomainCounts(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for _, c := range []struct {
			website, email string
			state          registry.ProofState
			detail         string
		}{
			{"https://www.choir.example/en", "a@choir.example", registry.ProofFound, "same"},
			{"https://choir.example", "a@mail.choir.example", registry.ProofFound, "same"},
			{"https://choir.example", "a@school.example", registry.ProofMissing, "foreign"},
			{"https://choir.co.uk", "a@school.co.uk", registry.ProofMissing, "foreign"},
			{"https://choir.github.io", "a@school.github.io", registry.ProofMissing, "foreign"},
			{"https://blog.naver.com/choir", "choir@naver.com", registry.ProofMissing, "free_mail"},
			{"https://choir.gmail.com", "choir@gmail.com", registry.ProofMissing, "free_mail"},
		} {
			a := h.verified(func(f *registry.Form) { f.Website, f.Contact.Email = c.website, c.email })
			proofs, err := h.Registry.Proofs(t.Context(), h.application(a.ID))
			if err != nil || len(proofs) != 1 || proofs[0].State != c.state || proofs[0].Detail != c.detail {
				t.Errorf("%s and %s: %+v, %v; want %s %s", c.website, c.email, proofs, err, c.state, c.detail)
			}
		}
		if proofs, err := h.Registry.Proofs(t.Context(), h.apply()); err != nil || len(proofs) != 0 {
			t.Errorf("before the address is confirmed: %+v, %v", proofs, err)
		}
	})
}

func TestAFoundProofIsLookedAtEveryWeekAndLostAfterTwoMisses(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		n := h.online()
		a := h.application(h.partner("choir", at("http://choir.test")).ApplicationID)
		tag := `<meta name="olivebranch" content="` + h.Registry.ProofCode(a) + `">`
		n.Page("choir.test/", tag)
		h.look(a, registry.ProofMeta, "")
		h.look(a, registry.ProofDNS, "") // missing, and never looked for again by itself
		found := h.clock.Now().UnixMilli()
		again := func(want int) registry.Proof {
			t.Helper()
			if got, err := h.Registry.CheckAgain(t.Context()); err != nil || got != want {
				t.Fatalf("%d proofs looked at, %v; want %d", got, err, want)
			}
			proofs, err := h.Registry.Proofs(t.Context(), a)
			if err != nil {
				t.Fatal(err)
			}
			return proofs[slices.IndexFunc(proofs, func(p registry.Proof) bool { return p.Kind == registry.ProofMeta })]
		}
		again(0)
		h.clock.Advance(7*day - time.Hour)
		again(0)
		h.clock.Advance(time.Hour)
		if p := again(1); p.State != registry.ProofFound || p.Missed() || p.FoundAt <= found {
			t.Errorf("after a week: %+v", p)
		}
		noted := len(h.trail("application", a.ID))
		n.Page("choir.test/", "a new site")
		h.clock.Advance(7 * day)
		if p := again(1); p.State != registry.ProofFound || !p.Missed() || p.Detail != "nothing" {
			t.Errorf("after one miss: %+v", p)
		}
		again(0)
		n.Page("choir.test/", tag)
		h.clock.Advance(7 * day)
		if p := again(1); p.State != registry.ProofFound || p.Missed() {
			t.Errorf("back after one miss: %+v", p)
		}
		if got := len(h.trail("application", a.ID)); got != noted {
			t.Errorf("%d entries in the trail although nothing changed", got-noted)
		}
		n.Page("choir.test/", "a new site")
		h.clock.Advance(7 * day)
		again(1)
		h.clock.Advance(7 * day)
		if p := again(1); p.State != registry.ProofLost {
			t.Errorf("after two misses: %+v", p)
		}
		trail := h.trail("application", a.ID)
		if last := trail[len(trail)-1]; last != `program proof.lost {"kind":"meta","state":"found"} {"kind":"meta","state":"lost"}` {
			t.Errorf("the trail ends with %s", last)
		}
		h.clock.Advance(7 * day)
		if p := again(1); p.State != registry.ProofLost {
			t.Errorf("after three misses: %+v", p)
		}
		n.Page("choir.test/", tag)
		h.clock.Advance(7 * day)
		if p := again(1); p.State != registry.ProofFound {
			t.Errorf("back after it was lost: %+v", p)
		}
		choir, _ := h.Register.BySlug("choir")
		if _, err := h.Registry.SetState(t.Context(), registry.PartnerMove{Partner: choir.ID, Version: registry.AnyVersion, To: registry.Left, By: reviewer}); err != nil {
			t.Fatal(err)
		}
		n.Page("choir.test/", "gone")
		h.clock.Advance(7 * day)
		if p := again(1); p.Missed() || p.NextAt <= h.clock.Now().UnixMilli() {
			t.Errorf("of a partner that left: %+v, want it left alone", p)
		}
	})
}

func TestAProofOfAnotherAddressDoesNotStay(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		n := h.online()
		p := h.partner("choir", at("http://choir.test"))
		a := h.application(p.ApplicationID)
		code := h.Registry.ProofCode(a)
		n.Text("choir.test", code)
		n.Page("choir.test/news", code)
		h.look(a, registry.ProofDNS, "")
		h.look(a, registry.ProofPost, "http://choir.test/news")
		if err := h.Store.Exec(t.Context(), "UPDATE partners SET website = 'http://school.test' WHERE id = ?", p.ID); err != nil {
			t.Fatal(err)
		}
		h.clock.Advance(8 * day)
		if _, err := h.Registry.CheckAgain(t.Context()); err != nil {
			t.Fatal(err)
		}
		proofs, err := h.Registry.Proofs(t.Context(), a)
		if err != nil || len(proofs) != 3 || proofs[1].State != registry.ProofMissing || proofs[1].Target != "school.test" ||
			!proofs[2].Missed() || proofs[2].Detail != "elsewhere choir.test" {
			t.Errorf("after the site changed: %+v, %v", proofs, err)
		}
	})
}

func TestWhoMayNotProveAndHowOften(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.online()
		ctx := t.Context()
		a := h.verified(at("http://choir.test"))
		h.look(a, registry.ProofDNS, "")
		if _, err := h.Registry.CheckProof(ctx, a.ID, registry.ProofDNS, "", applicant); fault.KindOf(err) != fault.TooMany {
			t.Errorf("at once again: %v, want TooMany", err)
		}
		h.look(a, registry.ProofDNS, "")
		for _, kind := range []registry.ProofKind{"", "nonsense", registry.ProofMailDomain} {
			if _, err := h.Registry.CheckProof(ctx, a.ID, kind, "", applicant); fault.KindOf(err) != fault.Invalid {
				t.Errorf("kind %q: %v, want Invalid", kind, err)
			}
		}
		for _, state := range []registry.State{registry.Draft, registry.Submitted, registry.Declined, registry.WithdrawnByOrigin} {
			h.put(a.ID, state)
			h.clock.Advance(time.Minute)
			if _, err := h.Registry.CheckProof(ctx, a.ID, registry.ProofDNS, "", applicant); !errors.Is(err, registry.ErrMoved) {
				t.Errorf("%s: %v, want ErrMoved", state, err)
			}
			if err := h.Registry.SetLinks(ctx, a.ID, []string{"https://news.example"}); !errors.Is(err, registry.ErrMoved) {
				t.Errorf("links when %s: %v, want ErrMoved", state, err)
			}
		}
		if _, err := h.Registry.CheckProof(ctx, 1, registry.ProofDNS, "", applicant); !errors.Is(err, registry.ErrNoApplication) {
			t.Errorf("of no application: %v", err)
		}
	})
}

func TestIndependentLinksAreOfOthers(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified()
		for links, want := range map[string]string{
			"":                                          "link_1 url.required",
			"ftp://news.example":                        "link_1 url.scheme",
			"http://127.0.0.1/":                         "link_1 url.host",
			"harbour-choir.example/about":               "link_1 proofs.page_own",
			"https://blog.harbour-choir.example":        "link_1 proofs.page_own",
			"https://news.example|nonsense":             "link_2 url.host",
			"https://news.example||javascript:1":        "link_3 url.scheme",
			"https://news.example|https://news.example": "link_2 proofs.page_twice",
		} {
			err := h.Registry.SetLinks(t.Context(), a.ID, strings.Split(links, "|"))
			var f *fault.Error
			field, key, _ := strings.Cut(want, " ")
			if !errors.As(err, &f) || len(f.Fields) != 1 || f.Fields[field] == nil || f.Fields[field].Key != key {
				t.Errorf("%q: %v, want %s", links, err, want)
			}
		}
		if err := h.Registry.SetLinks(t.Context(), a.ID, []string{"news.example/choir", " ", "http://peace.example"}); err != nil {
			t.Fatal(err)
		}
		if got := h.application(a.ID).IndependentLinks(); !slices.Equal(got, []string{"https://news.example/choir", "http://peace.example"}) {
			t.Errorf("kept %q", got)
		}
	})
}

// crowded is an internet that nobody finds the time to look at.
type crowded struct{}

func (crowded) Get(context.Context, string) (outbound.Page, error) {
	return outbound.Page{}, fmt.Errorf("read page: %w", outbound.ErrBusy)
}

func (crowded) TXT(context.Context, string) ([]string, error) { return nil, outbound.ErrSlow }

func TestOurOwnQueueDoesNotCountAgainstASite(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		n := h.online()
		a := h.verified(at("http://choir.test"))
		n.Page("choir.test/", `<meta name="olivebranch" content="`+h.Registry.ProofCode(a)+`">`)
		h.look(a, registry.ProofMeta, "")
		found, online := h.clock.Now().UnixMilli(), h.Registry.Outside
		h.Registry.Outside = crowded{}
		for range 3 {
			h.clock.Advance(8 * day)
			if _, err := h.Registry.CheckAgain(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.Registry.CheckProof(t.Context(), a.ID, registry.ProofMeta, "", applicant); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("asked for by hand: %v, want Unavailable", err)
		}
		meta := func() registry.Proof {
			proofs, err := h.Registry.Proofs(t.Context(), h.application(a.ID))
			if err != nil || len(proofs) != 2 {
				t.Fatalf("%+v, %v", proofs, err)
			}
			return proofs[1]
		}
		if p := meta(); p.State != registry.ProofFound || p.Missed() || p.CheckedAt != found {
			t.Errorf("nobody looked, and yet it is %+v", p)
		}
		h.Registry.Outside = online
		if got, err := h.Registry.CheckAgain(t.Context()); err != nil || got != 1 {
			t.Errorf("looked again at %d, %v", got, err)
		}
		if p := meta(); p.State != registry.ProofFound || p.FoundAt != h.clock.Now().UnixMilli() {
			t.Errorf("looked at again: %+v", p)
		}
	})
}

// together answers nobody before all names of a site were asked for.
type together struct {
	crowded
	all sync.WaitGroup
}

func (o *together) TXT(ctx context.Context, _ string) ([]string, error) {
	o.all.Done()
	asked := make(chan struct{})
	go func() { o.all.Wait(); close(asked) }()
	select {
	case <-asked:
		return nil, outbound.ErrNoName
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestAllNamesOfASiteAreAskedForAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified(at("http://www.choir.test"))
		o := &together{}
		o.all.Add(4)
		h.Registry.Outside = o
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if p, err := h.Registry.CheckProof(ctx, a.ID, registry.ProofDNS, "", applicant); err != nil || p.Detail != "no_name" {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

func TestTheMailOfAPartnerIsComparedWithTheSiteItHasNow(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		a := h.application(p.ApplicationID)
		own := func() (registry.ProofState, int) {
			t.Helper()
			proofs, err := h.Registry.Proofs(t.Context(), a)
			if err != nil || len(proofs) != 1 {
				t.Fatalf("%+v, %v", proofs, err)
			}
			all, err := h.Registry.ProofSummaries(t.Context(), []int64{a.ID})
			if err != nil {
				t.Fatal(err)
			}
			return proofs[0].State, all[a.ID].Found
		}
		if state, found := own(); state != registry.ProofFound || found != 1 {
			t.Errorf("at first %s, %d", state, found)
		}
		if _, err := h.edit(p, func(e *registry.Edit) { e.Website = "https://elsewhere.example" }); err != nil {
			t.Fatal(err)
		}
		if state, found := own(); state != registry.ProofMissing || found != 0 {
			t.Errorf("at another site %s, %d", state, found)
		}
	})
}
