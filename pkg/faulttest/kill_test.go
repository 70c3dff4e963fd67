package faulttest

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"olivebranch/pkg/testkit"
)

// visitors at once.
const visitors = 32

// rounds are how often the program is killed, and how many acknowledgements
// there must be in all.
func rounds() (n int, acks int64) {
	if testkit.Long() {
		return 300, 100_000
	}
	return 20, 400
}

func TestNothingAcknowledgedIsLostWhenTheProgramIsKilled(t *testing.T) {
	began := time.Now()
	mails := openPost(t)
	people := newCrowd(mails)
	p := newProgram(t, mails, filepath.Join(t.TempDir(), "data"))
	p.start()
	n, want := rounds()
	for round := 1; round <= n; round++ {
		// at least its share of what is missing, and then any moment
		share := max(1, (want-people.acks.Load())/int64(n-round+1)+1)
		killUnderLoad(t, p, people, max(5, share/2+rand.Int64N(share+1)))
		p.start()
		for _, wrong := range people.check(p, round == n) {
			t.Errorf("round %d: %s", round, wrong)
		}
		if t.Failed() {
			t.Fatalf("the program said:\n%s", p.log)
		}
	}
	people.figures(t, fmt.Sprintf("killed %d times", n), began)
	if got := people.acks.Load(); got < want {
		t.Errorf("%d acknowledgements, want %d", got, want)
	}
	p.stop()
}

// killUnderLoad kills the program at a moment after so many acknowledgements.
func killUnderLoad(t *testing.T, p *program, people *crowd, acks int64) {
	t.Helper()
	var over flag
	target := people.acks.Load() + acks
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		people.run(p, visitors, &over)
	}()
	testkit.Until(t, "people to be acknowledged", func() bool { return people.acks.Load() >= target })
	<-time.After(time.Duration(rand.IntN(20_000)) * time.Microsecond)
	p.kill()
	people.mails.raise(&over)
	<-gone
}
