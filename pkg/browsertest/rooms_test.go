package browsertest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/demo"
	"olivebranch/pkg/design"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// anyLang stands for the language in routes of the public pages.
const anyLang = "{lang}"

// room is a page of the program and an example of where it is found: what
// stands for the variables of its route, in their order, or the query.
type room struct {
	route string
	who   viewer
	path  string
}

// noRooms are the routes that show no page, each with what it does instead.
var noRooms = map[string]string{
	"/":                                      "leads to the reader's language",
	"/{lang}":                                "leads to /{lang}/",
	"/p/:slug":                               "leads to the form",
	"/healthz":                               "for machines",
	"/readyz":                                "for machines",
	"/robots.txt":                            "for machines",
	"/sitemap.xml":                           "for machines",
	"/sitemap/:part":                         "for machines",
	"/.well-known/security.txt":              "for machines",
	"/{lang}/site.webmanifest":               "for machines",
	"/favicon.ico":                           "a picture",
	"/apple-touch-icon.png":                  "a picture",
	"/static/*":                              "files",
	"/logo/:file":                            "a picture",
	"/map/:file":                             "a picture",
	"/demo/mail.json":                        "for machines",
	"/{lang}/partners.json":                  "for machines",
	"/{lang}/partners.csv":                   "a file",
	"/{lang}/partners.atom":                  "for machines",
	"/{lang}/figures.json":                   "for machines",
	"/{lang}/messages.atom":                  "for machines",
	"/{lang}/figures.csv":                    "a file",
	"/{lang}/statements":                     "leads to the list on /{lang}/number",
	"/{lang}/qr/:file":                       "a picture",
	"/{lang}/application/:token/logo":        "a picture",
	"/{lang}/sign/challenge/:commitment":     "for scripts",
	"/console/applications/:id/logo":         "a picture",
	"/console/logos/:id":                     "a picture",
	"/portal/logos/:id":                      "a picture",
	"/console/live":                          "for scripts",
	"/console/partners.csv":                  "a file",
	"/console/audit.csv":                     "a file",
	"/console/first/:token":                  "good only while there is no account; the tests of the web show it",
	"/embed/:slug/shields.json":              "for machines",
	"/embed/v1.js":                           "a script",
	"/embed/v1.:release":                     "a script",
	"/embed/:slug/tally.json":                "for machines",
	"/embed/:slug/:picture":                  "a picture",
	"/embed/:slug/messages":                  "a frame, which TestTheWallStandsOnAPartnersPage opens there",
	"/embed/:slug":                           "a frame, which TestJourneys opens on a partner's page",
	"/console/designs/:id/pictures/:picture": "a picture",
	"/portal/qr.svg":                         "a picture",
	"/portal/qr.png":                         "a picture",
	"/portal/embed.zip":                      "a file",
	"/embed/source/:file":                    "a file",
	"/oembed":                                "for machines",
}

// rooms are all pages, some of them in several states.
func (w *world) rooms() []room {
	w.Helper()
	ctx, reg := w.Context(), w.app.Registry
	request := func(mail string) int64 {
		row, err := w.app.Intake.Request(ctx, appeal.Form{Name: "Mina Example", Email: mail, Country: "KR", Lang: "en",
			Consents: appeal.ConsentCount, Range: "192.0.2.0/24"})
		w.must(err)
		return row
	}
	waits, signed := request("waits@example.org"), request("signed@example.org")
	_, err := w.app.Intake.Confirm(ctx, signed)
	w.must(err)
	stopped := outbox.StopToken(w.app.Keys, outbox.BannerMissed, []byte("another"))
	subscription, err := w.app.Outbox.Subscription(stopped)
	w.must(err)
	w.must(w.app.Outbox.Stop(ctx, subscription))
	last := func(link string) string { return link[strings.LastIndexByte(link, '/')+1:] }
	status := func(a *registry.Application) string { return last(reg.StatusLink(a)) }
	sent, asked := w.organization("chanan-aman"), w.organization("thit-yeik")
	open, twin, spoken := w.organization("sudu-nelum"), w.organization("reedbed-institute"), w.organization("vepachettu")
	other, err := reg.Application(ctx, w.row("applications", "website = ? AND id <> ?", twin.Website, twin.ID))
	w.must(err)
	spoken, err = reg.NameSpeaker(ctx, spoken.Link(), "Marat Example", "marat@example.org")
	w.must(err)
	draft, err := reg.Application(ctx, w.row("applications", "state = ?", registry.Draft))
	w.must(err)
	lent, err := reg.LendOut(ctx, open.ID, audit.Actor{Kind: audit.Program})
	w.must(err)
	opened, err := reg.LendOut(ctx, spoken.ID, audit.Actor{Kind: audit.Program})
	w.must(err)
	w.must(reg.Open(ctx, opened.ID))
	p, ok := w.app.Register.BySlug("heron-lake-peace-circle")
	if !ok {
		w.Fatal("the demo has lost a partner")
	}
	vouch, err := reg.AskPartner(ctx, asked.ID, p, audit.Actor{Kind: audit.Program})
	w.must(err)
	admin, err := w.app.Staff.Account(ctx, w.row("staff_accounts", "email = ?", demo.StaffMail))
	w.must(err)
	w.must(w.app.Staff.Invite(ctx, staff.NewInvitation{Email: "new@example.org", Role: staff.Reviewer, Lang: "en"}, admin))
	letter := w.row("letters", "subject = ? AND subject_id = ?", registry.OfApplication, open.ID)
	told := registry.Letter{ID: w.row("letters", "subject = ?", registry.OfPartner)}
	w.must(w.app.Store.Read(ctx).Take(&told).Error)
	drawn := w.row("designs", "state = ?", design.Published)
	change := w.row("partner_changes", "state = ?", registry.ChangeWaiting)
	held, invalid, swept := w.doubts()
	colleague := w.row("staff_accounts", "email = ?", demo.ColleagueMail)

	frozen, err := w.app.Statements.Freeze(ctx, 0, audit.Actor{Kind: audit.Program})
	w.must(err)

	w.app.Suspect(w.partner)
	return []room{
		{"/{lang}/", anybody, ""},
		{"/{lang}/sign", anybody, "?via=handeul-peace-yard"},
		{"/{lang}/sign/sent/:token", anybody, w.token(seal.EnterCode, waits, 0)},
		{"/{lang}/confirm/:token", anybody, w.token(seal.ConfirmSignature, waits, 0)},
		{"/{lang}/signature/:token", anybody, w.app.Keys.Token(seal.Token{Purpose: seal.ViewSignature, Row: signed})},
		{"/{lang}/signature/:token", anybody, w.app.Keys.Token(seal.Token{Purpose: seal.ViewSignature, Row: waits})},
		{"/{lang}/signature/:token", anybody, w.app.Keys.Token(seal.Token{Purpose: seal.ViewSignature, Row: held})},
		{"/{lang}/signature/:token", anybody, w.app.Keys.Token(seal.Token{Purpose: seal.ViewSignature, Row: invalid})},
		{"/{lang}/signature", anybody, ""},
		{"/{lang}/unsubscribe/:token", anybody, outbox.StopToken(w.app.Keys, outbox.SignReminder, []byte("a reader"))},
		{"/{lang}/unsubscribe/:token", anybody, stopped},
		{"/{lang}/partners", anybody, ""},
		{"/{lang}/partners", anybody, "?q=nobody-is-called-so"},
		{"/{lang}/partners", anybody, "?view=map&region=142"},
		{"/{lang}/partners/:slug", anybody, "handeul-peace-yard"},
		{"/{lang}/figures", anybody, ""},
		{"/{lang}/number", anybody, ""},
		{"/{lang}/statements/:name", anybody, frozen.Name},
		{"/{lang}/messages", anybody, ""},
		{"/{lang}/messages", anybody, "?language=ko&country=KR"},
		{"/{lang}/messages", anybody, "?language=cy"},
		{"/{lang}/report", anybody, "?partner=handeul-peace-yard"},
		{"/{lang}/report", anybody, "?partner=handeul-peace-yard&sent=1"},
		{"/{lang}/report", anybody, "?message=" + id(w.app.Messages.Shown()[0].ID)},
		{"/{lang}/privacy", anybody, ""},
		{"/{lang}/embed", anybody, ""},
		{"/{lang}/join", anybody, ""},
		{"/{lang}/draft/:token", anybody, last(reg.DraftLink(draft))},
		{"/{lang}/application/:token", anybody, status(sent)},
		{"/{lang}/application/:token", anybody, status(asked)},
		{"/{lang}/application/:token", anybody, status(spoken)},
		{"/{lang}/application/:token", anybody, status(w.organization("handeul-peace-yard"))},
		{"/{lang}/application/:token/confirm", anybody, w.app.Keys.Token(seal.Token{Purpose: seal.ConfirmApplication, Row: sent.ID,
			Expires: w.app.Clock.Now().Add(time.Hour), Counter: uint16(sent.Counter)})},
		{"/{lang}/application/:token/proof", anybody, status(open)},
		{"/{lang}/application/:token/proof", anybody, status(twin)},
		{"/{lang}/speaker/:token", anybody, w.inLetter("marat@example.org", "/speaker/")},
		{"/{lang}/vouch/:token", anybody, w.token(seal.Vouch, vouch.ID, 0)},
		{"/{lang}/reading/:token", anybody, last(reg.ReadingLink(lent, "en"))},
		{"/{lang}/reading/:token", anybody, last(reg.ReadingLink(opened, "en"))},
		{"/demo/mail", anybody, ""},

		{"/portal/enter", anybody, ""},
		{"/portal/enter", anybody, "?sent=1"},
		{"/portal/enter/:token", anybody, w.token(seal.SignInToPortal, w.row("representatives", "partner_id = ?", w.partner), 0)},
		{"/portal", contact, ""},
		{"/portal/embed", contact, ""},
		{"/portal/embed", contact, "?site=mail&layout=tall&theme=dark"},
		{"/portal/poster", contact, ""},
		{"/portal/profile", contact, ""},
		{"/portal/design", contact, ""},
		{"/portal/people", contact, ""},
		{"/portal/places", contact, ""},
		{"/portal/me", contact, ""},
		{"/portal/partnership", contact, ""},

		{"/console/sign-in", anybody, ""},
		{"/console/invitation/:token", anybody, w.inLetter("new@example.org", "/invitation/")},
		{"/console/second", halfway, ""},
		{"/console", member, ""},
		{"/console", member, "?q=nobody-is-called-so"},
		{"/console", member, "?tab=" + string(registry.NeedsInfo)},
		{"/console/applications/:id", member, id(open.ID)},
		{"/console/applications/:id", member, id(spoken.ID)},
		{"/console/applications/:id", member, id(w.organization("vepachettu").ID)},
		{"/console/applications/:id", member, id(w.organization("krom-daem-tnaot").ID)},
		{"/console/applications/:id", member, id(w.organization("united-orchard").ID)},
		{"/console/applications/:id/approve", member, id(twin.ID)},
		{"/console/applications/:id/ask", member, id(twin.ID)},
		{"/console/applications/:id/decline", member, id(twin.ID)},
		{"/console/applications/:id/letters/:letter", member, id(open.ID) + " " + id(letter)},
		{"/console/applications/:id/compare/:other", member, id(twin.ID) + " " + id(other.ID)},
		{"/console/spam", member, "?id=" + id(w.organization("lampshade-bargains").ID)},
		{"/console/phrases", member, ""},
		{"/console/phrases/:key", member, "who_leads"},
		{"/console/messages", member, ""},
		{"/console/messages", member, "?list=" + appeal.ListShown},
		{"/console/reports", member, ""},
		{"/console/held", member, ""},
		{"/console/held", member, "?by=domain"},
		{"/console/held/one", member, ""},
		{"/console/sweeps", member, ""},
		{"/console/sweeps/:id", member, id(swept)},
		{"/console/appeal", member, ""},
		{"/console/translate", member, ""},
		{"/console/translate", member, "?lang=ko&work=1"},
		{"/console/translate/:text/:into", member, "appeal.body ko"},
		{"/console/translate/:text/:into", member, "appeal.title en"},
		{"/console/designs", member, ""},
		{"/console/designs/new", member, ""},
		{"/console/designs/:id", member, id(drawn)},
		{"/console/designs/:id/edit", member, id(drawn)},
		{"/console/partners", member, ""},
		{"/console/partners", member, "?q=nobody-is-called-so"},
		{"/console/partners", member, "?owing=1"},
		{"/console/partners/import", member, ""},
		{"/console/placements", member, ""},
		{"/console/placements", member, "?partner=" + id(w.partner) + "&host=unknown.example"},
		{"/console/partners/:id", member, id(w.partner)},
		{"/console/partners/:id/edit", member, id(w.partner)},
		{"/console/partners/:id/state", member, id(w.partner) + " ?to=suspended"},
		{"/console/partners/:id/letters/:letter", member, id(told.SubjectID) + " " + id(told.ID)},
		{"/console/partners/:id/compare/:other", member, id(w.partner) + " " + id(p.ID)},
		{"/console/changes", member, ""},
		{"/console/changes/:id", member, id(change)},
		{"/console/changes/:id/publish", member, id(change)},
		{"/console/changes/:id/refuse", member, id(change)},
		{"/console/audit", member, ""},
		{"/console/audit", member, "?from=1999-01-01&to=1999-01-02"},
		{"/console/figures", member, ""},
		{"/console/statements", member, ""},
		{"/console/mail", member, ""},
		{"/console/settings", member, ""},
		{"/console/limits", member, ""},
		{"/console/alarms", member, ""},
		{"/console/protected", member, ""},
		{"/console/account", member, ""},
		{"/console/accounts", member, ""},
		{"/console/accounts/:id", member, id(colleague)},
		{"/console/factors", member, ""},
		{"/console/factors/totp", member, ""},
		{"/console/factors/codes", member, ""},
	}
}

// doubts adds signatures of the day before yesterday that are held, one of which
// was refused since, in a sweep.
func (w *world) doubts() (held, invalid, swept int64) {
	w.Helper()
	ctx := w.Context()
	var rows []int64
	for i, reason := range []string{appeal.ReasonQuick, appeal.ReasonDomain} {
		row, err := w.app.Intake.Request(ctx, appeal.Form{Name: "Doubt Example", Email: fmt.Sprintf("doubt-%d@example.org", i), Country: "KR", Lang: "en",
			Consents: appeal.ConsentCount, Range: "198.51.100.0/24", Doubt: reason})
		w.must(err)
		_, err = w.app.Intake.Confirm(ctx, row)
		w.must(err)
		rows = append(rows, row)
	}
	w.must(w.app.Store.Exec(ctx, "UPDATE signatures SET confirmed_at = confirmed_at - ? WHERE id IN ?", 48*time.Hour.Milliseconds(), rows))
	by := audit.Actor{Kind: audit.Program}
	rule := appeal.Rule{State: appeal.Held, Typed: appeal.Typed{Name: "doubt"}, Reason: appeal.ReasonDomain}
	w.app.Clock.Advance(time.Minute)
	swept, err := w.app.Sweeps.Preview(ctx, appeal.Wish{Rule: rule, To: appeal.Mark{State: appeal.Invalid, Reason: appeal.ReasonNames}, Words: "All of one list.", By: by})
	w.must(err)
	_, err = w.app.Sweeps.Await(ctx, swept, time.Minute)
	w.must(err)
	w.must(w.app.Sweeps.Start(ctx, swept, by))
	_, err = w.app.Sweeps.Await(ctx, swept, time.Minute)
	w.must(err)
	return rows[0], rows[1], swept
}

// address is where the room is found, in a language.
func (r room) address(lang string) string {
	at := strings.Replace(r.route, anyLang, lang, 1)
	for _, word := range strings.Fields(r.path) {
		if strings.HasPrefix(word, "?") {
			return at + word
		}
		from := strings.IndexByte(at, ':')
		to := from + strings.IndexByte(at[from:]+"/", '/')
		at = at[:from] + word + at[to:]
	}
	return at
}

// name of a room in what the test says.
func (r room) name(lang string) string {
	if strings.HasPrefix(r.path, "?") {
		return lang + " " + r.route + r.path
	}
	return lang + " " + r.route
}

// everyRoute fails the test for a route that is neither on the list nor an
// exception.
func (w *world) everyRoute(list []room) {
	w.Helper()
	known := map[string]bool{}
	for _, r := range list {
		known[r.route] = false
	}
	for route := range noRooms {
		known[route] = false
	}
	for _, route := range w.app.Web.Echo.Routes() {
		if route.Method != http.MethodGet {
			continue
		}
		path := route.Path
		for _, l := range w.app.Catalogues.Languages() {
			if rest, ok := strings.CutPrefix(path, "/"+l.Code); ok && (rest == "" || rest[0] == '/') {
				path = "/" + anyLang + rest
			}
		}
		if _, ok := known[path]; !ok {
			w.Errorf("%s is on no list: add the page to rooms, or say in noRooms why it is none", path)
		}
		known[path] = true
	}
	for route, met := range known {
		if !met {
			w.Errorf("there is no route %s any more", route)
		}
	}
}

// TestEveryPageIsInReach opens every page of the program: none scrolls
// sideways in any language, be it on a narrow phone, and axe-core finds nothing
// wrong, in light and in dark, nor does the Nu checker in its HTML. A new route
// is put into rooms or noRooms.
func TestEveryPageIsInReach(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	list := w.rooms()
	w.everyRoute(list)
	w.checker = newChecker(t)
	for _, lang := range testkit.Languages(t) {
		t.Run(lang, func(t *testing.T) {
			w := *w
			w.T = t
			c := startChromium(t, w.stage, lang)
			tabs := map[viewer]*tab{}
			for _, r := range list {
				if lang != "en" && lang != "ko" && slices.Contains([]viewer{member, halfway}, r.who) {
					continue // the console speaks English and Korean
				}
				if tabs[r.who] == nil {
					tabs[r.who] = w.as(c, r.who, lang)
				}
				w.look(tabs[r.who], r, lang)
			}
			if left := tabs[anybody].cookies(); len(left) > 0 {
				t.Errorf("public pages left cookies: %v", left)
			}
		})
	}
	w.checker.check()
}

func (w *world) look(b *tab, r room, lang string) {
	w.Helper()
	b.open(r.address(lang))
	for _, width := range []int64{1280, 320} {
		b.screen(width, "light")
		b.noSideways(fmt.Sprintf("%s, %d px wide", r.name(lang), width))
	}
	if lang == "en" || testkit.Long() { // what the rules of axe look at is the same in all
		w.checker.take(r.name(lang), b.source())
		b.screenOf(320, wholePage, "light") // so that nothing that sticks to the window's edge covers what it is over
		b.audit(r.name(lang))
		b.screenOf(320, wholePage, "dark")
		b.auditColours(r.name(lang) + " in dark")
	}
}
