package mailcheck

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/emersion/go-msgauth/dmarc"
)

// badPolicy says what is wrong with a DMARC record.
type badPolicy string

func (b badPolicy) Error() string { return string(b) }

// policy is the DMARC record that counts for a domain, and where it stands;
// nil and no error when there is none (RFC 7489, 6.6.3).
func (c *Check) policy(ctx context.Context, domain string) (rec *dmarc.Record, at string, err error) {
	for _, at := range []string{domain, organization(domain)} {
		published, err := c.texts(ctx, "_dmarc."+at)
		if err != nil {
			return nil, at, err
		}
		var records []string
		for _, t := range published {
			if strings.HasPrefix(strings.ReplaceAll(t, " ", ""), "v=DMARC1") {
				records = append(records, t)
			}
		}
		switch {
		case len(records) > 1:
			return nil, at, badPolicy(fmt.Sprintf("_dmarc.%s has %d records, and then none of them counts", at, len(records)))
		case len(records) == 1:
			rec, err := dmarc.Parse(records[0])
			if err != nil {
				return nil, at, badPolicy(fmt.Sprintf("the record at _dmarc.%s cannot be read: %s: %v", at, records[0], err))
			}
			return rec, at, nil
		}
	}
	return nil, "", nil
}

// dmarc sees whether the domain says what becomes of mail that only claims to
// be its own. Ours has the domain of the From line in the envelope too, so that
// SPF stands for it, strictly or not.
func (c *Check) dmarc(ctx context.Context, r *report, domain string) {
	rec, at, err := c.policy(ctx, domain)
	var bad badPolicy
	line := record("_dmarc."+organization(domain), "v=DMARC1; p=none; rua=mailto:dmarc@"+organization(domain))
	switch {
	case errors.As(err, &bad):
		r.mend("dmarc", err.Error(), "Leave one good record.", line)
		return
	case err != nil:
		r.mend("dmarc", err.Error(), askAgain)
		return
	case rec == nil:
		r.mend("dmarc", domain+" has no DMARC record", "Publish one: large receivers refuse mail in numbers without it. Begin with p=none, read the reports, and make it p=quarantine when they are clean.", line)
		return
	}
	policy := rec.Policy
	if at != domain && rec.SubdomainPolicy != "" {
		policy = rec.SubdomainPolicy
	}
	if len(rec.ReportURIAggregate) == 0 {
		r.good("dmarc", "_dmarc.%s says p=%s; without rua= nobody tells you what becomes of your mail", at, policy)
		return
	}
	for _, uri := range rec.ReportURIAggregate {
		if !c.reports(ctx, r, at, uri) {
			return
		}
	}
	if policy == dmarc.PolicyNone {
		r.good("dmarc", "_dmarc.%s says p=none: receivers only watch; make it p=quarantine when the reports are clean", at)
		return
	}
	r.good("dmarc", "_dmarc.%s says p=%s", at, policy)
}

// reports sees whether an address may be sent the reports of the domain: that
// of another organization has to agree (RFC 7489, 7.1).
func (c *Check) reports(ctx context.Context, r *report, at, uri string) bool {
	to, err := url.Parse(uri)
	address, _, _ := strings.Cut(uri, "!") // which may end with a size
	if err != nil || to.Scheme != "mailto" || !strings.Contains(address, "@") {
		r.mend("dmarc", fmt.Sprintf("reports shall go to %q, which is no address", uri), "Write rua=mailto:somebody@"+at+" into the record at _dmarc."+at+".")
		return false
	}
	there := domainOf(address)
	if organization(there) == organization(at) {
		return true
	}
	name := at + "._report._dmarc." + there
	published, err := c.texts(ctx, name)
	if err != nil {
		r.mend("dmarc", err.Error(), askAgain)
		return false
	}
	for _, t := range published {
		if strings.HasPrefix(t, "v=DMARC1") {
			return true
		}
	}
	r.mend("dmarc", fmt.Sprintf("reports shall go to %s, which does not say that it wants them", there), "Let that domain publish the record, or have the reports sent to an address of "+at+".", record(name, "v=DMARC1"))
	return false
}
