package app_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/testkit"
)

// speakers are people who signed and whose messages are shown.
func speakers(t testing.TB, name string, partner int64, n int) []appeal.Entry {
	t.Helper()
	list := entries(t, name, partner, n)
	for i := range list {
		list[i].Message, list[i].Spoken, list[i].Shown = fmt.Sprintf("Peace, says %s %d.", name, i), []string{"en", "ko", "fr"}[i%3], true
	}
	return list
}

func say(t testing.TB, a *testkit.App, list []appeal.Entry) {
	t.Helper()
	for part := range slices.Chunk(list, 1000) {
		if _, err := a.Signatures.Add(t.Context(), a.Appeal.Current(), part); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Messages.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A list of a partner's people is a figure: it is there where the figure is told.
func TestTheWallTellsNothingOfFewPeople(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	small, large := a.AddPartner("Small Circle", "small-circle").ID, a.AddPartner("Large House", "large-house").ID
	say(t, a, speakers(t, "direct", 0, 40))
	say(t, a, speakers(t, "small", small, 9))
	say(t, a, speakers(t, "large", large, 12))
	wall := func(query string) *testkit.Page { return expect(t, a.Client().Get("/en/messages"+query), 200) }
	if p := wall(""); strings.Contains(p.Body, `value="small-circle"`) || !strings.Contains(p.Body, `value="large-house"`) || !p.Has("Large House (12)") {
		t.Errorf("offered are others than the large one:\n%s", p.Body)
	}
	if p := wall("?partner=small-circle"); p.Has("says small") || !p.Has("No message answers this choice.") {
		t.Error("nine people are listed under their partner")
	}
	if p := wall("?partner=large-house"); !p.Has("12 messages") || p.Has("says direct") {
		t.Error("twelve people are not listed under their partner")
	}
	if feed := a.Client().Get("/en/messages.atom?partner=small-circle"); feed.Status != 200 || strings.Contains(feed.Body, "says small") {
		t.Errorf("the feed lists them: %d", feed.Status)
	}
	if p := wall("?language=ko&country=FR"); p.Has("Peace, says large 0.") || !p.Has("Peace, says large 1.") || !p.Has("20 messages") {
		t.Error("it is not narrowed to a language")
	}
	// Nonsense asks nothing.
	if p := wall("?language=<script>&country=XX&partner=nobody&after=x.y&before=-1"); !p.Has("61 messages") {
		t.Error("nonsense asks something")
	}
}

// atom is what a reader of the feed takes from it.
type atom struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Entries []struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Content string `xml:"content"`
		Link    struct {
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"entry"`
}

func TestTheFeedHasTheMessagesOfThePageWithTheirTranslations(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	list := speakers(t, "river", 0, 30)
	for i := range list {
		list[i].Message = strings.ReplaceAll(list[i].Message, "river", "<b>&amp;")
	}
	say(t, a, list)
	m := a.Messages.Shown()[3]
	if err := a.Messages.Translate(t.Context(), appeal.Rendering{Message: m.ID, Lang: "ar", Body: "سلام"}, operator); err != nil {
		t.Fatal(err)
	}
	p := expect(t, a.Client().Get("/ar/messages"), 200, "سلام")
	feed := a.Client().Get("/ar/messages.atom")
	var got atom
	if err := xml.Unmarshal([]byte(feed.Body), &got); err != nil || len(got.Entries) != 30 || !strings.HasPrefix(feed.Header.Get("Content-Type"), "application/atom+xml") {
		t.Fatalf("%v: %d entries, %s", err, len(got.Entries), feed.Header.Get("Content-Type"))
	}
	seen := map[string]bool{}
	for _, e := range got.Entries {
		if _, err := time.Parse(time.RFC3339, e.Updated); err != nil || e.ID == "" || seen[e.ID] || strings.Contains(e.Content, "<b>") {
			t.Errorf("%+v: %v", e, err)
		}
		seen[e.ID] = true
	}
	if c := got.Entries[3].Content; !strings.Contains(c, `lang="ar"`) || !strings.Contains(c, "سلام") || !strings.Contains(c, `lang="`+m.Lang+`"`) {
		t.Errorf("the translated one is %s", c)
	}
	// The link of an entry opens the wall with that message first.
	path := strings.TrimPrefix(got.Entries[3].Link.Href, a.BaseURL.Scheme+"://"+a.BaseURL.Host)
	if first := a.Client().Get(path); !strings.Contains(first.Body, "says") || !strings.Contains(first.Body[:strings.Index(first.Body, "</figure>")], strings.TrimPrefix(m.Body, "Peace, says <b>&amp;")) {
		t.Errorf("%s does not begin with it", path)
	}
	if !strings.Contains(p.Body, `href="/ar/messages.atom"`) {
		t.Error("the page does not lead to the feed")
	}
}

// From the form to the wall and off it again, as people do it.
func TestAMessageIsReportedAndTakenOffTheWall(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		say(t, a, speakers(t, "river", 0, 3))
		shown := a.Messages.Shown()[0]
		visitor := a.Client()
		at := "/en/report?message=" + id(shown.ID)
		form := expect(t, visitor.Get(at), 200, shown.Body)
		expect(t, form.Submit(at, "reason", "", "words", "x"), 422, "Choose what is wrong.")
		expect(t, form.Submit(at, "reason", "insult", "words", "It hurts."), 200, "Your report has arrived")
		desk := a.Enter(a.AddStaff("moderator@example.org", "moderator"))
		cases := expect(t, desk.Get("/console/reports"), 200, "It hurts.", "1 open", shown.Body)
		expect(t, cases.Submit("/hide", "reason", "insult"), 200, "dealt with")
		if p := visitor.Get("/en/messages"); p.Has(shown.Body) {
			t.Error("it is still on the wall")
		}
		if p := visitor.Get(at); p.Status != http.StatusNotFound {
			t.Errorf("what is off the wall can be reported: %d", p.Status)
		}
	})
}

// manyMessages are more than any campaign of the kind has had.
const manyMessages = 100_000

// BenchmarkWall is a page of the wall over a socket, among 100,000 messages,
// beside the error page, which asks the database nothing.
func BenchmarkWall(b *testing.B) {
	for name, settings := range map[string]func(testing.TB) *config.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		b.Run(name, func(b *testing.B) { benchWall(b, settings(b)) })
	}
}

func benchWall(b *testing.B, c *config.Config) {
	a := testkit.Run(b, c)
	say(b, a, speakers(b, "many", 0, manyMessages))
	a.Until("contact data to be looked for", func() bool {
		n, err := a.Messages.Mark(b.Context())
		return n == 0 && err == nil
	})
	all := a.Messages.Select(appeal.WallQuery{})
	deep, err := a.Messages.After(b.Context(), all, appeal.MessageKey{}, appeal.Bounds{Messages: 5000, Bytes: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	middle := deep.Messages[len(deep.Messages)-1]
	for name, path := range map[string]string{"first": "/en/messages", "middle, narrowed": fmt.Sprintf("/en/messages?language=ko&after=%d.%d", middle.CreatedAt, middle.ID), "plain": "/en/privacy"} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				r, err := http.Get(a.BaseURL.Scheme + "://" + a.BaseURL.Host + path)
				if err != nil || r.StatusCode != 200 {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, r.Body); err != nil {
					b.Fatal(err)
				}
				_ = r.Body.Close()
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
		})
	}
	b.Run("decide", func(b *testing.B) {
		by := audit.Actor{Kind: audit.Staff, ID: 1}
		for b.Loop() {
			if err := a.Messages.Decide(b.Context(), appeal.Ruling{Message: middle.ID, Version: middle.Version, State: appeal.MessageShown}, by); err != nil {
				b.Fatal(err)
			}
			middle.Version++
		}
	})
	b.Run("reload", func(b *testing.B) {
		for b.Loop() {
			if err := a.Messages.Reload(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
