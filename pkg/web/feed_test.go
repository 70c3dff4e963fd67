package web_test

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/config"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// registerFeed is what a reader of the register's feed takes from it.
type registerFeed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string   `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Entries []struct {
		Summary struct {
			Type string `xml:"type,attr"`
			Text string `xml:",chardata"`
		} `xml:"summary"`
	} `xml:"entry"`
}

// A partner's words are plain text, also to a reader that shows HTML.
func TestTheFeedOfTheRegisterHasNoMarkupOfPartners(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	h.edit("harbour-choir", func(p *registry.Public) { p.About = `War < peace <img src=x onerror="alert(1)">` })
	feed := func(query string) (out registerFeed) {
		t.Helper()
		a := h.get("/en/partners.atom" + query)
		if a.status != http.StatusOK {
			t.Fatalf("%s: status %d", query, a.status)
		}
		h.must(xml.Unmarshal([]byte(a.body), &out))
		if _, err := time.Parse(time.RFC3339, out.Updated); err != nil {
			t.Errorf("%q: of no time: %v", query, err)
		}
		return out
	}
	got := feed("?q=harbour")
	if len(got.Entries) != 1 || got.Entries[0].Summary.Type != "html" || got.Entries[0].Summary.Text != "War &lt; peace &lt;img src=x onerror=&#34;alert(1)&#34;&gt;" {
		t.Errorf("%+v", got.Entries)
	}
	if empty := feed("?q=nobody-has-this-name"); len(empty.Entries) != 0 {
		t.Errorf("of nothing: %+v", empty)
	}
}

// A feed says which language it speaks, where it is found itself, and where
// people read the same.
func TestAFeedSaysWhereItIsAndInWhichLanguage(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	for feed, page := range map[string]string{"/ar/partners.atom?country=KR&q=choir": "/ar/partners?country=KR&q=choir", "/ko/messages.atom?language=ko": "/ko/messages?language=ko"} {
		var got registerFeed
		h.must(xml.Unmarshal([]byte(h.get(feed).body), &got))
		found := map[string]string{}
		for _, l := range got.Links {
			found[l.Rel] = strings.TrimPrefix(l.Href, h.BaseURL.String())
		}
		if got.Lang != feed[1:3] || found["self"] != feed || found["alternate"] != page || got.ID != h.BaseURL.String()+feed {
			t.Errorf("%s is %s in %q and leads to %v", feed, got.ID, got.Lang, found)
		}
	}
}

func TestThePageOfAPartnerIsDescribedInItsReadersLanguage(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	h.edit("harbour-choir", func(p *registry.Public) {
		p.Others = registry.Statements{{Lang: "ko", About: "평화를 노래합니다."}}
	})
	a := h.get("/ko/partners/harbour-choir")
	for _, says := range []string{`<meta name="description" content="평화를 노래합니다.">`, `<meta property="og:description" content="평화를 노래합니다.">`, `"description":"평화를 노래합니다."`} {
		if !strings.Contains(a.body, says) {
			t.Errorf("no %s", says)
		}
	}
}

// The frame of the wall names a partner as it is called now.
func TestTheWallOnOtherPagesFollowsAName(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	h.edit("harbour-choir", func(p *registry.Public) { p.Message = "We sing for peace." })
	at := "/embed/cedar-circle/messages?lang=en"
	if a := h.get(at); !strings.Contains(a.body, "Harbour Choir") {
		t.Fatalf("not there: %s", a.body)
	}
	h.edit("harbour-choir", func(p *registry.Public) { p.Name = "Harbour Chorus" })
	if a := h.get(at); !strings.Contains(a.body, "Harbour Chorus") || strings.Contains(a.body, "Harbour Choir") {
		t.Errorf("after it has another name: %s", a.body)
	}
}

// PostgreSQL refuses text that is none.
func TestNamesInAddressesThatAreNoTextAreNotFound(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		moderator := h.asStaff(staff.Admin)
		for _, bad := range []string{"%ff", "%C0%80", "a%FEb", url.PathEscape("\u0000"), strings.Repeat("9", 300)} {
			for _, path := range []string{"/en/statements/" + bad, "/console/translate/" + bad + "/ko", "/console/translate/appeal.title/" + bad, "/en/qr/" + bad + ".svg", "/sitemap/" + bad} {
				if a := h.get(path, moderator...); a.status != http.StatusNotFound && a.status != http.StatusBadRequest {
					t.Errorf("%s: status %d", path, a.status)
				}
			}
			for _, path := range []string{"/console/reports/" + bad + "/1/dismiss", "/console/reports/" + bad + "/1/reopen", "/console/reports/message/" + bad + "/hide"} {
				if a := h.post(path, encode("last", "1", "version", "0", "reason", "insult"), moderator...); a.status >= http.StatusInternalServerError || a.status < http.StatusBadRequest {
					t.Errorf("%s: status %d", path, a.status)
				}
			}
		}
		for _, query := range []string{"?language=%ff", "?country=%00", "?partner=%ff", "?after=%ff", "?before=9999999999999999999.1", "?after=-9223372036854775808.-9223372036854775808"} {
			for _, path := range []string{"/en/messages", "/en/messages.atom", "/en/partners", "/en/partners.csv", "/en/number", "/console/messages"} {
				if a := h.get(path+query, moderator...); a.status >= http.StatusInternalServerError {
					t.Errorf("%s%s: status %d", path, query, a.status)
				}
			}
		}
		for _, query := range []string{"?message=%ff", "?message=-1", "?message=1&message=2", "?partner=%ff", "?message=99999999999999999999"} {
			if a := h.get("/en/report" + query); a.status != http.StatusNotFound && a.status != http.StatusBadRequest {
				t.Errorf("/en/report%s: status %d", query, a.status)
			}
		}
	})
}

// A cache must not hand packed bytes to who cannot unpack them, nor the note
// about another script to who reads this one.
func TestACacheKnowsWhatAnAnswerDependsOn(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	for _, path := range []string{"/en/", "/en/partners", "/en/messages.atom", "/en/nothing"} {
		vary := h.get(path, "Accept-Encoding", "gzip").header.Values("Vary")
		for _, on := range []string{"Accept-Encoding", "Accept-Language"} {
			if n := strings.Count(strings.Join(vary, ", "), on); n != 1 {
				t.Errorf("%s: %d times %s in %q", path, n, on, vary)
			}
		}
	}
}
