package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// others says, for each route of the portal that names a row, the row of
// another partner. A new route with an id must be thought of here.
func (h *house) others() map[string]string {
	return map[string]string{"/portal/people/:id/remove": strconv.FormatInt(h.stranger.ID, 10), "/portal/logos/:id": h.wished}
}

func TestARepresentativeReachesNothingOfAnotherPartner(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		others, own := h.others(), h.asPartner()
		before := h.rows()
		for _, route := range h.Web.Echo.Routes() {
			if !strings.HasPrefix(route.Path, "/portal/") || strings.Contains(route.Path, ":token") || !strings.Contains(route.Path, ":") {
				continue
			}
			other, known := others[route.Path]
			if !known {
				t.Errorf("%s %s names a row nobody has thought of", route.Method, route.Path)
			}
			at := strings.ReplaceAll(route.Path, ":id", other)
			if a := h.ask(route.Method, at, urlencoded, nil, own...); a.status != http.StatusNotFound {
				t.Errorf("%s: status %d, want 404", a.asked, a.status)
			}
		}
		h.checkUnchanged("another partner's rows", before)
		for _, path := range []string{"/portal", "/portal/profile", "/portal/people", "/portal/partnership"} {
			a := h.get(path, own...)
			if a.status != http.StatusOK || strings.Contains(a.body, "Cedar") || strings.Contains(a.body, "cedars") || strings.Contains(a.body, "cedar@") {
				t.Errorf("%s: status %d, and something of another partner: %s", path, a.status, a.text())
			}
		}
	})
}

// shows says what visitors see of a partner.
func (h *house) shows(slug, name string) (page, listed, frame, credited bool) {
	h.t.Helper()
	page = h.get("/en/partners/"+slug).status == http.StatusOK
	listed = strings.Contains(h.get("/en/partners").body, name)
	framed := h.get("/embed/" + slug + "?lang=en")
	if framed.status != http.StatusOK || !strings.Contains(framed.body, "olive") && !strings.Contains(framed.body, "Sign") {
		h.t.Errorf("the frame of %s: status %d", slug, framed.status)
	}
	if a := h.get("/embed/" + slug + "/bar.svg?lang=en"); a.status != http.StatusOK || !strings.Contains(a.body, "<svg") {
		h.t.Errorf("the picture of %s: status %d", slug, a.status)
	}
	frame = strings.Contains(framed.body, name)
	credited = strings.Contains(h.get("/p/"+slug).header.Get("Location"), "via=")
	return page, listed, frame, credited
}

func TestWhatVisitorsSeeFollowsTheState(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		for _, to := range []registry.PartnerState{registry.Paused, registry.Active, registry.Suspended, registry.Active, registry.Left, registry.Active} {
			p, _ := h.Register.ByID(h.partner.ID)
			a := h.post("/console/partners/"+strconv.FormatInt(p.ID, 10)+"/state",
				encode("version", strconv.FormatInt(p.Version, 10), "to", string(to), "words", "Because."), h.asStaff(staff.Reviewer)...)
			if a.status != http.StatusSeeOther {
				t.Fatalf("to %s: status %d: %s", to, a.status, a.text())
			}
			page, listed, frame, credited := h.shows("harbour-choir", "Harbour Choir")
			want := to == registry.Active
			if page != want || listed != want || frame != want || credited != want {
				t.Errorf("%s: page %t, listed %t, named in the frame %t, credited %t; want %t", to, page, listed, frame, credited, want)
			}
		}
	})
}

func TestAnOldSlugLeadsToTheNewOneEverywhere(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		at := "/console/partners/" + strconv.FormatInt(h.partner.ID, 10) + "/rename"
		rename := func(slug string) answer {
			p, _ := h.Register.ByID(h.partner.ID)
			return h.post(at, encode("version", strconv.FormatInt(p.Version, 10), "slug", slug), h.asStaff(staff.Reviewer)...)
		}
		if a := rename("harbour-chorus"); a.status != http.StatusSeeOther {
			t.Fatalf("status %d: %s", a.status, a.text())
		}
		for _, lang := range languages {
			a := h.get("/" + lang + "/partners/harbour-choir")
			if a.status != http.StatusMovedPermanently || a.header.Get("Location") != "/"+lang+"/partners/harbour-chorus" || a.header.Get("Cache-Control") != "no-cache" {
				t.Errorf("the page: status %d to %q, %q", a.status, a.header.Get("Location"), a.header.Get("Cache-Control"))
			}
		}
		if to := h.get("/p/harbour-choir?lang=ko").header.Get("Location"); to != "/ko/sign?via=harbour-chorus" {
			t.Errorf("the short link leads to %q", to)
		}
		if a := h.get("/embed/harbour-choir/tally.json"); !strings.Contains(a.body, `"partner":"harbour-chorus"`) {
			t.Errorf("the tally: %s", a.body)
		}
		if a := h.get("/embed/harbour-choir"); !strings.Contains(a.body, "Harbour Choir") || !strings.Contains(a.body, "/p/harbour-chorus") {
			t.Error("the frame does not name the partner")
		}
		if a := rename("cedar-circle"); a.status != http.StatusUnprocessableEntity || len(a.refused()) != 1 {
			t.Errorf("another's slug: status %d, refused %v", a.status, a.refused())
		}
		if a := rename("harbour-choir"); a.status != http.StatusSeeOther {
			t.Errorf("its own old one back: status %d", a.status)
		}
		if a := h.get("/en/partners/harbour-chorus"); a.header.Get("Location") != "/en/partners/harbour-choir" {
			t.Errorf("the one in between leads to %q", a.header.Get("Location"))
		}
	})
}

func TestWhoEditsAPartnerThatMovedKeepsTheWords(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		p, _ := h.Register.ByID(h.partner.ID)
		at := "/console/partners/" + strconv.FormatInt(p.ID, 10) + "/edit"
		fields := []string{"version", strconv.FormatInt(p.Version, 10), "name", "First", "website", p.Website, "country", "KR", "kind", "peace",
			"about", "We sing loudly.", "reach", "100_999", "placement", "Our page", "lang", "en"}
		if a := h.post(at, encode(fields...), h.asStaff(staff.Reviewer)...); a.status != http.StatusSeeOther {
			t.Fatalf("the first: status %d: %s", a.status, a.text())
		}
		a := h.post(at, encode(with(fields, "name", "Second")...), h.asStaff(staff.Admin)...)
		name, _ := a.field("name")
		about, _ := a.field("about")
		if a.status != http.StatusConflict || name != "Second" || about != "We sing loudly." {
			t.Errorf("the second: status %d, keeps %q and %q", a.status, name, about)
		}
		if now, _ := h.Register.ByID(p.ID); now.Name != "First" || now.ShowSignatures {
			t.Errorf("stored is %s, shows signatures %t", now.Name, now.ShowSignatures)
		}
	})
}

func TestASuspendedPartnerReadsWhyAndWrites(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		move := func(to registry.PartnerState) {
			_, err := h.Registry.SetState(t.Context(), registry.PartnerMove{Partner: h.partner.ID, Version: registry.AnyVersion, To: to, Words: registry.Words{Body: "Your page shows hatred."}})
			h.must(err)
		}
		move(registry.Suspended)
		link := h.Keys.Token(seal.Token{Purpose: seal.SignInToPortal, Row: h.rep.ID, Counter: uint16(h.rep.Counter), Expires: h.Clock.Now().AddDate(0, 0, 1)})
		entered := h.post("/portal/enter/"+link, "")
		cookie, _, _ := strings.Cut(entered.header.Get("Set-Cookie"), ";")
		own := []string{"Cookie", cookie}
		if a := h.get("/portal", own...); a.status != http.StatusOK || strings.Contains(a.body, "code-live") {
			t.Errorf("the portal: status %d, or it still gives the codes", a.status)
		}
		for _, path := range []string{"/portal/profile", "/portal/people"} {
			if a := h.get(path, own...); a.header.Get("Location") != registry.PartnershipPath {
				t.Errorf("%s: status %d to %q", path, a.status, a.header.Get("Location"))
			}
		}
		a := h.get(registry.PartnershipPath, own...)
		if a.status != http.StatusOK || !strings.Contains(a.text(), "Your page shows hatred.") {
			t.Errorf("status %d: %s", a.status, a.text())
		}
		if a := h.post("/portal/partnership/words", encode("words", "It was hacked."), own...); a.status != http.StatusSeeOther {
			t.Errorf("words to staff: status %d", a.status)
		}
		if a := h.get("/console/partners/"+strconv.FormatInt(h.partner.ID, 10), h.asStaff(staff.Observer)...); !strings.Contains(a.text(), "It was hacked.") || strings.Contains(a.text(), person) {
			t.Errorf("an observer reads: %s", a.text())
		}
		p, _ := h.Register.ByID(h.partner.ID)
		back := h.post(registry.PartnershipPath, encode("version", strconv.FormatInt(p.Version, 10), "to", "active"), own...)
		if back.status != http.StatusConflict {
			t.Errorf("it reinstates itself: status %d", back.status)
		}
		move(registry.Left)
		if a := h.get(registry.PartnershipPath, own...); a.status != http.StatusOK || !strings.Contains(a.text(), "has left the campaign") || strings.Contains(a.text(), "hatred") {
			t.Errorf("after it left: status %d: %s", a.status, a.text())
		}
	})
}

func TestAPartnerPausesResumesAndLeaves(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		own := h.asPartner()
		for _, s := range []struct {
			to, sure string
			status   int
			state    registry.PartnerState
		}{
			{"paused", "", http.StatusSeeOther, registry.Paused}, {"active", "", http.StatusSeeOther, registry.Active},
			{"suspended", "", http.StatusConflict, registry.Active}, {"left", "", http.StatusUnprocessableEntity, registry.Active},
			{"left", "1", http.StatusSeeOther, registry.Left}, {"active", "", http.StatusConflict, registry.Left},
		} {
			p, _ := h.Register.ByID(h.partner.ID)
			a := h.post(registry.PartnershipPath, encode("version", strconv.FormatInt(p.Version, 10), "to", s.to, "sure", s.sure), own...)
			if now, _ := h.Register.ByID(p.ID); a.status != s.status || now.State != s.state {
				t.Errorf("to %s: status %d and %s, want %d and %s", s.to, a.status, now.State, s.status, s.state)
			}
		}
	})
}

func TestAPersonWhoIsRemovedIsOutAtOnce(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		h.must(h.Registry.AddPerson(t.Context(), h.partner, registry.Contact{Name: person + " Two", Role: "Chair", Email: "two@example.org", Lang: "en"}, audit.Actor{Kind: audit.Representative, ID: h.rep.ID}))
		reps, err := h.Registry.Representatives(t.Context(), h.partner.ID)
		h.must(err)
		h.must(h.Store.Exec(t.Context(), "UPDATE representatives SET counter = 1"))
		two := []string{"Cookie", "__Host-portal=" + h.session(staff.PortalSession, reps[1].ID)}
		if a := h.get("/portal/people", two...); a.status != http.StatusOK {
			t.Fatalf("status %d", a.status)
		}
		if a := h.post("/portal/people/"+strconv.FormatInt(reps[1].ID, 10)+"/remove", "", h.asPartner()...); a.status != http.StatusSeeOther {
			t.Fatalf("remove: status %d: %s", a.status, a.text())
		}
		if a := h.get("/portal/people", two...); a.header.Get("Location") != "/portal/enter" {
			t.Errorf("who was removed gets status %d", a.status)
		}
	})
}

func TestAChangeIsPublishedFromTheQueue(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		reviewer := h.asStaff(staff.Reviewer)
		at := "/console/changes/" + strconv.FormatInt(h.change, 10)
		shown := h.get(at, reviewer...)
		if shown.status != http.StatusOK || !strings.Contains(shown.body, "<ins>") || !strings.Contains(shown.text(), "cedars") {
			t.Fatalf("status %d: %s", shown.status, shown.text())
		}
		if a := h.get("/en/partners/cedar-circle"); strings.Contains(a.body, "cedars") {
			t.Error("visitors read it before it is published")
		}
		version, _ := h.get(at+"/publish", reviewer...).field("version")
		if a := h.post(at+"/publish", encode("version", version), reviewer...); a.status != http.StatusSeeOther || a.header.Get("Location") != "/console/changes" {
			t.Errorf("status %d to %q", a.status, a.header.Get("Location"))
		}
		if a := h.get("/en/partners/cedar-circle"); !strings.Contains(a.body, "cedars") {
			t.Error("visitors do not read it")
		}
		if a := h.post(at+"/publish", encode("version", version), reviewer...); a.status != http.StatusNotFound {
			t.Errorf("twice: status %d", a.status)
		}
		if _, err := h.Registry.Change(t.Context(), h.change); !errors.Is(err, registry.ErrNoChange) {
			t.Errorf("it still waits: %v", err)
		}
	})
}

func TestATableIsCheckedThenImportedThenExported(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		admin := h.asStaff(staff.Admin)
		table := "name;website;country;kind;about;reach\r\n" + `"House ""of"" Peace";house.example;kr;faith;"=HYPERLINK(""x"")";under_100` + "\r\n"
		before := h.rows()
		a := h.post("/console/partners/import", encode("csv", table, "do", "check"), admin...)
		if a.status != http.StatusOK || !strings.Contains(a.text(), `House "of" Peace`) {
			t.Errorf("check: status %d: %s", a.status, a.text())
		}
		h.checkUnchanged("a check", before)
		again, _ := a.field("csv")
		if a := h.post("/console/partners/import", encode("csv", again, "do", "import"), admin...); a.header.Get("Location") != "/console/partners?imported=1" {
			t.Errorf("import: status %d to %q", a.status, a.header.Get("Location"))
		}
		out := h.get("/console/partners.csv?q=house", h.asStaff(staff.Observer)...)
		if out.status != http.StatusOK || !strings.Contains(out.body, `"House ""of"" Peace"`) || !strings.Contains(out.body, `"'=HYPERLINK`) ||
			strings.Contains(out.body, "Harbour") || !strings.HasPrefix(out.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("export: status %d %v: %s", out.status, out.header, out.body)
		}
		for _, ask := range []string{"?state=nonsense", "?country=zz", "?after=-1", "?after=x", "?q=%25", "?q=%ff", "?sort=id;drop"} {
			if a := h.get("/console/partners"+ask, admin...); a.status != http.StatusOK {
				t.Errorf("%s: status %d", ask, a.status)
			}
		}
	})
}

func TestATableComesAsAFile(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		admin := h.asStaff(staff.Admin)
		send := func(file, do string) answer {
			kind, body := testkit.Multipart("file", []byte(file), "csv", "", "do", do)
			return h.ask(http.MethodPost, "/console/partners/import", kind, strings.NewReader(body), append(admin, "Accept-Language", "en")...)
		}
		heading, line := "name,website,country,kind,about,reach\n", "House %d,house-%d.example,KR,faith,We pray.,under_100\n"
		before := h.rows()
		f := form{name: "import partners"}
		for what, file := range map[string]string{
			"a picture":        string(testkit.Picture(t)),
			"UTF-16":           "\xff\xfen\x00a\x00m\x00e\x00",
			"an open quote":    heading + `"open`,
			"only a heading":   heading,
			"2,001 lines":      heading + strings.Repeat("x\n", 2001),
			"a million lines":  strings.Repeat("a\n", 1<<20),
			"a million cells":  strings.Repeat(",", 1<<20),
			"a million heads":  strings.Repeat("name,", 400_000),
			"one line a fault": heading + fmt.Sprintf(line, 1, 1) + "x\n",
			"more than 2 MB":   heading + strings.Repeat("x", 2<<20),
		} {
			a := send(file, "import")
			h.checkRefused(what, f, a, "en", http.StatusUnprocessableEntity)
			if got := a.refused(); len(got) != 1 || got[0] != "file" {
				t.Errorf("%s: refused for %v, want the file", what, got)
			}
		}
		if a := send(strings.Repeat("x", 4<<20), "import"); a.status != http.StatusRequestEntityTooLarge {
			t.Errorf("4 MB: status %d", a.status)
		}
		h.checkUnchanged("hostile tables", before)
		var long strings.Builder
		long.WriteString("\uFEFF" + heading)
		for i := range 1200 {
			fmt.Fprintf(&long, line, i, i)
		}
		checked := send(long.String(), "check")
		if pasted, _ := checked.field("csv"); checked.status != http.StatusOK || pasted != "" || !strings.Contains(checked.text(), h.Catalogues.For("en").T("import.again")) {
			t.Errorf("a long file: status %d", checked.status)
		}
		h.checkUnchanged("a check", before)
		small := send("\uFEFF"+heading+fmt.Sprintf(line, 1, 1), "check")
		if pasted, _ := small.field("csv"); small.status != http.StatusOK || pasted != heading+fmt.Sprintf(line, 1, 1) {
			t.Errorf("a small file is shown as %q", pasted)
		}
		if a := send(long.String(), "import"); a.header.Get("Location") != "/console/partners?imported=1200" {
			t.Errorf("import: status %d to %q", a.status, a.header.Get("Location"))
		}
	})
}
