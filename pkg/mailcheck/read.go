package mailcheck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"blitiri.com.ar/go/spf"
	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-msgauth/dmarc"

	"olivebranch/pkg/outbound"
)

// Read judges a mail as it was received, with all its headers: whether it was
// signed, whether its sender was allowed, and whether either stands for the
// domain of its From line, which is what DMARC asks. An error means that this
// is no mail.
func (c *Check) Read(ctx context.Context, raw []byte) ([]Finding, error) {
	raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("read the mail: %w", err)
	}
	from, err := mail.ParseAddress(m.Header.Get("From"))
	if err != nil {
		return nil, fmt.Errorf("read whom the mail is from: %w", err)
	}
	r := &report{}
	domain := domainOf(from.Address)
	signers, err := c.signatures(ctx, r, raw, m.Header)
	if err != nil {
		return nil, err
	}
	sender := c.sender(ctx, r, m.Header)
	c.aligned(ctx, r, domain, signers, sender)
	return r.found, nil
}

// signatures are the domains whose good signature the mail has.
func (c *Check) signatures(ctx context.Context, r *report, raw []byte, head mail.Header) (signers []string, err error) {
	found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{MaxVerifications: 10,
		LookupTXT: func(name string) ([]string, error) {
			texts, err := c.texts(ctx, name)
			if err == nil && len(texts) == 0 {
				err = &net.DNSError{Err: "no such record", Name: name, IsNotFound: true}
			}
			return texts, err
		}})
	if err != nil && !errors.Is(err, dkim.ErrTooManySignatures) {
		return nil, fmt.Errorf("read the signatures of the mail: %w", err)
	}
	if len(found) == 0 {
		r.mend("dkim", "the mail is not signed", "Let the mail server sign what it sends; save the mail with all its headers, not only what mail programs show.")
	}
	for i, v := range found {
		if v.Err != nil {
			r.mend("dkim", fmt.Sprintf("a signature of %s is not good: %v", v.Domain, v.Err), "If the key is published as the mail server shows it, something changes mails after they are signed: let it be done before.")
			continue
		}
		signers = append(signers, v.Domain)
		r.good("dkim", "signed by %s, with selector %s", v.Domain, selector(head["Dkim-Signature"], i))
		c.covers(r, v, head)
	}
	return signers, nil
}

var selectorTag = regexp.MustCompile(`(?:^|;)\s*s\s*=\s*([^;\s]+)`)

func selector(signatures []string, i int) string {
	if i < len(signatures) {
		if m := selectorTag.FindStringSubmatch(signatures[i]); m != nil {
			return m[1]
		}
	}
	return "unknown"
}

// covers sees whether the signature covers what mail providers act on: one
// that anybody may write into a signed mail they leave alone (RFC 8058, 4).
func (c *Check) covers(r *report, v *dkim.Verification, head mail.Header) {
	var bare []string
	for _, name := range []string{"Subject", "To", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"} {
		signed := slices.ContainsFunc(v.HeaderKeys, func(k string) bool { return strings.EqualFold(k, name) })
		if head.Get(name) != "" && !signed {
			bare = append(bare, name)
		}
	}
	if len(bare) > 0 {
		r.mend("dkim", fmt.Sprintf("the signature of %s does not cover %s", v.Domain, strings.Join(bare, ", ")), "Add these to the headers that the mail server signs.")
	}
}

// received finds the address in brackets that a server notes of who brought a
// mail.
var received = regexp.MustCompile(`\[(?:IPv6:)?([0-9A-Fa-f:.]+)\]`)

// sender is the domain of the envelope when its mail may come from where this
// one came from; "" otherwise.
func (c *Check) sender(ctx context.Context, r *report, head mail.Header) string {
	path, err := mail.ParseAddress(head.Get("Return-Path"))
	if err != nil {
		r.unknown("spf", "the mail has no Return-Path, so it does not tell its envelope", "Save it from a mailbox, with all its headers.")
		return ""
	}
	for _, line := range head["Received"] {
		for _, m := range received.FindAllStringSubmatch(line, -1) {
			ip, err := netip.ParseAddr(m[1])
			if err != nil || !outbound.Public(ip.Unmap()) {
				continue
			}
			result, why := c.evaluate(ctx, ip.Unmap(), c.Hello, path.Address)
			if result == spf.Pass {
				r.good("spf", "%s may send as %s", ip.Unmap(), domainOf(path.Address))
				return domainOf(path.Address)
			}
			r.mend("spf", fmt.Sprintf("%s may not send as %s: %s (%v)", ip.Unmap(), domainOf(path.Address), result, why), "Add the address to the SPF record, or what your provider tells you to include.")
			return ""
		}
	}
	r.unknown("spf", "the mail does not tell the public address that it came from", "Send the test to a mailbox of another provider.")
	return ""
}

// aligned sees whether a signature or the envelope stands for the From line.
func (c *Check) aligned(ctx context.Context, r *report, domain string, signers []string, sender string) {
	rec, at, err := c.policy(ctx, domain)
	if err != nil || rec == nil {
		c.dmarc(ctx, r, domain) // which says what to mend
		return
	}
	same := func(other string, mode dmarc.AlignmentMode) bool {
		return other == domain || mode != dmarc.AlignmentStrict && other != "" && organization(other) == organization(domain)
	}
	for _, s := range signers {
		if same(strings.ToLower(s), rec.DKIMAlignment) {
			r.good("dmarc", "the signature of %s stands for %s, as _dmarc.%s asks", s, domain, at)
			return
		}
	}
	if same(sender, rec.SPFAlignment) {
		r.good("dmarc", "the envelope of %s stands for %s, as _dmarc.%s asks; a signature would too when the mail is passed on", sender, domain, at)
		return
	}
	r.mend("dmarc", "neither a signature nor the envelope stands for "+domain, "Let the mail server sign with d="+domain+"; what a provider signs as itself does not count.")
}
