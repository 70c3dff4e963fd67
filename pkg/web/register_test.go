package web_test

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"image/png"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// edit changes what a partner says of itself, as staff do.
func (h *house) edit(slug string, change func(*registry.Public)) {
	h.t.Helper()
	p, _ := h.Register.BySlug(slug)
	public := p.Public()
	change(&public)
	_, err := h.Registry.EditPartner(h.t.Context(), registry.Edit{Partner: p.ID, Version: p.Version, Public: public, ShowSignatures: p.ShowSignatures, By: audit.Actor{Kind: audit.Program}})
	h.must(err)
}

// listed are the slugs that a page of the register links to.
func listed(a answer) (slugs []string) {
	for part := range strings.SplitSeq(a.body, `<p class="who"><a href="/en/partners/`) {
		if slug, _, ok := strings.Cut(part, `"`); ok && !strings.Contains(slug, "<") {
			slugs = append(slugs, slug)
		}
	}
	return slugs
}

func TestOneQueryGivesThePageAndTheFiles(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		h.edit("cedar-circle", func(p *registry.Public) {
			p.Country, p.Kind = "LB", registry.KindNetwork
			p.Others = registry.Statements{{Lang: "ar", About: "نغرس الأرز."}}
		})
		h.edit("harbour-choir", func(p *registry.Public) { p.Networks = "cedar-circle" })
		settings, err := h.Registry.Settings(t.Context())
		h.must(err)
		settings.Home = "KR"
		h.must(h.Registry.SaveSettings(t.Context(), settings, audit.Actor{Kind: audit.Program}))
		both, choir, cedar := []string{"cedar-circle", "harbour-choir"}, []string{"harbour-choir"}, []string{"cedar-circle"}
		for query, want := range map[string][]string{
			"": both, "?q=HARBOUR": choir, "?q=" + url.QueryEscape("Ｃedár"): cedar, "?region=142": both, "?region=145": cedar, "?country=KR": choir, "?kind=network": cedar,
			"?language=ar": cedar, "?network=cedar-circle": choir, "?side=home": choir, "?side=abroad": cedar, "?region=150": nil, "?country=KR&kind=network": nil,
			"?country=zz": both, "?region=001": both, "?kind=x&language=%20&network=harbour-choir&side=moon": both, "?q=%ff": both, "?after=x&before=-1&letter=%00": both,
		} {
			if got := listed(h.get("/en/partners" + query)); !slices.Equal(got, want) {
				t.Errorf("%q lists %q, want %q", query, got, want)
			}
			var file struct {
				Partners []struct{ Slug string }
				Total    int
			}
			h.must(json.Unmarshal([]byte(h.get("/en/partners.json"+query).body), &file))
			var inJSON []string
			for _, p := range file.Partners {
				inJSON = append(inJSON, p.Slug)
			}
			if !slices.Equal(inJSON, want) || file.Total != len(want) {
				t.Errorf("%q as JSON: %q, want %q", query, inJSON, want)
			}
			table := h.get("/en/partners.csv" + query)
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(table.body, "\uFEFF"))).ReadAll()
			h.must(err)
			var inCSV []string
			for _, row := range rows[1:] {
				inCSV = append(inCSV, row[0])
			}
			if !slices.Equal(inCSV, want) || !strings.HasPrefix(table.header.Get("Content-Disposition"), "attachment") {
				t.Errorf("%q as CSV: %q, want %q", query, inCSV, want)
			}
			var feed struct {
				XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
				Entries []struct {
					Link struct {
						Href string `xml:"href,attr"`
					} `xml:"link"`
				} `xml:"entry"`
			}
			atom := h.get("/en/partners.atom" + query)
			h.must(xml.Unmarshal([]byte(atom.body), &feed))
			var inAtom []string
			for _, e := range feed.Entries {
				inAtom = append(inAtom, strings.TrimPrefix(e.Link.Href, h.BaseURL.String()+"/en/partners/"))
			}
			if slices.Sort(inAtom); !slices.Equal(inAtom, want) || atom.header.Get("Content-Type") != "application/atom+xml; charset=utf-8" {
				t.Errorf("%q as Atom: %q, want %q", query, inAtom, want)
			}
			onMap := h.get("/en/partners?view=map&" + strings.TrimPrefix(query, "?"))
			if n := strings.Count(onMap.body, "<circle"); onMap.status != http.StatusOK || n != len(want) {
				t.Errorf("%q on the map: status %d, %d discs for %q", query, onMap.status, n, want)
			}
		}
		// Who takes a condition back, or turns to one side, stays on the map.
		onMap := h.get("/en/partners?country=KR&q=choir&view=map")
		for _, to := range []string{"?country=KR&amp;view=map", "?q=choir&amp;view=map", "?country=KR&amp;q=choir&amp;side=abroad&amp;view=map", "?country=KR&amp;q=choir", ".csv?country=KR&amp;q=choir"} {
			if !strings.Contains(onMap.body, `href="/en/partners`+to+`"`) {
				t.Errorf("the map does not lead to %s", to)
			}
		}
		page := h.get("/en/partners?country=KR&q=choir")
		for _, file := range []string{".csv", ".json", ".atom"} {
			if !strings.Contains(page.body, `href="/en/partners`+file+`?country=KR&amp;q=choir"`) {
				t.Errorf("the page does not lead to its %s", file)
			}
		}
		if a := h.get("/en/partners"); !strings.Contains(a.body, `<option value="KR">South Korea (1)</option>`) || !strings.Contains(a.body, `<option value="145">— Western Asia (1)</option>`) {
			t.Error("the choices do not say how many they leave")
		}
	})
}

func TestThePageOfAPartner(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		h.edit("cedar-circle", func(p *registry.Public) { p.Kind = registry.KindNetwork })
		h.edit("harbour-choir", func(p *registry.Public) {
			p.Networks, p.Others = "cedar-circle", registry.Statements{{Lang: "ar", About: "نغني للسلام.", Message: "سلام."}, {Lang: "ko", About: "평화를 노래합니다."}}
		})
		for lang, says := range map[string]string{"en": "We sing", "ko": "평화를 노래합니다.", "ar": "نغني للسلام."} {
			a := h.get("/" + lang + "/partners/harbour-choir")
			lead := `<p class="lead" lang="` + lang + `" dir="auto" translate="no">` + says
			if a.status != http.StatusOK || !strings.Contains(a.body, lead) || strings.Count(a.body, "<details class=\"other\">") != 2 {
				t.Errorf("%s: status %d: %s", lang, a.status, a.body)
			}
			if !strings.Contains(a.body, `href="/`+lang+`/partners/cedar-circle"`) || !strings.Contains(a.body, `/p/harbour-choir`) {
				t.Errorf("%s: neither its network nor its link: %s", lang, a.body)
			}
		}
		if a := h.get("/en/partners/cedar-circle"); !strings.Contains(a.text(), "1 member") || !strings.Contains(a.body, `href="/en/partners/harbour-choir"`) {
			t.Errorf("the network does not name its member: %s", a.text())
		}
		drawn := h.get("/en/qr/harbour-choir.png")
		if picture, err := png.Decode(strings.NewReader(drawn.body)); drawn.status != http.StatusOK || err != nil || picture.Bounds().Dx() < 300 {
			t.Errorf("the QR code: status %d, %v", drawn.status, err)
		}
		if a := h.get("/en/qr/harbour-choir.svg"); a.status != http.StatusOK || !strings.Contains(a.body, "<svg") {
			t.Errorf("the QR code as SVG: status %d", a.status)
		}
		for _, path := range []string{"/en/partners/nobody", "/en/qr/nobody.svg"} {
			if a := h.get(path); a.status != http.StatusNotFound {
				t.Errorf("%s: status %d", path, a.status)
			}
		}
	})
}

func TestStaffWriteInOtherLanguagesAndTellACountryApart(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		h.edit("cedar-circle", func(p *registry.Public) { p.Kind = registry.KindNetwork })
		at := "/console/partners/" + strconv.FormatInt(h.partner.ID, 10) + "/edit"
		reviewer := h.asStaff(staff.Reviewer)
		shown := h.get(at, reviewer...)
		if !strings.Contains(shown.body, `name="other_1_about"`) || !strings.Contains(shown.body, `<option value="cedar-circle"`) {
			t.Fatalf("status %d: %s", shown.status, shown.text())
		}
		version, _ := shown.field("version")
		fields := []string{"version", version, "name", "Harbour Choir", "website", h.partner.Website, "country", "KR", "kind", "peace", "about", "We sing.", "reach", "100_999",
			"placement", "Our page", "lang", "en", "network_1", "", "network_2", "cedar-circle", "other_1_lang", "fr", "other_1_about", "Nous chantons.", "other_1_message", "", "other_2_lang", "", "other_2_about", "", "other_2_message", ""}
		refused := h.post(at, encode(with(fields, "other_1_lang", "not a tag")...), reviewer...)
		about, _ := refused.field("other_1_about")
		if refused.status != http.StatusUnprocessableEntity || about != "Nous chantons." || !strings.Contains(refused.body, `id="e-other_1_lang"`) {
			t.Errorf("a wrong language: status %d, keeps %q: %s", refused.status, about, refused.text())
		}
		if a := h.post(at, encode(fields...), reviewer...); a.status != http.StatusSeeOther {
			t.Fatalf("status %d: %s", a.status, a.text())
		}
		if a := h.get("/en/partners/harbour-choir"); !strings.Contains(a.body, "Nous chantons.") || !strings.Contains(a.body, "/en/partners/cedar-circle") {
			t.Errorf("the page: %s", a.text())
		}
		// A form without these fields leaves them as they are.
		now, _ := h.Register.BySlug("harbour-choir")
		if a := h.post(at, encode(with(with(fields[:len(fields)-16], "version", strconv.FormatInt(now.Version, 10)), "about", "We sing loudly.")...), reviewer...); a.status != http.StatusSeeOther {
			t.Errorf("status %d: %s", a.status, a.text())
		}
		if now, _ := h.Register.BySlug("harbour-choir"); now.About != "We sing loudly." || len(now.Others) != 1 || now.Networks != "cedar-circle" {
			t.Errorf("after a form without them: %+v", now)
		}

		admin := h.asStaff(staff.Admin)
		if a := h.post("/console/settings", encode("overdue_days", "7", "home", "ZZ"), admin...); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="e-home"`) {
			t.Errorf("no country: status %d", a.status)
		}
		if a := h.get("/en/partners"); strings.Contains(a.text(), "International") {
			t.Error("told apart before anybody wants it")
		}
		if a := h.post("/console/settings", encode("overdue_days", "7", "home", "KR"), admin...); a.status != http.StatusSeeOther {
			t.Fatalf("status %d: %s", a.status, a.text())
		}
		if a := h.get("/en/partners"); !strings.Contains(a.text(), "International") || !strings.Contains(a.body, `href="/en/partners?side=home"`) {
			t.Error("not told apart")
		}
	})
}
