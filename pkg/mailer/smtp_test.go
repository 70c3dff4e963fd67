package mailer_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"olivebranch/pkg/mailer"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/testkit"
)

// post is a mail server in this process. Its answers may be set before mail
// is sent; nil takes everything.
type post struct {
	onFrom, onRcpt func(address string) error
	onData         func() error
	password       string // of the user "campaign"; "": nobody signs in
	once           bool   // a connection carries one letter
	secure         *tls.Config
	implicit       bool // TLS from the first byte

	addr string
	mu   sync.Mutex
	got  [][]byte // as received, refused ones too
	dial int
}

func (p *post) NewSession(*gosmtp.Conn) (gosmtp.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dial++
	return &session{post: p}, nil
}

type session struct {
	post *post
	in   bool
	mail int
}

func (s *session) Mail(from string, _ *gosmtp.MailOptions) error {
	if s.post.password != "" && !s.in {
		return gosmtp.ErrAuthRequired
	}
	if s.mail++; s.post.once && s.mail > 1 {
		return &gosmtp.SMTPError{Code: 421, Message: "enough"}
	}
	return ask(s.post.onFrom, from)
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error { return ask(s.post.onRcpt, to) }

func ask(f func(string) error, address string) error {
	if f == nil {
		return nil
	}
	return f(address)
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.post.mu.Lock()
	s.post.got = append(s.post.got, raw)
	s.post.mu.Unlock()
	if s.post.onData == nil {
		return nil
	}
	return s.post.onData()
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *session) AuthMechanisms() []string {
	if s.post.password == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if s.in = user == "campaign" && password == s.post.password; !s.in {
			return gosmtp.ErrAuthFailed
		}
		return nil
	}), nil
}

// open starts the server on the address, or on any.
func (p *post) open(t *testing.T) {
	t.Helper()
	if p.addr == "" {
		p.addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	p.addr = l.Addr().String()
	server := gosmtp.NewServer(p)
	server.Domain, server.AllowInsecureAuth, server.TLSConfig = "post.test", p.secure == nil, p.secure
	serving := l
	if p.implicit {
		serving = tls.NewListener(l, p.secure)
	}
	done := make(chan error)
	go func() { done <- server.Serve(serving) }()
	t.Cleanup(func() {
		_ = server.Close()
		_ = l.Close() // when Serve has not yet begun, Close does not know of it
		<-done
	})
}

func (p *post) letters() [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.got)
}

func (p *post) dials() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dial
}

func (h *house) smtp(url string) *mailer.SMTP {
	h.t.Helper()
	s, err := mailer.NewSMTP(url, "appeal.example.org")
	if err != nil {
		h.t.Fatal(err)
	}
	s.Timeout = 10 * time.Second
	return s
}

// parts reads a mail as a mail program does: headers, then the bodies by type.
func parts(t *testing.T, raw []byte) (mail.Header, map[string]string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("type %s, %v", kind, err)
	}
	out := map[string]string{}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m.Header, out
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Fatalf("encoding %q", p.Header.Get("Content-Transfer-Encoding"))
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		kind, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil || !strings.EqualFold(params["charset"], "utf-8") {
			t.Fatalf("part %s %v %v", kind, params, err)
		}
		out[kind] = strings.ReplaceAll(string(body), "\r\n", "\n")
	}
}

func TestKoreanAndArabicArriveAsTheyWereWritten(t *testing.T) {
	eachDatabase(t, func(h *house) {
		var p post
		p.open(h.t)
		ko, ar := h.mail(outbox.SignConfirm, "ko@example.org"), h.mail(outbox.SignConfirm, "ar@example.org")
		ko.Lang, ko.Args["Name"] = "ko", "김민지"
		ar.Lang, ar.Args["Name"] = "ar", "محمد علي"
		h.enqueue(ko, ar)
		h.deliver(h.mailer(h.smtp("smtp://" + p.addr)))
		seen := map[string]bool{}
		for _, raw := range p.letters() {
			head, body := parts(h.t, raw)
			lang := head.Get("Content-Language")
			seen[lang] = true
			subject, err := (&mime.WordDecoder{}).DecodeHeader(head.Get("Subject"))
			if err != nil {
				h.t.Fatal(err)
			}
			want := map[string][]string{
				"ko": {"서명을 확인해 주세요: 한반도 평화선언 Peace", "김민지 님께\n", "<bdi>김민지</bdi> 님께", `lang="ko" dir="ltr"`},
				"ar": {"يرجى تأكيد توقيعك: نداء السلام في كوريا Peace", "مرحبا \u2068محمد\u2069،\n", "مرحبا <bdi>محمد</bdi>،", `lang="ar" dir="rtl"`},
			}[lang]
			if subject != want[0] || !strings.HasPrefix(body["text/plain"], want[1]) || !strings.Contains(body["text/html"], want[2]) || !strings.Contains(body["text/html"], want[3]) {
				h.t.Errorf("%s: %q\n%s\n%s", lang, subject, body["text/plain"], body["text/html"])
			}
			for name, value := range map[string]string{
				"Auto-Submitted": "auto-generated", "From": `"Peace Appeal" <appeal@example.org>`, "To": "<" + lang + "@example.org>",
				"User-Agent": "", "X-Mailer": "", "Date": "Sun, 01 Mar 2026 12:00:00 +0000",
			} {
				if head.Get(name) != value {
					h.t.Errorf("%s is %q, want %q", name, head.Get(name), value)
				}
			}
			if !strings.HasSuffix(head.Get("Message-ID"), "@appeal.example.org>") {
				h.t.Errorf("Message-ID %s", head.Get("Message-ID"))
			}
		}
		if !seen["ko"] || !seen["ar"] || len(p.letters()) != 2 {
			h.t.Errorf("got %v", seen)
		}
	})
}

func TestARepeatedLetterIsTheSameToTheByte(t *testing.T) {
	eachDatabase(t, func(h *house) {
		tries := 0
		p := post{onData: func() error {
			if tries++; tries < 3 {
				return &gosmtp.SMTPError{Code: 451, EnhancedCode: gosmtp.EnhancedCode{4, 7, 1}, Message: "Greylisted, a@example.org"}
			}
			return nil
		}}
		p.open(h.t)
		h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"))
		m := h.mailer(h.smtp("smtp://" + p.addr))
		h.deliver(m)
		if r := h.only(); r.State != "waiting" || !strings.Contains(r.LastError, "Greylisted") || strings.Contains(r.LastError, "a@") {
			h.t.Fatalf("after a temporary refusal: %+v", r)
		}
		h.clock.Advance(2 * time.Minute)
		h.deliver(m)
		h.clock.Advance(6 * time.Minute)
		h.deliver(m)
		got := p.letters()
		if r := h.only(); r.State != "sent" || len(got) != 3 || !bytes.Equal(got[0], got[1]) || !bytes.Equal(got[0], got[2]) {
			h.t.Errorf("%s, %d letters, or they differ", r.State, len(got))
		}
	})
}

func TestWhatAMailServersRefusalMeans(t *testing.T) {
	t.Parallel()
	refuse := func(code int) func(string) error {
		return func(to string) error { return &gosmtp.SMTPError{Code: code, Message: "<" + to + "> refused"} }
	}
	for name, c := range map[string]struct {
		post  *post
		state string
	}{
		"unknown recipient": {&post{onRcpt: refuse(550)}, "failed"},
		"full mailbox":      {&post{onRcpt: refuse(452)}, "waiting"},
		"refused content":   {&post{onData: func() error { return refuse(554)("a@example.org") }}, "failed"},
		"our own address":   {&post{onFrom: refuse(550)}, "waiting"},
		"server closing":    {&post{onFrom: refuse(421)}, "waiting"},
		"wrong password":    {&post{password: "another"}, "waiting"},
		"right password":    {&post{password: "olive"}, "sent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := sqliteHouse(t)
			c.post.open(t)
			h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"))
			who := ""
			if c.post.password != "" {
				who = "campaign:olive@"
			}
			h.deliver(h.mailer(h.smtp("smtp://" + who + c.post.addr)))
			r := h.only()
			if r.State != c.state || strings.Contains(r.LastError, "a@example.org") || (r.State != "sent") != (r.LastError != "") {
				t.Errorf("%s, want %s; error %q", r.State, c.state, r.LastError)
			}
			if (r.Envelope == nil) != (r.State != "waiting") {
				t.Errorf("%s with an envelope of %d bytes", r.State, len(r.Envelope))
			}
		})
	}
}

// certificate is one that no authority knows.
func certificate(t *testing.T) *tls.Config {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	return &tls.Config{Certificates: s.TLS.Certificates}
}

func TestAPasswordGoesOverTLS(t *testing.T) {
	t.Parallel()
	for scheme, implicit := range map[string]bool{"smtp": false, "smtps": true} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			h := sqliteHouse(t)
			p := post{password: "olive", secure: certificate(t), implicit: implicit}
			p.open(t)
			h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"))
			h.deliver(h.mailer(h.smtp(scheme + "://campaign:olive@" + p.addr)))
			if r := h.only(); r.State != "sent" || len(p.letters()) != 1 {
				t.Errorf("%s: %s", r.State, r.LastError)
			}
		})
	}
}

func TestNothingGoesToAnotherMachineWithoutGoodTLS(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*post{
		"no STARTTLS":         {},
		"unknown certificate": {secure: certificate(t)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p.addr = net.JoinHostPort(testkit.OuterAddress(t), "0")
			p.open(t)
			err := sqliteHouse(t).smtp("smtp://"+p.addr).Send(t.Context(), mailer.Letter{From: "a@example.org", To: "b@example.org", MessageID: "x@y"})
			if !errors.Is(err, mailer.ErrUnreachable) || len(p.letters()) != 0 {
				t.Errorf("%v, %d letters", err, len(p.letters()))
			}
		})
	}
}

func TestOneRefusalDoesNotSpoilTheNextLetter(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	p := post{onRcpt: func(to string) error {
		if strings.HasPrefix(to, "bad") {
			return &gosmtp.SMTPError{Code: 550, Message: "no"}
		}
		return nil
	}}
	p.open(t)
	for range 3 {
		for _, to := range []string{"bad@example.org", "good@example.org"} {
			h.enqueue(h.mail(outbox.ApplicationReceived, to))
		}
	}
	h.deliver(h.mailer(h.smtp("smtp://" + p.addr)))
	if n := len(p.letters()); n != 3 {
		t.Errorf("%d letters, want 3", n)
	}
}

func TestABatchSharesItsConnections(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	var p post
	p.open(t)
	for range 20 {
		h.enqueue(h.mail(outbox.ApplicationReceived, "a@example.org"))
	}
	h.deliver(h.mailer(h.smtp("smtp://" + p.addr)))
	if n := len(p.letters()); n != 20 || p.dials() > 4 {
		t.Errorf("%d letters over %d connections", n, p.dials())
	}
}

func TestAServerThatEndsConnectionsAfterALetterGetsThemAll(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	p := post{once: true}
	p.open(t)
	for range 10 {
		h.enqueue(h.mail(outbox.ApplicationReceived, "a@example.org"))
	}
	h.deliver(h.mailer(h.smtp("smtp://" + p.addr)))
	seen := map[string]bool{}
	for _, raw := range p.letters() {
		head, _ := parts(t, raw)
		seen[head.Get("Message-ID")] = true
	}
	if len(seen) != 10 || len(p.letters()) != 10 {
		t.Errorf("%d letters, %d of them different, want 10", len(p.letters()), len(seen))
	}
}

func TestMailWaitsWhileTheServerIsDown(t *testing.T) {
	eachDatabase(t, func(h *house) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			h.t.Fatal(err)
		}
		p := post{addr: l.Addr().String()}
		_ = l.Close()
		h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"))
		m := h.mailer(h.smtp("smtp://" + p.addr))
		h.deliver(m)
		if r := h.only(); r.State != "waiting" || r.LastError == "" || r.Envelope == nil {
			h.t.Fatalf("while it is down: %+v", r)
		}
		p.open(h.t)
		h.deliver(m)
		if len(p.letters()) != 0 {
			h.t.Error("tried again at once")
		}
		h.clock.Advance(2 * time.Minute)
		h.deliver(m)
		if r := h.only(); r.State != "sent" || len(p.letters()) != 1 {
			h.t.Errorf("when it is up: %+v", r)
		}
	})
}

func TestAServerThatNeverAnswersIsGivenUpInTime(t *testing.T) {
	t.Parallel()
	for name, say := range map[string]string{
		"silent from the start": "",
		"silent after hello":    "220 post.test\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := sqliteHouse(t)
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = l.Close() }()
			closed := make(chan bool, 1)
			go func() {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = io.WriteString(c, say)
				_, _ = io.Copy(io.Discard, c)
				closed <- true
			}()
			h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"))
			s := h.smtp("smtp://" + l.Addr().String())
			s.Timeout = 200 * time.Millisecond
			h.deliver(h.mailer(s))
			if r := h.only(); r.State != "waiting" || r.LastError == "" {
				t.Errorf("%+v", r)
			}
			<-closed // or the connection stays open
		})
	}
}

func TestAServerThatHangsInALetterIsGivenUpInTime(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	end := make(chan bool)
	p := post{onData: func() error { <-end; return nil }}
	p.open(t)
	t.Cleanup(func() { close(end) })
	h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"))
	s := h.smtp("smtp://" + p.addr)
	s.Timeout = 300 * time.Millisecond
	h.deliver(h.mailer(s))
	if r := h.only(); r.State != "waiting" || r.LastError == "" {
		t.Errorf("%+v", r)
	}
}

func TestTheEndOfTheProgramDoesNotWaitForAHangingServer(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	end, begun := make(chan bool), make(chan bool, 1)
	p := post{onData: func() error { begun <- true; <-end; return nil }}
	p.open(t)
	t.Cleanup(func() { close(end) })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := h.smtp("smtp://" + p.addr)
	go func() { <-begun; cancel() }()
	if err := s.Send(ctx, mailer.Letter{From: "a@example.org", To: "b@example.org", MessageID: "x@y"}); err == nil {
		t.Error("sent")
	}
}

func TestOnlyLoopbackMayDoWithoutTLS(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"smtp://user:secret@mail.example.org:587": true, "smtps://mail.example.org": true, "smtp://[::1]:25": true,
		"http://mail.example.org": false, "mail.example.org:25": false, "smtp://": false, "smtp://x:99999999999999999999": false, "smtp://u:secret@%zz": false,
	} {
		_, err := mailer.NewSMTP(address, "localhost")
		if (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestALineBreakInAHeaderIsRefused(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	var p post
	p.open(t)
	s := h.smtp("smtp://" + p.addr)
	good := mailer.Letter{From: "a@example.org", To: "b@example.org", Subject: "s", Lang: "en", MessageID: "x@y"}
	for name, spoil := range map[string]func(*mailer.Letter){
		"subject": func(l *mailer.Letter) { l.Subject += "\r\nBcc: c@example.org" },
		"id":      func(l *mailer.Letter) { l.MessageID += "\nBcc: c@example.org" },
		"lang":    func(l *mailer.Letter) { l.Lang += "\rBcc: c@example.org" },
		"to":      func(l *mailer.Letter) { l.To += "\r\nBcc: c@example.org" },
		"from":    func(l *mailer.Letter) { l.From += "\r\nBcc: c@example.org" },
	} {
		l := good
		spoil(&l)
		if err := s.Send(t.Context(), l); !errors.Is(err, mailer.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(p.letters()) != 0 {
		t.Error("something was sent")
	}
}
