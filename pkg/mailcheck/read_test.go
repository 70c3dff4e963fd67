package mailcheck_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"olivebranch/pkg/mailcheck"
)

// letter is a mail as its receiver saved it.
type letter struct {
	from, path, received string
	signedAs             string   // the domain; "": not signed
	headers              []string // that are signed
	change               func(raw string) string
}

var allHeaders = []string{"From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"}

func (l letter) raw(t *testing.T) []byte {
	t.Helper()
	body := "From: Appeal <" + l.from + ">\r\nTo: mina@example.net\r\nSubject: =?UTF-8?q?Bitte?=\r\nDate: Sun, 01 Mar 2026 12:00:00 +0000\r\nMessage-ID: <1@appeal.example.org>\r\n" +
		"List-Unsubscribe: <https://appeal.example.org/en/unsubscribe/x>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nHello.\r\n"
	var signed bytes.Buffer
	if l.signedAs == "" {
		signed.WriteString(body)
	} else if err := dkim.Sign(&signed, strings.NewReader(body), &dkim.SignOptions{Domain: l.signedAs, Selector: "s1", Signer: keyPair(), HeaderKeys: l.headers}); err != nil {
		t.Fatal(err)
	}
	raw := "Return-Path: <" + l.path + ">\r\nReceived: from mx.example.net ([10.0.0.1]) by box.example.net; Sun, 01 Mar 2026 12:00:02 +0000\r\n" +
		"Received: from mail.example.org (mail.example.org [" + l.received + "])\r\n\tby mx.example.net with ESMTPS; Sun, 01 Mar 2026 12:00:01 +0000\r\n" + signed.String()
	if l.change != nil {
		raw = l.change(raw)
	}
	return []byte(raw)
}

func good() letter {
	return letter{from: "appeal@example.org", path: "appeal@example.org", received: "5.9.10.11", signedAs: "example.org", headers: allHeaders}
}

func TestAReceivedMailIsJudgedAsItsReceiverDoes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change        func(*letter)
		world         func(*world)
		mend, unknown []string // "subject words", in their order
	}{
		"all is well": {},
		"saved by a program that writes line breaks its own way": {change: func(l *letter) { l.change = func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") } }},
		"not signed":           {change: func(l *letter) { l.signedAs = "" }, mend: []string{"dkim the mail is not signed"}},
		"changed on the way":   {change: func(l *letter) { l.change = func(s string) string { return strings.Replace(s, "Hello.", "Hallo.", 1) } }, mend: []string{"dkim a signature of example.org is not good"}},
		"key not published":    {world: func(w *world) { w.Forget("s1._domainkey.example.org") }, mend: []string{"dkim a signature of example.org is not good: dkim: no key"}},
		"key is weak":          {world: func(w *world) { w.key2(keyRecord(w.t, 512)) }, mend: []string{"dkim a signature of example.org is not good: dkim: key is too short"}},
		"one click not signed": {change: func(l *letter) { l.headers = []string{"From", "To", "Subject", "Date", "Message-ID"} }, mend: []string{"dkim the signature of example.org does not cover List-Unsubscribe, List-Unsubscribe-Post"}},
		"sender not allowed":   {change: func(l *letter) { l.received = "5.9.10.99" }, mend: []string{"spf 5.9.10.99 may not send as example.org: fail"}},
		"provider's own": {change: func(l *letter) { l.signedAs, l.path = "provider.example.com", "bounce@provider.example.com" }, world: func(w *world) {
			w.Text("s1._domainkey.provider.example.com", keyRecord(w.t, 2048))
			w.Text("provider.example.com", "v=spf1 ip4:5.9.10.11 -all")
		}, mend: []string{"dmarc neither a signature nor the envelope stands for example.org"}},
		"provider's envelope, own signature": {change: func(l *letter) { l.path = "bounce@provider.example.com" }, world: func(w *world) { w.Text("provider.example.com", "v=spf1 ip4:5.9.10.11 -all") }},
		"a subdomain, relaxed":               {change: func(l *letter) { l.signedAs = "mail.example.org" }, world: func(w *world) { w.Text("s1._domainkey.mail.example.org", keyRecord(w.t, 2048)) }},
		"a subdomain, strict": {change: func(l *letter) { l.signedAs, l.path = "news.example.org", "x@news.example.org" }, world: func(w *world) {
			w.Text("s1._domainkey.news.example.org", keyRecord(w.t, 2048))
			w.Text("news.example.org", "v=spf1 ip4:5.9.10.11 -all")
			w.Text("_dmarc.example.org", "v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:d@example.org")
		}, mend: []string{"dmarc neither"}},
		"no policy":   {world: func(w *world) { w.Forget("_dmarc.example.org") }, mend: []string{"dmarc example.org has no DMARC record"}},
		"no envelope": {change: func(l *letter) { l.change = func(s string) string { _, s, _ = strings.Cut(s, "\r\n"); return s } }, unknown: []string{"spf the mail has no Return-Path"}},
		"from within": {change: func(l *letter) { l.received = "192.168.1.7" }, unknown: []string{"spf the mail does not tell the public address"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, l := newWorld(t), good()
			if c.change != nil {
				c.change(&l)
			}
			if c.world != nil {
				c.world(w)
			}
			found, err := w.check.Read(t.Context(), l.raw(t))
			if err != nil {
				t.Fatal(err)
			}
			said := func(state mailcheck.State) (all []string) {
				for _, f := range found {
					if f.State == state {
						all = append(all, f.Subject+" "+f.Found)
					}
				}
				return all
			}
			begins := func(a, b string) bool { return strings.HasPrefix(a, b) }
			if !slices.EqualFunc(said(mailcheck.Mend), c.mend, begins) || !slices.EqualFunc(said(mailcheck.Unknown), c.unknown, begins) {
				t.Errorf("it says\n%s", list(found))
			}
			if c.mend == nil && c.unknown == nil && (!strings.Contains(list(found), "selector s1") || len(said(mailcheck.Good)) != 3) {
				t.Errorf("of a good mail it says\n%s", list(found))
			}
		})
	}
}

func TestWhatIsNoMailIsSaidToBeNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, raw := range map[string][]byte{"empty": nil, "text": []byte("hello"), "no sender": []byte("Subject: x\r\n\r\nHello.\r\n"), "zeros": make([]byte, 1<<16),
		"two senders": []byte("From: a@example.org, b@example.org\r\n\r\nHello.\r\n")} {
		if found, err := w.check.Read(t.Context(), raw); err == nil {
			t.Errorf("%s: %v", name, found)
		}
	}
}
