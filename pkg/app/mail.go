package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"olivebranch/pkg/bounce"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/view"
)

const (
	// watchMailEvery is how often it is estimated how late mail is.
	watchMailEvery = 10 * time.Second

	// alarmFrom is from how late on the desk is told.
	alarmFrom = 15 * time.Minute
)

// watchMail keeps in memory how late mail is, for the pages that ask people to
// look for it, and tells the desk when it is very late.
func (a *App) watchMail(ctx context.Context) {
	every(ctx, watchMailEvery, "look at the mail that waits", a.lookAtMail)
}

func (a *App) lookAtMail(ctx context.Context) error {
	d, err := a.Outbox.Delay(ctx)
	if err != nil {
		return err
	}
	a.delay.Store(&d)
	if d.About < alarmFrom {
		return nil
	}
	return a.Scrutiny.Alarm(ctx, "mail_late", "", d)
}

// late is what pages say of it; nil when mail is not late.
func (a *App) late() *view.Late {
	d := a.lastDelay()
	if !d.Late() {
		return nil
	}
	return &view.Late{Minutes: d.Minutes(), Hours: d.Hours(), Stuck: d.Stuck}
}

// lastDelay is how late mail was when it was last looked at.
func (a *App) lastDelay() outbox.Delay {
	if d := a.delay.Load(); d != nil {
		return *d
	}
	return outbox.Delay{}
}

// countConfirmed counts for the desk who confirmed, by mail domain.
func (a *App) countConfirmed(ctx context.Context) (string, error) {
	n, err := a.Outbox.CountConfirmed(ctx, a.Signatures.ConfirmedByDomain)
	return fmt.Sprintf("%d confirmations", n), err
}

// collectEvery is how often the mailbox of reports is looked into.
const collectEvery = 30 * time.Second

// collectReports takes in the reports of delivery that arrive in a mailbox.
func (a *App) collectReports(ctx context.Context) {
	if a.Config.MailReports == "" {
		return
	}
	every(ctx, collectEvery, "collect reports of mail", a.CollectReports)
}

// CollectReports looks into the mailbox once. What is about mail of ours is
// deleted there, everything else is left to people.
func (a *App) CollectReports(ctx context.Context) error {
	done, kept, err := bounce.Collect(a.Config.MailReports, func(message io.Reader) (bool, error) {
		report, err := bounce.Read(message)
		if err != nil {
			return false, err
		}
		what, err := a.Outbox.TakeReport(ctx, report)
		mine := what == outbox.Stopped || what == outbox.Counted || what == outbox.NoReport && report.Standard
		return mine, err
	})
	if done+kept > 0 {
		slog.Info("reports of mail", "done", done, "kept", kept)
	}
	return err
}
