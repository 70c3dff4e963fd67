package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/config"
	"olivebranch/pkg/schema"
	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

// open opens the database of c as it is, without tables.
func open(t *testing.T, c *config.Config) *store.Store {
	t.Helper()
	if err := c.MakeData(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{URL: c.Database, Path: c.DatabasePath(), Now: testkit.NewClock().Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// onEach runs a test on both databases, with one table of words.
func onEach(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		s := open(t, c)
		if err := s.Exec(t.Context(), "CREATE TABLE words (word TEXT PRIMARY KEY)"); err != nil {
			t.Fatal(err)
		}
		test(t, s)
	})
}

func write(tx *gorm.DB, word string) error {
	return tx.Exec("INSERT INTO words (word) VALUES (?)", word).Error
}

// words are those a handle sees, in order.
func words(t *testing.T, db *gorm.DB) string {
	t.Helper()
	var all []string
	if err := db.Table("words").Order("word").Pluck("word", &all).Error; err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// connections takes every connection a pool will ever give, at once.
func connections(t *testing.T, pool *sql.DB) []*sql.Conn {
	t.Helper()
	var all []*sql.Conn
	for range pool.Stats().MaxOpenConnections {
		c, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		all = append(all, c)
	}
	return all
}

func TestEveryConnectionHasThePragmas(t *testing.T) {
	t.Parallel()
	writer, readers, err := open(t, testkit.SQLite(t)).Pools()
	if err != nil {
		t.Fatal(err)
	}
	for name, pool := range map[string]*sql.DB{"writer": writer, "readers": readers} {
		all := connections(t, pool)
		if name == "writer" && len(all) != 1 || name == "readers" && len(all) < 4 {
			t.Errorf("%s: %d connections", name, len(all))
		}
		for i, c := range all {
			for pragma, want := range map[string]string{
				"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "secure_delete": "1",
				"query_only": map[string]string{"writer": "0", "readers": "1"}[name],
			} {
				var got string
				if err := c.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
					t.Errorf("%s, connection %d: %s is %q, %v, want %s", name, i, pragma, got, err, want)
				}
			}
		}
	}
}

func TestAFileThatCannotKeepALogIsRefused(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), store.Options{Path: ":memory:", Now: time.Now}) // has no WAL
	if err == nil {
		_ = s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "journal_mode") {
		t.Errorf("%v, want a word about journal_mode", err)
	}
}

func TestAPathWithSpecialCharactersIsItself(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a b?mode=memory&c#%41.db")
	s, err := store.Open(t.Context(), store.Options{Path: path, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Exec(t.Context(), "CREATE TABLE words (word TEXT)"); err != nil {
		t.Fatal(err)
	}
	for _, f := range s.Files() {
		if _, err := os.Stat(f); err != nil {
			t.Error(err)
		}
	}
}

func TestReadersRefuseToWrite(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		refused := func(when string) {
			t.Helper()
			_, readers, err := s.Pools()
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range connections(t, readers) {
				if _, err := c.ExecContext(ctx, "INSERT INTO words (word) VALUES ('written')"); err == nil {
					t.Errorf("%s a reader wrote", when)
				}
				_ = c.Close()
			}
		}
		refused("at first")
		if err := s.Snapshot(ctx, func(db *gorm.DB) error { return write(db, "in a snapshot") }); err == nil {
			t.Error("a snapshot wrote")
		}
		refused("after a snapshot")
		if got := words(t, s.Read(ctx)); got != "" {
			t.Errorf("written: %s", got)
		}
	})
}

func TestATransactionIsAllOrNothing(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx, no := t.Context(), errors.New("no")
		err := s.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
			if err := write(tx, "lost"); err != nil {
				return err
			}
			return no
		})
		if !errors.Is(err, no) {
			t.Errorf("%v, want what the work returned", err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = s.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
				_ = write(tx, "panicked")
				panic("stumbled")
			})
		}()
		err = s.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
			return errors.Join(write(tx, "both"), write(tx, "kept"))
		})
		if err != nil {
			t.Errorf("after a rollback and a panic: %v", err)
		}
		if got := words(t, s.Read(ctx)); got != "both kept" {
			t.Errorf("stored %q, want both kept", got)
		}
	})
}

func TestANestedTransactionTakesPartInTheOuterOne(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx, no := t.Context(), errors.New("no")
		nest := func(end error) error {
			return s.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
				if err := write(tx, "outer"); err != nil {
					return err
				}
				err := s.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
					if got := words(t, s.Read(ctx)); got != "outer" {
						t.Errorf("the inner one reads %q, want outer", got)
					}
					return write(tx, "inner")
				})
				if err != nil {
					return err
				}
				if got := words(t, s.Read(ctx)); got != "inner outer" {
					t.Errorf("the outer one reads %q, want inner outer", got)
				}
				if got := words(t, s.Read(context.Background())); got != "" {
					t.Errorf("others read %q before the commit", got)
				}
				return end
			})
		}
		if err := nest(no); !errors.Is(err, no) {
			t.Fatal(err)
		}
		if got := words(t, s.Read(ctx)); got != "" {
			t.Errorf("after the outer one failed, %q is left", got)
		}
		if err := nest(nil); err != nil {
			t.Fatal(err)
		}
		if got := words(t, s.Read(ctx)); got != "inner outer" {
			t.Errorf("stored %q, want inner outer", got)
		}
	})
}

func TestTheQueriesOfASnapshotAgree(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		add := func(word string) {
			if err := s.InTx(ctx, func(_ context.Context, tx *gorm.DB) error { return write(tx, word) }); err != nil {
				t.Fatal(err)
			}
		}
		add("before")
		err := s.Snapshot(ctx, func(db *gorm.DB) error {
			first := words(t, db)
			add("meanwhile")
			if second := words(t, db); first != "before" || second != first {
				t.Errorf("read %q, then %q, want before twice", first, second)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := words(t, s.Read(ctx)); got != "before meanwhile" {
			t.Errorf("afterwards read %q", got)
		}
	})
}

func TestADuplicateAndAMissingRowHaveTheSameNameOnEachDatabase(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		type word struct{ Word string }
		add := func() error {
			return s.InTx(t.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Create(&word{"once"}).Error })
		}
		if err := add(); err != nil {
			t.Fatal(err)
		}
		if err := add(); !errors.Is(err, gorm.ErrDuplicatedKey) {
			t.Errorf("a duplicate: %v", err)
		}
		if err := s.Read(t.Context()).Where("word = ?", "none").Take(&word{}).Error; !errors.Is(err, gorm.ErrRecordNotFound) {
			t.Errorf("a missing row: %v", err)
		}
	})
}

func TestIDsAreUniqueAndRiseWithinEachGoroutine(t *testing.T) {
	t.Parallel()
	s := open(t, testkit.SQLite(t)) // its clock stands still
	const goroutines, each = 16, 2000
	made := make([][]int64, goroutines)
	var group sync.WaitGroup
	for i := range made {
		group.Go(func() {
			for range each {
				made[i] = append(made[i], s.NewID())
			}
		})
	}
	group.Wait()
	for i, ids := range made {
		if !slices.IsSorted(ids) {
			t.Errorf("the ids of goroutine %d do not rise", i)
		}
	}
	all := slices.Concat(made...)
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != goroutines*each {
		t.Errorf("%d different ids, want %d", n, goroutines*each)
	}
}

func TestAnIDHoldsItsMillisecondAndRisesWhenTheClockGoesBack(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock()
	c := testkit.SQLite(t)
	if err := c.MakeData(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{Path: c.DatabasePath(), Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	first := s.NewID()
	if first>>22 != testkit.Start.UnixMilli() {
		t.Errorf("the id is of %d, want %d", first>>22, testkit.Start.UnixMilli())
	}
	clock.Advance(-time.Hour)
	if back := s.NewID(); back <= first {
		t.Errorf("after the clock went back the id fell by %d", first-back)
	}
	clock.Advance(2 * time.Hour)
	if later := s.NewID(); later>>22 != testkit.Start.Add(time.Hour).UnixMilli() {
		t.Errorf("an hour later the id is of %d", later>>22)
	}
}

func TestChangeCountersCountEachTopicAndFollowTheCommits(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		ctx := t.Context()
		s, beside := open(t, c), open(t, c)
		if err := schema.Migrate(ctx, s); err != nil {
			t.Fatal(err)
		}
		if was, err := store.Changed(s.Read(ctx), store.TopicTally); err != nil || was.N != 0 {
			t.Fatalf("before any change: %+v, %v", was, err)
		}
		// Each transaction writes the counter's value down: in commit order
		// they are 1, 2, 3 without a gap, whoever writes.
		if err := s.Exec(ctx, "CREATE TABLE seen (n BIGINT PRIMARY KEY)"); err != nil {
			t.Fatal(err)
		}
		const each = 20
		no := errors.New("no")
		var group sync.WaitGroup
		for i := range 4 {
			from := []*store.Store{s, beside}[i%2]
			group.Go(func() {
				for n := range each {
					err := from.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
						c, err := store.Bump(tx, store.TopicTally)
						if err != nil {
							return err
						}
						if c.At != testkit.Start.UnixMilli() {
							t.Errorf("changed at %d", c.At)
						}
						if err := tx.Exec("INSERT INTO seen (n) VALUES (?)", c.N).Error; err != nil {
							return err
						}
						if n%5 == 0 {
							return no // takes its number back
						}
						return nil
					})
					if err != nil && !errors.Is(err, no) {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		const want = 4 * each * 4 / 5
		var lowest, highest, n int64
		row := s.Read(ctx).Raw("SELECT min(n), max(n), count(*) FROM seen").Row()
		if err := row.Scan(&lowest, &highest, &n); err != nil {
			t.Fatal(err)
		}
		if lowest != 1 || highest != want || n != want {
			t.Errorf("counters %d to %d, %d of them, want 1 to %d", lowest, highest, n, want)
		}
		if err := beside.InTx(ctx, func(_ context.Context, tx *gorm.DB) error { _, err := store.Bump(tx, store.TopicRegister); return err }); err != nil {
			t.Fatal(err)
		}
		all, err := s.Changes(ctx)
		if err != nil || len(all) != 2 || all[store.TopicTally] != want || all[store.TopicRegister] != 1 {
			t.Errorf("all counters: %v, %v", all, err)
		}
		last, err := store.Changed(s.Read(ctx), store.TopicTally)
		if err != nil || last.N != want || last.At != testkit.Start.UnixMilli() {
			t.Errorf("the counter reads %+v, %v", last, err)
		}
	})
}

func TestAnSQLiteThatLosesDataIsRefused(t *testing.T) {
	t.Parallel()
	for version, good := range map[string]bool{
		"3.51.3": true, "3.51.10": true, "3.52.0": true, "4.0.0": true,
		"3.51.2": false, "3.50.99": false, "3.9.0": false, "2.99.99": false, "": false, "nonsense": false,
	} {
		if err := store.RefuseOld(version); (err == nil) != good {
			t.Errorf("%q: %v, want accepted: %v", version, err, good)
		}
	}
	if err := store.RefuseOld("3.50.4"); err == nil || !strings.Contains(err.Error(), "3.50.4") || !strings.Contains(err.Error(), "3.51.3") {
		t.Errorf("%v, want a sentence with both versions", err)
	}
}

func TestPingNeedsTheWriter(t *testing.T) {
	t.Parallel()
	s := open(t, testkit.SQLite(t))
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := s.InTx(t.Context(), func(context.Context, *gorm.DB) error {
		waiting, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		if err := s.Ping(waiting); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while another writes: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAClosedDatabaseAnswersWithAnError(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		s := open(t, c)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Ping(t.Context()); err == nil {
			t.Error("it answers")
		}
	})
}

func TestOpenSaysWhatItCannotReach(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]store.Options{
		"a folder that is not there": {Path: filepath.Join(t.TempDir(), "nowhere", "a.db")},
		"a server that is not there": {URL: "postgres://olive:hunter2@127.0.0.1:1/olive"},
	} {
		o.Now = time.Now
		_, err := store.Open(t.Context(), o)
		if err == nil {
			t.Errorf("%s was opened", name)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error tells the password", name)
		}
	}
}

func TestPlaceholdersOfAnInsert(t *testing.T) {
	t.Parallel()
	for want, size := range map[string][2]int{"(?)": {1, 1}, "(?,?,?)": {1, 3}, "(?,?),(?,?),(?,?)": {3, 2}} {
		if got := store.Values(size[0], size[1]); got != want {
			t.Errorf("%d rows of %d columns: %s, want %s", size[0], size[1], got, want)
		}
	}
}

func TestFilesAreThoseOfTheDatabase(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		s := open(t, c)
		want := []string{c.DatabasePath(), c.DatabasePath() + "-wal", c.DatabasePath() + "-shm"}
		if s.Postgres() {
			want = nil
		}
		if got := s.Files(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}
