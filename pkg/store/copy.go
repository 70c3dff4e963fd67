package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// copyPages are copied between two looks at the context: 16 MB.
const copyPages = 4096

// CopyTo writes the SQLite database as it is at one moment into a new file,
// beside programs that go on writing, and flushes it to the disk. Meanwhile
// the log cannot be emptied into the database, so that it grows by what is
// written; that is why pages are copied as they are, which takes a tenth of the
// time of rebuilding them. Erased rows do not travel along: secure_delete has
// overwritten them. The file is its owner's alone; an error leaves none.
func (s *Store) CopyTo(ctx context.Context, path string) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("copy the database: %w", err), os.Remove(path))
		}
	}()
	defer func() { err = errors.Join(err, f.Sync(), f.Close()) }()
	pool, err := s.readers.DB()
	if err != nil {
		return err
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// The transaction pins the moment: without it the copy would begin anew at
	// every commit of others.
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	var tables int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master").Scan(&tables); err != nil {
		return err
	}
	return conn.Raw(func(source any) error { return copyAll(ctx, path, source.(*sqlite3.SQLiteConn)) })
}

func copyAll(ctx context.Context, path string, source *sqlite3.SQLiteConn) (err error) {
	opened, err := (&sqlite3.SQLiteDriver{}).Open(strings.SplitN(sqliteDSN(path, "deferred"), "?", 2)[0] + "?_journal_mode=OFF&_synchronous=OFF")
	if err != nil {
		return err
	}
	target := opened.(*sqlite3.SQLiteConn)
	defer func() { err = errors.Join(err, target.Close()) }()
	b, err := target.Backup("main", source, "main")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Finish()) }()
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if done, err = b.Step(copyPages); err != nil {
			return err
		}
	}
	return nil
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
