package mailcheck

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// talk goes through a delivery up to where the mail itself would come. It
// stops where the program would: no password is said without good TLS.
func (c *Check) talk(ctx context.Context, r *report, server *url.URL, from string) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, ok := c.connect(ctx, r, server)
	if !ok {
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	t := &talk{Check: c, report: r, host: server.Hostname(), local: isLoopback(server.Hostname()), port: portOf(server)}
	if server.Scheme == "smtps" {
		secure := tls.Client(conn, t.config())
		if err := secure.HandshakeContext(ctx); err != nil {
			r.mend("tls", "the server does not speak TLS at once: "+err.Error(), "Write --smtp with smtp:// and the port for STARTTLS, usually 587.")
			return
		}
		conn = secure
	}
	client, err := smtp.NewClient(conn, t.host)
	if err == nil {
		client.SkipSMTPUTF8(true) // all our addresses are ASCII
		err = client.Hello(c.Hello)
	}
	if err != nil {
		r.mend("server", "it took the connection and did not greet as a mail server does: "+err.Error(), fmt.Sprintf("Look whether port %s is that of mail submission: 587 with smtp://, or 465 with smtps://.", t.port))
		return
	}
	r.good("server", "%s port %s answers", t.host, t.port)
	if !t.secure(client, server.Scheme == "smtps") || !t.signIn(client, server.User) {
		return
	}
	t.offer(client, from)
	_ = client.Quit() // a courtesy
}

type talk struct {
	*Check
	*report
	host, port string
	local      bool
}

func portOf(server *url.URL) string {
	if p := server.Port(); p != "" {
		return p
	}
	return map[string]string{"smtp": "587", "smtps": "465"}[server.Scheme]
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

func (c *Check) connect(ctx context.Context, r *report, server *url.URL) (net.Conn, bool) {
	host := server.Hostname()
	if _, err := netip.ParseAddr(host); err != nil && !isLoopback(host) {
		if _, err := c.Resolver.LookupIPAddr(ctx, host); err != nil {
			r.mend("server", "the name "+host+" leads nowhere: "+err.Error(), "Correct the host in --smtp.")
			return nil, false
		}
	}
	conn, err := c.Dial(ctx, "tcp", net.JoinHostPort(host, portOf(server)))
	if err != nil {
		r.mend("server", "no connection: "+err.Error(), fmt.Sprintf("See that a mail server listens there and that no firewall, of this machine or of its host, closes port %s.", portOf(server)))
		return nil, false
	}
	return conn, true
}

// config lets every certificate through: which are good is looked at
// afterwards, so that it can be said what is wrong with one.
func (t *talk) config() *tls.Config {
	return &tls.Config{ServerName: t.host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: true} //nolint:gosec // see certificate
}

// secure wants TLS, except from a server on this machine.
func (t *talk) secure(client *smtp.Client, implicit bool) bool {
	if !implicit {
		if offered, _ := client.Extension("STARTTLS"); !offered {
			if t.local {
				t.good("tls", "none, which is well on this machine")
				return true
			}
			t.mend("tls", "the server does not offer STARTTLS", "Turn TLS on at the mail server, or use the port where it has it: without, the program sends nothing to another machine.")
			return false
		}
		if err := client.StartTLS(t.config()); err != nil {
			t.mend("tls", "STARTTLS failed: "+err.Error(), "Mend TLS at the mail server; it must speak TLS 1.2 or later.")
			return false
		}
	}
	state, err := client.GetTLSConnectionState()
	if err != nil || len(state.PeerCertificates) == 0 {
		t.mend("tls", "the server showed no certificate", "Give the mail server a certificate for "+t.host+".")
		return false
	}
	return t.certificate(state.PeerCertificates)
}

// soon is when a certificate should have been renewed by itself.
const soon = 14 * 24 * time.Hour

func (t *talk) certificate(chain []*x509.Certificate) bool {
	own, between := chain[0], x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	ends := own.NotAfter.UTC().Format(time.DateOnly)
	_, err := own.Verify(x509.VerifyOptions{DNSName: t.host, Roots: t.Roots, Intermediates: between, CurrentTime: t.Now()})
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var signer x509.UnknownAuthorityError
	switch {
	case err == nil && own.NotAfter.Before(t.Now().Add(soon)):
		t.mend("tls", "the certificate ends on "+ends, "Renew it, and see why it was not renewed by itself.")
		return true
	case err == nil:
		t.good("tls", "the certificate is for %s, until %s", t.host, ends)
		return true
	case t.local:
		t.good("tls", "with a certificate that is not checked on this machine")
		return true
	case errors.As(err, &name):
		t.mend("tls", fmt.Sprintf("the certificate is for %s, not for %s", strings.Join(own.DNSNames, ", "), t.host), "Write a host in --smtp that the certificate names, or give the server one for "+t.host+".")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		t.mend("tls", fmt.Sprintf("the certificate is good from %s until %s", own.NotBefore.UTC().Format(time.DateOnly), ends), "Renew it; if it is not over yet, set the clock of this machine.")
	case errors.As(err, &signer):
		t.mend("tls", "nobody this machine trusts has signed the certificate", "Give the server a certificate of a public authority with its whole chain, such as Let's Encrypt's.")
	default:
		t.mend("tls", err.Error(), "Give the mail server another certificate.")
	}
	return false
}

// signIn does it in a way that the server offers, the plainest first, as the
// program does.
func (t *talk) signIn(client *smtp.Client, user *url.Userinfo) bool {
	if user == nil {
		return true
	}
	password, _ := user.Password()
	_, offered := client.Extension("AUTH")
	for _, way := range []struct {
		name string
		auth smtp.Auth
	}{
		{"PLAIN", smtp.PlainAuth("", user.Username(), password, t.host, t.local)},
		{"LOGIN", smtp.LoginAuth(user.Username(), password, t.host, t.local)},
		{"SCRAM-SHA-256", smtp.ScramSHA256Auth(user.Username(), password)},
		{"CRAM-MD5", smtp.CRAMMD5Auth(user.Username(), password)},
	} {
		if !contains(offered, way.name) {
			continue
		}
		if err := client.Auth(way.auth); err != nil {
			t.mend("login", fmt.Sprintf("the server refuses %s: %v", user.Username(), err), "Correct user and password in --smtp; in a password write %40 for @, %2F for / and %25 for %. Some providers want a password made for programs.")
			return false
		}
		t.good("login", "the server lets %s in", user.Username())
		return true
	}
	t.mend("login", fmt.Sprintf("the server offers no way to sign in that we know: %q", offered), "Leave user and password out of --smtp if it wants none, or turn AUTH PLAIN on.")
	return false
}

func contains(offered, way string) bool {
	for _, o := range strings.Fields(offered) {
		if strings.EqualFold(o, way) {
			return true
		}
	}
	return false
}

// offer names sender and recipient, and goes back before there is a mail.
func (t *talk) offer(client *smtp.Client, from string) {
	if err := client.Mail(from); err != nil {
		t.mend("sender", fmt.Sprintf("the server takes no mail from %s: %v", from, err), "Allow this sender for the user in --smtp, or set --mail-from to one that is.")
		return
	}
	to, whose := t.To, "the recipient"
	if to == "" {
		to, whose = from, "the sender's own address"
	}
	if err := client.Rcpt(to); err != nil {
		mend := "Let the server take mail for other domains from this user or this machine."
		if to == from {
			mend = "Make a mailbox for it: answers and reports of mail that did not arrive go there."
		}
		t.mend("recipient", fmt.Sprintf("the server takes no mail for %s, %s: %v", whose, to, err), mend)
		return
	}
	_ = client.Reset() // nothing is sent
	t.good("sender", "the server takes mail from %s", from)
}
