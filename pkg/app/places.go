package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"olivebranch/pkg/placement"
	"olivebranch/pkg/store"
)

// placesEvery is how often each copy of the program writes where banners were
// seen.
const placesEvery = 10 * time.Second

// keepPlaces writes what was noted, for the last time when ctx ends.
func (a *App) keepPlaces(ctx context.Context) {
	tick := time.NewTicker(placesEvery)
	defer tick.Stop()
	dropped := int64(0)
	for running := true; running; {
		select {
		case <-ctx.Done():
			running = false
		case <-tick.C:
		}
		if _, err := a.Places.Write(context.WithoutCancel(ctx)); err != nil && !errors.Is(err, store.ErrDown) {
			slog.Error("write where banners were seen", "error", err)
		}
		if now := a.Places.Notes.Dropped(); now != dropped {
			slog.Warn("too many different pages at once: some showings of banners were not noted", "dropped", now-dropped)
			dropped = now
		}
	}
}

// tendPlaces writes to the partners whose banner vanished, and deletes what is
// kept no longer.
func (a *App) tendPlaces(ctx context.Context) (string, error) {
	now := a.Now()
	gone, err := a.Places.Vanished(ctx, now)
	if err != nil {
		return "", err
	}
	missed := 0
	for _, g := range gone {
		did, err := a.Registry.Miss(ctx, g.Partner, g.Since)
		if err != nil {
			return "", err
		}
		if did {
			missed++
		}
	}
	forgotten, err := a.Places.Forget(ctx, placement.Today(now))
	return fmt.Sprintf("%d banners missed, %d rows forgotten", missed, forgotten), err
}
