package demo

import (
	"context"
	"fmt"
	"time"

	"olivebranch/pkg/address"
	appeals "olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
)

// The demo's burst: its signatures came within minutes from one mail domain,
// and wait at the desk for somebody to decide.
const (
	heldDomain     = "paper-lanterns.example"
	heldSignatures = 18
)

func seedHeld(ctx context.Context, p Parts, c *content, ids map[string]int64, now time.Time) error {
	began := now.Add(-26 * time.Hour)
	who := c.Names[0]
	entries := make([]appeals.Entry, heldSignatures)
	for i := range entries {
		mail, err := address.ParseMail(fmt.Sprintf("lantern%d@%s", i+1, heldDomain))
		if err != nil {
			return err
		}
		entries[i] = appeals.Entry{Name: who.full(i, i/8), Mail: mail, Country: who.Country, Lang: "en", Origin: appeals.Online,
			PartnerID: ids[c.Partners[0].Slug], Confirmed: began.Add(time.Duration(i) * 20 * time.Second)}
	}
	p.Clock(began.Add(time.Hour))
	if _, err := p.Signatures.Add(ctx, p.Appeal.Current(), entries); err != nil {
		return err
	}
	_, err := p.Sweeps.Decide(ctx, appeals.Wish{Rule: appeals.Rule{Typed: appeals.Typed{Domains: []string{heldDomain}}},
		To: appeals.Mark{State: appeals.Held, Reason: appeals.ReasonAlike}, Words: heldDomain, By: audit.Actor{Kind: audit.Program}})
	for worked := true; worked && err == nil; {
		worked, err = p.Sweeps.Step(ctx)
	}
	p.Clock(now)
	return err
}
