package mailcheck

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// weak and short are the lengths of RSA keys, in bits, below which receivers
// do not look at a signature (RFC 8301), and below which it is time for a new
// one.
const (
	weak  = 1024
	short = 2048
)

// dkim looks at the key under which mail is signed. Where it is, only a signed
// mail or the mail server can tell.
func (c *Check) dkim(ctx context.Context, r *report, domain string) {
	if c.Selector == "" {
		r.unknown("dkim", "the key cannot be found without its selector", "Give it with --selector; it stands in the settings of your mail server, and in each mail it signs, as s= in DKIM-Signature. Or save such a mail with all its headers and run mail check --read.")
		return
	}
	name := c.Selector + "._domainkey." + domain
	published, err := c.texts(ctx, name)
	if err != nil {
		r.mend("dkim", err.Error(), askAgain)
		return
	}
	const anew = "Let your mail server make a key of 2048 bits, and publish the record that it shows."
	form := record(name, "v=DKIM1; k=rsa; p=…")
	if len(published) != 1 {
		found := fmt.Sprintf("%d records at %s, and then none of them counts", len(published), name)
		mend := "Leave the one of your mail server."
		if len(published) == 0 {
			found, mend = "there is no key at "+name, anew+" If it has one already, correct --selector."
		}
		r.mend("dkim", found, mend, form)
		return
	}
	tags, err := readTags(published[0])
	if err != nil {
		r.mend("dkim", fmt.Sprintf("the record at %s cannot be read: %v", name, err), "Publish it as your mail server shows it.", form)
		return
	}
	found, mend := judgeKey(tags)
	if mend != "" {
		r.mend("dkim", fmt.Sprintf("at %s: %s", name, found), mend, form)
		return
	}
	r.good("dkim", "at %s is %s", name, found)
}

// readTags reads a list of tags (RFC 6376, 3.2).
func readTags(text string) (map[string]string, error) {
	tags := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, fmt.Errorf("%q is no tag", strings.TrimSpace(part))
		}
		if _, twice := tags[name]; twice {
			return nil, fmt.Errorf("%s= stands there twice", name)
		}
		tags[name] = strings.Join(strings.Fields(value), "")
	}
	return tags, nil
}

// judgeKey says what a record of a key is, and what to mend (RFC 6376, 3.6.1).
func judgeKey(tags map[string]string) (found, mend string) {
	const anew = "Let your mail server make a new key of 2048 bits and publish the record that it shows."
	has := func(tag, value string) bool { return slices.Contains(strings.Split(tags[tag], ":"), value) }
	raw, err := base64.StdEncoding.DecodeString(tags["p"])
	_, published := tags["p"]
	switch {
	case tags["v"] != "" && tags["v"] != "DKIM1":
		return "the version is " + tags["v"], "The record has to begin with v=DKIM1."
	case !published:
		return "the record has no key", "Publish it with the p= that your mail server shows."
	case tags["p"] == "":
		return "the key was revoked", anew
	case err != nil:
		return "the key is damaged: " + err.Error(), "Publish it as your mail server shows it, without quotes or breaks inside."
	case tags["h"] != "" && !has("h", "sha256"):
		return "the record allows only h=" + tags["h"], "Take h= out of the record: what is signed with SHA-1 is not looked at."
	case tags["s"] != "" && !has("s", "*") && !has("s", "email"):
		return "the record is for s=" + tags["s"], "Take s= out of the record, or write s=email."
	case has("t", "y"):
		return "the record says that the domain is only testing", "Take t=y out of the record: receivers may act as if nothing were signed."
	case tags["k"] == "ed25519":
		return "an Ed25519 key", "Let your mail server sign with an RSA key of 2048 bits too, under another selector: large receivers do not know this kind."
	case tags["k"] != "" && tags["k"] != "rsa":
		return "a key of the kind " + tags["k"], anew
	}
	key, ok := rsaKey(raw)
	switch {
	case !ok:
		return "the key is no RSA key", "Publish it as your mail server shows it; it must not be cut off."
	case key.N.BitLen() < weak:
		return fmt.Sprintf("an RSA key of %d bits, which receivers do not look at", key.N.BitLen()), anew
	case key.N.BitLen() < short:
		return fmt.Sprintf("an RSA key of %d bits, which is short", key.N.BitLen()), anew
	}
	return fmt.Sprintf("an RSA key of %d bits", key.N.BitLen()), ""
}

// rsaKey reads the two shapes in which keys are published.
func rsaKey(raw []byte) (*rsa.PublicKey, bool) {
	if any, err := x509.ParsePKIXPublicKey(raw); err == nil {
		key, ok := any.(*rsa.PublicKey)
		return key, ok
	}
	key, err := x509.ParsePKCS1PublicKey(raw)
	return key, err == nil
}
