package seal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// The rings, as operators call them.
const (
	SealRing  = "seal"
	TokenRing = "token"
	MailRing  = "mail"
)

// Why a ring was not changed.
var (
	ErrFull    = errors.New("the ring has had all of its 255 versions")
	ErrNewest  = errors.New("the newest key is in use")
	ErrUnknown = errors.New("there is no such key")
)

// fileState tells whether a file was replaced or changed.
type fileState struct {
	inode    uint64
	size     int64
	modified time.Time
}

func look(dir string) []fileState {
	states := make([]fileState, len(files))
	for i, f := range files {
		info, err := os.Stat(filepath.Join(dir, f))
		if err != nil {
			continue
		}
		states[i] = fileState{size: info.Size(), modified: info.ModTime()}
		if sys, ok := info.Sys().(*syscall.Stat_t); ok {
			states[i].inode = sys.Ino
		}
	}
	return states
}

// Refresh reads the keys anew when a file of theirs was changed, and says
// whether it did. When they cannot be read, those read before stay in use.
func (k *Keys) Refresh() (bool, error) {
	k.reading.Lock()
	defer k.reading.Unlock()
	if slices.Equal(k.set.Load().read, look(k.dir)) {
		return false, nil
	}
	set, err := readSet(k.dir)
	if err != nil {
		return false, fmt.Errorf("read the keys anew: %w", err)
	}
	k.set.Store(set)
	return true, nil
}

// latest is the keys as they are now, for those who miss one: another process
// may have made a newer one already.
func (k *Keys) latest() *keySet {
	_, _ = k.Refresh() // what cannot be read is missing
	return k.set.Load()
}

// Versions are those of a ring, in order.
func (k *Keys) Versions(ring string) []int {
	set := k.set.Load()
	var all []int
	switch ring {
	case MailRing:
		return []int{1}
	case SealRing:
		for v := range set.sealing.keys {
			all = append(all, int(v))
		}
	case TokenRing:
		for v := range set.token.keys {
			all = append(all, int(v))
		}
	}
	slices.Sort(all)
	return all
}

// Newest is the version that a ring makes new things with.
func (k *Keys) Newest(ring string) int {
	all := k.Versions(ring)
	return all[len(all)-1]
}

// Changed is when the file of a ring was last changed.
func (k *Keys) Changed(ring string) (time.Time, error) {
	info, err := os.Stat(filepath.Join(k.dir, ring+".key"))
	if err != nil {
		return time.Time{}, fmt.Errorf("look at the %s keys: %w", ring, err)
	}
	return info.ModTime(), nil
}

// Rotate gives the seal or the token ring a new key, which makes all new
// things from now on, and returns its version. ErrFull.
func (k *Keys) Rotate(name string) (int, error) {
	key := make([]byte, keyBytes)
	if _, err := rand.Read(key); err != nil {
		return 0, err
	}
	err := k.change(name, func(r *ring) error {
		if r.newest == 255 {
			return ErrFull
		}
		r.newest++
		r.keys[r.newest] = key
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("rotate the %s keys: %w", name, err)
	}
	return k.Newest(name), nil
}

// Retire removes a key from the seal or the token ring. Nothing made with it
// is understood any more, so that the caller looks whether there is any.
// ErrNewest, ErrUnknown.
func (k *Keys) Retire(name string, version int) error {
	err := k.change(name, func(r *ring) error {
		switch {
		case version < 1 || version > 255 || r.keys[byte(version)] == nil:
			return ErrUnknown
		case byte(version) == r.newest:
			return ErrNewest
		}
		delete(r.keys, byte(version))
		return nil
	})
	if err != nil {
		return fmt.Errorf("retire key %d of the %s ring: %w", version, name, err)
	}
	return nil
}

// change replaces the file of a ring as a whole, so that whoever reads it
// meanwhile, or after a crash, finds the one or the other. Processes that
// change keys wait for each other.
func (k *Keys) change(name string, do func(*ring) error) error {
	if name != SealRing && name != TokenRing {
		return fmt.Errorf("the %s key cannot be changed", name)
	}
	folder, err := os.Open(k.dir)
	if err != nil {
		return err
	}
	defer folder.Close() // which also gives the lock back
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("lock the folder of the keys: %w", err)
	}
	path := filepath.Join(k.dir, name+".key")
	r, err := readRing(path)
	if err != nil {
		return err
	}
	if err := do(&r); err != nil {
		return err
	}
	draft := path + ".new"
	if err := os.Remove(draft); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err // left by a program that was killed
	}
	if err := writeSynced(draft, r.text()); err != nil {
		return err
	}
	if err := errors.Join(os.Rename(draft, path), folder.Sync()); err != nil {
		return err
	}
	_, err = k.Refresh()
	return err
}

func (r *ring) text() string {
	var b strings.Builder
	for v := 1; v <= 255; v++ {
		if key := r.keys[byte(v)]; key != nil {
			fmt.Fprintf(&b, "%d %x\n", v, key)
		}
	}
	return b.String()
}
