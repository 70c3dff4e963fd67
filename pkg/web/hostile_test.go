package web_test

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

func (h *house) checkUnchanged(what string, before map[string]string) {
	h.t.Helper()
	if tables := changed(before, h.rows()); len(tables) > 0 {
		h.t.Fatalf("%s: changed %v", what, tables)
	}
}

// checkRefused checks that a form came back refused, on its own page, in the
// language of who sent it.
func (h *house) checkRefused(what string, f form, a answer, lang string, status int) {
	h.t.Helper()
	h.checkUsual(a)
	if a.status != status {
		h.t.Errorf("%s: %s: status %d, want %d: %s", f.name, what, a.status, status, a.text())
	}
	if got := a.lang(); got != f.lang(lang) && status != http.StatusSeeOther {
		h.t.Errorf("%s: %s: the page is in %q, want %q", f.name, what, got, f.lang(lang))
	}
}

// checkError checks that the error page came, in the visitor's language.
func (h *house) checkError(what string, f form, a answer, lang string, statuses ...int) {
	h.t.Helper()
	h.checkUsual(a)
	if !slices.Contains(statuses, a.status) {
		h.t.Errorf("%s: %s: status %d, want %v: %s", f.name, what, a.status, statuses, a.text())
	}
	if got := a.lang(); got != lang {
		h.t.Errorf("%s: %s: the error page is in %q, want %q", f.name, what, got, lang)
	}
}

var languages = []string{"en", "ko", "ar"}

func (f form) by(lang string) []string { return append([]string{"Accept-Language", lang}, f.header...) }

func TestAnEmptyFormIsRefusedWithASentenceForEachField(t *testing.T) {
	testkit.Unraced(t)
	onEachForm(t, func(h *house, f form) {
		if f.button() {
			return
		}
		for _, lang := range languages {
			for _, kind := range []string{urlencoded, ""} {
				a := h.inTime(func() answer { return h.ask(http.MethodPost, f.at(lang), kind, nil, f.by(lang)...) })
				h.checkRefused("empty", f, a, lang, cmp.Or(f.empty, 422))
				if got := a.refused(); !slices.Equal(got, f.required) && len(got)+len(f.required) > 0 {
					h.t.Errorf("%s: refused for %v, want %v", f.name, got, f.required)
				}
			}
		}
	})
}

func TestAFormOfTheWrongShapeIsRefused(t *testing.T) {
	testkit.Unraced(t)
	onEachForm(t, func(h *house, f form) {
		if f.button() {
			return
		}
		refuse := func(what, path, body string, status int) answer {
			h.t.Helper()
			a := h.inTime(func() answer { return h.post(path, body, f.by("ko")...) })
			h.checkRefused(what, f, a, "ko", status)
			return a
		}
		for i := 0; i < len(f.good); i += 2 {
			field := f.good[i]
			a := refuse(field+" twice", f.at("ko"), encode(append(f.good, field, "other")...), 422)
			if _, visible := a.field(field); visible && !slices.Contains(a.refused(), field) {
				h.t.Errorf("%s: %s came twice, refused for %v", f.name, field, a.refused())
			}
			refuse(field+" twice and empty", f.at("ko"), encode(append([]string{field, ""}, f.good...)...), 422)
		}
		refuse("all in the query", f.asking("ko"), "", cmp.Or(f.empty, 422))
		for _, field := range f.required {
			if !slices.Contains(f.good, field) {
				continue // a group of boxes, none of which is needed by itself
			}
			brackets := slices.Clone(f.good)
			brackets[slices.Index(brackets, field)] = field + "[]"
			refuse(field+"[]", f.at("ko"), encode(brackets...), 422)
			lost := with(f.good, field, "")
			refuse(field+" in the query", f.asking("ko"), encode(lost...), 422)
		}
	})
}

func TestABodyThatIsNoFormIsRefused(t *testing.T) {
	testkit.Unraced(t)
	many := strings.Repeat("a=1&", 10_000) + "b=1"
	cases := []struct {
		what, kind, body string
		statuses         []int
	}{
		{"ten thousand values", urlencoded, many, []int{400, 413}},
		{"70 KB", urlencoded, "name=" + strings.Repeat("a", 70<<10), []int{413}},
		{"256 KB of address", urlencoded, "email=" + strings.Repeat("a", 256<<10) + "%40example.org", []int{413}},
		{"JSON", "application/json", `{"name":"a","email":"a@example.org","consent":true}`, []int{415}},
		{"JSON that calls itself nothing", "", `{"name":"a"}`, []int{415}},
		{"plain text", "text/plain", "name=a", []int{415}},
		{"XML", "application/xml", `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`, []int{415}},
		{"a type that does not parse", "application/x-www-form-urlencoded; =", "name=a", []int{415}},
		{"multipart without boundary", "multipart/form-data", "name=a", []int{400}},
		{"multipart with an empty boundary", "multipart/form-data; boundary=", "name=a", []int{400, 415}},
		{"multipart cut short", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nAd", []int{400, 415}},
		{"a broken escape", urlencoded, "name=%zz", []int{400}},
		{"a semicolon", urlencoded, "name=a;email=b", []int{400}},
	}
	onEachForm(t, func(h *house, f form) {
		for i, c := range cases {
			lang := languages[i%len(languages)]
			a := h.inTime(func() answer {
				return h.ask(http.MethodPost, f.at(lang), c.kind, strings.NewReader(c.body), f.by(lang)...)
			})
			h.checkError(c.what, f, a, lang, c.statuses...)
		}
	})
}

func TestALargeBodyIsRefusedBeforeItIsRead(t *testing.T) {
	onEachForm(t, func(h *house, f form) {
		head := func(lines ...string) string {
			lines = append(lines, "Content-Type: "+urlencoded, "Accept-Language: ar")
			for i := 0; i+1 < len(f.header); i += 2 {
				lines = append(lines, f.header[i]+": "+f.header[i+1])
			}
			return h.head("POST", f.at("ar"), lines...)
		}
		// Neither sends its end: only a server that does not wait for it answers.
		a := h.inTime(func() answer { return h.wire(head("Content-Length: 104857600")) })
		h.checkError("100 MB announced", f, a, "ar", http.StatusRequestEntityTooLarge)
		a = h.inTime(func() answer { return h.wire(head("Content-Length: 104857600", "Expect: 100-continue")) })
		h.checkError("100 MB announced, asking first", f, a, "ar", http.StatusRequestEntityTooLarge)
		a = h.inTime(func() answer {
			return h.wire(head("Transfer-Encoding: chunked"), "18000\r\n", strings.Repeat("a", 0x18000)+"\r\n")
		})
		h.checkError("96 KB in chunks", f, a, "ar", http.StatusRequestEntityTooLarge)
	})
}

func TestAClientThatIsGoneInMidUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		list := h.forms()
		before := h.rows()
		for _, f := range list {
			body := encode(f.good...)
			if f.button() {
				body = "a=1"
			}
			lines := []string{"Content-Type: " + urlencoded, "Content-Length: " + strconv.Itoa(len(body)+1)}
			for i := 0; i+1 < len(f.header); i += 2 {
				lines = append(lines, f.header[i]+": "+f.header[i+1])
			}
			h.hangUp(h.head("POST", f.at("en"), lines...) + body)
		}
		h.checkUnchanged("gone in mid-upload", before)
	})
}

// Unknown fields change nothing of what is stored: what they try to set is
// read back from the row.
func TestUnknownFieldsAreIgnored(t *testing.T) {
	t.Parallel()
	extra := []string{"status", "approved", "state", "approved", "role", "admin", "signatures", "999", "id", "1", "partner_id", "1",
		"version", "99", "counter", "7", "origin", "paper", "email_key", "x", "appeal_id", "2", "verified_at", "1", "Name", "Other"}
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		db := h.Store.Read(t.Context())
		sent := func(path string, good []string, header ...string) answer {
			a := h.post(path, encode(append(slices.Clone(good), extra...)...), header...)
			h.checkUsual(a)
			if a.status != http.StatusSeeOther {
				t.Fatalf("%s: status %d: %s", path, a.status, a.text())
			}
			return a
		}
		sent("/ko/sign", testkit.SignForm(person+" Signer", "extra@example.org"))
		var r struct {
			AppealID, PartnerID, SignatureID, Consents int64
			State, Lang, Country                       string
		}
		h.must(db.Table("sign_requests").Order("id DESC").Limit(1).Take(&r).Error)
		if r.AppealID != h.Appeal.Current().ID || r.PartnerID != 0 || r.SignatureID != 0 || r.Consents != int64(appeal.ConsentCount) ||
			r.State != "pending" || r.Lang != "ko" || r.Country != "KR" {
			t.Errorf("stored sign request %+v", r)
		}
		sent("/en/join", append(testkit.ApplicationForm("Bridge Builders", "bridge@example.org"), "message", "Peace."))
		var a registry.Application
		h.must(db.Order("id DESC").Limit(1).Take(&a).Error)
		if a.State != registry.Submitted || a.Name != "Bridge Builders" || a.Message != "" || a.PartnerID != 0 || a.VerifiedAt != 0 || a.Counter != 0 {
			t.Errorf("stored application %+v", a)
		}
		sent("/portal/enter", []string{"email", "contact@harbour-choir.test"})
		sent("/en/signature/"+h.token(seal.ViewSignature, h.signed)+"/forget", nil)
		if n := h.Tally.Total(); n != 2 {
			t.Errorf("%d signatures are counted, want 2", n)
		}
		observer := h.member(staff.Observer)
		in := h.post("/console/sign-in", encode("email", observer.Email, "password", testkit.Password, "role", "admin", "id", "1"))
		if in.status != http.StatusSeeOther {
			t.Errorf("sign in: status %d", in.status)
		}
		now, err := h.Staff.Account(t.Context(), observer.ID)
		h.must(err)
		if now.Role != staff.Observer {
			t.Errorf("the observer became %s", now.Role)
		}
		h.MustVerify()
	})
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := bare(t, c)
		f := h.firstForm()
		h.post(f.path, encode(append(f.good, "role", "observer", "state", "disabled", "id", "1", "lang", "xx")...))
		accounts, err := h.Staff.List(t.Context())
		h.must(err)
		if len(accounts) != 1 || accounts[0].Role != staff.Admin || !accounts[0].Active() || accounts[0].ID == 1 || accounts[0].Lang != "en" {
			t.Errorf("stored accounts %+v", accounts)
		}
	})
}

// hostileWords cannot stand in any text. Kept are those a page can show
// again as they were typed.
var hostileWords = []struct {
	what, words string
	kept        bool
}{
	{"invalid UTF-8", "Ada\xff", false},
	{"UTF-8 cut short", "Ada\xe2\x82", false},
	{"Latin-1", "Andr\xe9", false},
	{"NUL", "Ada\x00Lovelace", false},
	{"an overlong slash", "Ada\xc0\xaf", false},
	{"an overlong NUL", "Ada\xc0\x80", false},
	{"a lone high surrogate", "Ada\xed\xa0\x80", false},
	{"a lone low surrogate", "Ada\xed\xbf\xbf", false},
	{"a surrogate pair in UTF-8", "\xed\xa0\xbd\xed\xb8\x80", false},
	{"beyond Unicode", "Ada\xf4\x90\x80\x80", false},
	{"a noncharacter", "Ada\ufffe", true},
	{"a replacement character", "Ada\ufffd", true},
	{"a right-to-left override", "Ada\u202eecalevoL", true},
	{"a left-to-right embedding", "Ada\u202aLovelace", true},
	{"an isolate", "Ada\u2066Lovelace", true},
	{"a C0 control", "Ada\x1bLovelace", true},
	{"a C1 control", "Ada\u0085Lovelace", true},
	{"DEL", "Ada\x7f", true},
	{"a byte order mark", "Ada\ufeffLovelace", true},
	{"tag characters", "Ada\U000E0041\U000E0042", true},
	{"an interlinear annotation", "Ada\ufff9Lovelace\ufffb", true},
	{"two hundred marks", "A" + strings.Repeat("\u0301", 200) + "da", true},
}

func TestHostileWordsAreRefusedAndKeptInTheForm(t *testing.T) {
	testkit.Unraced(t)
	onEachForm(t, func(h *house, f form) {
		for i, c := range hostileWords {
			for _, field := range f.texts {
				lang := languages[i%len(languages)]
				body := encode(with(f.good, field, c.words)...)
				a := h.inTime(func() answer { return h.post(f.at(lang), body, f.by(lang)...) })
				what := c.what + " in " + field
				h.checkRefused(what, f, a, lang, 422)
				if got := a.refused(); !slices.Equal(got, []string{field}) {
					h.t.Errorf("%s: %s: refused for %v", f.name, what, got)
				}
				if got, _ := a.field(field); c.kept && got != c.words {
					h.t.Errorf("%s: %s: the form now holds %q", f.name, what, got)
				}
				for j := 0; j < len(f.good); j += 2 {
					if got, ok := a.field(f.good[j]); ok && f.good[j] != field && f.good[j] != "password" && got != f.good[j+1] {
						h.t.Errorf("%s: %s: %s now holds %q, was %q", f.name, what, f.good[j], got, f.good[j+1])
					}
				}
			}
		}
	})
}

// hostileMail reaches nobody.
var hostileMail = []string{
	"a@b", "Bob <a@b.com>", `"a b"@x.com`, `"t@e.com> ORCPT=x@y"@e.com`, "a@[127.0.0.1]", "a(comment)@b.com", "a@b.com,c@d.com",
	"a@b.com c@d.com", "a@b.com;c@d.com", "a@b.com\r\nBcc: c@d.com", "a@b.com\n", "\ra@b.com", "a@b.com%0d%0aBcc:c@d.com",
	strings.Repeat("a", 65) + "@example.org", "a@localhost", "a\u202e@example.org", "a@exa\u200bmple.org", "\ufeffa@example.org",
	"a@example..org", ".a@example.org", "a..b@example.org", "@example.org", "a@", "a", "a@@example.org", "a@b@example.org",
	"a@-example.org", "a@example.org.", "a@.example.org", "<a@example.org>", "mailto:a@example.org", "a@example.org\x00", "a\xff@example.org",
	"a%b@example.org", "a!b@example.org", "=?utf-8?q?a?=@example.org", "a@127.0.0.1", "a@" + strings.Repeat("b", 64) + ".org",
	"a@" + strings.Repeat("b.", 126) + "org", "ä@example.org", "a@exam ple.org", "a@example.org\t", " ", "\u200b",
}

func TestHostileAddressesGetNoMail(t *testing.T) {
	testkit.Unraced(t)
	onEachForm(t, func(h *house, f form) {
		if f.mail == "" {
			return
		}
		letters := len(h.Mail.Letters())
		for i, address := range hostileMail {
			lang := languages[i%len(languages)]
			body := encode(with(f.good, f.mail, address)...)
			a := h.inTime(func() answer { return h.post(f.at(lang), body, f.by(lang)...) })
			h.checkRefused("address "+strconv.Quote(address), f, a, lang, 422)
		}
		var waiting int64
		h.must(h.Store.Read(h.t.Context()).Model(&outbox.Row{}).Where("state = ?", outbox.Waiting).Count(&waiting).Error)
		if n := len(h.Mail.Letters()); n != letters || waiting != 0 {
			h.t.Errorf("%s: %d letters more, %d waiting", f.name, n-letters, waiting)
		}
	})
}
