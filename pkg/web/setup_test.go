package web_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// journal is all that the programs of this package's tests log, at every
// level.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

// lines are those that hold the words.
func (j *journal) lines(words string) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var found []string
	for line := range strings.Lines(j.text.String()) {
		if strings.Contains(line, words) {
			found = append(found, line)
		}
	}
	return found
}

var logged journal

// raw is what no log may hold: the name of everybody in these tests, an
// address that is not masked, a token of a link or of a session.
var raw = regexp.MustCompile(person + `|[^…\s"]@[A-Za-z0-9-]+\.[A-Za-z]{2,}|[A-Za-z0-9_-]{43,}`)

// person is part of every person's name in these tests.
const person = "Zenobia"

// TestMain reads along what is logged, and after all tests looks for what
// must not be there.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	code := m.Run()
	for _, line := range logged.lines("") {
		if found := raw.FindString(line); found != "" {
			fmt.Fprintf(os.Stderr, "--- FAIL: the log holds %q:\n%s", found, line)
			code = 1
		}
	}
	os.Exit(code)
}

// house is a running campaign with one of everything a form can act on.
type house struct {
	*testkit.App
	t        *testing.T
	http     *http.Client
	staff    map[staff.Role]*staff.Account
	partner  *registry.Partner
	rep      registry.Representative
	other    *registry.Partner       // one more
	stranger registry.Representative // of that one
	change   int64                   // that it wants
	wished   string                  // id of the logo of that change

	pending, signed int64                 // sign request, signature
	sent, received  *registry.Application // before and after the address was confirmed
	asked           *registry.Application // its applicant is asked a question
	message         int64                 // one that waits
	began, spoken   *registry.Application // half filled; for it somebody else must speak, and it has a logo
	speaker         string                // the path of the question to who must
	question        *registry.Vouch       // to the partner, about the application received
	letter          int64                 // the first to whom was received
	lent            *registry.Reading     // a link to that, opened
}

// bare is a campaign where nothing has happened yet.
func bare(t *testing.T, c *config.Config) *house {
	t.Helper()
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &house{App: testkit.Run(t, c), t: t, http: &http.Client{CheckRedirect: stay, Transport: transport}, staff: map[staff.Role]*staff.Account{}}
}

func furnished(t *testing.T, c *config.Config) *house {
	t.Helper()
	h := bare(t, c)
	ctx := t.Context()
	h.partner = h.AddPartner("Harbour Choir", "harbour-choir")
	h.must(h.Store.Read(ctx).Take(&h.rep).Error)
	h.second()
	h.pending = h.request("waiting@example.org", "")
	h.signed = h.request("signed@example.org", "")
	h.confirm(h.signed)
	h.confirm(h.request("wrote@example.org", "Peace to all of you."))
	h.must(h.Store.Read(ctx).Model(&appeal.Message{}).Where("state = ?", appeal.MessageWaiting).Pluck("id", &h.message).Error)
	h.sent = h.apply("Lantern House", "lantern@example.org")
	h.asked = h.apply("Valley Library", "valley@example.org")
	_, err := h.Registry.ConfirmAddress(ctx, h.asked.ID)
	h.must(err)
	h.must(h.Registry.AskBack(ctx, registry.Decision{Application: h.asked.ID, Words: "Who are you?"}))
	h.received = h.apply("River School", "river@example.org")
	_, err = h.Registry.ConfirmAddress(ctx, h.received.ID)
	h.must(err)
	h.received, err = h.Registry.SetLogo(ctx, h.received.Link(), picture(t), "A river")
	h.must(err)
	h.speaks()
	h.question, err = h.Registry.AskPartner(ctx, h.received.ID, h.partner, audit.Actor{Kind: audit.Staff})
	h.must(err)
	h.must(h.Store.Read(ctx).Model(&registry.Letter{}).Where("subject_id = ?", h.received.ID).Order("id").Limit(1).Pluck("id", &h.letter).Error)
	h.lent, err = h.Registry.LendOut(ctx, h.received.ID, audit.Actor{Kind: audit.Program})
	h.must(err)
	h.must(h.Registry.Open(ctx, h.lent.ID))
	return h
}

// speaks adds a draft, and an application that another than its applicant
// must speak for.
func (h *house) speaks() {
	h.t.Helper()
	ctx := h.t.Context()
	var err error
	h.began, err = h.Registry.SaveDraft(ctx, registry.Form{Contact: registry.Contact{Email: "began@example.org", Lang: "en"}})
	h.must(err)
	h.spoken = h.apply("Meadow Club", "meadow@example.org", registry.ConsentAuthorised)
	_, err = h.Registry.ConfirmAddress(ctx, h.spoken.ID)
	h.must(err)
	_, err = h.Registry.NameSpeaker(ctx, h.spoken.Link(), person+" Speaker", "speaker@example.org")
	h.must(err)
	h.spoken, err = h.Registry.SetLogo(ctx, h.spoken.Link(), picture(h.t), "A meadow")
	h.must(err)
	letter := h.LetterTo("speaker@example.org", "")
	_, path, _ := strings.Cut(letter.Links[0], h.BaseURL.Host+"/en")
	h.speaker = "/{lang}" + path
}

// picture is a small one.
func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// onStatus is the path of a form on an application's status page.
func (h *house) onStatus(a *registry.Application, form string) string {
	return strings.Replace(h.Registry.StatusLink(a), "/en/", "/{lang}/", 1) + form
}

// second makes one more partner, which wants to change its profile.
func (h *house) second() {
	h.t.Helper()
	ctx := h.t.Context()
	a, err := h.Registry.ConfirmAddress(ctx, h.apply("Cedar Circle", "cedar@example.org").ID)
	h.must(err)
	h.other, err = h.Registry.Approve(ctx, registry.Decision{Application: a.ID, Version: a.Version, Slug: "cedar-circle"})
	h.must(err)
	reps, err := h.Registry.Representatives(ctx, h.other.ID)
	h.must(err)
	h.stranger = reps[0]
	wish := h.other.Public()
	wish.About, wish.LogoAlt = "We plant cedars.", "A cedar"
	h.must(h.Registry.Propose(ctx, &h.stranger, registry.Proposal{Base: 1, Public: wish, NewLogo: registry.LogoWish{File: picture(h.t)}}))
	changes, _, err := h.Registry.ChangesWaiting(ctx, 1)
	h.must(err)
	h.change = changes[0].ID
	wish, err = changes[0].Wish()
	h.must(err)
	h.wished = wish.Logo
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) request(email, message string) int64 {
	h.t.Helper()
	row, err := h.Intake.Request(h.t.Context(), appeal.Form{Name: person + " Example", Email: email, Country: "KR", Message: message,
		Lang: "en", Consents: appeal.ConsentCount, Range: "192.0.2.0/24"})
	h.must(err)
	return row
}

func (h *house) confirm(row int64) {
	h.t.Helper()
	if outcome, err := h.Intake.Confirm(h.t.Context(), row); err != nil || outcome != appeal.OutcomeConfirmed {
		h.t.Fatalf("confirm: %v %v", outcome, err)
	}
}

// apply sends an application in; without is a consent that is not given.
func (h *house) apply(name, email string, without ...int64) *registry.Application {
	h.t.Helper()
	consents := registry.ConsentPledge | registry.ConsentContact | registry.ConsentAuthorised
	for _, c := range without {
		consents &^= c
	}
	a, err := h.Registry.Apply(h.t.Context(), registry.Form{
		Profile: registry.Profile{Name: name, Website: "https://harbour-choir.example", Country: "KR", Kind: "peace", About: "We sing.",
			Reach: "100_999", Placement: "Our page", Lang: "en"},
		Contact:  registry.Contact{Name: person + " Contact", Role: "Chair", Email: email, Lang: "en"},
		Consents: consents,
	})
	h.must(err)
	return a
}

// member is the account of a role, made when it is first asked for.
func (h *house) member(role staff.Role) *staff.Account {
	h.t.Helper()
	if h.staff[role] == nil {
		h.staff[role] = h.AddStaff(string(role)+"@example.org", role)
	}
	return h.staff[role]
}

// session is one of a representative, or one of staff with both steps taken.
func (h *house) session(kind string, owner int64) string {
	h.t.Helper()
	if kind == staff.PortalSession {
		return h.half(kind, owner)
	}
	token, err := h.Staff.BeginWhole(h.t.Context(), owner, staff.ByTOTP, "")
	h.must(err)
	return token
}

// half is a session as it is after the password.
func (h *house) half(kind string, owner int64) string {
	h.t.Helper()
	token, err := h.Staff.Begin(h.t.Context(), kind, owner, "")
	h.must(err)
	return token
}

// enrol gives an account an authenticator app.
func (h *house) enrol(who *staff.Account) testkit.Authenticator {
	h.t.Helper()
	ctx := h.t.Context()
	offer, err := h.Staff.NewOffer(who, "Our Appeal")
	h.must(err)
	phone := testkit.Authenticator{App: h.App, Secret: offer.Secret}
	session, err := h.Staff.Session(ctx, staff.StaffSession, h.session(staff.StaffSession, who.ID))
	h.must(err)
	_, err = h.Staff.EnrolTOTP(ctx, session, offer.Sealed, phone.Code(-1))
	h.must(err)
	return phone
}

// asStaff and asPartner are the header of somebody signed in anew.
func (h *house) asStaff(role staff.Role) []string {
	h.t.Helper()
	return []string{"Cookie", "__Host-staff=" + h.session(staff.StaffSession, h.member(role).ID)}
}

func (h *house) asPartner() []string {
	h.t.Helper()
	return []string{"Cookie", "__Host-portal=" + h.session(staff.PortalSession, h.rep.ID)}
}

func (h *house) token(purpose seal.Purpose, row int64) string {
	t := seal.Token{Purpose: purpose, Row: row}
	if purpose != seal.ViewSignature && purpose != seal.ViewApplication {
		t.Expires = h.Clock.Now().Add(time.Hour)
	}
	return h.Keys.Token(t)
}

// answer is what came back, redirects not followed.
type answer struct {
	asked  string // method and path
	status int
	header http.Header
	body   string
	doc    *html.Node // nil when it is no HTML
	took   time.Duration
}

// urlencoded is how browsers send forms.
const urlencoded = "application/x-www-form-urlencoded"

// ask sends one request as it is given, with pairs of header name and value.
func (h *house) ask(method, path, kind string, body io.Reader, header ...string) answer {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.BaseURL.String()+path, body)
	h.must(err)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
			continue
		}
		req.Header.Add(header[i], header[i+1])
	}
	start := time.Now()
	res, err := h.http.Do(req)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	return h.read(method+" "+path, res, start)
}

func (h *house) read(asked string, res *http.Response, start time.Time) answer {
	h.t.Helper()
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatalf("%s: read: %v", asked, err)
	}
	a := answer{asked: asked, status: res.StatusCode, header: res.Header, body: string(b), took: time.Since(start)}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") && a.body != "" {
		a.doc, err = html.Parse(strings.NewReader(a.body))
		h.must(err)
	}
	return a
}

func (h *house) get(path string, header ...string) answer {
	h.t.Helper()
	return h.ask(http.MethodGet, path, "", nil, header...)
}

func (h *house) post(path string, body string, header ...string) answer {
	h.t.Helper()
	return h.ask(http.MethodPost, path, urlencoded, strings.NewReader(body), header...)
}

// wire sends bytes on a connection of its own and reads one answer, while the
// request may still be unfinished.
func (h *house) wire(head string, body ...string) answer {
	h.t.Helper()
	conn, err := net.Dial("tcp", h.BaseURL.Host)
	h.must(err)
	defer conn.Close()
	h.must(conn.SetDeadline(time.Now().Add(20 * time.Second)))
	start := time.Now()
	if _, err := io.WriteString(conn, head); err != nil {
		h.t.Fatalf("write: %v", err)
	}
	for _, part := range body {
		if _, err := io.WriteString(conn, part); err != nil {
			break // the server has answered and hung up
		}
	}
	line, _, _ := strings.Cut(head, "\r\n")
	method, _, _ := strings.Cut(line, " ")
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		h.t.Fatalf("%s: read: %v", line, err)
	}
	return h.read(line, res, start)
}

// head is the head of a raw request, with lines of headers.
func (h *house) head(method, target string, lines ...string) string {
	return method + " " + target + " HTTP/1.1\r\nHost: " + h.BaseURL.Host + "\r\n" + strings.Join(append(lines, "", ""), "\r\n")
}

// rows is all that is stored, by table. The state of periodic work is left
// out; mail is waited for until it is sent.
func (h *house) rows() map[string]string {
	h.t.Helper()
	ctx := context.WithoutCancel(h.t.Context())
	h.Until("the mail to be sent", func() bool {
		var n int64
		h.must(h.Store.Read(ctx).Table("outbox").Where("state = 'waiting' AND not_before <= ?", h.Clock.Now().UnixMilli()).Count(&n).Error)
		return n == 0
	})
	tables, err := h.Store.Read(ctx).Migrator().GetTables()
	h.must(err)
	all := map[string]string{}
	for _, table := range tables {
		if table != "jobs" && !strings.HasPrefix(table, "sqlite_") {
			all[table] = h.dump(ctx, table)
		}
	}
	if len(all) < 10 {
		h.t.Fatalf("found only the tables %v", tables)
	}
	return all
}

func (h *house) dump(ctx context.Context, table string) string {
	h.t.Helper()
	var rows []map[string]any
	h.must(h.Store.Read(ctx).Table(table).Find(&rows).Error)
	lines := make([]string, 0, len(rows))
	for _, row := range rows {
		lines = append(lines, fmt.Sprint(row))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// changed lists the tables in which two states of the database differ.
func changed(before, after map[string]string) []string {
	var names []string
	for table := range after {
		if before[table] != after[table] {
			names = append(names, table)
		}
	}
	slices.Sort(names)
	return names
}

// refused are the fields that the summary of a refused form names.
func (a answer) refused() []string {
	var fields []string
	box := a.find(func(n *html.Node) bool { return attr(n, "id") == "refusal" })
	if box == nil {
		return nil
	}
	for n := range box.Descendants() {
		if field, ok := strings.CutPrefix(attr(n, "href"), "#f-"); ok && strings.TrimSpace(words(n)) != "" {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	return fields
}

// field is what a control of the page holds, and whether there is one.
func (a answer) field(name string) (string, bool) {
	n := a.find(func(n *html.Node) bool {
		chosen := attr(n, "type") != "radio" || slices.ContainsFunc(n.Attr, func(at html.Attribute) bool { return at.Key == "checked" })
		return attr(n, "name") == name && (n.Data == "input" && chosen || n.Data == "textarea")
	})
	if n == nil {
		return "", false
	}
	if n.Data == "textarea" {
		return words(n), true
	}
	return attr(n, "value"), true
}

func (a answer) lang() string {
	if n := a.find(func(n *html.Node) bool { return n.Data == "html" }); n != nil {
		return attr(n, "lang")
	}
	return ""
}

func (a answer) find(good func(*html.Node) bool) *html.Node {
	if a.doc == nil {
		return nil
	}
	for n := range a.doc.Descendants() {
		if n.Type == html.ElementNode && good(n) {
			return n
		}
	}
	return nil
}

// text is the words of the page.
func (a answer) text() string {
	if a.doc == nil {
		return a.body
	}
	return strings.Join(strings.Fields(words(a.doc)), " ")
}

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// encode makes a body of pairs, in their order; a pair with an empty value is
// sent too.
func encode(pairs ...string) string {
	var parts []string
	for i := 0; i+1 < len(pairs); i += 2 {
		parts = append(parts, url.QueryEscape(pairs[i])+"="+url.QueryEscape(pairs[i+1]))
	}
	return strings.Join(parts, "&")
}

// with replaces a value among pairs.
func with(pairs []string, name, value string) []string {
	out := slices.Clone(pairs)
	for i := 0; i+1 < len(out); i += 2 {
		if out[i] == name {
			out[i+1] = value
			return out
		}
	}
	return append(out, name, value)
}

// leaks are signs of the inside of the program on a page.
var leaks = []string{".go:", "goroutine ", "gorm", "SQLSTATE", "sqlite", "panic", "runtime error"}

// checkUsual fails what no answer may do, whatever was asked.
func (h *house) checkUsual(a answer) {
	h.t.Helper()
	if a.status >= 500 && a.status != http.StatusNotImplemented {
		h.t.Errorf("%s: status %d: %s", a.asked, a.status, a.text())
	}
	h.checkHeaders(a)
	for _, leak := range leaks {
		if strings.Contains(a.body, leak) {
			h.t.Errorf("%s: the page holds %q", a.asked, leak)
		}
	}
	if cookie := a.header.Get("Set-Cookie"); cookie != "" {
		h.t.Errorf("%s: sets a cookie: %s", a.asked, cookie)
	}
	if to := a.header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, "/\\")) {
		h.t.Errorf("%s: leads away to %q", a.asked, to)
	}
}

func (h *house) checkHeaders(a answer) {
	h.t.Helper()
	csp := a.header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe-inline") {
		h.t.Errorf("%s: Content-Security-Policy is %q", a.asked, csp)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
		if got := a.header.Get(name); got != want {
			h.t.Errorf("%s: %s is %q, want %q", a.asked, name, got, want)
		}
	}
	private := a.status >= 400 || strings.HasPrefix(a.asked, http.MethodPost)
	if got := a.header.Get("Cache-Control"); private && got != "no-store" {
		h.t.Errorf("%s: Cache-Control is %q, want no-store", a.asked, got)
	}
}

// slowest is how long an answer may take.
const slowest = time.Second

// inTime repeats a request that took too long: only one that is slow three
// times in a row is the program's fault and not the machine's.
func (h *house) inTime(ask func() answer) answer {
	h.t.Helper()
	a := ask()
	for range 2 {
		if a.took <= slowest {
			return a
		}
		a = ask()
	}
	if a.took > slowest {
		h.t.Errorf("%s: took %v", a.asked, a.took)
	}
	return a
}
