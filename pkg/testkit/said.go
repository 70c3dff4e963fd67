package testkit

import (
	"bytes"
	"sync"
)

// Said is what a program says, to be read while it goes on saying it.
type Said struct {
	mu    sync.Mutex
	words bytes.Buffer
}

// Write adds to it.
func (s *Said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.words.Write(b)
}

// String is all of it so far.
func (s *Said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.words.String()
}
