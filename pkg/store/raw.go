package store

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync"
)

// rawFiles are SQLite's own files, each opened once and kept until the
// connections are closed. As POSIX has it, closing any descriptor of a file
// gives up all locks that the process has on it. Another program would then
// take itself for the only one, and remove the write-ahead log that we go on
// writing to.
type rawFiles struct {
	sync.Mutex
	files map[string]*os.File
}

func (r *rawFiles) open(path string) (*os.File, error) {
	r.Lock()
	defer r.Unlock()
	if f := r.files[path]; f != nil {
		return f, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	if r.files == nil {
		r.files = map[string]*os.File{}
	}
	r.files[path] = f
	return f, nil
}

// close gives the files back, after the connections.
func (r *rawFiles) close() error {
	r.Lock()
	defer r.Unlock()
	var errs []error
	for _, f := range r.files {
		errs = append(errs, f.Close())
	}
	r.files = nil
	return errors.Join(errs...)
}

// Bytes hands the bytes of each of SQLite's own files to read, as they are at
// that moment. There are none with PostgreSQL. Never open these files in
// another way in a program that has connections: see rawFiles.
func (s *Store) Bytes(read func(path string, bytes io.Reader) error) error {
	for _, path := range s.Files() {
		f, err := s.raw.open(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			err = read(path, io.NewSectionReader(f, 0, math.MaxInt64))
		}
		if err != nil {
			return fmt.Errorf("read the bytes of the database: %w", err)
		}
	}
	return nil
}
