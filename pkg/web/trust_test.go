package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"olivebranch/pkg/config"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

func TestFormsSentFromOtherSitesAreRefused(t *testing.T) {
	onEachForm(t, func(h *house, f form) {
		for _, header := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
			{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", "http://" + h.BaseURL.Host + ".evil.example"},
		} {
			a := h.post(f.at("ko"), encode(f.good...), append(f.by("ko"), header...)...)
			h.checkError(strings.Join(header, " "), f, a, "ko", http.StatusForbidden)
		}
	})
}

func TestAnotherHostIsMisdirected(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	for _, host := range []string{"evil.example", "evil.example:80", "localhost.evil.example", "10.0.0.1", "[fe80::1]", "appeal.example.org"} {
		for _, path := range []string{"/", "/ko/", "/embed/harbour-choir", "/static/site.css", "/console/sign-in", "/nothing"} {
			a := h.get(path, "Host", host, "Accept-Language", "ko")
			h.checkUsual(a)
			if a.status != http.StatusMisdirectedRequest {
				t.Errorf("%s at %s: status %d, want 421", path, host, a.status)
			}
		}
		for _, path := range []string{"/healthz", "/readyz"} {
			if a := h.get(path, "Host", host); a.status != http.StatusOK {
				t.Errorf("%s at %s: status %d", path, host, a.status)
			}
		}
	}
	if a := h.wire("GET http://evil.example/ko/ HTTP/1.1\r\nHost: " + h.BaseURL.Host + "\r\n\r\n"); a.status != http.StatusMisdirectedRequest {
		t.Errorf("a whole address as the target: status %d, want 421", a.status)
	}
	for _, path := range []string{"/ko/", "/ko/sign", "/ko/partners.json", "/portal/enter", "/embed/harbour-choir"} {
		a := h.get(path, "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https", "X-Host", "evil.example", "Forwarded", "host=evil.example")
		if a.status != http.StatusOK || strings.Contains(a.body, "evil.example") {
			t.Errorf("%s: status %d, believes X-Forwarded-Host", path, a.status)
		}
	}
}

// Only embeds may stand in frames of others, and no public page knows its
// visitors.
func TestOnlyEmbedsMayBeFramed(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	for _, path := range []string{"/", "/ko/", "/ko/sign", "/ko/join", "/ko/partners", "/ko/partners/harbour-choir", "/ko/messages", "/ko/figures", "/ko/number", "/ko/qr/all.svg", "/ko/privacy",
		"/p/harbour-choir", "/robots.txt", "/healthz", "/portal/enter", "/console/sign-in", "/nothing", "/embed/a/b/c"} {
		h.checkUsual(h.get(path, "Cookie", "__Host-staff=x; __Host-portal=y; a=b"))
	}
	a := h.get("/embed/harbour-choir")
	if csp := a.header.Get("Content-Security-Policy"); csp == "" || strings.Contains(csp, "frame-ancestors") || strings.Contains(csp, "unsafe-inline") {
		t.Errorf("the frame's Content-Security-Policy is %q", csp)
	}
	if a.header.Get("Set-Cookie") != "" || a.header.Get("X-Frame-Options") != "" {
		t.Errorf("the frame sends %v", a.header)
	}
}

// sessionCookie checks the attributes of the one cookie and returns its token.
func sessionCookie(t *testing.T, a answer, name string) string {
	t.Helper()
	cookies := (&http.Response{Header: a.header}).Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%s: status %d, cookies %v", a.asked, a.status, cookies)
	}
	c := cookies[0]
	if c.Name != "__Host-"+name || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("%s: cookie %v", a.asked, c)
	}
	return c.Value
}

func TestASessionIsNewAtSignInAndDeadAfterSignOut(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		who := h.member(staff.Observer)
		phone := h.enrol(who)
		planted := "__Host-staff=" + strings.Repeat("A", 43)
		signIn := func(cookie string) string {
			a := h.post("/console/sign-in", encode("email", who.Email, "password", testkit.Password), "Cookie", cookie)
			return "__Host-staff=" + sessionCookie(t, a, "staff")
		}
		first := signIn(planted)
		second := signIn(first)
		if first == planted || first == second {
			t.Error("a sign-in kept the session it was sent with")
		}
		if a := h.get("/console", "Cookie", planted); a.status != http.StatusSeeOther {
			t.Errorf("a session the visitor made up: status %d", a.status)
		}
		if a := h.get("/console", "Cookie", second); a.header.Get("Location") != "/console/second" {
			t.Errorf("after the password: status %d to %q", a.status, a.header.Get("Location"))
		}
		third := "__Host-staff=" + sessionCookie(t, h.post("/console/second", encode("code", phone.Code(0)), "Cookie", second), "staff")
		if a := h.get("/console", "Cookie", third); a.status != http.StatusOK || third == second {
			t.Errorf("after the second step: status %d, the old token: %v", a.status, third == second)
		}
		if a := h.get("/console", "Cookie", second); a.header.Get("Location") != "/console/sign-in" {
			t.Errorf("the token of before the second step gets %d to %q", a.status, a.header.Get("Location"))
		}
		if token := sessionCookie(t, h.post("/console/sign-out", "", "Cookie", third), "staff"); token != "" {
			t.Errorf("signing out leaves the cookie %q", token)
		}
		if a := h.get("/console", "Cookie", third); a.status != http.StatusSeeOther {
			t.Errorf("after sign-out the old session gets %d", a.status)
		}

		link := "/portal/enter/" + h.token(seal.SignInToPortal, h.rep.ID)
		cookie := "__Host-portal=" + sessionCookie(t, h.post(link, "", "Cookie", "__Host-portal=planted"), "portal")
		if a := h.get("/portal", "Cookie", cookie); a.status != http.StatusOK {
			t.Errorf("portal: status %d", a.status)
		}
		if a := h.post(link, ""); a.status != http.StatusGone || a.header.Get("Set-Cookie") != "" {
			t.Errorf("a spent link: status %d", a.status)
		}
		sessionCookie(t, h.post("/portal/leave", "", "Cookie", cookie), "portal")
		if a := h.get("/portal", "Cookie", cookie); a.status != http.StatusSeeOther {
			t.Errorf("after leaving the old session gets %d", a.status)
		}
	})
}

var someToken = regexp.MustCompile(`[A-Za-z0-9_-]{48}`)

// bland is an answer without the tokens in it.
func bland(a answer) string {
	return a.header.Get("Location") + "\n" + a.body
}

func TestAnswersDoNotSayWhetherAnAddressIsKnown(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		same := func(what string, ask func(email string) answer, emails ...string) {
			var first string
			for i, email := range emails {
				a := ask(email)
				got := http.StatusText(a.status) + "\n" + strings.ReplaceAll(someToken.ReplaceAllString(bland(a), "TOKEN"), email, "ADDRESS")
				if i == 0 {
					first = got
				}
				if got != first {
					t.Errorf("%s: the answer to %s differs:\n%s\n--- from ---\n%s", what, email, got, first)
				}
			}
		}
		sign := func(email string) answer {
			return h.post("/ko/sign", encode(testkit.SignForm(person+" Same", email)...))
		}
		addresses := []string{"stranger@example.org", "waiting@example.org", "signed@example.org", "signed+tag@example.org"}
		same("sign", sign, addresses...)
		same("the page after signing", func(email string) answer { return h.get(sign(email).header.Get("Location")) }, addresses...)
		same("a wrong code", func(email string) answer {
			return h.post(sign(email).header.Get("Location"), encode("code", "00000x"))
		}, addresses...)
		door := func(email string) answer { return h.post("/portal/enter", encode("email", email)) }
		known := []string{"stranger@example.org", "contact@harbour-choir.test"}
		same("portal", door, known...)
		same("the page after asking for a link", func(email string) answer { return h.get(door(email).header.Get("Location")) }, known...)
		wrong := func(email string) answer {
			return h.post("/console/sign-in", encode("email", email, "password", "a wrong password"))
		}
		member, locked := h.member(staff.Observer), h.member(staff.Reviewer)
		for range staff.MostFailures {
			wrong(locked.Email)
		}
		same("a wrong password", wrong, "stranger@example.org", member.Email, locked.Email)
		if right := h.post("/console/sign-in", encode("email", locked.Email, "password", testkit.Password)); right.status != http.StatusUnprocessableEntity {
			t.Errorf("the right password of a locked account: status %d", right.status)
		}
		h.LetterTo(locked.Email, "locked")
	})
}
