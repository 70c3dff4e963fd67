package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
)

// CopyTo writes the SQLite database as it is at one moment into a new file,
// beside programs that go on writing, and flushes it to the disk. The copy is
// built anew from the rows, so that nothing that was erased travels along.
// Meanwhile the log cannot be emptied into the database and grows by all that
// is written. The file is its owner's alone; an error leaves none.
func (s *Store) CopyTo(ctx context.Context, path string) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	if err = s.vacuumInto(ctx, path); err != nil {
		err = fmt.Errorf("copy the database: %w", err)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// vacuumInto has a connection of its own: the readers refuse to write, even
// elsewhere, and the writer has other work.
func (s *Store) vacuumInto(ctx context.Context, path string) (err error) {
	pool, err := sql.Open(writerDriver, sqliteDSN(s.path, "deferred"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	_, err = pool.ExecContext(ctx, "VACUUM INTO ?", path)
	return err
}

// Damage is what SQLite finds wrong with the structure of the database; "" for
// nothing. It reads all of it.
func (s *Store) Damage(ctx context.Context) (string, error) {
	var lines []string
	if err := s.Read(ctx).Raw("PRAGMA integrity_check(5)").Scan(&lines).Error; err != nil {
		return "", fmt.Errorf("check the structure of the database: %w", err)
	}
	if len(lines) == 1 && lines[0] == "ok" {
		return "", nil
	}
	return strings.Join(lines, "; "), nil
}
