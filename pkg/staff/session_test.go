package staff_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"regexp"
	"testing"
	"time"

	"olivebranch/pkg/staff"
)

// What is promised about sessions.
const (
	idle     = 2 * time.Hour
	absolute = 12 * time.Hour
)

func (d *desk) wantSession(token string, alive bool, when string) {
	d.t.Helper()
	row, err := d.Session(d.t.Context(), staff.StaffSession, token)
	if alive && (err != nil || row.OwnerID != 7) {
		d.t.Errorf("%s: %+v, %v, want the session of 7", when, row, err)
	}
	if !alive && (!errors.Is(err, staff.ErrNoSession) || row != nil) {
		d.t.Errorf("%s: %+v, %v, want ErrNoSession", when, row, err)
	}
}

func TestASessionBelongsToItsTokenAndKind(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		token := d.begin(staff.StaffSession, 7)
		if !regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`).MatchString(token) {
			t.Errorf("the token %q is not 32 bytes in base64url", token)
		}
		if token == d.begin(staff.StaffSession, 7) {
			t.Error("two sessions have one token")
		}
		d.wantSession(token, true, "at once")
		for _, other := range []string{"", token[1:], token + "A", "A" + token[1:]} {
			if other != token {
				d.wantSession(other, false, "with another token")
			}
		}
		if _, err := d.Session(t.Context(), staff.PortalSession, token); !errors.Is(err, staff.ErrNoSession) {
			t.Errorf("as a session of the portal: %v, want ErrNoSession", err)
		}
	})
}

func TestAnIdleSessionEnds(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		used, idles := d.begin(staff.StaffSession, 7), d.begin(staff.StaffSession, 7)
		d.clock.Advance(idle - time.Millisecond)
		d.wantSession(used, true, "just before it is idle for too long")
		d.clock.Advance(time.Millisecond)
		d.wantSession(idles, false, "idle for too long")
		d.wantSession(used, true, "used in between")
		d.clock.Advance(idle)
		d.wantSession(used, false, "idle for too long after it was used")
	})
}

func TestABusySessionEndsAfterTwelveHours(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		token := d.begin(staff.StaffSession, 7)
		for hour := range int(absolute/time.Hour) - 1 {
			d.clock.Advance(time.Hour)
			d.wantSession(token, true, "hour "+string(rune('a'+hour)))
		}
		d.clock.Advance(time.Hour - time.Millisecond)
		d.wantSession(token, true, "in its last millisecond")
		d.clock.Advance(time.Millisecond)
		d.wantSession(token, false, "after twelve hours")
	})
}

func TestUseIsWrittenOnceAMinute(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		token := d.begin(staff.StaffSession, 7)
		seen := func() int64 {
			var at int64
			if err := d.Store.Read(t.Context()).Raw("SELECT seen_at FROM sessions").Row().Scan(&at); err != nil {
				t.Fatal(err)
			}
			return at
		}
		begun := seen()
		d.clock.Advance(time.Minute - time.Millisecond)
		d.wantSession(token, true, "within a minute")
		if at := seen(); at != begun {
			t.Errorf("written after %d ms", at-begun)
		}
		d.clock.Advance(time.Millisecond)
		d.wantSession(token, true, "after a minute")
		if at := seen(); at != begun+time.Minute.Milliseconds() {
			t.Errorf("after a minute last use reads %d ms", at-begun)
		}
	})
}

func TestEndEndsOneSession(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		leaves, stays := d.begin(staff.StaffSession, 7), d.begin(staff.StaffSession, 7)
		for range 2 { // ending none is no error
			if err := d.End(t.Context(), leaves); err != nil {
				t.Fatal(err)
			}
		}
		d.wantSession(leaves, false, "after its end")
		d.wantSession(stays, true, "after another's end")
	})
}

func TestSweepDeletesWhatIsOverAndNothingElse(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		sweep := func(want int64, when string) {
			t.Helper()
			if err := d.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := d.count("sessions"); n != want {
				t.Errorf("%s: %d sessions are left, want %d", when, n, want)
			}
		}
		busy := d.begin(staff.StaffSession, 7)
		d.begin(staff.PortalSession, 8) // never used
		d.clock.Advance(idle - time.Millisecond)
		d.wantSession(busy, true, "in use")
		sweep(2, "before anything is over")
		d.clock.Advance(time.Millisecond)
		sweep(1, "when one is idle")
		for range 10 {
			d.clock.Advance(time.Hour)
			d.wantSession(busy, d.clock.Now().Before(startPlus(absolute)), "in use")
		}
		sweep(0, "when the other is twelve hours old")
	})
}

func startPlus(d time.Duration) time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(d)
}

func TestOnlyTheHashOfATokenIsStored(t *testing.T) {
	onEach(t, func(t *testing.T, d *desk) {
		token := d.begin(staff.StaffSession, 7)
		var stored []byte
		if err := d.Store.Read(t.Context()).Raw("SELECT token_hash FROM sessions").Row().Scan(&stored); err != nil {
			t.Fatal(err)
		}
		if want := sha256.Sum256([]byte(token)); !bytes.Equal(stored, want[:]) {
			t.Errorf("stored %x, want %x", stored, want)
		}
		for _, f := range d.Store.Files() {
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(raw, []byte(token)) {
				t.Errorf("%s holds the token", f)
			}
		}
	})
}
