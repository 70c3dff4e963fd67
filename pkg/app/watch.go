package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"olivebranch/pkg/store"
)

// watchEvery is how often the change counters are looked at. It keeps the
// promise that a change by another process is seen within a second.
const watchEvery = 300 * time.Millisecond

// every does something at once and then after each interval, until ctx ends.
// What goes wrong is logged under what it is.
func every(ctx context.Context, interval time.Duration, what string, do func(ctx context.Context) error) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrDown) {
			slog.Error(what, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// watch reads anew what another process changed.
func (a *App) watch(ctx context.Context) {
	heard := int64(-1)
	every(ctx, watchEvery, "read what others changed", func(ctx context.Context) error { return a.catchUp(ctx, &heard) })
}

// catchUp reads what is of another change than the counters say. heard is of
// which change of the register the words of partners on the wall are.
func (a *App) catchUp(ctx context.Context, heard *int64) error {
	if err := a.followKeys(); err != nil {
		slog.Error("the keys cannot be read; those in use stay", "error", err)
	}
	changes, err := a.Store.Changes(ctx)
	if err != nil {
		return err
	}
	if changes[store.TopicAppeal] != a.Appeal.Current().Version {
		if err := a.Appeal.Reload(ctx); err != nil {
			return err
		}
	}
	if changes[store.TopicTally] > a.Tally.Version() {
		if err := a.Tally.Reload(ctx); err != nil {
			return err
		}
	}
	if changes[store.TopicRegister] != a.Register.Version() {
		if err := a.Register.Reload(ctx); err != nil {
			return err
		}
	}
	if changes[store.TopicPhrases] != a.Phrases.Version() {
		if err := a.Phrases.Reload(ctx); err != nil {
			return err
		}
	}
	if changes[store.TopicDesigns] != a.Designs.Version() {
		if err := a.Designs.Reload(ctx); err != nil {
			return err
		}
	}
	if changes[store.TopicScrutiny] != a.Scrutiny.Version() {
		if err := a.Scrutiny.Reload(ctx); err != nil {
			return err
		}
	}
	if changes[store.TopicMessages] != a.Messages.Version() {
		if err := a.Messages.Reload(ctx); err != nil {
			return err
		}
	}
	if a.Register.Version() == *heard {
		return nil
	}
	version := a.Register.Version()
	if err := a.Messages.Follow(ctx); err != nil {
		return err // again the next time: words that were taken away must not stay
	}
	*heard = version
	return nil
}

// settleEvery is how often due decisions are looked for.
const settleEvery = time.Second

// settle carries out staff's decisions once they cannot be taken back.
func (a *App) settle(ctx context.Context) {
	every(ctx, settleEvery, "carry out decisions", func(ctx context.Context) error {
		_, err := a.Registry.Settle(ctx)
		return err
	})
}

// markMessages looks for contact data in what people wrote, before moderators
// read it.
func (a *App) markMessages(ctx context.Context) {
	every(ctx, settleEvery, "mark messages", func(ctx context.Context) error {
		_, err := a.Messages.Mark(ctx)
		return err
	})
}

// jobs are the periodic work of a campaign.
func (a *App) jobs() []job {
	return []job{
		{Name: jobVerify, Every: 24 * time.Hour, Run: a.verifyJob},
		{Name: "purge", Every: time.Hour, Run: a.purge},
		{Name: "mail_figures", Every: 5 * time.Minute, Run: a.countConfirmed},
		{Name: "reminders", Every: time.Hour, Run: a.remindSigners},
		{Name: jobRetention, Every: 24 * time.Hour, Run: a.retain},
		{Name: "applications", Every: time.Hour, Run: a.tendApplications},
		{Name: "held", Every: time.Hour, Run: a.Sweeps.Tend},
		{Name: "proofs", Every: time.Hour, Run: a.checkProofs},
		{Name: "placements", Every: time.Hour, Run: a.tendPlaces},
		{Name: "bulletin", Every: time.Hour, Run: a.publish},
		{Name: jobReseal, Every: time.Hour, Run: a.resealJob},
	}
}

// purge deletes what is kept no longer.
func (a *App) purge(ctx context.Context) (string, error) {
	requests, err := a.Intake.Purge(ctx)
	if err != nil {
		return "", err
	}
	mails, err := a.Outbox.Purge(ctx)
	if err != nil {
		return "", err
	}
	if err := a.Staff.Sweep(ctx); err != nil {
		return "", err
	}
	if _, err := a.Reports.Forget(ctx); err != nil {
		return "", err
	}
	a.Store.Erased() // the envelopes of mails that were sent since the last time
	return fmt.Sprintf("%d sign requests, %d mails", requests, mails), nil
}

// remindSigners asks those who have not confirmed, once.
func (a *App) remindSigners(ctx context.Context) (string, error) {
	n, err := a.Intake.Remind(ctx)
	return fmt.Sprintf("%d reminded", n), err
}

// tendApplications forgets what nobody confirmed, before it reminds of the
// rest, and erases the contacts of what ended long ago.
func (a *App) tendApplications(ctx context.Context) (string, error) {
	forgotten, err := a.Registry.Forget(ctx)
	if err != nil {
		return "", err
	}
	reminded, err := a.Registry.Remind(ctx)
	if err != nil {
		return "", err
	}
	erased, err := a.Registry.EraseContacts(ctx)
	if err != nil {
		return "", err
	}
	if forgotten+erased > 0 {
		a.Store.Erased()
	}
	return fmt.Sprintf("%d forgotten, %d reminded, %d contacts erased", forgotten, reminded, erased), nil
}

// checkProofs looks again at what applicants and partners have on their
// sites; each proof comes up once a week.
func (a *App) checkProofs(ctx context.Context) (string, error) {
	n, err := a.Registry.CheckAgain(ctx)
	return fmt.Sprintf("%d proofs", n), err
}

// publish makes the figures of the day public, at the first look after
// midnight, UTC.
func (a *App) publish(ctx context.Context) (string, error) {
	made, err := a.Bulletins.Publish(ctx)
	if !made || err != nil {
		return "made already", err
	}
	return "made", nil
}

// refold brings what is searched and compared up to date after an upgrade that
// changed its rules, beside the first visitors.
func (a *App) refold(ctx context.Context) {
	n, err := a.Registry.Refold(ctx)
	if err != nil && ctx.Err() == nil {
		slog.Error("fold names anew", "error", err)
	}
	if n > 0 {
		slog.Info("names were folded by new rules", "rows", n)
	}
}
