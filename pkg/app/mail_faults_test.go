package app_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/config"
	"olivebranch/pkg/testkit"
)

// illPost is a mail server in this process that is ill in one way until it is
// healed.
type illPost struct {
	t        *testing.T
	addr     string
	ill      illness
	well     atomic.Bool
	met      atomic.Int64 // how often its illness was met
	secure   *tls.Config
	mu       sync.Mutex
	listener net.Listener
	open     map[net.Conn]bool
	seen     map[string]bool // recipients, for greylisting
	letters  map[string][]string
}

// illness is what is wrong: at a stage of the talk it hangs, hangs up or says
// something.
type illness struct {
	stage string // connect, EHLO, STARTTLS, MAIL, RCPT, DATA, body
	does  string // hang, drop, shut, grey, slow, garble, or what it says
	tls   bool   // STARTTLS is offered
	outer bool   // the server is not on loopback, so that TLS must be good
}

func (p *illPost) listen() {
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		p.t.Error(err)
		return
	}
	p.mu.Lock()
	p.listener, p.addr = l, l.Addr().String()
	p.mu.Unlock()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.open[c] = true
			p.mu.Unlock()
			go p.serve(c)
		}
	}()
}

// heal ends the illness and whatever hangs.
func (p *illPost) heal() {
	if p.well.Swap(true) {
		return
	}
	p.mu.Lock()
	for c := range p.open {
		_ = c.Close()
	}
	p.mu.Unlock()
	if p.ill.does == "shut" {
		p.listen()
	}
}

func (p *illPost) close() {
	p.heal()
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.listener.Close()
}

// talk is one connection.
type talk struct {
	p    *illPost
	conn net.Conn
	in   *bufio.Reader
	to   string
}

// say answers a stage, as ill as the server is; false ends the talk.
func (t *talk) say(stage, answer string) bool {
	if p := t.p; !p.well.Load() && p.ill.stage == stage {
		p.met.Add(1)
		switch p.ill.does {
		case "hang":
			_, _ = io.Copy(io.Discard, t.conn) // until it is healed, or the other one has enough
			return false
		case "drop":
			return false
		case "slow":
			for _, b := range []byte(answer + "\r\n") {
				if _, err := t.conn.Write([]byte{b}); err != nil {
					return false
				}
				time.Sleep(time.Second)
			}
			return true
		case "grey":
			p.mu.Lock()
			known := p.seen[t.to]
			p.seen[t.to] = true
			p.mu.Unlock()
			if !known {
				answer = "451 4.7.1 greylisted, come back later"
			}
		case "garble":
		default:
			answer = p.ill.does
		}
	}
	_, err := fmt.Fprintf(t.conn, "%s\r\n", answer)
	return err == nil
}

func (p *illPost) serve(c net.Conn) {
	defer func() {
		p.mu.Lock()
		delete(p.open, c)
		p.mu.Unlock()
		_ = c.Close()
	}()
	t := &talk{p: p, conn: c, in: bufio.NewReader(c)}
	for ok := t.say("connect", "220 post.test ESMTP"); ok; {
		line, err := t.in.ReadString('\n')
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			offers := "250-post.test\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES"
			if _, secured := t.conn.(*tls.Conn); p.secure != nil && !secured {
				offers = "250-post.test\r\n250-STARTTLS\r\n250 ENHANCEDSTATUSCODES"
			}
			ok = t.say("EHLO", offers)
		case "STARTTLS":
			if ok = t.say("STARTTLS", "220 go on"); ok {
				ok = t.handshake()
			}
		case "MAIL":
			ok = t.say("MAIL", "250 2.1.0 good")
		case "RCPT":
			t.to = strings.Trim(strings.TrimPrefix(strings.ToUpper(rest), "TO:"), "<>")
			ok = t.say("RCPT", "250 2.1.5 good")
		case "DATA":
			if ok = t.say("DATA", "354 go on"); ok && (p.well.Load() || p.ill.stage != "DATA" || p.ill.does == "slow") {
				ok = t.body()
			}
		case "QUIT":
			t.say("QUIT", "221 bye")
			return
		default:
			ok = t.say(verb, "250 good")
		}
	}
}

func (t *talk) handshake() bool {
	if !t.p.well.Load() && t.p.ill.does == "garble" {
		t.p.met.Add(1)
		_, _ = io.WriteString(t.conn, "this is no TLS\r\n\r\n")
		return false
	}
	secured := tls.Server(t.conn, t.p.secure)
	if err := secured.Handshake(); err != nil {
		t.p.met.Add(1)
		return false
	}
	t.conn, t.in = secured, bufio.NewReader(secured)
	return true
}

// body takes the letter down, whatever it says of it afterwards.
func (t *talk) body() bool {
	var text strings.Builder
	for {
		line, err := t.in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		text.WriteString(line)
	}
	t.p.mu.Lock()
	t.p.letters[t.to] = append(t.p.letters[t.to], text.String())
	t.p.mu.Unlock()
	return t.say("body", "250 2.0.0 taken")
}

func (p *illPost) got(to string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.letters[strings.ToUpper(to)]...)
}

var illnesses = map[string]illness{
	"nobody listens":            {"connect", "shut", false, false},
	"turns us away":             {"connect", "554 5.3.2 go away", false, false},
	"busy":                      {"connect", "421 4.3.2 too busy", false, false},
	"silent":                    {"connect", "hang", false, false},
	"hangs after EHLO":          {"EHLO", "hang", false, false},
	"hangs after MAIL":          {"MAIL", "hang", false, false},
	"hangs after RCPT":          {"RCPT", "hang", false, false},
	"hangs after DATA":          {"DATA", "hang", false, false},
	"hangs after the letter":    {"body", "hang", false, false},
	"hangs up at once":          {"connect", "drop", false, false},
	"hangs up after EHLO":       {"EHLO", "drop", false, false},
	"hangs up after MAIL":       {"MAIL", "drop", false, false},
	"hangs up after RCPT":       {"RCPT", "drop", false, false},
	"hangs up after DATA":       {"DATA", "drop", false, false},
	"hangs up after a letter":   {"body", "drop", false, false},
	"greylists":                 {"RCPT", "grey", false, false},
	"puts off after a letter":   {"body", "451 4.3.0 later", false, false},
	"refuses our address":       {"MAIL", "550 5.7.1 sender refused", false, false},
	"refuses by policy":         {"RCPT", "550 5.7.1 blocked by policy", false, false},
	"one byte a second":         {"connect", "slow", false, false},
	"one byte a second later":   {"body", "slow", false, false},
	"no TLS where it is due":    {"STARTTLS", "garble", true, false},
	"hangs in TLS":              {"STARTTLS", "hang", true, false},
	"STARTTLS is refused":       {"STARTTLS", "454 4.7.0 not now", true, false},
	"no STARTTLS offered":       {"EHLO", "250 post.test", false, true},
	"a certificate of nobody's": {"", "", true, true},
}

var (
	messageID = regexp.MustCompile(`(?m)^Message-ID: (\S+)`)
	confirm   = regexp.MustCompile(`/en/confirm/[\w-]+(?:=\r\n[\w-]+)*`)
)

// Whatever the mail server does, signing is answered at once, nothing is lost,
// nobody gets two different links, and all is delivered when it is well again.
func TestFaultsOfTheMailServer(t *testing.T) {
	t.Parallel()
	certificate := func() *tls.Config {
		s := httptest.NewTLSServer(nil)
		defer s.Close()
		return &tls.Config{Certificates: s.TLS.Certificates}
	}
	var mu sync.Mutex
	var slowest []string
	t.Cleanup(func() {
		for _, s := range slowest {
			t.Log(s)
		}
	})
	for name, ill := range illnesses {
		run := func(t *testing.T, c *config.Config) {
			p := &illPost{t: t, addr: "127.0.0.1:0", ill: ill, open: map[net.Conn]bool{}, seen: map[string]bool{}, letters: map[string][]string{}}
			if ill.outer {
				p.addr = net.JoinHostPort(testkit.OuterAddress(t), "0")
			}
			if ill.tls {
				p.secure = certificate()
			}
			p.listen()
			t.Cleanup(p.close)
			if ill.does == "shut" {
				_ = p.listener.Close()
			}
			c.SMTP, c.MailFrom, c.Limits = "smtp://"+p.addr, "Peace Appeal <appeal@example.org>", "off"
			a := testkit.Run(t, c, func(o *app.Options) { o.Mail = nil })
			a.Client().Get("/en/sign") // the first page of all takes longer
			const people = 8
			var most time.Duration
			for i := range people {
				begun := time.Now()
				page := a.Client().Post("/en/sign", testkit.SignForm("Min-ji", addressee(i))...)
				if most = max(most, time.Since(begun)); page.Status != 200 { // behind the redirect
					t.Fatalf("signing: %d", page.Status)
				}
			}
			if ill.does != "shut" {
				a.Until("the illness to be met", func() bool { return p.met.Load() > 0 })
			}
			mu.Lock()
			slowest = append(slowest, fmt.Sprintf("%-26s slowest of %d answers while it is ill: %v", name, people, most.Round(time.Millisecond/10)))
			mu.Unlock()
			var rows int64
			if err := a.Store.Read(t.Context()).Raw("SELECT COUNT(*) FROM outbox WHERE state = 'failed'").Row().Scan(&rows); err != nil || rows > 0 {
				t.Fatalf("%d mails are lost, %v", rows, err)
			}
			if ill.outer { // nobody but the operator can mend that
				a.Until("a try that failed", func() bool { return tried(a) > 0 })
				for i := range people {
					if len(p.got(addressee(i))) > 0 {
						t.Error("a letter went out without good TLS")
					}
				}
				return
			}
			p.heal()
			again := false
			a.Until("all letters", func() bool {
				a.Clock.Advance(10 * time.Second)
				return unsent(a) == 0
			})
			for i := range people {
				letters := p.got(addressee(i))
				if len(letters) == 0 {
					t.Fatalf("%s got nothing", addressee(i))
				}
				again = again || len(letters) > 1
				for _, l := range letters {
					if fmt.Sprint(messageID.FindString(l), confirm.FindString(l)) != fmt.Sprint(messageID.FindString(letters[0]), confirm.FindString(letters[0])) || confirm.FindString(l) == "" {
						t.Errorf("%s got different letters:\n%s\n%s", addressee(i), letters[0], l)
					}
				}
			}
			if ill.stage == "body" && ill.does != "slow" && !again {
				t.Error("no letter came twice: this shows nothing")
			}
			var unnoted int64
			if err := a.Store.Read(t.Context()).Raw("SELECT COUNT(*) FROM sign_requests WHERE sent_at = 0").Row().Scan(&unnoted); err != nil || unnoted > 0 {
				t.Errorf("%d requests do not know that their mail was taken, %v", unnoted, err)
			}
			a.MustVerify()
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, testkit.SQLite(t))
		})
		if ill.stage == "body" || ill.does == "grey" {
			t.Run(name+", PostgreSQL", func(t *testing.T) {
				t.Parallel()
				run(t, testkit.Postgres(t))
			})
		}
	}
}

func addressee(i int) string { return fmt.Sprintf("person%d@site%d.example", i, i%3) }

func unsent(a *testkit.App) (n int64) {
	if err := a.Store.Read(context.Background()).Raw("SELECT COUNT(*) FROM outbox WHERE state <> 'sent'").Row().Scan(&n); err != nil {
		return -1
	}
	return n
}

func tried(a *testkit.App) (n int64) {
	_ = a.Store.Read(context.Background()).Raw("SELECT COUNT(*) FROM outbox WHERE last_error <> ''").Row().Scan(&n)
	return n
}
