package browsertest

import (
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/mailer"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/testkit"
)

// stage is what all browsers meet: the program with the demo's data, and the
// partners' site.
type stage struct {
	app   *testkit.App
	hosts *hosts
	axe   string // the source of axe-core, "" when it is not there
	pages map[string]int
}

// newStage has the program and the hosts of other sites' pages, for browsers.
func newStage(t *testing.T, a *testkit.App) *stage {
	t.Helper()
	findChromium(t)
	st := &stage{app: a, hosts: startHosts(t), pages: map[string]int{}}
	var err error
	if st.axe, err = fetchAxe(); err != nil {
		t.Run("axe", func(t *testing.T) { needAxe(t, err) })
	}
	return st
}

func (st *stage) audited(name string) { st.pages[name]++ }

func (st *stage) audits() int {
	n := 0
	for _, times := range st.pages {
		n += times
	}
	return n
}

// people are who walks through the program in one language.
type people struct {
	lang         string
	organization string
	latin        string
	about        string
	country      string
	contactName  string
	signers      [2]string
}

var walks = []people{
	{"en", "Harbour Lights Peace Fund", "", "We keep the lights of the harbour burning.", "NZ", "Moana Example", [2]string{"Maria Example", "John Example"}},
	{"ko", "평화의 등대 모임", "Peace Lighthouse", "등대처럼 평화의 길을 비춥니다.", "KR", "김하늘", [2]string{"이바다", "박누리"}},
	{"ar", "جمعية منارة السلام", "Manarat Peace Society", "نضيء الطريق إلى السلام.", "JO", "ليلى المثال", [2]string{"سمير المثال", "هدى المثال"}},
}

// journey is one walk, from reading the appeal to withdrawing a signature.
type journey struct {
	people
	*testing.T
	*stage
	words   *locale.Locale
	browser *chromium
	visitor *tab // reads, applies, signs; never signs in anywhere
	contact *tab // the organization's contact person
	mail    string
	partner *registry.Partner
	picture string // the codes, as copied from the portal
	live    string
	host    string // the address of the page with the live banner
}

func TestJourneys(t *testing.T) {
	t.Parallel()
	st := newStage(t, testkit.Demo(t))
	for _, who := range walks {
		t.Run(who.lang, func(t *testing.T) {
			// Ids hold the time, and the demo's were made at the moment at which the clock stands.
			st.app.Clock.Advance(time.Hour)
			j := &journey{people: who, T: t, stage: st, words: st.app.Catalogues.For(who.lang), browser: startChromium(t, st, who.lang)}
			j.visitor, j.contact = j.browser.person(), j.browser.person()
			j.mail = "contact@lights-" + who.lang + ".test"
			for _, step := range []func(){j.readsTheAppeal, j.applies, j.isApproved, j.getsTheCodes, j.pastesThePicture, j.pastesTheBanner,
				j.signsByLink, j.signsByCode, j.isFound, j.isForgotten, j.withdraws, j.seesItGrow, j.leftNoCookie} {
				step()
			}
			st.app.MustVerify()
		})
	}
	t.Logf("axe-core audited %d pages %d times", len(st.pages), st.audits())
}

// say is a message in the journey's language.
func (j *journey) say(id string, pairs ...any) string { return j.words.T(id, pairs...) }

func (j *journey) number(n int64) string { return j.words.Number(n) }

func (j *journey) campaign() string { return j.app.Campaign(j.lang) }

// letter waits for a letter of a kind, which must be in the language.
func (j *journey) letter(to, kind string) mailer.Caught {
	j.Helper()
	l := j.app.LetterTo(to, j.say("mail."+kind+".subject", "Campaign", j.campaign()))
	if l.Lang != j.lang {
		j.Errorf("the letter %q to %s is in %q, want %q", l.Subject, to, l.Lang, j.lang)
	}
	return l
}

// link is the link of a letter that holds part.
func (j *journey) link(l mailer.Caught, part string) string {
	j.Helper()
	for _, link := range l.Links {
		if strings.Contains(link, part) {
			return link
		}
	}
	j.Fatalf("no link with %q in %q: %v", part, l.Subject, l.Links)
	return ""
}

// step 1: the address alone leads to the browser's language, where total,
// meaning, next milestone and partners stand.
func (j *journey) readsTheAppeal() {
	v := j.visitor
	v.open("/")
	v.isAt("/" + j.lang + "/")
	total, goal := j.app.Tally.Total(), j.app.Appeal.Current().Goal
	v.reads(j.app.Appeal.Current().Text(appeal.Title, j.lang).Body, j.number(total),
		j.say("progress.next", "Milestone", banner.NextMilestone(total, goal)), j.say("progress.goal", "Goal", goal),
		j.say("appeal.partners", "N", j.app.Register.Len()))
	first := j.app.Register.Find(registry.Query{Lang: j.lang})[0]
	v.reads(first.Name)
	v.pick("summary", j.say("meaning.heading"))
	until, from, _ := strings.Cut(j.say("meaning.counted", "N", total, "AsOf", "|"), "|") // the time goes on
	v.until("what the number means", func() bool {
		_, said, ok := strings.Cut(v.text(), until)
		return ok && strings.Contains(said, from)
	})
	v.reads(j.say("meaning.paper"), j.say("meaning.excluded"))
	v.audit("appeal")
}

// leftNoCookie: public pages and banners leave nothing behind.
func (j *journey) leftNoCookie() {
	if c := j.visitor.cookies(); len(c) > 0 {
		j.Errorf("public pages and banners left cookies: %v", c)
	}
}
