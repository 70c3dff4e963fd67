package faulttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// crowd is many people who sign, and the ledger of what was acknowledged to
// them. It outlives the program.
type crowd struct {
	mails *post
	acks  atomic.Int64
	// patience is how long a letter may take after the program came back.
	patience time.Duration

	mu      sync.Mutex
	people  []*person
	waiting []*person // have more to do
	touched map[*person]bool
	strange []string // answers that nobody should get
}

func newCrowd(mails *post) *crowd {
	return &crowd{mails: mails, touched: map[*person]bool{}, patience: time.Minute}
}

// plans are what people come for.
var plans = [][]deed{
	{sign, confirm}, {sign, confirm}, {sign, confirm, again, second}, {sign, confirm, withdraw}, {sign, confirm, forget}, {sign, confirm, again, second, withdraw},
}

// come is the next person: one who was interrupted, or a new one.
func (c *crowd) come() *person {
	c.mu.Lock()
	defer c.mu.Unlock()
	var p *person
	if n := len(c.waiting); n > 0 {
		p, c.waiting = c.waiting[n-1], c.waiting[:n-1]
	} else {
		i := len(c.people)
		p = newPerson(fmt.Sprintf("fault-%d@example.org", i), plans[i%len(plans)]...)
		p.twice = i%4 == 0
		c.people = append(c.people, p)
	}
	c.touched[p] = true
	return p
}

// putBack keeps a person for later.
func (c *crowd) putBack(p *person) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, p)
}

// run lets people do what they came for, many at once, until the flag goes up
// or the program does not answer. What is refused with 503 is put back.
func (c *crowd) run(p *program, visitors int, over *flag) {
	var group sync.WaitGroup
	for range visitors {
		group.Go(func() {
			client := &client{program: p, mails: c.mails, over: over, acks: &c.acks}
			for !over.up() && c.serve(client, c.come()) {
			}
		})
	}
	group.Wait()
}

// serve does what a person came for; false when there is nobody to ask.
func (c *crowd) serve(client *client, p *person) bool {
	for d := p.next(); d != ""; d = p.next() {
		if client.over.up() {
			c.putBack(p)
			return false
		}
		err := p.try(client, d)
		if err == nil {
			continue
		}
		c.putBack(p)
		var refused *refusal
		if !errors.As(err, &refused) {
			return false
		}
		if refused.status != http.StatusServiceUnavailable {
			c.wonder("%s of %s: status %d, %.300s", d, p.mail, refused.status, refused.body)
		}
		return false
	}
	return true
}

func (c *crowd) wonder(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.strange = append(c.strange, fmt.Sprintf(format, args...))
}

// check compares the ledger with what the program says after it came back: the
// pages of all who were there since the last check, or of everybody, the
// number on the banner, and what verify finds.
func (c *crowd) check(p *program, everybody bool) []string {
	c.mu.Lock()
	var people []*person
	for _, someone := range c.people {
		if everybody || c.touched[someone] {
			people = append(people, someone)
		}
	}
	clear(c.touched)
	found := c.strange
	c.strange = nil
	c.mu.Unlock()

	var mu sync.Mutex
	next := make(chan *person)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for someone := range next {
				if wrong := c.checkPerson(p, someone); wrong != "" {
					mu.Lock()
					found = append(found, someone.mail+": "+wrong)
					mu.Unlock()
				}
			}
		})
	}
	for _, someone := range people {
		next <- someone
	}
	close(next)
	group.Wait()
	found = append(found, c.checkTotal(p)...)
	if out := p.verify(); out != "" {
		found = append(found, "verify: "+out)
	}
	return found
}

// checkPerson says what is not as the ledger has it; "" if all is.
func (c *crowd) checkPerson(p *program, someone *person) string {
	owed := 0
	for _, d := range []deed{sign, again} {
		if someone.ledger[d] == acked {
			owed++
		}
	}
	if owed > 0 {
		var late flag
		stop := time.AfterFunc(c.patience, func() { c.mails.raise(&late) })
		_, came := c.mails.wait(someone.mail, owed, &late)
		if stop.Stop(); !came {
			return "the ledger has it that they asked to sign, and no letter came"
		}
	}
	letters, _ := c.mails.different(someone.mail)
	most := 1
	if someone.ledger[again] != untried {
		most = 2
	}
	if len(letters) > most {
		return fmt.Sprintf("%d different letters, want at most %d", len(letters), most)
	}
	if len(letters) == 0 {
		return ""
	}
	a, err := p.get("/en/signature/" + letters[0].view)
	if err != nil {
		return err.Error()
	}
	if have := standing(a); !slices.Contains(someone.may(), have) {
		return fmt.Sprintf("is %q, and the ledger %v allows %v", have, someone.ledger, someone.may())
	}
	return ""
}

// standing reads a person's own page.
func standing(a answer) string {
	switch {
	case a.status != http.StatusOK:
		return fmt.Sprintf("status %d", a.status)
	case strings.Contains(a.body, "state-waiting"):
		return "waiting"
	case strings.Contains(a.body, "state-refused"):
		return "withdrawn"
	case strings.Contains(a.body, "state-good") && strings.Contains(a.body, "/forget"):
		return "counted"
	case strings.Contains(a.body, "state-good"):
		return "forgotten"
	}
	return "nothing known"
}

// may is how a person's signature may stand. A deed that was acknowledged is
// so; one that was tried may be so.
func (p *person) may() []string {
	all := []string{"waiting"}
	for _, step := range []struct {
		deed deed
		so   string
	}{{confirm, "counted"}, {forget, "forgotten"}, {withdraw, "withdrawn"}} {
		switch p.ledger[step.deed] {
		case acked:
			all = []string{step.so}
		case tried:
			all = append(all, step.so)
		}
	}
	return all
}

// bounds are the least and the most people who can be counted.
func (c *crowd) bounds() (least, most int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.people {
		if p.ledger[confirm] == acked && p.ledger[withdraw] == untried {
			least++
		}
		if p.ledger[confirm] != untried && p.ledger[withdraw] != acked {
			most++
		}
	}
	return least, most
}

// total is the number on the banner.
func (p *program) total() (int64, error) {
	a, err := p.get("/embed/all/tally.json")
	if err != nil {
		return 0, err
	}
	var tally struct{ Signatures int64 }
	return tally.Signatures, json.Unmarshal([]byte(a.body), &tally)
}

// checkTotal compares the number on the banner with the ledger. After
// PostgreSQL came back the program reads within a second what it missed; a
// number that is too high never gets better.
func (c *crowd) checkTotal(p *program) []string {
	least, most := c.bounds()
	n, err := p.total()
	for late := time.Now().Add(20 * time.Second); err == nil && n < least && time.Now().Before(late); n, err = p.total() {
		<-time.After(20 * time.Millisecond)
	}
	if err != nil {
		return []string{"total: " + err.Error()}
	}
	if n < least || n > most {
		return []string{fmt.Sprintf("%d are counted, want %d to %d", n, least, most)}
	}
	return nil
}

// figures say what a run was about.
func (c *crowd) figures(t testing.TB, what string, since time.Time) {
	t.Helper()
	c.mu.Lock()
	deeds := map[deed]int{}
	open := 0
	for _, p := range c.people {
		for d, e := range p.ledger {
			if e == acked {
				deeds[d]++
			} else {
				open++
			}
		}
	}
	people := len(c.people)
	c.mu.Unlock()
	least, most := c.bounds()
	t.Logf("%s: %d people, %d acknowledgements %v, %d deeds without an answer, %d letters, counted between %d and %d, in %v",
		what, people, c.acks.Load(), deeds, open, c.mails.total(), least, most, time.Since(since).Round(time.Millisecond))
}
