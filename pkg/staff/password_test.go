package staff_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/staff"
)

const wrong = "another sentence"

func TestTheRightPasswordSignsIn(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		a := d.insert("mina@example.org")
		who, err := d.SignIn(t.Context(), " Mina@EXAMPLE.org ", password)
		if err != nil || who.ID != a.ID {
			t.Fatalf("%v, %v", who, err)
		}
	})
}

func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		d.insert("mina@example.org")
		gone := d.insert("gone@example.org")
		d.failed("mina@example.org", -10) // so that it does not lock
		if err := d.Disable(t.Context(), gone.ID, operator); err != nil {
			t.Fatal(err)
		}
		d.insert("locked@example.org")
		d.lock("locked@example.org")
		for name, c := range map[string][2]string{
			"a wrong password":         {"mina@example.org", wrong},
			"a password of a megabyte": {"mina@example.org", strings.Repeat("x", 1<<20)},
			"an unknown address":       {"nobody@example.org", password},
			"no address":               {"", password},
			"what is no address":       {"mina", password},
			"a disabled account":       {"gone@example.org", password},
			"a locked account":         {"locked@example.org", password},
		} {
			who, err := d.SignIn(t.Context(), c[0], c[1])
			if who != nil || err != error(staff.ErrSignIn) {
				t.Errorf("%s: %v, %v, want ErrSignIn and nothing else", name, who, err)
			}
		}
	})
}

// The time an answer takes must not tell whether there is an account. No
// machine computes argon2id with 64 MiB in the time that is asked for here;
// an answer without it takes a fraction of that.
func TestEveryAnswerTakesTheWorkOfHashing(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		d.Cost = staff.Cost{}
		d.insert("mina@example.org")
		d.failed("mina@example.org", -10)
		gone := d.insert("gone@example.org")
		d.must(d.Disable(t.Context(), gone.ID, operator))
		d.insert("locked@example.org")
		d.lock("locked@example.org")
		for _, email := range []string{"mina@example.org", "gone@example.org", "locked@example.org", "nobody@example.org"} {
			quickest := time.Hour
			for range 3 {
				start := time.Now()
				if _, err := d.SignIn(t.Context(), email, wrong); !errors.Is(err, staff.ErrSignIn) {
					t.Errorf("%s: %v", email, err)
				}
				quickest = min(quickest, time.Since(start))
			}
			if quickest < 20*time.Millisecond {
				t.Errorf("%s is answered in %v, which is no hashing", email, quickest)
			}
		}
	})
}

func TestAnAccountLocksAfterTooManyWrongPasswordsAndOpensAgain(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.insert("mina@example.org")
		for i := range staff.MostFailures {
			if _, err := d.SignIn(ctx, "mina@example.org", wrong); !errors.Is(err, staff.ErrSignIn) {
				t.Fatalf("wrong password %d: %v, want ErrSignIn", i+1, err)
			}
		}
		locked := func(when string) {
			t.Helper()
			for _, p := range []string{password, wrong} {
				if _, err := d.SignIn(ctx, "mina@example.org", p); !errors.Is(err, staff.ErrSignIn) {
					t.Errorf("%s: %v, want ErrSignIn", when, err)
				}
			}
		}
		locked("at once")
		d.clock.Advance(staff.LockTime - time.Millisecond)
		locked("a millisecond before the end")
		d.clock.Advance(time.Millisecond)
		if _, err := d.SignIn(ctx, "mina@example.org", password); err != nil {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestTheRightPasswordForgetsTheWrongOnes(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		a := d.insert("mina@example.org")
		d.failed("mina@example.org", staff.MostFailures-2)
		if _, err := d.SignIn(t.Context(), "mina@example.org", wrong); !errors.Is(err, staff.ErrSignIn) {
			t.Fatal(err)
		}
		if stored, err := d.Account(t.Context(), a.ID); err != nil || stored.Failures != staff.MostFailures-1 || stored.LockedUntil != 0 {
			t.Fatalf("after %d wrong ones: %+v, %v", staff.MostFailures-1, stored, err)
		}
		if _, err := d.SignIn(t.Context(), "mina@example.org", password); err != nil {
			t.Fatalf("the right one: %v", err)
		}
		if stored, err := d.Account(t.Context(), a.ID); err != nil || stored.Failures != 0 {
			t.Errorf("afterwards: %+v, %v", stored, err)
		}
		if _, err := d.SignIn(t.Context(), "mina@example.org", wrong); !errors.Is(err, staff.ErrSignIn) {
			t.Errorf("one more wrong one: %v, want ErrSignIn", err)
		}
	})
}

func TestGuessesAtOnceAreNoMoreThanOnesInTurn(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		a := d.insert("mina@example.org")
		const left, more = 2, 3
		d.failed("mina@example.org", staff.MostFailures-left)
		var group sync.WaitGroup
		for range left + more {
			group.Go(func() {
				if _, err := d.SignIn(t.Context(), "mina@example.org", wrong); !errors.Is(err, staff.ErrSignIn) {
					t.Errorf("%v, want ErrSignIn", err)
				}
			})
		}
		group.Wait()
		// Those that met the lock were not looked at, so they do not count.
		stored, err := d.Account(t.Context(), a.ID)
		if err != nil || stored.Failures != 0 || stored.LockedUntil != d.clock.Now().Add(staff.LockTime).UnixMilli() {
			t.Errorf("afterwards: %+v, %v", stored, err)
		}
		if n := d.letters("staff_locked"); n != 1 {
			t.Errorf("%d letters tell of the lock, want 1", n)
		}
	})
}

func TestADamagedHashIsTroubleOfOursAndSignsNobodyIn(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		d.insert("mina@example.org")
		for _, damaged := range []string{"", "plain", "$argon2id$v=19$m=65536,t=3,p=4$!$!", "$argon2id$v=19$m=65536,t=3,p=4$AAAA$!", "$argon2id$v=19$m=65536,t=0,p=4$AAAA$AAAA", "$argon2id$v=19$m=65536$AAAA$AAAA"} {
			if err := d.Store.Exec(t.Context(), "UPDATE staff_accounts SET password_hash = ?", damaged); err != nil {
				t.Fatal(err)
			}
			if who, err := d.SignIn(t.Context(), "mina@example.org", password); who != nil || fault.KindOf(err) != fault.Internal || err == nil {
				t.Errorf("%q: %v, %v", damaged, who, err)
			}
		}
	})
}

func TestAnImpatientVisitorDoesNotSignIn(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		d.insert("mina@example.org")
		gone, leave := context.WithCancel(t.Context())
		leave()
		if who, err := d.SignIn(gone, "mina@example.org", password); who != nil || err == nil {
			t.Errorf("%v, %v", who, err)
		}
	})
}
