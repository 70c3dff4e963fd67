package browsertest

import (
	"slices"
	"strings"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// step 5, the simplest way: the picture on another site leads to the form.
func (j *journey) pastesThePicture() {
	v := j.visitor
	v.open(j.hosts.paste("/"+j.lang+"/picture", j.lang, j.words.Dir(), j.picture, ""))
	v.until("the picture on the host page", func() bool {
		return eval[bool](v, `() => document.querySelector("main img").naturalWidth > 0`)
	})
	v.noSideways("host page with the picture")
	v.audit("host page, picture")
	v.press("main a", "")
	j.isAtTheForm(v)
	v.audit("sign")
}

// step 5, the live banner, on a page whose policy allows nothing but it.
func (j *journey) pastesTheBanner() {
	v, home := j.visitor, j.app.BaseURL.String()
	policy := "default-src 'none'; img-src data:; script-src " + home + "; frame-src " + home
	j.host = j.hosts.paste("/"+j.lang+"/live", j.lang, j.words.Dir(), j.live, policy)
	v.open(j.host)
	f := j.banner(v, j.app.Tally.Total())
	f.audit("banner")
	f.noSideways("banner")
	v.audit("host page, banner")
	for _, asked := range eval[[]string](f, `() => performance.getEntriesByType("resource").map((e) => e.name)`) {
		if !strings.HasPrefix(asked, home+"/embed/") {
			j.Errorf("the banner's frame asked for %s", asked)
		}
	}
	if eval[int](f, `() => document.cookie.length + localStorage.length + sessionStorage.length`) > 0 {
		j.Error("the banner's frame keeps something in the browser")
	}
	if !eval[bool](v, `() => document.activeElement === document.body`) {
		j.Error("the banner takes the focus")
	}

	// Where the button is on the page: the frame's place and the button's in it.
	at := eval[[]float64](v, `() => { const e = document.querySelector("olive-embed").shadowRoot.querySelector("iframe");
		e.scrollIntoView({ block: "center", behavior: "instant" }); const r = e.getBoundingClientRect(); return [r.x, r.y] }`)
	in := eval[[]float64](f, `() => { const r = document.querySelector("a").getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] }`)
	w := v.follow(func() { run(v, "press the banner's button", chromedp.MouseClickXY(at[0]+in[0], at[1]+in[1])) })
	j.isAtTheForm(w)
	if eval[bool](w, `() => window.opener !== null`) {
		j.Error("the form can reach back to the host page")
	}
	run(w, "close the window", chromedp.Evaluate[chromedp.Void](`window.close()`))
}

// banner waits for the live banner on a host page: campaign, number and name
// in the frame, and the link that stood in its place gone.
func (j *journey) banner(v *tab, total int64) *tab {
	j.Helper()
	f := v.frame("/embed/" + j.partner.Slug)
	want := []string{j.campaign(), j.number(total), j.organization, j.say("embed.sign")}
	f.until("a banner with "+strings.Join(want, ", "), func() bool {
		text := f.text()
		return !slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(text, w) })
	})
	v.until("the link to make way for the banner", func() bool {
		return eval[bool](v, `() => !document.querySelector("olive-embed a").checkVisibility({ visibilityProperty: true })
			&& document.querySelector("olive-embed").shadowRoot.querySelector("iframe").checkVisibility({ visibilityProperty: true })`)
	})
	return f
}

// isAtTheForm wants the form, in the visitor's language, to know the partner.
func (j *journey) isAtTheForm(v *tab) {
	j.Helper()
	v.isAt("/" + j.lang + "/sign")
	v.reads(j.say("sign.heading"), j.say("sign.through")+" "+j.organization)
	if via := v.value("[name=via]"); via != j.partner.Slug {
		j.Errorf("the form knows the partner as %q, want %q", via, j.partner.Slug)
	}
}

// cookies names those that the person's browser keeps, for whichever site.
func (b *tab) cookies() []string {
	b.t.Helper()
	var names []string
	for _, c := range b.jar() {
		names = append(names, c.Name+" of "+c.Domain)
	}
	return names
}

// jar is all cookies the tab's visitor has.
func (b *tab) jar() []*network.Cookie {
	b.t.Helper()
	got, err := chromedp.CallBrowser(b.ctx, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID})
	if err != nil {
		b.t.Fatal(err)
	}
	return got.Cookies
}
