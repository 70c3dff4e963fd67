package store_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"
	"gorm.io/gorm"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

// coded is an error of PostgreSQL.
type coded string

func (c coded) Error() string    { return "code " + string(c) }
func (c coded) SQLState() string { return string(c) }

func TestWhatIsTheDatabasesOwnFailure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err             error
		writer, readers bool
	}{
		"disk full":                 {sqlite3.Error{Code: sqlite3.ErrFull}, true, true},
		"fsync failed":              {sqlite3.Error{Code: sqlite3.ErrIoErr, ExtendedCode: sqlite3.ErrIoErrFsync}, true, true},
		"read-only":                 {sqlite3.Error{Code: sqlite3.ErrReadonly}, true, false},
		"locked by another program": {sqlite3.Error{Code: sqlite3.ErrBusy}, true, true},
		"wrapped":                   {fmt.Errorf("write: %w", sqlite3.Error{Code: sqlite3.ErrIoErr}), true, true},
		"a duplicate":               {sqlite3.Error{Code: sqlite3.ErrConstraint}, false, false},
		"bad SQL":                   {sqlite3.Error{Code: sqlite3.ErrError}, false, false},
		"server shut down":          {coded("57P01"), true, true},
		"server's disk full":        {coded("53100"), true, true},
		"server starts":             {coded("57P03"), true, true},
		"a standby":                 {coded("25006"), true, false},
		"cancelled statement":       {coded("57014"), false, false},
		"server: a duplicate":       {coded("23505"), false, false},
		"server: bad text":          {coded("22021"), false, false},
		"a connection that ended":   {driver.ErrBadConn, true, true},
		"hung up":                   {io.ErrUnexpectedEOF, true, true},
		"refused":                   {&net.OpError{Op: "dial", Err: errors.New("refused")}, true, true},
		"the visitor left":          {fmt.Errorf("%w: %w", context.Canceled, &net.OpError{Op: "read", Err: errors.New("timeout")}), false, false},
		"nothing found":             {gorm.ErrRecordNotFound, false, false},
	} {
		if got := store.Down(c.err, true); got != c.writer {
			t.Errorf("%s, writing: %v", name, got)
		}
		if got := store.Down(c.err, false); got != c.readers {
			t.Errorf("%s, reading: %v", name, got)
		}
	}
}

// fillUp lets a database grow no more.
func fillUp(t *testing.T, s *store.Store) {
	t.Helper()
	for _, sql := range []string{"CREATE TABLE words (word TEXT PRIMARY KEY)", "PRAGMA max_page_count = 1"} { // never below what there is
		if err := s.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFullDatabaseIsDownHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	s := open(t, testkit.SQLite(t))
	fillUp(t, s)
	type word struct{ Word string }
	long := strings.Repeat("long ", 4000)
	for name, do := range map[string]func(tx *gorm.DB) error{
		"a row": func(tx *gorm.DB) error { return tx.Create(&word{long}).Error },
		"SQL":   func(tx *gorm.DB) error { return write(tx, long) },
		"returning": func(tx *gorm.DB) error {
			return tx.Raw("INSERT INTO words VALUES (?) RETURNING word", long).Scan(&[]word{}).Error
		},
	} {
		err := s.InTx(t.Context(), func(_ context.Context, tx *gorm.DB) error { return do(tx) })
		var full sqlite3.Error
		if !errors.Is(err, store.ErrDown) || fault.KindOf(err) != fault.Unavailable || !errors.As(err, &full) || full.Code != sqlite3.ErrFull {
			t.Errorf("%s: %v, want ErrDown because it is full", name, err)
		}
	}
	if err := s.Exec(t.Context(), "PRAGMA max_page_count = 100000"); err != nil {
		t.Fatal(err)
	}
	if err := s.InTx(t.Context(), func(_ context.Context, tx *gorm.DB) error { return write(tx, long) }); err != nil {
		t.Errorf("when there is room again: %v", err)
	}
}

func TestAReaderThatWritesIsAFaultOfTheProgram(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		if err := write(s.Read(t.Context()), "written"); err == nil || errors.Is(err, store.ErrDown) {
			t.Errorf("%v, want an error that is not ErrDown", err)
		}
	})
}

func TestPingWrites(t *testing.T) {
	t.Parallel()
	s := open(t, testkit.SQLite(t))
	if err := s.Exec(t.Context(), "PRAGMA query_only = on"); err != nil { // as on a read-only disk
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrDown) {
		t.Errorf("where nothing can be written: %v", err)
	}
	_, readers, err := s.Pools()
	if err != nil {
		t.Fatal(err)
	}
	var version int
	if err := readers.QueryRow("PRAGMA user_version").Scan(&version); err != nil || version != 0 {
		t.Errorf("version %d, %v", version, err)
	}
}

func TestAConnectionWithoutItsPragmasIsRefused(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/a.db"
	good := store.DSN(path, "immediate")
	if err := store.Connect(good); err != nil {
		t.Fatal(err)
	}
	for pragma, bad := range map[string]string{
		"synchronous":   strings.Replace(good, "_synchronous=FULL", "_synchronous=NORMAL", 1),
		"foreign_keys":  strings.Replace(good, "_foreign_keys=on", "_foreign_keys=off", 1),
		"busy_timeout":  strings.Replace(good, "_busy_timeout=5000", "_busy_timeout=1", 1),
		"secure_delete": strings.Replace(good, "_secure_delete=on", "_secure_delete=off", 1),
	} {
		if bad == good {
			t.Errorf("%s is not in the address %s", pragma, good)
		}
		if err := store.Connect(bad); err == nil || !strings.Contains(err.Error(), "pragma "+pragma) {
			t.Errorf("without %s: %v", pragma, err)
		}
	}
}
