package mailcheck_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/mailcheck"
	"olivebranch/pkg/testkit"
)

// outside is the public address of the mail server of the world.
var outside = netip.MustParseAddr("5.9.10.11")

// world is a name server and a mail server in this process, and a check that
// takes them for the internet. In the beginning all is well.
type world struct {
	*testkit.Internet
	t     *testing.T
	check *mailcheck.Check
	post  *testkit.MailServer
	names []string  // of the certificate
	ends  time.Time // of the certificate
	trust bool      // its signer
}

// keyPair is made once: keys of 2048 bits take their time.
var keyPair = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// keyRecord is the record of a key of so many bits.
func keyRecord(t *testing.T, bits int) string {
	t.Helper()
	public := &keyPair().PublicKey
	if bits != 2048 {
		public = &rsa.PublicKey{N: new(big.Int).SetBit(new(big.Int), bits-1, 1), E: 65537}
		public.N.Add(public.N, big.NewInt(1))
	}
	raw, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(raw)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	n := testkit.NewInternet(t)
	w := &world{Internet: n, t: t, post: &testkit.MailServer{}, names: []string{"mail.example.org"}, ends: testkit.Start.AddDate(0, 2, 0), trust: true}
	n.Lead("mail.example.org", []netip.Addr{outside})
	n.Lead("mx.example.org", []netip.Addr{outside})
	n.Call(outside, "mail.example.org.")
	n.MX("example.org", "mx.example.org.")
	n.Text("example.org", "some-site-verification=1", "v=spf1 ip4:5.9.10.11 -all")
	n.Text("s1._domainkey.example.org", keyRecord(t, 2048))
	n.Text("_dmarc.example.org", "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.org")
	w.check = &mailcheck.Check{Server: "smtp://appeal:secret@mail.example.org:587", From: "Appeal <appeal@example.org>", Hello: "appeal.example.org",
		Selector: "s1", Resolver: n.Lab.Resolver, Now: testkit.NewClock().Now}
	return w
}

// run starts the mail server and looks at everything.
func (w *world) run() []mailcheck.Finding {
	w.t.Helper()
	at := w.post.Open(w.t, w.certificate())
	if w.check.Dial == nil {
		w.check.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, at)
		}
	}
	found, err := w.check.Run(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// certificate is that of the mail server, signed by an authority that the
// check trusts, if it shall.
func (w *world) certificate() *tls.Config {
	w.t.Helper()
	authority, own := w.key(), w.key()
	signer := &x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: testkit.Start.AddDate(-1, 0, 0), NotAfter: testkit.Start.AddDate(9, 0, 0)}
	root := w.sign(signer, signer, authority.Public(), authority)
	raw := w.sign(&x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: w.names, NotBefore: testkit.Start.AddDate(0, -1, 0), NotAfter: w.ends}, root, own.Public(), authority)
	w.check.Roots = x509.NewCertPool()
	if w.trust {
		w.check.Roots.AddCert(root)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw.Raw}, PrivateKey: own}}}
}

func (w *world) key() *ecdsa.PrivateKey {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	return key
}

func (w *world) sign(c, by *x509.Certificate, public crypto.PublicKey, key *ecdsa.PrivateKey) *x509.Certificate {
	w.t.Helper()
	raw, err := x509.CreateCertificate(rand.Reader, c, by, public, key)
	if err != nil {
		w.t.Fatal(err)
	}
	signed, err := x509.ParseCertificate(raw)
	if err != nil {
		w.t.Fatal(err)
	}
	return signed
}
