package store_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

// visit is what a command does beside a running server.
func visit(path string) error {
	s, err := store.Open(context.Background(), store.Options{Path: path, Now: time.Now})
	if err != nil {
		return err
	}
	var n int
	return errors.Join(s.Read(context.Background()).Raw("SELECT count(*) FROM words").Scan(&n).Error, s.Close())
}

// Who reads the bytes of the files must not give up the locks on them: another
// program that comes and goes would take the log away, with what is
// acknowledged in it.
func TestReadingTheBytesLeavesTheLogToUs(t *testing.T) {
	t.Parallel()
	s := open(t, testkit.SQLite(t))
	if err := s.Exec(t.Context(), "CREATE TABLE words (word TEXT PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(s.Files()[1])
	if err != nil {
		t.Fatal(err)
	}
	seen := ""
	err = s.Bytes(func(path string, bytes io.Reader) error {
		raw, err := io.ReadAll(bytes)
		seen += string(raw)
		return err
	})
	if err != nil || !strings.Contains(seen, "CREATE TABLE words") {
		t.Fatalf("the bytes were not read: %v", err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	visitor := exec.Command(program)
	visitor.Env = append(os.Environ(), envVisit+"="+s.Files()[0])
	if out, err := visitor.CombinedOutput(); err != nil {
		t.Fatalf("the visitor: %v: %s", err, out)
	}
	after, err := os.Stat(s.Files()[1])
	if err != nil || !os.SameFile(before, after) {
		t.Fatalf("the log that we write to is gone: %v", err)
	}
	if err := s.InTx(t.Context(), func(_ context.Context, tx *gorm.DB) error { return write(tx, "acknowledged") }); err != nil {
		t.Fatal(err)
	}
}
