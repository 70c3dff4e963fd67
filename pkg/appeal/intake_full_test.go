package appeal_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/testkit"
)

// hold keeps the writer busy until the function is called.
func hold(t *testing.T, a *testkit.App) (release func()) {
	t.Helper()
	held, free, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- a.Store.InTx(context.Background(), func(context.Context, *gorm.DB) error {
			close(held)
			<-free
			return nil
		})
	}()
	<-held
	return sync.OnceFunc(func() {
		close(free)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// stored is how many sign requests there are.
func stored(t *testing.T, a *testkit.App) int64 {
	t.Helper()
	var n int64
	if err := a.Store.Read(context.Background()).Table("sign_requests").Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

// More people at once than the queue holds: those beyond are asked to try
// again at once, in their language, and nothing is told to them that is not so;
// all others are in the database when they are told.
func TestWhoFindsTheQueueFullIsAskedToTryAgain(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	release := hold(t, a)
	defer release()
	const people = 10_000
	var accepted, refused atomic.Int64
	var group sync.WaitGroup
	for i := range people {
		group.Go(func() {
			switch _, err := a.Intake.Request(context.Background(), form(address(i))); {
			case err == nil:
				accepted.Add(1)
			case errors.Is(err, appeal.ErrBusy):
				refused.Add(1)
			default:
				t.Errorf("request: %v", err)
			}
		})
	}
	a.Until("a full queue", func() bool { return refused.Load() > 0 })
	visitor := a.Client()
	page := visitor.Get("/ko/sign").Submit("", "name", "Late Example", "email", "late@example.org", "country", "KR", "consent", "on")
	if page.Status != http.StatusServiceUnavailable || page.Header.Get("Retry-After") == "" || !strings.Contains(page.Body, `value="Late Example"`) || !strings.Contains(page.Body, `lang="ko"`) {
		t.Errorf("status %d, Retry-After %q: %s", page.Status, page.Header.Get("Retry-After"), page.Text())
	}
	if n := accepted.Load(); n != 0 {
		t.Errorf("%d were told something while nothing could be written", n)
	}
	release()
	group.Wait()
	if n := stored(t, a); n != accepted.Load() || n+refused.Load() != people {
		t.Errorf("%d stored, %d accepted and %d refused of %d", n, accepted.Load(), refused.Load(), people)
	}
}

// A stop answers all that it accepted, each as it is in the database.
func TestAStopAnswersAllThatItAccepted(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	release := hold(t, a)
	defer release()
	var accepted, refused atomic.Int64
	var group sync.WaitGroup
	sign := func(i int) {
		switch _, err := a.Intake.Request(context.Background(), form(address(i))); {
		case err == nil:
			accepted.Add(1)
		case errors.Is(err, appeal.ErrBusy):
			refused.Add(1)
		default:
			t.Errorf("request: %v", err)
		}
	}
	for i := range 1000 {
		group.Go(func() { sign(i) })
	}
	a.Intake.Close() // somewhere among them
	release()
	group.Wait()
	if n := stored(t, a); n != accepted.Load() || n+refused.Load() != 1000 {
		t.Errorf("%d stored, %d accepted and %d refused of 1000", n, accepted.Load(), refused.Load())
	}
}
