// Package store opens the campaign's database, SQLite or PostgreSQL, through
// GORM, and hands out its two handles: one that writes and one that reads.
// It knows no domain: tables and their rules are in schema and the domain
// packages.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

// OldestSQLite is the first SQLite library without the WAL-reset corruption
// bug; Open refuses older ones.
var OldestSQLite = [3]int{3, 51, 3}

// Store is an open database. Safe for concurrent use.
type Store struct {
	writer   *gorm.DB
	readers  *gorm.DB
	path     string // SQLite's file; "" with PostgreSQL
	ids      ids
	postgres bool
	scrub    scrubber
	raw      rawFiles
	thread   *thread // that writes SQLite's file; nil with PostgreSQL
	ill      *illness
}

// Options say which database to open. URL is postgres://…, or empty for the
// SQLite file at Path.
type Options struct {
	URL  string
	Path string
	Now  func() time.Time
}

// Open connects and checks the connection; it creates an SQLite file that
// does not exist, but no tables.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{ids: ids{now: o.Now}, ill: &illness{now: o.Now}}
	var writer, readers dialect
	if o.URL != "" {
		s.postgres = true
		writer, readers = &postgres.Dialector{Config: &postgres.Config{DSN: o.URL}}, &postgres.Dialector{Config: &postgres.Config{DSN: readOnly(o.URL)}}
	} else {
		s.path = o.Path
		s.thread = newThread()
		writer, readers = sqliteDialectors(o.Path)
	}
	// GORM keeps its dialect and callbacks in the configuration, so each handle
	// has its own.
	conf := func() *gorm.Config {
		return &gorm.Config{
			TranslateError:         true,
			SkipDefaultTransaction: true,
			NowFunc:                func() time.Time { return o.Now().UTC() },
			Logger:                 quiet{},
		}
	}
	var err error
	if s.writer, err = gorm.Open(translated{writer, s.ill, true}, conf()); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), s.Close())
	}
	if s.readers, err = gorm.Open(translated{readers, s.ill, false}, conf()); err != nil {
		return nil, errors.Join(fmt.Errorf("open database for reading: %w", err), s.Close())
	}
	if err := errors.Join(watchRows(s.writer), watchRows(s.readers)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.sizePools(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if !s.postgres {
		if err := s.checkSQLite(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// sizePools gives SQLite one connection to write with (more would only wait
// for each other) and one to read with for each core, kept open.
func (s *Store) sizePools() error {
	w, err := s.writer.DB()
	if err != nil {
		return err
	}
	r, err := s.readers.DB()
	if err != nil {
		return err
	}
	writers, readers := 1, max(4, runtime.GOMAXPROCS(0)*2)
	if s.postgres {
		writers = 4
	}
	for pool, n := range map[*sql.DB]int{w: writers, r: readers} {
		pool.SetMaxOpenConns(n)
		pool.SetMaxIdleConns(n)
	}
	return nil
}

func (s *Store) checkSQLite(ctx context.Context) error {
	var version string
	if err := s.writer.WithContext(ctx).Raw("SELECT sqlite_version()").Scan(&version).Error; err != nil {
		return fmt.Errorf("ask SQLite for its version: %w", err)
	}
	return refuseOld(version)
}

// refuseOld says what is wrong with an SQLite older than OldestSQLite.
func refuseOld(version string) error {
	var have [3]int
	for i, part := range strings.SplitN(version, ".", 3) {
		have[i], _ = strconv.Atoi(part)
	}
	for i := range have {
		if have[i] != OldestSQLite[i] {
			if have[i] < OldestSQLite[i] {
				return fmt.Errorf("SQLite %s is older than %d.%d.%d, which lost data", version, OldestSQLite[0], OldestSQLite[1], OldestSQLite[2])
			}
			break
		}
	}
	return nil
}

// Close ends all connections.
func (s *Store) Close() error {
	if s.thread != nil {
		s.thread.close()
	}
	return errors.Join(closePool(s.readers), closePool(s.writer), s.raw.close())
}

func closePool(db *gorm.DB) error {
	if db == nil {
		return nil
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

// Postgres says which dialect the database speaks, for the few statements
// that differ.
func (s *Store) Postgres() bool { return s.postgres }

// Files are the paths of the database's own files; none with PostgreSQL.
func (s *Store) Files() []string {
	if s.postgres {
		return nil
	}
	p := filepath.Clean(s.path)
	return []string{p, p + "-wal", p + "-shm"}
}

type txKey struct{}

// InTx runs do in one write transaction, committed when it returns nil and
// rolled back otherwise. The context that do receives carries the
// transaction: a nested InTx or Read with it takes part. A nested InTx with
// any other context waits for the writer, which is waiting for it.
//
// On SQLite do runs on the thread of the writer. A context that ends before
// its turn comes gives up; once begun, a transaction is ended by do alone, for
// the driver would otherwise hand each statement to another thread, only to be
// able to cut it short.
func (s *Store) InTx(ctx context.Context, do func(ctx context.Context, tx *gorm.DB) error) error {
	if tx, ok := ctx.Value(txKey{}).(*gorm.DB); ok {
		return do(ctx, tx)
	}
	if s.thread == nil {
		return s.transact(ctx, ctx, do)
	}
	return s.thread.run(ctx, func() error { return s.transact(context.WithoutCancel(ctx), ctx, do) })
}

// transact runs do, which receives the context given, in a transaction whose
// statements end when that of the database does.
func (s *Store) transact(database, given context.Context, do func(ctx context.Context, tx *gorm.DB) error) error {
	return s.writer.WithContext(database).Transaction(func(tx *gorm.DB) error {
		return do(With(given, tx), tx)
	})
}

// With returns a context that carries a transaction, as InTx does.
func With(ctx context.Context, tx *gorm.DB) context.Context {
	return context.WithValue(ctx, txKey{}, tx)
}

// Read is the handle for queries: the transaction the context carries, if
// any, else a connection that refuses to write.
func (s *Store) Read(ctx context.Context) *gorm.DB {
	if tx, ok := ctx.Value(txKey{}).(*gorm.DB); ok {
		return tx
	}
	return s.readers.WithContext(ctx)
}

// Snapshot runs do in one read transaction, so that its queries agree: the one
// the context carries, see With, if any.
func (s *Store) Snapshot(ctx context.Context, do func(db *gorm.DB) error) error {
	if tx, ok := ctx.Value(txKey{}).(*gorm.DB); ok {
		return do(tx)
	}
	opts := &sql.TxOptions{ReadOnly: true}
	if s.postgres {
		opts.Isolation = sql.LevelRepeatableRead
	}
	return s.readers.WithContext(ctx).Transaction(do, opts)
}

// Ping says whether the database takes a write, by committing one that
// changes nothing: it costs an fsync. ErrDown.
func (s *Store) Ping(ctx context.Context) error {
	err := s.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if s.postgres {
			return tx.Exec("SELECT pg_current_xact_id()").Error
		}
		var version int // nobody uses it; it stands on the first page
		if err := tx.Raw("PRAGMA user_version").Scan(&version).Error; err != nil {
			return err
		}
		return tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", version)).Error
	})
	if err == nil {
		s.ill.well()
	}
	return err
}

// Exec runs one statement for operators and tests, such as making a schema.
func (s *Store) Exec(ctx context.Context, sql string, args ...any) error {
	return s.InTx(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Exec(sql, args...).Error })
}

// readOnly is the address of a PostgreSQL database for connections that refuse
// to write. It may name several hosts, which package url does not read.
func readOnly(address string) string {
	sign := "?"
	if strings.Contains(address, "?") {
		sign = "&"
	}
	return address + sign + "default_transaction_read_only=on"
}

// sqliteDialectors are the two ways into an SQLite file; see sqlite.go.
func sqliteDialectors(path string) (writer, readers dialect) {
	registerDrivers()
	return sqlite.Dialector{DriverName: writerDriver, DSN: sqliteDSN(path, "immediate")},
		sqlite.Dialector{DriverName: readerDriver, DSN: sqliteDSN(path, "deferred")}
}
