package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/demo"
	"olivebranch/pkg/outbox"
)

// clock is a time that can be set, under which the demo's past happens.
type clock struct{ at atomic.Int64 }

func (c *clock) set(t time.Time) { c.at.Store(t.UnixMilli()) }
func (c *clock) now() time.Time  { return time.UnixMilli(c.at.Load()).UTC() }

// discard is an outbox for mails of the past.
type discard struct{}

func (discard) Enqueue(*gorm.DB, ...outbox.Mail) error                     { return nil }
func (discard) Discard(*gorm.DB, []byte, func(outbox.Envelope) bool) error { return nil }

// Seed fills an empty campaign with the demo's world, once. ErrNotDemo. The
// caller holds LockData and has migrated.
func Seed(ctx context.Context, c *config.Config, now time.Time, signatures int) (err error) {
	past := &clock{}
	past.set(now.AddDate(-1, 0, -1))
	o, err := OpenCore(ctx, c, past.now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if seeded, err := o.seeded(ctx); err != nil || seeded {
		return err
	}
	o.Registry.Outbox = discard{}
	return demo.Seed(ctx, demo.Parts{Appeal: o.Appeal, Signatures: o.Signatures, Registry: o.Registry, Designs: o.Designs, Places: o.Places, Staff: o.Staff, Clock: past.set}, now, signatures)
}

// ErrNotDemo keeps a demo, which shows its mail to everybody, away from a
// real campaign.
var ErrNotDemo = errors.New("this data folder holds a real campaign, not a demo")

// seeded says whether the demo's data are there already. ErrNotDemo when
// something else is.
func (o *Core) seeded(ctx context.Context) (bool, error) {
	accounts, err := o.Staff.List(ctx)
	if err != nil {
		return false, err
	}
	for _, a := range accounts {
		if a.Email == demo.StaffMail {
			return true, nil
		}
	}
	if len(accounts) > 0 || o.Tally.Total() > 0 || len(o.Register.All()) > 0 {
		return false, ErrNotDemo
	}
	return false, nil
}

// AddSignatures adds n made-up signatures for trying a campaign of that size,
// 1,000 in a transaction. progress is told how many are in.
func (o *Core) AddSignatures(ctx context.Context, n int, progress func(done int)) error {
	const chunk = 1000
	countries := o.Catalogues.For(appeal.DefaultLang).Countries()
	run := strconv.FormatInt(o.Now().UnixMilli(), 36)
	for start := 0; start < n; start += chunk {
		entries := make([]appeal.Entry, 0, chunk)
		for i := start; i < min(n, start+chunk); i++ {
			mail, err := address.ParseMail(fmt.Sprintf("seed-%s-%d@example.test", run, i))
			if err != nil {
				return err
			}
			entries = append(entries, appeal.Entry{Name: "Seed " + strconv.Itoa(i), Mail: mail, Country: countries[i%len(countries)].Code,
				Lang: appeal.DefaultLang, Origin: appeal.Online, Confirmed: o.Now().Add(-time.Duration(i%365) * 24 * time.Hour)})
		}
		if _, err := o.Signatures.Add(ctx, o.Appeal.Current(), entries); err != nil {
			return err
		}
		progress(start + len(entries))
	}
	return nil
}
