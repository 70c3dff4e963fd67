package store

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"net/url"
	"sync"

	sqlite3 "github.com/mattn/go-sqlite3"
)

const (
	writerDriver = "olivebranch-sqlite-writer"
	readerDriver = "olivebranch-sqlite-reader"
)

// pragmas must read so on every connection. synchronous 2 is FULL: what was
// acknowledged survives a power cut. secure_delete 1 overwrites what was
// erased.
var pragmas = map[string]string{
	"journal_mode":  "wal",
	"synchronous":   "2",
	"foreign_keys":  "1",
	"busy_timeout":  "5000",
	"secure_delete": "1",
}

// keptLog is the size in bytes that the log is cut back to when it has grown
// beyond, because somebody read for long while others wrote.
const keptLog = 64 << 20

var registerDrivers = sync.OnceFunc(func() {
	sql.Register(writerDriver, &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		if _, err := c.Exec(fmt.Sprintf("PRAGMA journal_size_limit = %d", keptLog), nil); err != nil {
			return fmt.Errorf("bound the log: %w", err)
		}
		return assertPragmas(c, "0")
	}})
	sql.Register(readerDriver, &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		if _, err := c.Exec("PRAGMA query_only = on", nil); err != nil {
			return fmt.Errorf("make a connection read-only: %w", err)
		}
		return assertPragmas(c, "1")
	}})
})

// sqliteDSN puts the pragmas in the address, so that no connection is ever
// made without them.
func sqliteDSN(path, lock string) string {
	q := url.Values{
		"_txlock": {lock}, "_journal_mode": {"WAL"}, "_synchronous": {"FULL"},
		"_foreign_keys": {"on"}, "_busy_timeout": {"5000"}, "_secure_delete": {"on"},
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// assertPragmas refuses a connection on which SQLite did not do as asked.
func assertPragmas(c *sqlite3.SQLiteConn, queryOnly string) error {
	for name, want := range pragmas {
		if err := assertPragma(c, name, want); err != nil {
			return err
		}
	}
	return assertPragma(c, "query_only", queryOnly)
}

func assertPragma(c *sqlite3.SQLiteConn, name, want string) error {
	rows, err := c.Query("PRAGMA "+name, nil)
	if err != nil {
		return fmt.Errorf("read pragma %s: %w", name, err)
	}
	defer rows.Close()
	have := make([]driver.Value, len(rows.Columns()))
	if err := rows.Next(have); err != nil && err != io.EOF {
		return fmt.Errorf("read pragma %s: %w", name, err)
	}
	if got := fmt.Sprint(have[0]); got != want {
		return fmt.Errorf("pragma %s is %s, want %s", name, got, want)
	}
	return nil
}
