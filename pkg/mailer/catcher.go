package mailer

import (
	"context"
	"slices"
	"sync"
	"time"
)

// caughtLetters is how many letters a Catcher remembers.
const caughtLetters = 500

// Catcher is the Sender of the demo and of tests: nothing leaves the house.
// The zero Catcher is ready.
type Catcher struct {
	mu      sync.Mutex
	letters []Caught // oldest first
}

// Caught is a letter as /demo/mail shows it.
type Caught struct {
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Lang    string    `json:"lang"`
	Text    string    `json:"text"`
	HTML    string    `json:"-"`
	Links   []string  `json:"links"`
	At      time.Time `json:"-"` // when it was written
}

// Send keeps a letter, and forgets the oldest when there are too many.
func (c *Catcher) Send(_ context.Context, l Letter) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.letters) == caughtLetters {
		c.letters = slices.Delete(c.letters, 0, 1)
	}
	links := append([]string{}, l.Links...)
	c.letters = append(c.letters, Caught{To: l.To, Subject: l.Subject, Lang: l.Lang, Text: l.Text, HTML: l.HTML, Links: links, At: l.Date})
	return nil
}

// Letters are the last 500 letters, newest first.
func (c *Catcher) Letters() []Caught {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := append([]Caught{}, c.letters...) // never nil: programs read a list
	slices.Reverse(out)
	return out
}
