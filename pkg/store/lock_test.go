package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"olivebranch/pkg/store"
)

// envHold makes the test binary another program that holds a lock; envVisit
// one that opens a database, reads and goes.
const (
	envHold  = "OLIVEBRANCH_TEST_HOLD"
	envVisit = "OLIVEBRANCH_TEST_VISIT"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(envHold); path != "" {
		if _, err := store.LockFile(path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("held")
		select {} // until it is killed
	}
	if path := os.Getenv(envVisit); path != "" {
		if err := visit(path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestALockHasOneHolderAtATime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	first, err := store.LockFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.LockFile(path); !errors.Is(err, store.ErrLocked) {
		t.Errorf("the second holder: %v, want ErrLocked", err)
	}
	if other, err := store.LockFile(path + "-of-another"); err != nil {
		t.Errorf("another folder: %v", err)
	} else if err := other.Release(); err != nil {
		t.Error(err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	again, err := store.LockFile(path)
	if err != nil {
		t.Fatalf("after it was given back: %v", err)
	}
	if err := again.Release(); err != nil {
		t.Error(err)
	}
}

func TestALockThatCannotBeMadeIsNotTakenForHeld(t *testing.T) {
	t.Parallel()
	if _, err := store.LockFile(filepath.Join(t.TempDir(), "nowhere", "lock")); err == nil || errors.Is(err, store.ErrLocked) {
		t.Errorf("%v", err)
	}
}

func TestTheLockOfAKilledProgramIsFree(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	holder := exec.Command(program)
	holder.Env = append(os.Environ(), envHold+"="+path)
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	said, _ := bufio.NewReader(out).ReadString('\n')
	if said != "held\n" {
		t.Errorf("the other program said %q", said)
	}
	if _, err := store.LockFile(path); !errors.Is(err, store.ErrLocked) {
		t.Errorf("while another program holds it: %v, want ErrLocked", err)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait() // says that it was killed
	lock, err := store.LockFile(path)
	if err != nil {
		t.Fatalf("after it was killed: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}
