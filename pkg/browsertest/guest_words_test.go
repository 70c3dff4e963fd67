package browsertest

import (
	"fmt"
	"strings"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/design"
)

// Words as long as those of German, Spanish and Russian, and a partner whose
// name is long and who has a line of its own: in the sizes of desks nothing is
// cut, and nowhere the number.
func (g *guests) showLongWords() {
	ctx, staff := g.Context(), audit.Actor{Kind: audit.Staff}
	partner := g.app.AddPartner("Aktionsgemeinschaft Dienst für den Frieden", "friedensdienst")
	g.app.Settle()
	long, err := g.app.Designs.Create(ctx, design.Design{Code: "long", Button: "#1b64a7", Figure: "#55722f",
		Texts: map[string]design.Text{"en": {Slogan: "Den Koreakrieg endlich beenden. Den Frieden beginnen.", Label: "Aufruf unterzeichnen"}}}, staff)
	if err == nil {
		err = g.app.Designs.Publish(ctx, long.ID, long.Version, staff)
	}
	if err == nil {
		err = g.app.Store.Exec(ctx, "UPDATE partners SET line = ?, line_lang = 'de' WHERE id = ?", "Wir wissen, was eine Grenze mitten durch ein Land bedeutet, und helfen mit.", partner.ID)
	}
	if err == nil {
		err = g.app.Register.Reload(ctx)
	}
	if err != nil {
		g.Fatal(err)
	}
	defer func() {
		if err := g.app.Designs.Withdraw(ctx, long.ID, long.Version+1, staff); err != nil {
			g.Error(err)
		}
	}()
	button := g.app.Client().Get(g.app.Sign("/en/sign", "Noor", "noor@long-words.test"))
	button.Submit(button.URL.Path)
	g.app.Until("a signature", func() bool { return g.app.Tally.Total() > 0 })
	var all strings.Builder
	for _, l := range banner.Layouts() {
		if l != banner.Sticky { // as bar
			all.WriteString(fmt.Sprintf(`<olive-embed partner="friedensdienst" layout="%s" lang="en"></olive-embed>`, l))
		}
	}
	at := g.host(`lang="de"`, g.script(), all.String())
	v := g.person()
	for _, width := range []int64{1200, 736, 336} {
		v.window(width, 2600)
		v.openHost(at)
		v.stands(banner.NumLayouts - 1)
		for _, f := range v.ours(banner.NumLayouts - 1) {
			layout := banner.LayoutOf(eval[string](f, `() => document.body.classList[0]`))
			if usual, _ := layout.FrameHeights(); width == 1200 && eval[int](f, `() => innerHeight`) != usual {
				g.Errorf("%s had to grow", layout)
			}
			if narrow := eval[bool](f, `() => innerWidth < 480 && document.body.classList.contains("row")`); narrow {
				continue // there names are cut, and slogans
			}
			if cut := eval[string](f, `() => { const seen = [...document.querySelectorAll("h1, .slogan, #people, strong, .line, .with, a")].filter((e) => e.checkVisibility() && e.offsetWidth > 1);
				const cut = seen.filter((e) => { const r = e.getBoundingClientRect(); return r.top < 0 || r.bottom > innerHeight || r.left < 0 || r.right > innerWidth
					|| getComputedStyle(e).overflow === "hidden" && (e.scrollHeight > e.clientHeight + 3 || e.scrollWidth > e.clientWidth + 1) });
				return cut.map((e) => document.body.className + ": " + e.textContent).join("; ") }`); cut != "" {
				g.Errorf("%d px: cut off: %s", width, cut)
			}
		}
	}
}
