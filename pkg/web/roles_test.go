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
	least   string // a role; partner; a stage of signing in; or all
	allowed int
}

// A session of staff has seen the password only, or is whole. Without a
// second factor to show, its owner has to choose one first.
const (
	all      = "all"
	partner  = "partner"
	known    = "known"    // whoever's password was right
	halfway  = "halfway"  // before the second step
	newcomer = "newcomer" // who has no second factor yet, or a whole session
)

// rights are those of every route of the console and the portal.
var rights = map[string]right{
	"GET /console":                               {"observer", 200},
	"GET /console/applications/:id":              {"observer", 200},
	"GET /console/live":                          {"observer", 200},
	"GET /console/applications/:id/logo":         {"observer", 200},
	"POST /console/applications/:id/claim":       {"reviewer", 303},
	"POST /console/applications/:id/take-over":   {"reviewer", 303},
	"POST /console/applications/:id/release":     {"reviewer", 303},
	"POST /console/applications/:id/go-on":       {"reviewer", 303},
	"GET /console/applications/:id/approve":      {"reviewer", 200},
	"POST /console/applications/:id/approve":     {"reviewer", 409},
	"GET /console/applications/:id/ask":          {"reviewer", 200},
	"POST /console/applications/:id/ask":         {"reviewer", 422},
	"GET /console/applications/:id/decline":      {"reviewer", 200},
	"POST /console/applications/:id/decline":     {"reviewer", 422},
	"POST /console/decisions/:id/undo":           {"reviewer", 409},
	"GET /console/spam":                          {"reviewer", 200},
	"POST /console/spam":                         {"reviewer", 422},
	"GET /console/phrases":                       {"observer", 200},
	"GET /console/phrases/:key":                  {"reviewer", 200},
	"POST /console/phrases/:key":                 {"reviewer", 422},
	"GET /console/messages":                      {"observer", 200},
	"POST /console/messages/:id/show":            {"moderator", 409},
	"POST /console/messages/:id/refuse":          {"moderator", 422},
	"POST /console/messages/:id/undo":            {"moderator", 409},
	"POST /console/messages/:id/translate":       {"moderator", 422},
	"GET /console/reports":                       {"observer", 200},
	"POST /console/reports/:subject/:id/dismiss": {"moderator", 409},
	"POST /console/reports/:subject/:id/uphold":  {"moderator", 409},
	"POST /console/reports/:subject/:id/reopen":  {"moderator", 409},
	"POST /console/reports/message/:id/hide":     {"moderator", 422},
	"GET /console/appeal":                        {"observer", 200},
	"POST /console/appeal":                       {"admin", 422},
	"GET /console/translate":                     {"observer", 200},
	"GET /console/translate/:text/:into":         {"observer", 404},
	"POST /console/translate/:text/:into":        {"reviewer", 404},
	"GET /console/designs":                       {"observer", 200},
	"GET /console/designs/new":                   {"admin", 200},
	"POST /console/designs/new":                  {"admin", 422},
	"GET /console/designs/:id":                   {"observer", 200},
	"GET /console/designs/:id/edit":              {"admin", 200},
	"POST /console/designs/:id/edit":             {"admin", 409},
	"POST /console/designs/:id/publish":          {"admin", 409},
	"POST /console/designs/:id/withdraw":         {"admin", 409},
	"GET /console/designs/:id/pictures/:picture": {"observer", 200},
	"GET /portal/design":                         {partner, 200},
	"POST /portal/design":                        {partner, 422},
	"POST /portal/design/line":                   {partner, 422},
	"POST /portal/design/line/remove":            {partner, 303},
	"GET /console/sign-in":                       {all, 200},
	"POST /console/sign-in":                      {all, 422},
	"GET /console/first/:token":                  {all, 410},
	"POST /console/first/:token":                 {all, 410},
	"GET /portal":                                {partner, 200},
	"GET /portal/enter":                          {all, 200},
	"POST /portal/enter":                         {all, 422},
	"GET /portal/enter/:token":                   {all, 410},
	"POST /portal/enter/:token":                  {all, 410},
	"POST /portal/leave":                         {all, 303},

	"POST /console/language":                               {known, 303},
	"POST /console/sign-out":                               {known, 303},
	"GET /console/account":                                 {"observer", 200},
	"POST /console/account":                                {"observer", 422},
	"POST /console/account/password":                       {"observer", 422},
	"POST /console/account/sessions/end":                   {"observer", 303},
	"POST /console/account/sessions/:id/end":               {"observer", 404},
	"GET /console/factors":                                 {newcomer, 200},
	"GET /console/factors/totp":                            {newcomer, 200},
	"POST /console/factors/totp":                           {newcomer, 422},
	"POST /console/factors/totp/remove":                    {"observer", 409},
	"POST /console/factors/passkeys/ask":                   {newcomer, 415},
	"POST /console/factors/passkeys":                       {newcomer, 415},
	"POST /console/factors/passkeys/:id/label":             {"observer", 422},
	"POST /console/factors/passkeys/:id/remove":            {"observer", 404},
	"GET /console/factors/codes":                           {"observer", 200},
	"POST /console/factors/codes":                          {"observer", 409},
	"GET /console/second":                                  {halfway, 200},
	"POST /console/second":                                 {halfway, 422},
	"POST /console/second/passkey/ask":                     {halfway, 415},
	"POST /console/second/passkey":                         {halfway, 415},
	"GET /console/accounts":                                {"admin", 200},
	"GET /console/accounts/:id":                            {"admin", 404},
	"POST /console/accounts/:id/role":                      {"admin", 404},
	"POST /console/accounts/:id/disable":                   {"admin", 404},
	"POST /console/accounts/:id/enable":                    {"admin", 404},
	"POST /console/accounts/:id/reset":                     {"admin", 404},
	"POST /console/accounts/invitations":                   {"admin", 422},
	"POST /console/accounts/invitations/:id/resend":        {"admin", 410},
	"POST /console/accounts/invitations/:id/revoke":        {"admin", 410},
	"POST /console/sign-in/passkey/ask":                    {all, 415},
	"POST /console/sign-in/passkey":                        {all, 415},
	"GET /console/invitation/:token":                       {all, 410},
	"POST /console/invitation/:token":                      {all, 410},
	"POST /console/applications/:id/proof":                 {"reviewer", 422},
	"POST /console/applications/:id/vouch":                 {"reviewer", 422},
	"POST /console/vouches/:id/withdraw":                   {"reviewer", 303},
	"GET /console/partners":                                {"observer", 200},
	"GET /console/partners.csv":                            {"observer", 200},
	"GET /console/partners/import":                         {"admin", 200},
	"POST /console/partners/import":                        {"admin", 422},
	"GET /console/partners/:id":                            {"observer", 200},
	"GET /console/partners/:id/edit":                       {"reviewer", 200},
	"POST /console/partners/:id/edit":                      {"reviewer", 422},
	"GET /console/partners/:id/state":                      {"reviewer", 200},
	"POST /console/partners/:id/state":                     {"reviewer", 422},
	"POST /console/partners/:id/rename":                    {"reviewer", 422},
	"GET /console/placements":                              {"observer", 200},
	"POST /console/placements/hosts":                       {"reviewer", 422},
	"GET /console/changes":                                 {"observer", 200},
	"GET /console/changes/:id":                             {"observer", 200},
	"GET /console/changes/:id/publish":                     {"reviewer", 200},
	"GET /console/changes/:id/refuse":                      {"reviewer", 200},
	"POST /console/changes/:id/publish":                    {"reviewer", 409},
	"POST /console/changes/:id/refuse":                     {"reviewer", 422},
	"GET /portal/embed":                                    {partner, 200},
	"POST /portal/embed/check":                             {partner, 422},
	"GET /portal/qr.svg":                                   {partner, 200},
	"GET /portal/qr.png":                                   {partner, 200},
	"GET /portal/poster":                                   {partner, 200},
	"GET /console/logos/:id":                               {"observer", 200},
	"GET /portal/logos/:id":                                {partner, 404}, // an applicant's
	"GET /portal/profile":                                  {partner, 200},
	"POST /portal/profile":                                 {partner, 422},
	"POST /portal/profile/take-back":                       {partner, 303},
	"POST /portal/profile/figures":                         {partner, 303},
	"GET /portal/places":                                   {partner, 200},
	"POST /portal/hosts":                                   {partner, 422},
	"POST /portal/hosts/remove":                            {partner, 303},
	"GET /portal/people":                                   {partner, 200},
	"POST /portal/people":                                  {partner, 422},
	"GET /portal/me":                                       {partner, 200},
	"POST /portal/me":                                      {partner, 422},
	"POST /portal/people/:id/remove":                       {partner, 409},
	"GET /portal/embed.zip":                                {partner, 200},
	"GET /portal/partnership":                              {partner, 200},
	"POST /portal/partnership":                             {partner, 422},
	"POST /portal/partnership/words":                       {partner, 422},
	"POST /console/applications/:id/notes":                 {"reviewer", 422},
	"POST /console/partners/:id/notes":                     {"reviewer", 422},
	"GET /console/applications/:id/letters/:letter":        {"reviewer", 200},
	"GET /console/partners/:id/letters/:letter":            {"reviewer", 404},
	"POST /console/applications/:id/readings":              {"reviewer", 303},
	"POST /console/applications/:id/readings/:reading/end": {"reviewer", 303},
	"GET /console/audit":                                   {"admin", 200},
	"GET /console/audit.csv":                               {"admin", 200},
	"GET /console/figures":                                 {"observer", 200},
	"GET /console/statements":                              {"observer", 200},
	"POST /console/statements":                             {"admin", 422},
	"GET /console/mail":                                    {"observer", 200},
	"POST /console/mail/free":                              {"reviewer", 422},
	"GET /console/settings":                                {"admin", 200},
	"POST /console/settings":                               {"admin", 422},
	"GET /console/applications/:id/compare/:other":         {"observer", 200},
	"POST /console/applications/:id/compare/:other/merge":  {"reviewer", 409},
	"POST /console/applications/:id/compare/:other/undo":   {"reviewer", 409},
	"GET /console/partners/:id/compare/:other":             {"observer", 404}, // the ids are of applications
	"POST /console/partners/:id/compare/:other/merge":      {"reviewer", 404},
	"POST /console/partners/:id/compare/:other/undo":       {"reviewer", 404},
	"GET /console/limits":                                  {"admin", 200},
	"POST /console/limits":                                 {"admin", 422},
	"POST /console/limits/:id/remove":                      {"admin", 404},
	"GET /console/alarms":                                  {"observer", 200},
	"POST /console/alarms/:id/done":                        {"reviewer", 404},
	"POST /console/alarms/:id/reopen":                      {"reviewer", 404},
	"POST /console/holds/:id/end":                          {"reviewer", 409},
	"GET /console/protected":                               {"observer", 200},
	"POST /console/protected":                              {"reviewer", 422},
	"POST /console/protected/:id/remove":                   {"reviewer", 404},
	"GET /console/held":                                    {"observer", 200},
	"POST /console/held":                                   {"moderator", 422},
	"GET /console/held/one":                                {"moderator", 200},
	"POST /console/held/one":                               {"moderator", 422},
	"POST /console/held/undo/:id":                          {"moderator", 409},
	"GET /console/sweeps":                                  {"observer", 200},
	"POST /console/sweeps":                                 {"reviewer", 422},
	"GET /console/sweeps/:id":                              {"observer", 200},
	"POST /console/sweeps/:id/run":                         {"reviewer", 409},
	"POST /console/sweeps/:id/cancel":                      {"reviewer", 409},
	"POST /console/sweeps/:id/undo":                        {"reviewer", 409},
}

// forAll are the forms outside these rooms, each of them in every language.
var forAll = []string{"/report", "/sign", "/sign/sent/:token", "/confirm/:token", "/signature", "/signature/:token/name", "/signature/:token/ticks", "/signature/:token/resend", "/signature/:token/withdraw", "/signature/:token/forget",
	"/join", "/application/:token/confirm", "/application/:token/withdraw", "/application/:token/answer",
	"/draft/:token", "/application/:token/resend", "/application/:token/address", "/application/:token/message", "/application/:token/speaker",
	"/application/:token/logo", "/application/:token/logo/remove", "/speaker/:token/confirm", "/speaker/:token/refuse",
	"/application/:token/proof", "/application/:token/proof/partners", "/application/:token/proof/links", "/vouch/:token", "/unsubscribe/:token", "/unsubscribe/:token/again",
	"/reading/:token/open", "/reading/:token/remark"}

// persona is who comes, with the token of a session of either kind.
type persona struct {
	name, role string
	stage      string // of signing in; "" for a whole session or none of staff
	begin      func() string
}

func (h *house) personas() []persona {
	list := []persona{
		{"nobody", "", "", func() string { return "" }},
		{"partner", partner, "", func() string { return h.session(staff.PortalSession, h.rep.ID) }},
	}
	for _, role := range staff.Roles {
		enrolled, fresh := h.AddStaff("halfway-"+string(role)+"@example.org", role), h.AddStaff("newcomer-"+string(role)+"@example.org", role)
		h.enrol(enrolled)
		list = append(list,
			persona{string(role), string(role), "", func() string { return h.session(staff.StaffSession, h.member(role).ID) }},
			persona{string(role) + " halfway", string(role), halfway, func() string { return h.half(staff.StaffSession, enrolled.ID) }},
			persona{string(role) + " new", string(role), newcomer, func() string { return h.half(staff.StaffSession, fresh.ID) }})
	}
	gone := h.AddStaff("disabled@example.org", staff.Admin)
	h.must(h.Store.Exec(h.t.Context(), "UPDATE staff_accounts SET state = 'disabled' WHERE id = ?", gone.ID))
	return append(list, persona{"disabled", "", "", func() string { return h.session(staff.StaffSession, gone.ID) }})
}

func (p persona) staff() bool { return slices.Contains(staff.Roles, staff.Role(p.role)) }

// may says whether who comes is somebody the route is for.
func (p persona) may(r right) bool {
	switch r.least {
	case all:
		return true
	case known:
		return p.staff()
	case halfway:
		return p.stage == halfway
	case newcomer:
		return p.staff() && p.stage != halfway
	case partner:
		return p.role == partner
	}
	return p.staff() && p.stage == "" && staff.Role(p.role).Covers(staff.Role(r.least))
}

// elsewhere is what somebody gets who may not: the status, and the door that
// is shown to them.
func (p persona) elsewhere(r right) (status int, door string) {
	switch {
	case r.least == partner:
		return http.StatusSeeOther, "/portal/enter"
	case !p.staff():
		return http.StatusSeeOther, "/console/sign-in"
	case p.stage == halfway:
		return http.StatusSeeOther, "/console/second"
	case p.stage == newcomer:
		return http.StatusSeeOther, "/console/factors"
	case r.least == halfway: // the step is behind them
		return http.StatusSeeOther, "/console"
	}
	return http.StatusForbidden, ""
}

func TestEveryRouteAsksWhoIsThere(t *testing.T) {
	testkit.Unraced(t)
	t.Parallel()
	test := func(t *testing.T, c *config.Config) {
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
				h.checkRights(personas, r, route.Method, route.Path)
			case method != http.MethodGet && (len(route.Path) < 4 || !slices.Contains(forAll, route.Path[3:])):
				t.Errorf("%s %s is a form nobody has thought of", route.Method, route.Path)
			}
		}
		for name := range rights {
			if !seen[name] {
				t.Errorf("there is no route %s any more", name)
			}
		}
	}
	onEach(t, test)
}

// checkRights sends an empty request of everybody: first of those who may
// not, which must change nothing.
func (h *house) checkRights(personas []persona, r right, method, path string) {
	h.t.Helper()
	id := h.received.ID
	for part, other := range map[string]int64{"messages": h.message, "/partners": h.partner.ID, "/changes": h.change, "/people": h.rep.ID, "/vouches": h.question.ID, "/designs": h.design.ID, "/logos/": h.spoken.LogoID, "/sweeps": h.sweep, "/held": h.sweep} {
		if strings.Contains(path, part) {
			id = other
		}
	}
	at := strings.NewReplacer(":id", strconv.FormatInt(id, 10), ":token", "x", ":picture", "bar.svg?lang=ko", ":key", "who_leads",
		":other", strconv.FormatInt(h.sent.ID, 10), ":letter", strconv.FormatInt(h.letter, 10), ":reading", strconv.FormatInt(h.lent.ID, 10)).Replace(path)
	tokens := map[string]string{}
	for _, p := range personas {
		tokens[p.name] = p.begin()
	}
	ask := func(p persona) answer {
		// A session of one kind must not open the other's door.
		return h.ask(method, at, urlencoded, nil, "Cookie", "__Host-staff="+tokens[p.name]+"; __Host-portal="+tokens[p.name])
	}
	before := h.rows()
	for _, p := range personas {
		if p.may(r) {
			continue
		}
		a := ask(p)
		if status, door := p.elsewhere(r); a.status != status || a.header.Get("Location") != door {
			h.t.Errorf("%s for %s: status %d to %q, want %d to %q", a.asked, p.name, a.status, a.header.Get("Location"), status, door)
		}
		h.checkUsual(a)
	}
	h.checkUnchanged(method+" "+path, before)
	for _, p := range personas {
		if !p.may(r) {
			continue
		}
		// What one persona claimed would be in the way of the next.
		h.must(h.Store.Exec(h.t.Context(), "UPDATE applications SET claimed_by = 0"))
		if a := ask(p); a.status != r.allowed {
			h.t.Errorf("%s for %s: status %d, want %d", a.asked, p.name, a.status, r.allowed)
		}
	}
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
