package app_test

import (
	"context"
	"testing"

	"olivebranch/pkg/app"
	"olivebranch/pkg/testkit"
)

// A copy that could not read what another one took off the wall tries again.
func TestTheWallIsReadAgainAfterAFailure(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	say(t, a, speakers(t, "river", 0, 1))
	if err := a.Store.Exec(t.Context(), "UPDATE messages SET state = 'refused'"); err != nil { // as another copy does
		t.Fatal(err)
	}
	down, stop := context.WithCancel(t.Context())
	stop()
	seen, now := app.WallOf(1, 1), app.WallOf(2, 1)
	if err := app.FollowWall(a.App, down, now, &seen); err == nil || seen == now {
		t.Fatalf("read without a database: %v", err)
	}
	if err := app.FollowWall(a.App, t.Context(), now, &seen); err != nil || seen != now || len(a.Messages.Shown()) != 0 {
		t.Errorf("%d messages are still shown, %v", len(a.Messages.Shown()), err)
	}
}
