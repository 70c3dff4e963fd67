package web_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"olivebranch/pkg/config"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// right is who may use a route, and what they get for an empty request.
type right struct {
	least   string // a role; partner; or all
	allowed int
}

const (
	all     = "all"
	partner = "partner"
)

// rights are those of every route of the console and the portal.
var rights = map[string]right{
	"GET /console":                                        {"observer", 200},
	"GET /console/applications/:id":                       {"observer", 200},
	"GET /console/applications/:id/logo":                  {"observer", 200},
	"POST /console/applications/:id/claim":                {"reviewer", 303},
	"POST /console/applications/:id/take-over":            {"reviewer", 303},
	"POST /console/applications/:id/release":              {"reviewer", 303},
	"POST /console/applications/:id/go-on":                {"reviewer", 303},
	"GET /console/applications/:id/approve":               {"reviewer", 200},
	"POST /console/applications/:id/approve":              {"reviewer", 409},
	"GET /console/applications/:id/ask":                   {"reviewer", 200},
	"POST /console/applications/:id/ask":                  {"reviewer", 422},
	"GET /console/applications/:id/decline":               {"reviewer", 200},
	"POST /console/applications/:id/decline":              {"reviewer", 422},
	"POST /console/decisions/:id/undo":                    {"reviewer", 409},
	"GET /console/spam":                                   {"reviewer", 200},
	"POST /console/spam":                                  {"reviewer", 422},
	"GET /console/phrases":                                {"observer", 200},
	"GET /console/phrases/:key":                           {"reviewer", 200},
	"POST /console/phrases/:key":                          {"reviewer", 422},
	"GET /console/messages":                               {"observer", 200},
	"POST /console/messages/:id/show":                     {"moderator", 303},
	"POST /console/messages/:id/refuse":                   {"moderator", 303},
	"GET /console/appeal":                                 {"observer", 200},
	"POST /console/appeal":                                {"admin", 422},
	"POST /console/language":                              {"observer", 303},
	"POST /console/sign-out":                              {"observer", 303},
	"GET /console/sign-in":                                {all, 200},
	"POST /console/sign-in":                               {all, 422},
	"GET /console/first/:token":                           {all, 410},
	"POST /console/first/:token":                          {all, 410},
	"GET /portal":                                         {partner, 200},
	"GET /portal/enter":                                   {all, 200},
	"POST /portal/enter":                                  {all, 422},
	"GET /portal/enter/:token":                            {all, 410},
	"POST /portal/enter/:token":                           {all, 410},
	"POST /portal/leave":                                  {all, 303},
	"GET /console/applications/:id/compare/:other":        {"observer", 200},
	"POST /console/applications/:id/compare/:other/merge": {"reviewer", 409},
	"POST /console/applications/:id/compare/:other/undo":  {"reviewer", 409},
	"GET /console/partners/:id/compare/:other":            {"observer", 404}, // the ids are of applications
	"POST /console/partners/:id/compare/:other/merge":     {"reviewer", 404},
	"POST /console/partners/:id/compare/:other/undo":      {"reviewer", 404},
	"GET /console/protected":                              {"observer", 200},
	"POST /console/protected":                             {"reviewer", 422},
	"POST /console/protected/:id/remove":                  {"reviewer", 404},
}

// forAll are the forms outside these rooms, each of them in every language.
var forAll = []string{"/sign", "/sign/sent/:token", "/confirm/:token", "/signature/:token/withdraw", "/signature/:token/forget",
	"/join", "/application/:token/confirm", "/application/:token/withdraw", "/application/:token/answer",
	"/draft/:token", "/application/:token/resend", "/application/:token/address", "/application/:token/message", "/application/:token/speaker",
	"/application/:token/logo", "/application/:token/logo/remove", "/speaker/:token/confirm", "/speaker/:token/refuse"}

// persona is who comes, with the token of a session of either kind.
type persona struct {
	name, role string
	begin      func() string
}

func (h *house) personas() []persona {
	list := []persona{
		{"nobody", "", func() string { return "" }},
		{"partner", partner, func() string { return h.session(staff.PortalSession, h.rep.ID) }},
	}
	for _, role := range staff.Roles {
		list = append(list, persona{string(role), string(role), func() string { return h.session(staff.StaffSession, h.member(role).ID) }})
	}
	gone := h.AddStaff("disabled@example.org", staff.Admin)
	h.must(h.Store.Exec(h.t.Context(), "UPDATE staff_accounts SET state = 'disabled' WHERE id = ?", gone.ID))
	return append(list, persona{"disabled", "", func() string { return h.session(staff.StaffSession, gone.ID) }})
}

// may says whether a persona's role is enough.
func (p persona) may(r right) bool {
	return r.least == all || r.least == p.role || slices.Contains(staff.Roles, staff.Role(p.role)) && staff.Role(p.role).Covers(staff.Role(r.least))
}

func TestEveryRouteAsksWhoIsThere(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		personas := h.personas()
		for _, role := range staff.Roles {
			h.member(role)
		}
		seen := map[string]bool{}
		for _, route := range h.Web.Echo.Routes() {
			method := route.Method
			if method == http.MethodHead {
				method = http.MethodGet
			}
			inside := strings.HasPrefix(route.Path, "/console") || strings.HasPrefix(route.Path, "/portal")
			r, known := rights[method+" "+route.Path]
			switch {
			case inside && !known:
				t.Errorf("%s %s has no line in the table of rights", route.Method, route.Path)
			case inside:
				seen[method+" "+route.Path] = true
				for _, p := range personas {
					h.checkRight(p, r, route.Method, route.Path)
				}
			case method != http.MethodGet && (len(route.Path) < 4 || !slices.Contains(forAll, route.Path[3:])):
				t.Errorf("%s %s is a form nobody has thought of", route.Method, route.Path)
			}
		}
		for name := range rights {
			if !seen[name] {
				t.Errorf("there is no route %s any more", name)
			}
		}
	})
}

func (h *house) checkRight(p persona, r right, method, path string) {
	h.t.Helper()
	token := p.begin()
	id := h.received.ID
	if strings.Contains(path, "messages") {
		id = h.message
	}
	// What one persona claimed would be in the way of the next.
	h.must(h.Store.Exec(h.t.Context(), "UPDATE applications SET claimed_by = 0"))
	before := h.rows()
	at := strings.NewReplacer(":id", strconv.FormatInt(id, 10), ":other", strconv.FormatInt(h.sent.ID, 10), ":token", "x", ":key", "who_leads").Replace(path)
	// A session of one kind must not open the other's door.
	a := h.ask(method, at, urlencoded, nil, "Cookie", "__Host-staff="+token+"; __Host-portal="+token)
	door := "/console/sign-in"
	if strings.HasPrefix(path, "/portal") {
		door = "/portal/enter"
	}
	switch {
	case p.may(r):
		if a.status != r.allowed {
			h.t.Errorf("%s for %s: status %d, want %d", a.asked, p.name, a.status, r.allowed)
		}
		return
	case slices.Contains(staff.Roles, staff.Role(p.role)) && r.least != partner:
		if a.status != http.StatusForbidden {
			h.t.Errorf("%s for %s: status %d, want 403", a.asked, p.name, a.status)
		}
	case a.status != http.StatusSeeOther || a.header.Get("Location") != door:
		h.t.Errorf("%s for %s: status %d to %q, want 303 to %s", a.asked, p.name, a.status, a.header.Get("Location"), door)
	}
	h.checkUsual(a)
	h.checkUnchanged(p.name+" "+a.asked, before)
}

func TestARoleTakenAwayIsGoneAtOnce(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		admin := h.asStaff(staff.Admin)
		save := func() int { return h.post("/console/appeal", "", admin...).status }
		become := func(column, value string) {
			h.must(h.Store.Exec(t.Context(), "UPDATE staff_accounts SET "+column+" = ? WHERE id = ?", value, h.member(staff.Admin).ID))
		}
		if got := save(); got != http.StatusUnprocessableEntity {
			t.Fatalf("an admin: status %d", got)
		}
		for _, role := range []string{"observer", "reviewer", "nonsense", ""} {
			become("role", role)
			if got := save(); got != http.StatusForbidden {
				t.Errorf("a session whose role is now %q: status %d, want 403", role, got)
			}
		}
		become("role", "admin")
		become("state", "disabled")
		if got := save(); got != http.StatusSeeOther {
			t.Errorf("a session whose account is disabled: status %d, want 303", got)
		}
		rep := h.asPartner()
		h.must(h.Store.Exec(t.Context(), "DELETE FROM representatives WHERE id = ?", h.rep.ID))
		if a := h.get("/portal", rep...); a.status != http.StatusSeeOther {
			t.Errorf("a representative who is none any more: status %d, want 303", a.status)
		}
	})
}
