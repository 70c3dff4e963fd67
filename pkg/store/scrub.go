package store

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

// What was erased is gone from the tables at the commit, but not yet from the
// bytes of SQLite's files: the write-ahead log keeps old pages until it is
// emptied, and pages from which rows moved away keep a copy of them (see
// page.go). A scrubber cleans both, soon after each erasure and never in the
// way of those who write for long.
//
// PostgreSQL has its own ways: see Vacuum.

const (
	// scrubLook is how often the scrubber looks whether there is work.
	scrubLook = time.Second
	// scrubEvery is the least time between two emptyings of the log when nobody
	// said that something was erased; a mail that was sent is an example.
	scrubEvery = 10 * time.Second
	// scrubPatience is the longest that an emptying waits for readers, in which
	// nobody writes; it tries again later, at most scrubLongest later.
	scrubPatience = 50 * time.Millisecond
	scrubLongest  = 15 * time.Second
	// cleanShare bounds the time in which the whole file is read for leftovers:
	// one part in so many.
	cleanShare = 50
)

// scrubber is what the store knows about bytes that have to go.
type scrubber struct {
	erased atomic.Int64 // raised at each erasure
	clean  atomic.Int64 // the value of erased up to which nothing is left
}

// Erased says that a transaction that committed erased something of a person,
// so that its bytes have to go as well. RunScrubber sees to it.
func (s *Store) Erased() { s.scrub.erased.Add(1) }

// Scrubbed says whether nothing is left in the bytes of SQLite's files of all
// that was told with Erased; always with PostgreSQL.
func (s *Store) Scrubbed() bool {
	return s.postgres || s.scrub.clean.Load() == s.scrub.erased.Load()
}

// RunScrubber cleans until ctx ends. One of them runs in a program that
// serves.
func (s *Store) RunScrubber(ctx context.Context) {
	if s.postgres {
		return
	}
	tick := time.NewTicker(scrubLook)
	defer tick.Stop()
	var tryLog, tryPages time.Time // not before
	wait := scrubLook
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if now := time.Now(); s.logSize() > 0 && now.After(tryLog) && (!s.Scrubbed() || now.After(tryLog.Add(scrubEvery))) {
			emptied, err := s.EmptyLog(ctx)
			if err != nil && ctx.Err() == nil {
				slog.Error("empty the write-ahead log", "error", err)
			}
			if wait = min(2*wait, scrubLongest); emptied {
				wait = scrubLook
			}
			tryLog = time.Now().Add(wait)
		}
		if start := time.Now(); !s.Scrubbed() && start.After(tryPages) {
			err := s.Scrub(ctx)
			if err != nil && ctx.Err() == nil {
				slog.Error("clean pages of what was erased", "error", err)
			}
			tryPages = time.Now().Add(max(scrubLook, cleanShare*time.Since(start)))
		}
	}
}

// Scrub makes one try to clean the bytes of SQLite's files of all that was
// erased before; Scrubbed tells whether it came to the end. It does nothing
// with PostgreSQL.
func (s *Store) Scrub(ctx context.Context) error {
	if s.postgres {
		return nil
	}
	upTo := s.scrub.erased.Load()
	// Emptied first, so that the file holds the pages as they are now.
	if emptied, err := s.EmptyLog(ctx); err != nil || !emptied {
		return err
	}
	whole, err := s.cleanPages(ctx)
	if err != nil || !whole {
		return err
	}
	emptied, err := s.EmptyLog(ctx)
	if emptied {
		s.scrub.clean.Store(upTo)
	}
	return err
}

// logSize is how long the write-ahead log is, in bytes.
func (s *Store) logSize() int64 {
	info, err := os.Stat(s.Files()[1])
	if err != nil {
		return 0 // there is none
	}
	return info.Size()
}

// A long read gives way when the log is longer than giveWayAt, for giveWayFor.
const (
	giveWayAt  = 16 << 20
	giveWayFor = 50 * time.Millisecond
)

// GiveWay is called between the parts of a long read, while none of them is
// open. Reads without a pause keep SQLite from beginning its log anew, so that
// it grows as long as somebody writes; when it has grown, GiveWay waits for a
// moment in which a writer can begin it. It does nothing with PostgreSQL.
func (s *Store) GiveWay(ctx context.Context) {
	if s.postgres || s.logSize() < giveWayAt {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(giveWayFor):
	}
}

// EmptyLog copies what is in the write-ahead log into the database file and
// cuts the log to nothing. It says whether it did: somebody who reads an older
// state holds it back. What can be copied is copied beside the writers; they
// wait for the rest only, and for readers at most scrubPatience.
func (s *Store) EmptyLog(ctx context.Context) (bool, error) {
	if s.postgres {
		return true, nil
	}
	if err := s.readers.WithContext(ctx).Exec("PRAGMA wal_checkpoint(PASSIVE)").Error; err != nil {
		return false, fmt.Errorf("copy the write-ahead log: %w", err)
	}
	emptied := false
	err := s.alone(ctx, func(ctx context.Context, w session) error {
		if err := w.exec(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", scrubPatience.Milliseconds())); err != nil {
			return err
		}
		var busy, frames, copied int
		err := w.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &copied)
		emptied = err == nil && busy == 0
		if back := w.exec(ctx, "PRAGMA busy_timeout = "+pragmas["busy_timeout"]); err == nil {
			err = back
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("empty the write-ahead log: %w", err)
	}
	return emptied, nil
}

// Vacuum lets PostgreSQL give up the old versions of the rows of these tables.
// Their bytes can then be used again, and are not in new dumps; when they are
// overwritten, in the files and in PostgreSQL's own log, is not in our hands.
// On SQLite it is Erased: the scrubber sees to the bytes themselves.
func (s *Store) Vacuum(ctx context.Context, tables ...string) error {
	if !s.postgres {
		s.Erased()
		return nil
	}
	for _, t := range tables {
		if err := s.writer.WithContext(ctx).Exec("VACUUM " + t).Error; err != nil {
			return fmt.Errorf("vacuum %s: %w", t, err)
		}
	}
	return nil
}
