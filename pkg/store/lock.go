package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ErrLocked says that another program holds the data folder.
var ErrLocked = errors.New("another olivebranch uses this data folder")

// Lock is the exclusive hold on a data folder that serve, migrate and restore
// take. The system releases it when the process ends, however that happens.
type Lock struct{ file *os.File }

// LockFile takes the lock at path without waiting. ErrLocked when taken.
func LockFile(path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(ErrLocked, f.Close())
	}
	return &Lock{file: f}, nil
}

// Release gives the lock back.
func (l *Lock) Release() error { return l.file.Close() }
