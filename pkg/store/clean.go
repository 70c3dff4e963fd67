package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

const (
	// cleanAtOnce is how many pages are cleaned while nobody can write: some
	// milliseconds.
	cleanAtOnce = 128
	// cleanRead is how many bytes of the file are read at a time.
	cleanRead = 1 << 20
)

// cleanPages overwrites what is in the unused space of pages with zeros. It
// says whether all are clean: when the log is never empty for long enough, the
// rest is for the next time.
//
// SQLite has no statement for that, so this writes into its file, and takes
// care that it harms nothing. It holds the write lock, and the log is empty:
// then the file is all there is, and nobody else writes to it. It writes
// nothing but zeros, and only to space which the page itself says is unused,
// so that who reads the page at that moment, and a crash half-way, find a
// page that means the same. The commit behind it makes every connection
// forget the pages it had read.
func (s *Store) cleanPages(ctx context.Context) (bool, error) {
	file, err := s.raw.open(s.Files()[0])
	if err != nil {
		return false, fmt.Errorf("open the database for cleaning: %w", err)
	}
	size, found, err := leftovers(ctx, file)
	if err != nil {
		return false, fmt.Errorf("look for leftovers: %w", err)
	}
	for some := range slices.Chunk(found, cleanAtOnce) {
		done := false
		// The log must be empty and the lock held at once; somebody may write
		// between the two.
		for range 5 {
			if emptied, err := s.EmptyLog(ctx); err != nil || !emptied {
				return false, err
			}
			if done, err = s.cleanSome(ctx, file, size, some); err != nil {
				return false, fmt.Errorf("clean pages: %w", err)
			}
			if done {
				break
			}
		}
		if !done {
			return false, nil
		}
	}
	return true, nil
}

// leftovers reads the whole file and returns the size of its pages and the
// numbers of those in whose unused space there is something. Page 1, which
// holds the schema, is none of them.
func leftovers(ctx context.Context, file io.ReaderAt) (size int, found []int64, err error) {
	header := make([]byte, headerBytes)
	if _, err := file.ReadAt(header, 0); err != nil {
		return 0, nil, err
	}
	if size = pageSize(header); size == 0 {
		return 0, nil, errors.New("the file is no database of ours")
	}
	piece := make([]byte, cleanRead)
	for at := int64(0); ctx.Err() == nil; at += cleanRead {
		n, err := file.ReadAt(piece, at)
		for i := 0; i+size <= n; i += size {
			if number := (at+int64(i))/int64(size) + 1; number > 1 && leftover(piece[i:i+size]) {
				found = append(found, number)
			}
		}
		if err == io.EOF {
			return size, found, nil
		}
		if err != nil {
			return 0, nil, err
		}
		if at/int64(size) > mostPages {
			return 0, nil, fmt.Errorf("the file has more than %d pages, too many to tell their kinds", mostPages)
		}
	}
	return 0, nil, ctx.Err()
}

// cleanSome cleans these pages, unless the log is not empty any more.
func (s *Store) cleanSome(ctx context.Context, file *os.File, size int, pages []int64) (done bool, err error) {
	err = s.alone(ctx, func(ctx context.Context, w session) (err error) {
		if err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
			return err
		}
		defer func() {
			if !done {
				err = errors.Join(err, w.exec(ctx, "ROLLBACK"))
			}
		}()
		if s.logSize() > 0 {
			return nil
		}
		if err := overwrite(file, size, pages); err != nil {
			return err
		}
		// This connection forgets the pages here, all others at the commit,
		// which changes the log.
		if err := w.exec(ctx, "PRAGMA shrink_memory"); err != nil {
			return err
		}
		var version int
		if err := w.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		if err := w.exec(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil { // which writes it
			return err
		}
		err = w.exec(ctx, "COMMIT")
		done = err == nil
		return err
	})
	return done, err
}

// overwrite looks at each page again, since it may have changed, and zeroes
// its unused space.
func overwrite(file *os.File, size int, pages []int64) error {
	page := make([]byte, size)
	for _, number := range pages {
		at := (number - 1) * int64(size)
		if _, err := file.ReadAt(page, at); err == io.EOF {
			continue // the file was made shorter
		} else if err != nil {
			return err
		}
		from, to, ok := unused(page)
		if !ok || !leftover(page) {
			continue
		}
		if _, err := file.WriteAt(zeros[:to-from], at+int64(from)); err != nil {
			return err
		}
	}
	return file.Sync()
}
