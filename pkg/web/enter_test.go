package web_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"olivebranch/pkg/config"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// The way in, as somebody walks it who was invited: account, app, recovery
// codes, and later each of the second steps.
func TestAnInvitedPersonComesInAndComesBack(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		admin := a.Enter(a.AddStaff("admin@example.org", staff.Admin))
		a.Sign("/en/sign", "Noor", "noor@example.org") // who is invited may also sign
		invited := admin.Get("/console/accounts").Submit("/invitations", "email", "noor@example.org", "role", "moderator", "lang", "ko")
		if invited.Status != http.StatusOK || !invited.Has("noor@example.org") {
			t.Fatalf("invited: %d %s", invited.Status, invited.Text())
		}
		a.MustVerify()
		letter := a.LetterTo("noor@example.org", "운영진으로 초대")
		noor := a.Client()
		page := noor.Get(letter.Links[0])
		if page.Attr("html", "lang") != "ko" || page.Status != http.StatusOK {
			t.Errorf("the invitation is in %q, status %d", page.Attr("html", "lang"), page.Status)
		}
		page = page.Submit(page.URL.Path, "name", "누르", "password", testkit.Password)
		wantAt(t, page, "/console/factors")
		for _, locked := range []string{"/console", "/console/account", "/console/second"} {
			wantAt(t, noor.Get(locked), "/console/factors")
		}
		page = noor.Get("/console/factors/totp")
		phone := testkit.Authenticator{App: a, Secret: page.Words("code")}
		wantAt(t, page.Submit("/totp", "code", "000000"), "/console/factors/totp")
		page = page.Submit("/totp", "code", phone.Code(-1))
		wantAt(t, page, "/console/factors/codes")
		shown := page.Submit("/codes")
		wantAt(t, shown, "/console/factors/codes")
		recovery := shown.Words("code")
		wantAt(t, noor.Get("/console/messages"), "/console/messages")
		if p := a.Client().Get(letter.Links[0]); p.Status != http.StatusGone {
			t.Errorf("the link again: status %d, want 410", p.Status)
		}

		signIn := func() *testkit.Page {
			return a.Client().Get("/console/sign-in").Submit("/console/sign-in", "email", "noor@example.org", "password", testkit.Password)
		}
		for _, code := range []string{phone.Code(0), recovery} {
			page = signIn()
			wantAt(t, page, "/console/second")
			wantAt(t, page.Open("/console/factors"), "/console/second")
			wantAt(t, page.Open("/console/factors/totp"), "/console/second")
			wantAt(t, page.Submit("/second", "code", code), "/console")
			if p := signIn().Submit("/second", "code", code); p.Status != http.StatusUnprocessableEntity {
				t.Errorf("the code %q again: status %d, want 422", code, p.Status)
			}
		}
		a.MustVerify()
	})
}

func wantAt(t *testing.T, p *testkit.Page, path string) {
	t.Helper()
	if p.URL.Path != path {
		t.Errorf("at %s (%d), want %s", p.URL.Path, p.Status, path)
	}
}

func TestTheFirstAdminIsLedToASecondStep(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	link, err := a.FirstAdmin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	page := a.Client().Get(link)
	wantAt(t, page.Submit(page.URL.Path, "name", "Mina", "email", "mina@example.org", "password", testkit.Password), "/console/factors")
}

func TestTheDemoAsksForNoSecondStepUntilThereIsOne(t *testing.T) {
	t.Parallel()
	a := testkit.Demo(t)
	signIn := func() *testkit.Page {
		return a.Client().Get("/console/sign-in").Submit("/console/sign-in", "email", "demo@olivebranch.test", "password", "olive-branch-demo")
	}
	page := signIn()
	wantAt(t, page, "/console")
	page = page.Open("/console/factors/totp")
	phone := testkit.Authenticator{App: a, Secret: page.Words("code")}
	wantAt(t, page.Submit("/totp", "code", phone.Code(0)), "/console/factors/codes")
	wantAt(t, signIn(), "/console/second")
	page = page.Open("/console/factors").Submit("/totp/remove")
	wantAt(t, page, "/console/factors")
	wantAt(t, signIn(), "/console")
}

// What admins do to an account counts at its next click.
func TestAnAccountFeelsWhatAdminsDoAtOnce(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		boss, other := a.AddStaff("boss@example.org", staff.Admin), a.AddStaff("other@example.org", staff.Admin)
		at := func(who *staff.Account) string { return "/console/accounts/" + strconv.FormatInt(who.ID, 10) }
		admin, second := a.Enter(boss), a.Enter(other)
		if p := admin.Get(at(other)).Submit("/role", "role", "observer"); p.Status != http.StatusOK || !p.Has("Observer") {
			t.Errorf("role: %d %s", p.Status, p.Text())
		}
		if p := second.Get("/console/accounts"); p.Status != http.StatusForbidden {
			t.Errorf("an observer gets %d for the accounts, want 403", p.Status)
		}
		if p := admin.Get(at(boss)).Submit("/role", "role", "observer"); p.Status != http.StatusConflict || !p.Has("last active administrator") {
			t.Errorf("the last admin: status %d, want 409", p.Status)
		}
		if p := admin.Get(at(boss)).Submit("/disable"); p.Status != http.StatusConflict {
			t.Errorf("the last admin disabled: status %d, want 409", p.Status)
		}
		admin.Get(at(other)).Submit("/disable")
		wantAt(t, second.Get("/console"), "/console/sign-in")
		admin.Get(at(other)).Submit("/enable")
		wantAt(t, second.Get("/console"), "/console/sign-in") // enabling brings no session back
		third := a.Enter(other)
		wantAt(t, third.Get("/console"), "/console")
		admin.Get(at(other)).Submit("/reset")
		wantAt(t, third.Get("/console"), "/console/sign-in")
	})
}

func TestOnesOwnSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	mina, other := a.AddStaff("mina@example.org", staff.Observer), a.AddStaff("other@example.org", staff.Observer)
	here, there, elsewhere, theirs := a.Enter(mina), a.Enter(mina), a.Enter(mina), a.Enter(other)
	foreign, err := a.Staff.Sessions(t.Context(), other.ID)
	if err != nil || len(foreign) != 1 {
		t.Fatal(foreign, err)
	}
	end := "/console/account/sessions/" + strconv.FormatInt(foreign[0].ID, 10) + "/end"
	if p := here.Post(end); p.Status != http.StatusNotFound {
		t.Errorf("ending somebody else's session: status %d, want 404", p.Status)
	}
	wantAt(t, theirs.Get("/console"), "/console")
	p := here.Get("/console/account")
	p.Submit("/end") // the first that is not this one
	if gone := there.Get("/console").URL.Path != "/console"; gone == (elsewhere.Get("/console").URL.Path != "/console") {
		t.Error("ending one session did not end one")
	}
	p.Submit("/sessions/end")
	wantAt(t, there.Get("/console"), "/console/sign-in")
	wantAt(t, elsewhere.Get("/console"), "/console/sign-in")
	wantAt(t, here.Get("/console"), "/console")
}

// Scripts are refused as strictly as forms.
func TestCeremoniesRefuseWhatIsNoAnswer(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		_, _, _, half := h.lockerRoom()
		admin := h.asStaff(staff.Admin)
		h.must(h.Store.Exec(t.Context(), `UPDATE passkeys SET credential = '{"id":"AQ=="}'`))
		for _, e := range []struct {
			at     string
			asks   bool
			header []string
		}{
			{"/console/sign-in/passkey/ask", true, nil}, {"/console/sign-in/passkey", false, nil},
			{"/console/second/passkey", false, []string{"Cookie", "__Host-staff=" + half}},
			{"/console/factors/passkeys/ask", true, admin}, {"/console/factors/passkeys", false, admin},
		} {
			before := h.rows()
			try := func(what, kind, body string, want int, header ...string) answer {
				t.Helper()
				a := h.inTime(func() answer {
					return h.ask(http.MethodPost, e.at, kind, strings.NewReader(body), append(header, e.header...)...)
				})
				h.checkUsual(a)
				if a.status != want {
					t.Errorf("%s: %s: status %d, want %d: %s", e.at, what, a.status, want, a.body)
				}
				var said struct{ Problem string }
				if want >= 400 && want != http.StatusForbidden && (json.Unmarshal([]byte(a.body), &said) != nil || said.Problem == "") {
					t.Errorf("%s: %s: the script is told %q", e.at, what, a.body)
				}
				return a
			}
			try("a form", urlencoded, "ceremony=1", http.StatusUnsupportedMediaType)
			try("no type", "", "{}", http.StatusUnsupportedMediaType)
			try("no JSON", "application/json", "{", http.StatusBadRequest)
			try("nothing", "application/json", "", http.StatusBadRequest)
			try("a list", "application/json", "[]", http.StatusBadRequest)
			try("70 KB", "application/json", `{"label":"`+strings.Repeat("a", 70<<10)+`"}`, http.StatusRequestEntityTooLarge)
			try("another site", "application/json", "{}", http.StatusForbidden, "Sec-Fetch-Site", "cross-site")
			if !e.asks {
				for _, body := range []string{`{}`, `{"ceremony":"1"}`, `{"ceremony":"1","credential":{"id":"x"}}`, `{"ceremony":"99999999999999999999"}`, `{"ceremony":"' OR 1=1"}`} {
					try(body, "application/json", body, http.StatusUnprocessableEntity)
				}
				try("a hostile label", "application/json", `{"ceremony":"1","label":"a\u202eb"}`, http.StatusUnprocessableEntity)
			}
			h.checkUnchanged(e.at, before)
		}
		a := h.ask(http.MethodPost, "/console/sign-in/passkey/ask", "application/json", strings.NewReader("{}"))
		var q struct {
			Ceremony string
			Options  struct {
				PublicKey struct{ Challenge, RPID, UserVerification string }
			}
		}
		if err := json.Unmarshal([]byte(a.body), &q); err != nil || q.Ceremony == "" || len(q.Options.PublicKey.Challenge) < 32 ||
			q.Options.PublicKey.RPID != "localhost" || q.Options.PublicKey.UserVerification != "required" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("asked %s, %v", a.body, err)
		}
	})
}

func TestGuessingIsLimitedByAddressRange(t *testing.T) {
	t.Parallel()
	c := testkit.SQLite(t)
	c.Limits = "on"
	h := bare(t, c)
	enrolled := h.member(staff.Observer)
	h.enrol(enrolled)
	cookie := "__Host-staff=" + h.half(staff.StaffSession, enrolled.ID)
	statuses := map[int]int{}
	for range 12 {
		statuses[h.post("/console/second", encode("code", "000000"), "Cookie", cookie).status]++
	}
	if statuses[http.StatusUnprocessableEntity] != 10 || statuses[http.StatusTooManyRequests] != 2 {
		t.Errorf("twelve codes at once were answered by %v, want 10 refused and 2 too many", statuses)
	}
	if a := h.post("/console/sign-in", encode("email", "stranger@example.org", "password", "a wrong password")); a.status != http.StatusTooManyRequests {
		t.Errorf("a password after that: status %d, want 429", a.status)
	}
}
