package mailcheck_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	gosmtp "github.com/emersion/go-smtp"

	"olivebranch/pkg/mailcheck"
	"olivebranch/pkg/testkit"
)

func TestWhereAllIsWellThereIsNothingToMend(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*world){
		"STARTTLS":           func(*world) {},
		"TLS at once":        func(w *world) { w.post.Implicit, w.check.Server = true, "smtps://appeal:secret@mail.example.org" },
		"without a password": func(w *world) { w.check.Server = "smtp://mail.example.org" },
		"on this machine, no TLS": func(w *world) {
			w.post.Bare, w.check.Server, w.check.LeavesFrom = true, "smtp://localhost:25", []netip.Addr{outside}
		},
		"policy of the organization": func(w *world) { w.sub() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			set(w)
			found := w.run()
			if !mailcheck.Clean(found) || len(found) < 8 {
				t.Errorf("%d findings:\n%s", len(found), list(found))
			}
			for _, f := range found {
				if f.State != mailcheck.Good {
					t.Errorf("%+v", f)
				}
			}
			if heard := w.post.Heard(); strings.Contains(heard, "data") || !strings.Contains(heard, "from appeal@") {
				t.Errorf("the mail server heard: %s", heard)
			}
		})
	}
}

// sub lets the campaign write from a subdomain whose policy is that of its
// organization.
func (w *world) sub() {
	w.check.From = "Appeal <appeal@news.example.org>"
	w.MX("news.example.org", "mx.example.org.")
	w.Text("news.example.org", "v=spf1 include:example.org -all")
	w.Text("s1._domainkey.news.example.org", keyRecord(w.t, 2048))
}

func list(found []mailcheck.Finding) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%+v\n", f)
	}
	return b.String()
}

// broken are worlds with one fault each, and what is said of it: of what, what
// was found, what to mend, and the record, as far as there is one.
var broken = map[string]struct {
	spoil                         func(*world)
	subject, found, mend, publish string
}{
	"no such host": {func(w *world) { w.Forget("mail.example.org") }, "server", "mail.example.org leads nowhere", "Correct the host", ""},
	"nobody listens": {func(w *world) {
		w.check.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("connection refused") }
	}, "server", "connection refused", "firewall", ""},
	"no mail server":           {func(w *world) { w.check.Dial = web }, "server", "did not greet", "587 with smtp://", ""},
	"TLS on the wrong port":    {func(w *world) { w.check.Server = "smtps://mail.example.org:587" }, "tls", "does not speak TLS at once", "smtp://", ""},
	"no TLS":                   {func(w *world) { w.post.Bare = true }, "tls", "does not offer STARTTLS", "sends nothing to another machine", ""},
	"certificate of another":   {func(w *world) { w.names = []string{"shared.example.net"} }, "tls", "for shared.example.net, not for mail.example.org", "that the certificate names", ""},
	"certificate is over":      {func(w *world) { w.ends = testkit.Start.AddDate(0, 0, -1) }, "tls", "until 2026-02-28", "Renew it", ""},
	"certificate is over soon": {func(w *world) { w.ends = testkit.Start.AddDate(0, 0, 9) }, "tls", "ends on 2026-03-10", "why it was not renewed", ""},
	"certificate of nobody":    {func(w *world) { w.trust = false }, "tls", "nobody this machine trusts", "public authority", ""},
	"wrong password":           {func(w *world) { w.check.Server = "smtp://appeal:wrong@mail.example.org" }, "login", "refuses appeal", "%40", ""},
	"no way to sign in":        {func(w *world) { w.post.NoAuth = true }, "login", "no way to sign in", "Leave user and password out", ""},
	"sender refused":           {func(w *world) { w.post.OnFrom = &gosmtp.SMTPError{Code: 553, Message: "not your address"} }, "sender", "553", "--mail-from", ""},
	"sender has no mailbox":    {func(w *world) { w.post.OnRcpt = &gosmtp.SMTPError{Code: 550, Message: "no such user"} }, "recipient", "the sender's own address", "Make a mailbox", ""},
	"no relaying": {func(w *world) {
		w.check.To, w.post.OnRcpt = "mina@example.net", &gosmtp.SMTPError{Code: 554, Message: "relay access denied"}
	}, "recipient", "relay access denied", "other domains", ""},
	"named localhost":   {func(w *world) { w.check.Hello = "localhost" }, "names", `"localhost"`, "--base-url", ""},
	"named by a number": {func(w *world) { w.check.Hello = "5.9.10.11" }, "names", `"5.9.10.11"`, "--base-url", ""},

	"no MX":             {func(w *world) { w.without("example.org", w.spf) }, "mx", "no MX record and no address", "reports of mail", "example.org. MX 10"},
	"null MX":           {func(w *world) { w.without("example.org", w.spf, func() { w.MX("example.org", ".") }) }, "mx", "takes no mail", "Name the server", "example.org. MX 10"},
	"MX leads nowhere":  {func(w *world) { w.Forget("mx.example.org") }, "mx", "mx.example.org, a name that leads nowhere", "Correct the MX", ""},
	"DNS fails for SPF": {func(w *world) { w.Sicken("example.org") }, "spf", "server misbehaving", "DNS did not answer", ""},

	"no SPF":            {func(w *world) { w.Text("example.org", "hello") }, "spf", "no SPF record", "Publish one", `example.org. TXT "v=spf1 ip4:5.9.10.11 ~all"`},
	"two SPF":           {func(w *world) { w.Text("example.org", "v=spf1 mx -all", "v=spf1 ip4:5.9.10.11 -all") }, "spf", "2 SPF records", "Make one", ""},
	"SPF of others":     {func(w *world) { w.Text("example.org", "v=spf1 ip4:5.9.10.12 -all") }, "spf", "5.9.10.11 may not send as example.org (fail)", "Add the address", `"v=spf1 ip4:5.9.10.11 ip4:5.9.10.12 -all"`},
	"SPF in doubt":      {func(w *world) { w.Text("example.org", "v=spf1 ~all") }, "spf", "(softfail)", "Add the address", `"v=spf1 ip4:5.9.10.11 ~all"`},
	"SPF of nobody":     {func(w *world) { w.Text("example.org", "v=spf1") }, "spf", "(neutral)", "Add the address", `"v=spf1 ip4:5.9.10.11"`},
	"SPF for the world": {func(w *world) { w.Text("example.org", "v=spf1 mx +all") }, "spf", "the whole world", "-all or ~all", `"v=spf1 mx ~all"`},
	"SPF with a slip":   {func(w *world) { w.Text("example.org", "v=spf1 ipv4:5.9.10.11 -all") }, "spf", "cannot be read", "Correct it", ""},
	"SPF in a circle":   {func(w *world) { w.Text("example.org", "v=spf1 include:example.org -all") }, "spf", "more than ten look-ups", "Take out", ""},
	"SPF names no hosts": {func(w *world) {
		w.Text("example.org", "v=spf1 a:x1.example.org a:x2.example.org a:x3.example.org -all")
	}, "spf", "do not exist", "lead nowhere", ""},
	"server behind a wall": {func(w *world) { w.Lead("mail.example.org", []netip.Addr{netip.MustParseAddr("10.0.0.5")}) }, "spf", "no public address", "--leaves-from", ""},

	"no selector":        {func(w *world) { w.check.Selector = "" }, "dkim", "without its selector", "--read", ""},
	"no key":             {func(w *world) { w.Forget("s1._domainkey.example.org") }, "dkim", "no key at s1._domainkey.example.org", "2048 bits", "s1._domainkey.example.org. TXT"},
	"two keys":           {func(w *world) { w.key2(keyRecord(w.t, 2048), "v=DKIM1; p=") }, "dkim", "2 records", "Leave the one", ""},
	"revoked key":        {func(w *world) { w.key2("v=DKIM1; p=") }, "dkim", "revoked", "make a new key", ""},
	"no key in it":       {func(w *world) { w.key2("v=DKIM1; k=rsa") }, "dkim", "has no key", "p=", ""},
	"key cut off":        {func(w *world) { w.key2(keyRecord(w.t, 2048)[:218]) }, "dkim", "no RSA key", "cut off", ""},
	"damaged key":        {func(w *world) { w.key2(`v=DKIM1; p="MII`) }, "dkim", "damaged", "without quotes", ""},
	"no record of a key": {func(w *world) { w.key2("hello") }, "dkim", "cannot be read", "as your mail server shows it", ""},
	"tag twice":          {func(w *world) { w.key2("v=DKIM1; p=; p=") }, "dkim", "p= stands there twice", "Publish", ""},
	"weak key":           {func(w *world) { w.key2(keyRecord(w.t, 768)) }, "dkim", "768 bits, which receivers do not look at", "2048 bits", ""},
	"short key":          {func(w *world) { w.key2(keyRecord(w.t, 1024)) }, "dkim", "1024 bits, which is short", "2048 bits", ""},
	"testing":            {func(w *world) { w.key2(keyRecord(w.t, 2048) + "; t=s:y") }, "dkim", "only testing", "Take t=y out", ""},
	"only SHA-1":         {func(w *world) { w.key2(keyRecord(w.t, 2048) + "; h=sha1") }, "dkim", "h=sha1", "Take h=", ""},
	"another service":    {func(w *world) { w.key2(keyRecord(w.t, 2048) + "; s=tlsrpt") }, "dkim", "s=tlsrpt", "s=email", ""},
	"another kind":       {func(w *world) { w.key2("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=") }, "dkim", "Ed25519", "RSA key of 2048 bits too", ""},
	"another version":    {func(w *world) { w.key2("v=DKIM2; p=x") }, "dkim", "DKIM2", "v=DKIM1", ""},

	"no DMARC":       {func(w *world) { w.Forget("_dmarc.example.org") }, "dmarc", "no DMARC record", "Begin with p=none", `_dmarc.example.org. TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.org"`},
	"two DMARC":      {func(w *world) { w.Text("_dmarc.example.org", "v=DMARC1; p=none", "v=DMARC1; p=reject") }, "dmarc", "2 records", "Leave one", ""},
	"DMARC slip":     {func(w *world) { w.Text("_dmarc.example.org", "v=DMARC1; p=maybe") }, "dmarc", "cannot be read", "Leave one good record", "p=none"},
	"reports astray": {func(w *world) { w.Text("_dmarc.example.org", "v=DMARC1; p=none; rua=dmarc@example.org") }, "dmarc", "no address", "rua=mailto:", ""},
	"reports to who did not ask": {func(w *world) { w.Text("_dmarc.example.org", "v=DMARC1; p=none; rua=mailto:x@reports.example.net") }, "dmarc", "does not say that it wants them",
		"Let that domain publish", `example.org._report._dmarc.reports.example.net. TXT "v=DMARC1"`},
	"DNS fails for DMARC": {func(w *world) { w.Sicken("_dmarc.example.org") }, "dmarc", "server misbehaving", "DNS did not answer", ""},

	"no reverse name": {func(w *world) { w.Forget("11.10.9.5.in-addr.arpa") }, "reverse", "5.9.10.11 has no name", "PTR", ""},
	"reverse name astray": {func(w *world) {
		w.Forget("11.10.9.5.in-addr.arpa")
		w.Call(outside, "static-11.example.net.")
	}, "reverse", "static-11.example.net, which does not lead back", "Give that name this address", ""},
}

func (w *world) spf() { w.Text("example.org", "v=spf1 ip4:5.9.10.11 -all") }

// without takes all records of a name away and puts others there.
func (w *world) without(name string, then ...func()) {
	w.Forget(name)
	for _, do := range then {
		do()
	}
}

func (w *world) key2(records ...string) { w.Text("s1._domainkey.example.org", records...) }

// web answers as a web server does.
func web(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	go func() {
		_, _ = there.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
		_ = there.Close()
	}()
	return here, nil
}

func TestEachFaultHasItsSentence(t *testing.T) {
	t.Parallel()
	for name, c := range broken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.spoil(w)
			found := w.run()
			bad := slices.DeleteFunc(slices.Clone(found), func(f mailcheck.Finding) bool { return f.State == mailcheck.Good })
			at := slices.IndexFunc(bad, func(f mailcheck.Finding) bool { return f.Subject == c.subject })
			if at < 0 {
				t.Fatalf("nothing is said of %s:\n%s", c.subject, list(found))
			}
			f := bad[at]
			if !strings.Contains(f.Found, c.found) || !strings.Contains(f.Mend, c.mend) || !strings.Contains(f.Record, c.publish) {
				t.Errorf("it says %+v", f)
			}
			if want := f.State == mailcheck.Unknown; mailcheck.Clean(bad) != want {
				t.Errorf("clean is %v:\n%s", !want, list(bad))
			}
			if c.subject != "mx" && !strings.HasPrefix(name, "DNS") && c.subject != "server" && len(bad) != 1 {
				t.Errorf("more is said than that:\n%s", list(bad))
			}
			if c.subject == "tls" && f.State == mailcheck.Mend && !strings.Contains(name, "soon") && strings.Contains(w.post.Heard(), "password") {
				t.Error("the password was said all the same")
			}
		})
	}
}
