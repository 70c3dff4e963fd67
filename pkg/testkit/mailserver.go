package testkit

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

// MailServer is one within this process that takes everything, but what it is
// told not to.
type MailServer struct {
	Bare, Implicit         bool  // no TLS, or from the first byte
	NoAuth                 bool  // otherwise user "appeal" with the password "secret"
	OnFrom, OnRcpt, OnData error // its answers; nil: yes

	mu   sync.Mutex
	said []string
}

// Open starts it; it ends with the test.
func (p *MailServer) Open(t testing.TB, secure *tls.Config) (at string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return &visit{post: p}, nil }))
	s.Domain, s.TLSConfig, s.AllowInsecureAuth = "mail.example.org", secure, p.Bare
	serving := l
	switch {
	case p.Bare:
		s.TLSConfig = nil
	case p.Implicit:
		serving = tls.NewListener(l, secure)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(serving) }()
	t.Cleanup(func() {
		_ = s.Close()
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// Heard is what was said to the server that matters.
func (p *MailServer) Heard() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.said, "; ")
}

func (p *MailServer) hear(words string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said = append(p.said, words)
}

type visit struct{ post *MailServer }

func (v *visit) AuthMechanisms() []string {
	if v.post.NoAuth {
		return nil
	}
	return []string{"PLAIN"}
}

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		v.post.hear("password")
		if user != "appeal" || password != "secret" {
			return gosmtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (v *visit) Mail(from string, _ *gosmtp.MailOptions) error {
	v.post.hear("from " + from)
	return v.post.OnFrom
}

func (v *visit) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	v.post.hear("to " + to)
	return v.post.OnRcpt
}

func (v *visit) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	v.post.hear("data " + string(raw))
	return v.post.OnData
}

func (v *visit) Reset()        {}
func (v *visit) Logout() error { return nil }

// OuterAddress is an IPv4 address of this machine that is not loopback.
func OuterAddress(t testing.TB) string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	t.Skip("connect this machine to a network: it has only loopback addresses")
	return ""
}
