package app

import (
	"context"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/scrutiny"
)

// quickest is what a person needs at least from a mail to its confirmation: to
// see it, open it, follow the link and press the button.
const quickest = 2 * time.Second

// openScrutiny reads limits and holds. Where mail is caught, programs stand in
// for people, and nobody is too quick.
func (a *App) openScrutiny(ctx context.Context) (err error) {
	quick := quickest
	if a.Caught != nil {
		quick = 0
	}
	name, mail := appeal.SealedNames()
	a.Scrutiny, err = scrutiny.Load(ctx, scrutiny.Parts{
		Store: a.Store, Keys: a.Keys, Trail: a.Trail, AppealID: func() int64 { return a.Appeal.Current().ID }, IsCountry: locale.IsCountry,
		IsPartner:  func(id int64) bool { _, ok := a.Register.ByID(id); return ok },
		Population: locale.Population, Counted: func(country string) int64 { return a.Tally.Get(appeal.ByCountry, country) },
		Move: func(ctx context.Context, o scrutiny.Order) error {
			_, err := a.Sweeps.Apply(ctx, appeal.Order{IDs: o.IDs, From: o.From, To: appeal.Mark{State: o.To, Reason: o.Reason}, Why: o.Why, By: audit.Actor{Kind: audit.Program}})
			return err
		},
		Now: a.Now, Quickest: quick, NameColumn: name, MailColumn: mail,
	})
	if err == nil {
		a.Sweeps.Alarm, a.Sweeps.Undone = a.Scrutiny.Alarm, a.Scrutiny.Undone
	}
	return err
}

// watched is scrutiny as the intake knows it.
type watched struct{ *scrutiny.Scrutiny }

func (w watched) Doubt(from appeal.Whence) string { return w.Scrutiny.Doubt(scrutiny.Seen(from)) }

// watching is nil when limits are off.
func (a *App) watching() appeal.Scrutiny {
	if a.Config.Limits == "off" {
		return nil
	}
	return watched{a.Scrutiny}
}

// hot says whether so much comes from where a form comes from that a proof of
// work is asked for; never when limits are off.
func (a *App) hot(f appeal.Form) bool {
	if a.Config.Limits == "off" {
		return false
	}
	mail, err := address.ParseMail(f.Email)
	if err != nil {
		return false
	}
	return a.Scrutiny.Hot(scrutiny.Seen{PartnerID: f.PartnerID, Country: f.Country, Range: f.Range,
		DomainKey: a.Keys.DomainKey(mail.Domain()), RangeKey: a.Keys.RangeKey(f.Range)})
}

// examineEvery is how soon a burst is looked at.
const examineEvery = 20 * time.Second

// examine looks for patterns of machines, in one copy of the program at a time.
func (a *App) examine(ctx context.Context) {
	every(ctx, examineEvery, "examine what came in", a.examineAlone)
}

func (a *App) examineAlone(ctx context.Context) error {
	if !a.Store.Postgres() {
		_, err := a.Scrutiny.Examine(ctx)
		return err
	}
	// The lock is that of a transaction, so that it ends with a copy that dies.
	return a.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var mine bool
		if err := tx.Raw("SELECT pg_try_advisory_xact_lock(hashtext('olivebranch scrutiny ' || current_schema()))").Scan(&mine).Error; err != nil || !mine {
			return err
		}
		_, err := a.Scrutiny.Examine(ctx)
		return err
	})
}
