package faulttest

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"olivebranch/pkg/testkit"
)

// stride is how many writes lie between two at which the program is killed.
func stride() int {
	if testkit.Long() {
		return 1
	}
	return 3
}

// most is how many writes a flow can have; more means that it never completes.
const most = 2000

// flows are what is interrupted: deeds that come before, and the one that is
// killed.
var flows = []struct {
	before []deed
	deed   deed
}{
	{nil, sign},
	{[]deed{sign}, confirm},
	{[]deed{sign, confirm}, withdraw},
}

func TestNothingAcknowledgedIsLostAtAnyWrite(t *testing.T) {
	t.Parallel()
	for _, flow := range flows {
		t.Run(string(flow.deed), func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			mails := openPost(t)
			people := newCrowd(mails)
			p := newProgram(t, mails, filepath.Join(t.TempDir(), "data"))
			kills, found := killAtEachWrite(t, p, people, flow.before, flow.deed, stride())
			for _, wrong := range found {
				t.Error(wrong)
			}
			if kills == 0 {
				t.Error("the program was never killed in this flow")
			}
			people.figures(t, fmt.Sprintf("killed at %d writes of %s", kills, flow.deed), began)
			p.stop()
		})
	}
}

// In a checkpoint SQLite moves what is in the log into the database itself.
func TestNothingAcknowledgedIsLostInACheckpoint(t *testing.T) {
	t.Parallel()
	began := time.Now()
	mails := openPost(t)
	people := newCrowd(mails)
	p := newProgram(t, mails, filepath.Join(t.TempDir(), "data"))
	moments := map[string][]int{"pwrite64": {1, 9}, "fsync,fdatasync": {1}}
	if testkit.Long() {
		moments["pwrite64"] = []int{1, 2, 3, 5, 9, 17, 33, 50, 70, 100, 140, 200}
		moments["fsync,fdatasync"] = []int{1, 2, 3, 4}
	}
	kills := 0
	for calls, when := range moments {
		for _, n := range when {
			p.start()
			p.trace(calls, fmt.Sprintf("signal=KILL:when=%d", n), "-P", p.database())
			var over flag
			gone := make(chan struct{})
			go func() {
				defer close(gone)
				people.run(p, visitors, &over)
			}()
			testkit.Until(t, "a checkpoint", p.died)
			mails.raise(&over)
			<-gone
			p.kill()
			kills++
			p.start()
			for _, wrong := range people.check(p, false) {
				t.Errorf("killed at %s %d: %s", calls, n, wrong)
			}
			p.kill()
		}
	}
	people.figures(t, fmt.Sprintf("killed %d times in a checkpoint", kills), began)
}

// killAtEachWrite kills the program at the first write of a deed, then at
// another person's second write, and so on until the deed completes, and
// compares the ledger after each. It says how often the program was killed.
func killAtEachWrite(t *testing.T, p *program, people *crowd, before []deed, last deed, stride int) (kills int, found []string) {
	t.Helper()
	for n := 1; n < most; n += stride {
		if p.cmd == nil || p.died() {
			p.start()
		}
		found = append(found, people.check(p, false)...)
		someone := people.bring(append(before, last)...)
		c := &client{program: p, mails: people.mails, over: &flag{}, acks: &people.acks}
		for _, d := range before {
			if err := someone.try(c, d); err != nil {
				t.Fatalf("%s: %v", d, err)
			}
		}
		if len(before) > 0 {
			people.settle(t, p, someone)
		}
		tr := p.trace(writing, fmt.Sprintf("signal=KILL:when=%d", n))
		err := someone.try(c, last)
		tr.stop()
		if err == nil && p.answers() { // nothing can kill it any more
			break
		}
		testkit.Until(t, "the program to be dead", p.died)
		kills++
	}
	if p.died() {
		p.start()
	}
	return kills, append(found, people.check(p, true)...)
}

// bring is a new person with a plan.
func (c *crowd) bring(plan ...deed) *person {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := newPerson(fmt.Sprintf("bring-%d@example.org", len(c.people)), plan...)
	c.people = append(c.people, p)
	c.touched[p] = true
	return p
}

// settle waits until a person's letter is out of the way, so that the writes
// that follow are those of the deed.
func (c *crowd) settle(t *testing.T, p *program, someone *person) {
	t.Helper()
	testkit.Until(t, "the letter", func() bool {
		_, n := c.mails.different(someone.mail)
		return n > 0
	})
	tr := p.trace(writing, "")
	defer tr.stop()
	tr.idle(t)
}

// idle waits until the thread that writes has nothing to do.
func (tr *tracer) idle(t *testing.T) {
	t.Helper()
	quiet, before := 0, 0
	testkit.Until(t, "the thread that writes to be idle", func() bool {
		now := len(tr.calls(t))
		if quiet++; now != before {
			quiet, before = 0, now
		}
		return quiet > 20 // looks, 5 ms apart
	})
}
