package app

import (
	"context"
	"fmt"
	"time"

	"olivebranch/pkg/appeal"
)

const jobRetention = "retention"

// erasing are the tables in which personal data are erased.
var erasing = []string{"signatures", "sign_requests", "messages", "texts", "outbox", "unsubscribed", "sweeps", "seen_domains", "applications", "representatives"}

// retain erases what is kept no longer, and sees to its bytes.
func (a *App) retain(ctx context.Context) (string, error) {
	requests, err := a.Intake.Purge(ctx)
	if err != nil {
		return "", err
	}
	custody := appeal.Custody{Store: a.Store, Appeal: a.Appeal, Now: a.Now}
	erased, err := custody.Run(ctx)
	if err != nil {
		return "", fmt.Errorf("%w (until then %s)", err, erased)
	}
	if a.Appeal.Current().KeysDestroyed != 0 {
		if _, err := a.Outbox.ForgetAllStops(ctx); err != nil {
			return "", err
		}
		if err := a.Scrutiny.ForgetDomains(ctx); err != nil {
			return "", err
		}
	}
	ranges := time.Duration(a.Appeal.Current().Retention.Ranges) * 24 * time.Hour
	if _, err := a.Scrutiny.Forget(ctx, a.Now().Add(-ranges)); err != nil {
		return "", err
	}
	// Whatever was erased since the last night, by commands beside the server
	// too, goes from the bytes as well.
	if err := a.Store.Vacuum(ctx, erasing...); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, %d sign requests", erased, requests), nil
}
