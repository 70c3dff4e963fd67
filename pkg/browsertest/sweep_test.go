package browsertest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
)

// burst lets so many sign from one domain, held for a reason, or counted.
func (d *desk) burst(n int, domain, doubt string) {
	d.Helper()
	for i := range n {
		row, err := d.app.Intake.Request(d.Context(), appeal.Form{Name: "Burst Example", Email: fmt.Sprintf("p%d@%s", i, domain), Country: "KR", Lang: "en",
			Consents: appeal.ConsentCount, Range: "198.51.100.0/24", Doubt: doubt})
		if err == nil {
			_, err = d.app.Intake.Confirm(d.Context(), row)
		}
		if err != nil {
			d.Fatal(err)
		}
	}
	d.app.Clock.Advance(time.Minute)
}

// counts waits until so many are counted.
func (d *desk) counts(n int64) {
	d.Helper()
	d.app.Until(fmt.Sprintf("%d to be counted, not %d", n, d.app.Tally.Total()), func() bool { return d.app.Tally.Total() == n })
	d.app.MustVerify()
}

// TestHeldSignaturesAreReleasedByKeys: a group with a key, and back with
// another; single ones after that.
func TestHeldSignaturesAreReleasedByKeys(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	total := d.app.Tally.Total()
	d.burst(5, "burst.example", appeal.ReasonDomain)
	d.burst(2, "quick.example", appeal.ReasonQuick)
	d.counts(total)
	d.me.open("/console/held?by=domain")
	d.me.reads("burst.example", "5 signatures")
	for range 3 { // past what the demo has
		if strings.Contains(eval[string](d.me, `() => document.querySelector(".opened h2").innerText`), "burst.example") {
			break
		}
		d.me.hit("j")
	}
	d.me.reads("Burst Example", "p…@burst.example")
	d.me.audit("held signatures")
	d.me.hit("a")
	d.me.reads("5 signatures are released and counted")
	d.counts(total + 5)
	d.me.hit("u")
	d.me.reads("Undone: 5 signatures are again what they were")
	d.counts(total)

	d.me.open("/console/held?by=reason")
	d.me.open("/console/held/one?by=reason&key=" + appeal.ReasonQuick)
	d.me.reads("Burst Example", "p…@quick.example")
	d.me.audit("held signatures, one by one")
	d.me.hit("d")
	d.me.reads("1 signature is invalid now")
	d.me.hit("a")
	d.me.reads("1 signature is released and counted")
	d.counts(total + 1)
}

// TestASweepIsPreviewedRunAndUndone with the mouse.
func TestASweepIsPreviewedRunAndUndone(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.burst(40, "burst.example", "")
	total := d.app.Tally.Total()
	d.me.open("/console/sweeps")
	d.me.fill("domains", "burst.example", "name", "bürst ex", "words", "A burst at noon.")
	eval[bool](d.me, `() => { document.getElementById("f-target-held").click(); document.getElementById("f-reason").value = "domain"; return true }`)
	d.me.press("main form button", d.say("sweeps.preview"))
	d.me.reads("40 signatures would move", "Burst Example", "p…@burst.example", "A burst at noon.")
	d.me.audit("a sweep, previewed")
	d.counts(total)
	d.me.press("main button", d.say("sweeps.run.held", "N", 40))
	d.me.reads("Done: 40 signatures were moved")
	d.counts(total - 40)
	d.me.audit("a sweep, done")
	d.me.press("main button", d.say("sweeps.undo"))
	d.me.reads("Undone: 40 signatures are again what they were")
	d.counts(total)
}

// TestARunningSweepRenewsItself while somebody looks.
func TestARunningSweepRenewsItself(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.burst(3, "burst.example", appeal.ReasonDomain)
	// Another copy of the program has it, and is slow.
	wait := d.app.Clock.Now().Add(time.Hour).UnixMilli()
	id, err := d.app.Sweeps.Decide(d.Context(), appeal.Wish{Rule: appeal.Rule{State: appeal.Held, Reason: appeal.ReasonDomain}, To: appeal.Mark{State: appeal.Counted}, Until: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.app.Sweeps.Await(d.Context(), id, time.Minute); err != nil {
		t.Fatal(err)
	}
	set := func(columns string, args ...any) {
		t.Helper()
		if err := d.app.Store.Exec(d.Context(), "UPDATE sweeps SET "+columns+" WHERE id = ?", append(args, id)...); err != nil {
			t.Fatal(err)
		}
	}
	set("state = 'running', lease_until = ?, expected = 100, moved = 7", wait)
	d.me.open(fmt.Sprintf("/console/sweeps/%d", id))
	d.me.reads("Moving: 7 of 100 so far")
	says := func(words string) {
		t.Helper()
		d.me.until(words, func() bool {
			return strings.Contains(eval[string](d.me, `() => document.getElementById("sweep-progress")?.innerText ?? ""`), words)
		})
	}
	set("moved = 42")
	says("Moving: 42 of 100 so far")
	set("state = 'cancelled', moved = 0")
	says("This was given up")
}
