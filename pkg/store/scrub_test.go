package store_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	mathrand "math/rand/v2"
	"os"
	"sync"
	"testing"

	"gorm.io/gorm"

	"olivebranch/pkg/schema"
	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

// vault is a database with a table whose rows are long and were put in out of
// order, so that SQLite moved many of them from page to page.
type vault struct {
	*store.Store
	t       *testing.T
	secrets [][]byte // of row i
}

const vaultRows = 3000

func newVault(t *testing.T) *vault {
	t.Helper()
	s := open(t, testkit.SQLite(t))
	if err := schema.Migrate(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	v := &vault{Store: s, t: t}
	v.must(s.Exec(t.Context(), "CREATE TABLE vault (id INTEGER PRIMARY KEY, once BLOB, secret BLOB)"))
	v.must(s.Exec(t.Context(), "CREATE UNIQUE INDEX vault_once ON vault (once)"))
	for range vaultRows {
		secret := make([]byte, 40+mathrand.IntN(60))
		_, _ = rand.Read(secret)
		v.secrets = append(v.secrets, secret)
	}
	order := mathrand.Perm(vaultRows)
	for len(order) > 0 {
		v.inTx(func(tx *gorm.DB) error {
			for _, i := range order[:50] {
				if err := tx.Exec("INSERT INTO vault VALUES (?, ?, ?)", i, v.secrets[i][:16], v.secrets[i]).Error; err != nil {
					return err
				}
			}
			return nil
		})
		order = order[50:]
	}
	return v
}

func (v *vault) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

func (v *vault) inTx(do func(tx *gorm.DB) error) {
	v.t.Helper()
	v.must(v.InTx(v.t.Context(), func(_ context.Context, tx *gorm.DB) error { return do(tx) }))
}

// erase empties the even rows, and says so.
func (v *vault) erase() {
	v.t.Helper()
	v.must(v.Exec(v.t.Context(), "UPDATE vault SET once = NULL, secret = NULL WHERE id % 2 = 0"))
	v.Erased()
}

// left counts the erased rows that something is left of in the bytes of the
// database.
func (v *vault) left() int {
	v.t.Helper()
	var all []byte
	for _, file := range v.Files() {
		raw, err := os.ReadFile(file)
		if err != nil && !os.IsNotExist(err) {
			v.t.Fatal(err)
		}
		all = append(all, raw...)
	}
	n := 0
	for i := 0; i < vaultRows; i += 2 {
		if bytes.Contains(all, v.secrets[i][:16]) || bytes.Contains(all, v.secrets[i][len(v.secrets[i])-16:]) {
			n++
		}
	}
	return n
}

// sound checks the file and the rows that were not erased.
func (v *vault) sound() {
	v.t.Helper()
	for _, file := range v.Files()[:1] { // also for a connection of its own
		db, err := sql.Open("olivebranch-sqlite-writer", "file:"+file+"?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=5000&_secure_delete=on")
		v.must(err)
		var said string
		v.must(db.QueryRow("PRAGMA integrity_check").Scan(&said))
		if said != "ok" {
			v.t.Fatalf("the file is damaged: %s", said)
		}
		v.must(db.Close())
	}
	var rows []struct {
		ID     int
		Secret []byte
	}
	v.must(v.Read(v.t.Context()).Raw("SELECT id, secret FROM vault WHERE id < ? AND id % 2 = 1", vaultRows).Scan(&rows).Error)
	if len(rows) != vaultRows/2 {
		v.t.Fatalf("%d rows, want %d", len(rows), vaultRows/2)
	}
	for _, r := range rows {
		if !bytes.Equal(r.Secret, v.secrets[r.ID]) {
			v.t.Fatalf("row %d is not what it was", r.ID)
		}
	}
}

func TestScrubbingLeavesNothingOfWhatWasErased(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	v.erase()
	emptied, err := v.EmptyLog(t.Context())
	if err != nil || !emptied {
		t.Fatalf("the log was not emptied: %v", err)
	}
	if v.left() == 0 {
		t.Fatal("nothing was left behind: there is nothing to try")
	}
	if v.Scrubbed() {
		t.Error("it counts as scrubbed before it was")
	}
	v.must(v.Scrub(t.Context()))
	if n := v.left(); n > 0 || !v.Scrubbed() {
		t.Errorf("of %d rows something is left; scrubbed: %v", n, v.Scrubbed())
	}
	v.sound()
}

func TestWhatWasCleanedDoesNotComeBackFromMemory(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	v.erase()
	// A command beside the server has pages in memory too.
	beside, err := store.Open(t.Context(), store.Options{Path: v.Files()[0], Now: testkit.NewClock().Now})
	v.must(err)
	defer beside.Close()
	v.must(beside.Exec(t.Context(), "UPDATE vault SET once = NULL WHERE id % 2 = 0"))
	v.must(v.Scrub(t.Context()))
	// Both change every page that they may still have in memory.
	v.must(v.Exec(t.Context(), "UPDATE vault SET id = id + 1000000 WHERE id % 4 = 0"))
	v.must(beside.Exec(t.Context(), "UPDATE vault SET id = id + 1000000 WHERE id % 4 = 2"))
	if emptied, err := v.EmptyLog(t.Context()); err != nil || !emptied {
		t.Fatalf("the log was not emptied: %v", err)
	}
	if n := v.left(); n > 0 {
		t.Errorf("of %d rows something came back", n)
	}
	v.sound()
}

func TestAReaderHoldsScrubbingBackAndNotForEver(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	v.must(v.Snapshot(t.Context(), func(db *gorm.DB) error {
		var n int64
		if err := db.Table("vault").Count(&n).Error; err != nil {
			return err
		}
		v.erase()
		if err := v.Scrub(t.Context()); err != nil {
			return err
		}
		if v.Scrubbed() {
			t.Error("the log was emptied under a reader")
		}
		return v.Exec(t.Context(), "INSERT INTO vault VALUES (?, NULL, NULL)", vaultRows+1) // writers go on
	}))
	v.must(v.Scrub(t.Context()))
	if n := v.left(); n > 0 || !v.Scrubbed() {
		t.Errorf("of %d rows something is left; scrubbed: %v", n, v.Scrubbed())
	}
	v.sound()
}

// Many write and read while pages are cleaned: nothing of theirs is harmed.
func TestScrubbingHarmsNobody(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	done := make(chan struct{})
	var group sync.WaitGroup
	for w := range 3 {
		group.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				id := vaultRows + 2*mathrand.IntN(1_000_000) + w%2
				err := v.InTx(t.Context(), func(_ context.Context, tx *gorm.DB) error {
					if i%2 == 0 {
						return tx.Exec("INSERT INTO vault VALUES (?, NULL, ?) ON CONFLICT DO NOTHING", id, v.secrets[id%vaultRows]).Error
					}
					return tx.Exec("DELETE FROM vault WHERE id >= ? AND id % 7 = ?", vaultRows, i%7).Error
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			var n int64
			if err := v.Read(t.Context()).Raw("SELECT count(*) FROM vault WHERE secret IS NOT NULL AND id < ?", vaultRows).Scan(&n).Error; err != nil {
				t.Error(err)
				return
			}
		}
	})
	v.erase()
	testkit.Until(t, "the file to be clean under load", func() bool {
		if err := v.Scrub(t.Context()); err != nil {
			t.Error(err)
			return true
		}
		return v.Scrubbed()
	})
	for range 6 {
		v.Erased()
		v.must(v.Scrub(t.Context()))
	}
	close(done)
	group.Wait()
	v.must(v.Exec(t.Context(), "DELETE FROM vault WHERE id >= ?", vaultRows))
	v.Erased()
	v.must(v.Scrub(t.Context()))
	if n := v.left(); n > 0 {
		t.Errorf("of %d rows something is left", n)
	}
	v.sound()
}
