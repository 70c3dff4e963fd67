package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

func nothing(context.Context, *gorm.DB) error { return nil }

func TestAllWritingIsOnOneThread(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/thread-self/comm"); err != nil {
		t.Skip("a system with /proc is needed to ask a thread for its name")
	}
	s := open(t, testkit.SQLite(t))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			ctx, cancel := context.WithCancel(context.Background()) // the driver hands statements with such a context to others
			defer cancel()
			err := s.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
				if tx.Statement.Context.Done() != nil {
					t.Error("the statements' context can end")
				}
				name, err := os.ReadFile("/proc/thread-self/comm")
				if strings.TrimSpace(string(name)) != store.ThreadName {
					t.Errorf("written on thread %q", name)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestAPanicWhileWritingIsTheCallersAndEndsNobodyElse(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		stumbled := errors.New("stumbled")
		func() {
			defer func() {
				if got := recover(); got != stumbled {
					t.Errorf("the caller was told %v", got)
				}
			}()
			_ = s.InTx(t.Context(), func(_ context.Context, tx *gorm.DB) error { _ = write(tx, "lost"); panic(stumbled) })
		}()
		if err := s.InTx(t.Context(), nothing); err != nil || words(t, s.Read(t.Context())) != "" {
			t.Errorf("afterwards: %v, stored %q", err, words(t, s.Read(t.Context())))
		}
	})
}

// t.FailNow is runtime.Goexit.
func TestWorkThatExitsEndsItsCallerAndNobodyElse(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		over, went := make(chan struct{}), true
		go func() {
			defer close(over)
			_ = s.InTx(t.Context(), func(_ context.Context, tx *gorm.DB) error { _ = write(tx, "lost"); runtime.Goexit(); return nil })
			went = false
		}()
		if <-over; !went {
			t.Error("the caller went on")
		}
		if err := s.InTx(t.Context(), nothing); err != nil || words(t, s.Read(t.Context())) != "" {
			t.Errorf("afterwards: %v, stored %q", err, words(t, s.Read(t.Context())))
		}
	})
}

func TestAContextThatEndsInTheQueueGivesUpAndOneThatEndsLaterDoesNot(t *testing.T) {
	t.Parallel()
	s := open(t, testkit.SQLite(t))
	ctx, cancel := context.WithCancel(t.Context())
	err := s.InTx(ctx, func(context.Context, *gorm.DB) error {
		waiting, leave := context.WithCancel(context.Background())
		left := make(chan error, 1)
		go func() {
			left <- s.InTx(waiting, func(context.Context, *gorm.DB) error { t.Error("it ran"); return nil })
		}()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("in the queue: %v", err)
		}
		cancel() // of the one that runs
		return nil
	})
	if err != nil {
		t.Errorf("work that had begun: %v", err)
	}
	if err := s.InTx(ctx, func(context.Context, *gorm.DB) error { t.Error("it ran"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that had ended: %v", err)
	}
}

func TestAClosedWriterSaysSo(t *testing.T) {
	t.Parallel()
	s := open(t, testkit.SQLite(t))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.InTx(t.Context(), nothing); !errors.Is(err, sql.ErrConnDone) && (err == nil || !strings.Contains(err.Error(), "closed")) {
		t.Errorf("%v, want a word about closed", err)
	}
}
