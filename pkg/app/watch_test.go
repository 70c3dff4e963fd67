package app_test

import (
	"context"
	"testing"

	"olivebranch/pkg/testkit"
)

// A copy that could not read what another one took off the wall tries again.
func TestTheWallIsReadAgainAfterAFailure(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	say(t, a, speakers(t, "river", 0, 1))
	down, stop := context.WithCancel(t.Context())
	stop()
	was := a.Messages.Version()
	if err := a.Messages.Reload(down); err == nil || a.Messages.Version() != was {
		t.Fatalf("read without a database: %v", err)
	}
	for _, as := range []string{"UPDATE messages SET state = 'refused'", "UPDATE changes SET n = n + 1 WHERE topic = 'messages'"} { // as another copy does
		if err := a.Store.Exec(t.Context(), as); err != nil {
			t.Fatal(err)
		}
	}
	a.Until("the message to leave the wall", func() bool { return len(a.Messages.Shown()) == 0 })
}
