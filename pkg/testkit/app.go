package testkit

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/mailer"
	"olivebranch/pkg/staff"
)

// Clock stands still until it is told otherwise.
type Clock struct{ ms atomic.Int64 }

// Start is the moment at which a frozen clock stands.
var Start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// NewClock stands at Start.
func NewClock() *Clock {
	c := &Clock{}
	c.ms.Store(Start.UnixMilli())
	return c
}

// Now is the time shown.
func (c *Clock) Now() time.Time { return time.UnixMilli(c.ms.Load()).UTC() }

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// App is the whole program, running.
type App struct {
	*app.App
	Clock *Clock
	Mail  *mailer.Catcher
	t     testing.TB
}

// Run opens and runs the program with these settings and stops it after the
// test. Its clock stands at Start, its mail is caught, and no other site exists.
func Run(t testing.TB, c *config.Config, options ...func(*app.Options)) *App {
	t.Helper()
	clock, caught := NewClock(), &mailer.Catcher{}
	o := app.Options{Now: clock.Now, Mail: caught, Outside: nowhere{}}
	for _, set := range options {
		set(&o)
	}
	ctx, stop := context.WithCancel(context.Background())
	a, err := app.Open(ctx, c, o)
	if err != nil {
		stop()
		t.Fatalf("open: %v", err)
	}
	a.Staff.Cost = LightCost
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := a.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return &App{App: a, Clock: clock, Mail: caught, t: t}
}

// Demo runs the program with the demo's data.
func Demo(t testing.TB, options ...func(*app.Options)) *App {
	t.Helper()
	c := SQLite(t)
	c.Demo = true
	a := Run(t, c, options...)
	a.Clock.Advance(time.Second) // past the ids the seeding made in one moment
	return a
}

// Password is that of every account AddStaff makes.
const Password = "a sentence for testing"

// LightCost spares tests the work of hashing passwords, which is not what
// they are about.
var LightCost = staff.Cost{Memory: 64, Time: 1, Lanes: 1}

// AddStaff makes a staff account.
func (a *App) AddStaff(email string, role staff.Role) *staff.Account {
	a.t.Helper()
	who, err := a.Staff.Add(context.Background(), staff.NewAccount{Email: email, Name: "Tester", Password: Password, Lang: "en", Role: role}, audit.Actor{Kind: audit.Operator})
	if err != nil {
		a.t.Fatalf("add staff %s: %v", email, err)
	}
	return who
}

// Enter is a client in which somebody of the staff is signed in, with both
// steps taken.
func (a *App) Enter(who *staff.Account) *Client {
	a.t.Helper()
	token, err := a.Staff.BeginWhole(context.Background(), who.ID, staff.ByTOTP, "")
	if err != nil {
		a.t.Fatalf("enter as %s: %v", who.Email, err)
	}
	c := a.Client()
	c.http.Jar.SetCookies(a.BaseURL, []*http.Cookie{{Name: "__Host-staff", Value: token, Path: "/", Secure: true}})
	return c
}

// LetterTo waits for the newest letter to an address whose subject holds the
// words, and returns it.
func (a *App) LetterTo(to, words string) mailer.Caught {
	a.t.Helper()
	var found mailer.Caught
	a.Until("a letter to "+to+" about "+words, func() bool {
		for _, l := range a.Mail.Letters() {
			if l.To == to && strings.Contains(l.Subject, words) {
				found = l
				return true
			}
		}
		return false
	})
	return found
}

// Until waits for a condition, at most a minute.
func (a *App) Until(what string, so func() bool) {
	a.t.Helper()
	Until(a.t, what, so)
}

// Until waits for a condition, at most a minute: machines that run tests are
// shared and slow.
func Until(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if so() {
			return
		}
		<-time.After(5 * time.Millisecond)
	}
	t.Fatalf("waited in vain for %s", what)
}

// MustVerify fails the test when an invariant does not hold.
func (a *App) MustVerify() {
	a.t.Helper()
	found, err := a.Verify(context.Background())
	if err != nil {
		a.t.Fatal(err)
	}
	for _, f := range found {
		a.t.Errorf("invariant %d: %s: %s", f.Invariant, f.Row, f.Problem)
	}
}
