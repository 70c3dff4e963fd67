package browsertest

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// viewer is who opens a page.
type viewer string

const (
	anybody viewer = "anybody"
	member  viewer = "member"  // of the staff, an admin
	halfway viewer = "halfway" // through signing in
	contact viewer = "contact" // of a partner, who reads the language
)

// world is the demo, with what only lives for a while.
type world struct {
	*testing.T
	*stage
	partner int64 // whose page is seen
	checker *checker
}

func openWorld(t *testing.T, options ...func(*app.Options)) *world {
	t.Helper()
	st := newStage(t, testkit.Demo(t, options...))
	w := &world{T: t, stage: st}
	p, ok := st.app.Register.BySlug("handeul-peace-yard")
	if !ok {
		t.Fatal("the demo has lost its first partner")
	}
	w.partner = p.ID
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// row is the id of the newest row for which this is so.
func (w *world) row(table, where string, args ...any) int64 {
	w.Helper()
	var id int64
	w.must(w.app.Store.Read(w.Context()).Table(table).Where(where, args...).Order("id DESC").Limit(1).Pluck("id", &id).Error)
	if id == 0 {
		w.Fatalf("the demo has no row of %s with %s %v", table, where, args)
	}
	return id
}

// organization is the application of one, by a part of its website.
func (w *world) organization(site string) *registry.Application {
	w.Helper()
	a, err := w.app.Registry.Application(w.Context(), w.row("applications", "website = ?", "https://"+site+".example"))
	w.must(err)
	return a
}

func (w *world) token(purpose seal.Purpose, row int64, counter int) string {
	return w.app.Keys.Token(seal.Token{Purpose: purpose, Row: row, Counter: uint16(counter), Expires: w.app.Clock.Now().Add(time.Hour)})
}

// inLetter is the rest of the first link of a letter that holds part.
func (w *world) inLetter(to, part string) string {
	w.Helper()
	link := w.app.Link(to, "", part)
	return link[strings.Index(link, part)+len(part):]
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

// reader is a contact person who reads a language and has not been let in yet.
// The demo has none for some languages: there somebody learns it.
func (w *world) reader(lang string) int64 {
	w.Helper()
	var found int64
	w.must(w.app.Store.Read(w.Context()).Table("representatives").Where("lang = ? AND counter = 0", lang).Order("id DESC").Limit(1).Pluck("id", &found).Error)
	if found == 0 {
		found = w.row("representatives", "lang = 'en' AND counter = 0")
		w.must(w.app.Store.Exec(w.Context(), "UPDATE representatives SET lang = ? WHERE id = ?", lang, found))
	}
	return found
}

// as opens a tab of who may see a page.
func (w *world) as(c *chromium, who viewer, lang string) *tab {
	w.Helper()
	b := c.person()
	b.screen(360, "light")
	switch who {
	case contact:
		b.open("/portal/enter/" + w.token(seal.SignInToPortal, w.reader(lang), 0))
		b.press("main button", "")
		b.isAt("/portal")
	case member, halfway:
		mail := string(who) + "-" + lang + "@example.org"
		account, err := w.app.Staff.Add(w.Context(), staff.NewAccount{Email: mail, Name: "Tester", Password: testkit.Password, Lang: lang, Role: staff.Admin}, audit.Actor{Kind: audit.Operator})
		w.must(err)
		if who == halfway {
			w.enrol(account)
		}
		b.open("/console/sign-in")
		b.fill("email", mail, "password", testkit.Password)
		b.press("main button", w.app.Catalogues.For(lang).T("console.sign_in_button"))
		b.isAt("/console")
	}
	return b
}

// enrol gives an account an authenticator app.
func (w *world) enrol(who *staff.Account) {
	w.Helper()
	offer, err := w.app.Staff.NewOffer(who, "Our Appeal")
	w.must(err)
	token, err := w.app.Staff.BeginWhole(w.Context(), who.ID, staff.ByTOTP, "")
	w.must(err)
	session, err := w.app.Staff.Session(w.Context(), staff.StaffSession, token)
	w.must(err)
	_, err = w.app.Staff.EnrolTOTP(w.Context(), session, offer.Sealed, testkit.Authenticator{App: w.app, Secret: offer.Secret}.Code(0))
	w.must(err)
}
