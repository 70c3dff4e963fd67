package bounce

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Taker is given each message of a mailbox. It says whether the message is
// done with; one that is not stays for people. An error ends the reading, and
// the message comes again.
type Taker func(message io.Reader) (done bool, err error)

// Collect gives take what has arrived in a mailbox: a Maildir if path is a
// folder, else an mbox; one that does not exist is empty. It returns how many
// were done with, and how many were kept.
func Collect(path string, take Taker) (done, kept int, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return 0, 0, nil
	case err != nil:
		return 0, 0, err
	case info.IsDir():
		return collectMaildir(path, take)
	}
	return collectMbox(path, take)
}

// collectMaildir reads what is new. What is done with is deleted, what is kept
// is moved to cur and marked as seen.
func collectMaildir(path string, take Taker) (done, kept int, err error) {
	entries, err := os.ReadDir(filepath.Join(path, "new"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, 0, nil
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		file := filepath.Join(path, "new", e.Name())
		ours, err := takeFile(file, take)
		if errors.Is(err, os.ErrNotExist) { // another copy of the program was faster
			continue
		}
		if err != nil {
			return done, kept, err
		}
		if ours {
			done, err = done+1, os.Remove(file)
		} else {
			kept, err = kept+1, os.Rename(file, filepath.Join(path, "cur", e.Name()+":2,S"))
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return done, kept, err
		}
	}
	return done, kept, err
}

func takeFile(path string, take Taker) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	return take(f)
}

// collectMbox takes all out of the file under the locks that mail programs
// use, into a file beside it, so that mail servers never wait for take; what
// is kept is put into a third. A reading that was broken off goes on with the
// file beside.
func collectMbox(path string, take Taker) (done, kept int, err error) {
	taken := path + ".taken"
	if _, err := os.Stat(taken); errors.Is(err, os.ErrNotExist) {
		if some, err := moveOut(path, taken); err != nil || !some {
			return 0, 0, err
		}
	}
	f, err := os.Open(taken)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = f.Close() }()
	messages := bufio.NewReaderSize(f, 64<<10)
	for {
		m := &mboxMessage{r: messages}
		if !m.begin() {
			break
		}
		var copied bytes.Buffer
		ours, err := take(io.TeeReader(m, &copied))
		if err != nil {
			return done, kept, err
		}
		if ours {
			done++
			_, err = io.Copy(io.Discard, m)
		} else {
			kept++
			err = appendTo(path+".kept", m.from, &copied, m)
		}
		if err != nil {
			return done, kept, err
		}
	}
	return done, kept, os.Remove(taken)
}

// moveOut copies an mbox and empties it; false when it was empty.
func moveOut(path, to string) (some bool, err error) {
	unlock, err := dotLock(path)
	if err != nil {
		return false, err
	}
	defer unlock()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }() // which gives the lock back
	whole := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(f.Fd(), unix.F_SETLK, &whole); err != nil {
		return false, nil //nolint:nilerr // somebody delivers at this moment; there is a next time
	}
	part := to + ".part"
	out, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return false, err
	}
	n, err := io.Copy(out, f)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil || n == 0 {
		return false, errors.Join(err, os.Remove(part))
	}
	if err := os.Rename(part, to); err != nil {
		return false, err
	}
	return true, f.Truncate(0)
}

// staleLock is how old a lock file is when whoever made it must have died.
const staleLock = 10 * time.Minute

// dotLock makes path.lock, where the folder lets us; mail servers that use
// fcntl alone need none.
func dotLock(path string) (unlock func(), err error) {
	lock := path + ".lock"
	f, err := os.OpenFile(lock, os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, os.ErrPermission):
		return func() {}, nil
	case errors.Is(err, os.ErrExist):
		if info, statErr := os.Stat(lock); statErr == nil && time.Since(info.ModTime()) > staleLock {
			_ = os.Remove(lock)
		}
		return nil, fmt.Errorf("the mailbox is locked: %w", err)
	case err != nil:
		return nil, err
	}
	_ = f.Close()
	return func() { _ = os.Remove(lock) }, nil
}

func appendTo(path string, from []byte, parts ...io.Reader) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(from)
	if err == nil {
		_, err = io.Copy(f, io.MultiReader(parts...))
	}
	return errors.Join(err, f.Close())
}

// mboxMessage reads up to the next line that begins with "From ".
type mboxMessage struct {
	r    *bufio.Reader
	from []byte
	mid  bool // not at the beginning of a line
}

func (m *mboxMessage) begin() bool {
	line, err := m.r.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = m.r.ReadSlice('\n')
	}
	m.from = append([]byte(nil), line...)
	return err == nil || len(m.from) > 0
}

func (m *mboxMessage) Read(p []byte) (int, error) {
	if !m.mid {
		if next, _ := m.r.Peek(5); string(next) == "From " {
			return 0, io.EOF
		}
	}
	n := min(len(p), m.r.Size())
	next, err := m.r.Peek(1)
	if len(next) == 0 {
		return 0, err
	}
	next, _ = m.r.Peek(min(n, m.r.Buffered()))
	if at := bytes.IndexByte(next, '\n'); at >= 0 {
		next = next[:at+1]
	}
	n = copy(p, next)
	m.mid = p[n-1] != '\n'
	_, err = m.r.Discard(n)
	return n, err
}
