package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
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
	return demo.Seed(ctx, demo.Parts{Appeal: o.Appeal, Signatures: o.Signatures, Sweeps: o.Sweeps, Registry: o.Registry, Register: o.Register, Designs: o.Designs, Places: o.Places, Staff: o.Staff, Clock: past.set}, now, signatures)
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

// AddSignatures adds n made-up signatures for trying a campaign of that size.
// progress is told how many are in.
func (o *Core) AddSignatures(ctx context.Context, n int, progress func(done int)) error {
	const (
		sorted  = 1_000_000 // addresses are put in order so many at a time
		written = 20_000    // in one transaction
	)
	run := strconv.FormatInt(o.Now().UnixMilli(), 36)
	for start := 0; start < n; start += sorted {
		made, err := o.makeUp(run, start, min(n, start+sorted))
		if err != nil {
			return err
		}
		done := start
		for part := range slices.Chunk(made, written) {
			entries := make([]appeal.Entry, len(part))
			for i := range part {
				entries[i] = part[i].entry(o)
			}
			if _, err := o.Signatures.Add(ctx, o.Appeal.Current(), entries); err != nil {
				return err
			}
			done += len(part)
			progress(done)
		}
	}
	return nil
}

// madeUp is an address of nobody.
type madeUp struct {
	number int
	mail   address.Mail
	key    [16]byte
}

// makeUp makes addresses in the order of the index they go into, so that its
// pages are written in turn and not at random, which takes five times as long.
func (o *Core) makeUp(run string, start, end int) ([]madeUp, error) {
	made := make([]madeUp, 0, end-start)
	for i := start; i < end; i++ {
		mail, err := address.ParseMail(fmt.Sprintf("seed-%s-%d@example.test", run, i))
		if err != nil {
			return nil, err
		}
		made = append(made, madeUp{i, mail, [16]byte(o.Keys.MailKey(o.Appeal.Current().ID, mail.Folded()))})
	}
	slices.SortFunc(made, func(a, b madeUp) int { return bytes.Compare(a.key[:], b.key[:]) })
	return made, nil
}

func (m madeUp) entry(o *Core) appeal.Entry {
	countries := o.Catalogues.For(appeal.DefaultLang).Countries()
	consents := appeal.ConsentCount
	if m.number%2 == 0 {
		consents |= appeal.ConsentHandover
	}
	return appeal.Entry{Name: "Seed " + strconv.Itoa(m.number), Mail: m.mail, Country: countries[m.number%len(countries)].Code,
		Lang: appeal.DefaultLang, Origin: appeal.Online, Consents: consents, Confirmed: o.Now().Add(-time.Duration(m.number%365) * 24 * time.Hour)}
}
