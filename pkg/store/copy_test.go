package store_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gorm.io/gorm"

	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

// filled is an SQLite database with a table of numbered words.
func filled(t *testing.T, words int) (*store.Store, string) {
	t.Helper()
	c := testkit.SQLite(t)
	s := open(t, c)
	if err := s.Exec(t.Context(), "CREATE TABLE words (word TEXT PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	err := s.InTx(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		for i := range words {
			if err := write(tx, fmt.Sprintf("word-%06d-%s", i, strings.Repeat("x", 100))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, filepath.Join(t.TempDir(), "copy.db")
}

// counted is how many words a copy holds, and what is wrong with it.
func counted(t *testing.T, path string) int {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: path, Now: testkit.NewClock().Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if damage, err := s.Damage(t.Context()); damage != "" || err != nil {
		t.Errorf("the copy is damaged: %s, %v", damage, err)
	}
	var n int
	if err := s.Read(t.Context()).Raw("SELECT count(*) FROM words").Scan(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func TestACopyIsOfOneMomentWhileOthersWrite(t *testing.T) {
	t.Parallel()
	s, path := filled(t, 1000)
	stop, wrote := make(chan struct{}), make(chan int)
	go func() { // pairs: a copy with an odd number is of no moment
		pairs := 0
		for {
			select {
			case <-stop:
				wrote <- pairs
				return
			default:
			}
			err := s.InTx(context.Background(), func(_ context.Context, tx *gorm.DB) error {
				if err := write(tx, fmt.Sprint("left ", pairs)); err != nil {
					return err
				}
				return write(tx, fmt.Sprint("right ", pairs))
			})
			if err != nil {
				t.Error(err)
			}
			pairs++
		}
	}()
	for i := range 5 {
		copied := fmt.Sprint(path, i)
		if err := s.CopyTo(t.Context(), copied); err != nil {
			t.Fatal(err)
		}
		if n := counted(t, copied); n < 1000 || n%2 != 0 {
			t.Errorf("the copy holds %d words", n)
		}
		if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
	}
	close(stop)
	if <-wrote == 0 {
		t.Error("nobody wrote meanwhile")
	}
}

func TestWhatWasErasedIsInNoCopy(t *testing.T) {
	t.Parallel()
	s, path := filled(t, 3000)
	if err := s.Exec(t.Context(), "DELETE FROM words WHERE word >= 'word-001000'"); err != nil {
		t.Fatal(err)
	}
	if err := s.CopyTo(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(raw, []byte("word-000999-")) {
		t.Fatalf("what is left is not in the copy: %v", err)
	}
	for i := 1000; i < 3000; i++ {
		if bytes.Contains(raw, fmt.Appendf(nil, "word-%06d-", i)) {
			t.Fatalf("word %d was erased, and is in the copy", i)
		}
	}
}

func TestACopyReplacesNothingAndAFailureLeavesNothing(t *testing.T) {
	t.Parallel()
	s, path := filled(t, 10)
	if err := os.WriteFile(path, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.CopyTo(t.Context(), path); err == nil {
		t.Error("a copy replaced a file")
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "kept" {
		t.Errorf("%q, %v", text, err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := s.CopyTo(ended, path+"2"); err == nil {
		t.Error("a copy was made although nobody wants it any more")
	}
	if _, err := os.Stat(path + "2"); !os.IsNotExist(err) {
		t.Errorf("a failure left a file: %v", err)
	}
}

func TestADamagedDatabaseIsNoticed(t *testing.T) {
	t.Parallel()
	s, path := filled(t, 3000)
	if err := s.CopyTo(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(raw[len(raw)/2:], make([]byte, 6000))
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	broken, err := store.Open(t.Context(), store.Options{Path: path, Now: testkit.NewClock().Now})
	if err != nil {
		t.Fatal(err)
	}
	defer broken.Close()
	if damage, err := broken.Damage(t.Context()); damage == "" && err == nil {
		t.Error("nothing is said to be wrong")
	}
}

func TestASnapshotWithinATransactionSeesWhatItWrote(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		err := s.InTx(t.Context(), func(ctx context.Context, tx *gorm.DB) error {
			if err := write(tx, "mine"); err != nil {
				return err
			}
			return s.Snapshot(ctx, func(db *gorm.DB) error {
				if got := words(t, db); got != "mine" {
					t.Errorf("read %q", got)
				}
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
