package faulttest

import (
	"bufio"
	"bytes"
	"io"
	"log"
	"mime/quotedprintable"
	"net"
	"net/textproto"
	"regexp"
	"slices"
	"sync"
	"testing"

	gosmtp "github.com/emersion/go-smtp"
)

// post is a mail server in this process, which outlives the program.
type post struct {
	addr string

	mu      sync.Mutex
	came    *sync.Cond
	letters map[string][]letter // by recipient
	n       int
}

// letter is what a mail leads to, and how mail programs know it.
type letter struct{ confirm, view, messageID string }

func openPost(t testing.TB) *post {
	t.Helper()
	p := &post{letters: map[string][]letter{}}
	p.came = sync.NewCond(&p.mu)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = l.Addr().String()
	server := gosmtp.NewServer(p)
	server.Domain, server.AllowInsecureAuth = "post.test", true
	server.ErrorLog = log.New(io.Discard, "", 0) // it says that the program hung up
	over := make(chan error)
	go func() { over <- server.Serve(l) }()
	t.Cleanup(func() {
		_ = server.Close()
		_ = l.Close() // when Serve has not yet begun, Close does not know of it
		<-over
	})
	return p
}

func (p *post) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return &session{post: p}, nil }

type session struct {
	post *post
	to   string
}

func (s *session) Mail(string, *gosmtp.MailOptions) error { return nil }
func (s *session) Reset()                                 {}
func (s *session) Logout() error                          { return nil }

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.to = to
	return nil
}

var (
	confirmLink = regexp.MustCompile(`/en/confirm/([\w-]+)`)
	viewLink    = regexp.MustCompile(`/en/signature/([\w-]+)`)
)

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	in := bufio.NewReader(bytes.NewReader(raw))
	head, err := textproto.NewReader(in).ReadMIMEHeader()
	if err != nil {
		return err
	}
	text, err := io.ReadAll(quotedprintable.NewReader(in))
	if err != nil {
		return err
	}
	confirm, view := confirmLink.FindSubmatch(text), viewLink.FindSubmatch(text)
	if confirm == nil || view == nil {
		return &gosmtp.SMTPError{Code: 554, Message: "not a letter of this test"}
	}
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	s.post.letters[s.to] = append(s.post.letters[s.to], letter{string(confirm[1]), string(view[1]), head.Get("Message-ID")})
	s.post.n++
	s.post.came.Broadcast()
	return nil
}

// different are the letters to an address, without repetitions of the same,
// and how many came in all.
func (p *post) different(to string) (_ []letter, all int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.differentLocked(to), len(p.letters[to])
}

func (p *post) differentLocked(to string) []letter {
	var out []letter
	for _, l := range p.letters[to] {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// wait waits for the n-th different letter to an address, until over.
func (p *post) wait(to string, n int, over *flag) (letter, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if got := p.differentLocked(to); len(got) >= n {
			return got[n-1], true
		}
		if over.up() {
			return letter{}, false
		}
		p.came.Wait()
	}
}

// total is how many letters came.
func (p *post) total() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.n
}

// raise puts a flag up and wakes those who wait for letters.
func (p *post) raise(f *flag) {
	f.raised.Store(true)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.came.Broadcast()
}
