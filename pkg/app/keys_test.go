package app_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// beside opens the campaign as a command in another process does.
func beside(t *testing.T, a *testkit.App) *app.Core {
	t.Helper()
	o, err := app.OpenCore(t.Context(), a.Config, a.Clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.Close() })
	return o
}

// values opens every sealed value there is: by column, then by row.
func values(t *testing.T, o *app.Core) map[string]map[int64]string {
	t.Helper()
	all := map[string]map[int64]string{}
	for _, c := range app.SealedColumns() {
		var rows []struct {
			ID     int64
			Sealed []byte
		}
		if err := o.Store.Read(t.Context()).Table(c.Table).Select("id, " + c.Name + " AS sealed").Where(c.Name + " IS NOT NULL").Scan(&rows).Error; err != nil {
			t.Fatal(err)
		}
		column := c.Table + "." + c.Name
		all[column] = map[int64]string{}
		for _, r := range rows {
			plain, err := o.Keys.Open(c.Binding, r.ID, r.Sealed)
			if err != nil {
				t.Fatalf("%s of row %d: %v", column, r.ID, err)
			}
			all[column][r.ID] = string(plain)
		}
	}
	return all
}

// fillSealed puts something into every sealed column.
func fillSealed(t *testing.T, a *testkit.App) {
	t.Helper()
	a.AddPartner("한빛 합창단", "hanbit")
	a.AddStaff("staff@example.org", staff.Reviewer)
	link := a.Sign("/ko/sign?via=hanbit", "민아", "mina@example.org")
	a.Client().Get(link).Submit(path(link))
	a.Sign("/ar/sign", "ليلى", "layla@example.org")
	applications, err := a.Registry.Inbox(t.Context(), registry.InboxQuery{States: registry.States, Most: 1})
	if err != nil || len(applications) == 0 {
		t.Fatalf("no application: %v", err)
	}
	for _, insert := range []string{
		"INSERT INTO notes (id, subject, subject_id, author_kind, author_id, body, lang, created_at) VALUES (71, 'application', %d, 'reader', 0, 'known to me', 'en', 1)",
		"INSERT INTO letters (id, subject, subject_id, kind, lang, created_at) VALUES (72, 'application', %d, 'application_received', 'en', 1)",
	} {
		if err := a.Store.Exec(t.Context(), fmt.Sprintf(insert, applications[0].ID)); err != nil {
			t.Fatal(err)
		}
	}
	_, err = a.Sweeps.Preview(t.Context(), appeal.Wish{Rule: appeal.Rule{Typed: appeal.Typed{Name: "ليلى"}}, To: appeal.Mark{State: appeal.Invalid, Reason: appeal.ReasonNames}})
	if err != nil {
		t.Fatal(err)
	}
	a.Until("the mails are sent", func() bool { n, err := a.Outbox.Waiting(t.Context()); return err == nil && n == 0 })
	for column, filled := range values(t, a.Core) {
		table, name, _ := strings.Cut(column, ".")
		if len(filled) > 0 {
			continue
		}
		var row int64
		if err := a.Store.Read(t.Context()).Table(table).Select("max(id)").Scan(&row).Error; err != nil || row == 0 {
			t.Fatalf("%s has no row: %v", table, err)
		}
		for _, c := range app.SealedColumns() {
			if c.Table == table && c.Name == name {
				if err := a.Store.Exec(t.Context(), "UPDATE "+table+" SET "+name+" = ? WHERE id = ?", a.Keys.Seal(c.Binding, row, []byte(`{"planted":"يوسف"}`)), row); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// uses is how many values need each version of the sealing keys.
func uses(t *testing.T, o *app.Core) map[int]int64 {
	t.Helper()
	all, err := o.KeyUses(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	byVersion := map[int]int64{}
	for _, u := range all {
		if u.Ring == seal.SealRing {
			byVersion[u.Version] = u.Values
		}
	}
	return byVersion
}

// rested lets the keys be as they are for a while.
func rested(t *testing.T, a *testkit.App) {
	t.Helper()
	then := a.Clock.Now().Add(-time.Hour)
	for _, name := range []string{"seal.key", "token.key"} {
		if err := os.Chtimes(filepath.Join(a.Config.KeysPath(), name), then, then); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAfterARotationEverySealedValueIsSealedAnew(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		fillSealed(t, a)
		before := values(t, a.Core)
		for column, filled := range before {
			if len(filled) == 0 {
				t.Fatalf("%s is empty, so this shows nothing", column)
			}
		}
		other := beside(t, a)
		if v, err := other.RotateKeys(t.Context(), seal.SealRing, operator); err != nil || v != 2 {
			t.Fatalf("version %d, %v", v, err)
		}
		a.Until("the running program knows the new key", func() bool { return a.Keys.Newest(seal.SealRing) == 2 })
		old := uses(t, other)[1]
		if old < int64(len(before)) {
			t.Fatalf("%d values of the old key in %d columns", old, len(before))
		}
		if err := other.RetireKey(t.Context(), seal.SealRing, 1, operator); !errors.Is(err, app.ErrKeyFresh) {
			t.Errorf("retired at once: %v, want ErrKeyFresh", err)
		}
		rested(t, a)
		if err := other.RetireKey(t.Context(), seal.SealRing, 1, operator); !errors.Is(err, app.ErrKeyUsed) {
			t.Errorf("retired while rows need it: %v, want ErrKeyUsed", err)
		}
		if err := a.Jobs.RunDue(t.Context()); err != nil { // what the schedule does twice a minute
			t.Fatal(err)
		}
		if got := uses(t, other); got[1] != 0 || got[2] < old {
			t.Errorf("after sealing anew %v, want none of key 1", got)
		}
		if n, err := a.Reseal(t.Context()); n != 0 || err != nil {
			t.Errorf("once more: %d values, %v", n, err)
		}
		rested(t, a)
		if err := other.RetireKey(t.Context(), seal.SealRing, 1, operator); err != nil {
			t.Fatal(err)
		}
		a.Until("the running program forgets the old key", func() bool { return len(a.Keys.Versions(seal.SealRing)) == 1 })
		after := values(t, a.Core)
		for column, rows := range before {
			for row, plain := range rows {
				if after[column][row] != plain {
					t.Errorf("%s of row %d was %q and is %q", column, row, plain, after[column][row])
				}
			}
		}
		a.MustVerify()
	})
}

func TestSealingAnewGoesOnWhereItWasStopped(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		if err := app.Migrate(t.Context(), c, testkit.NewClock().Now); err != nil {
			t.Fatal(err)
		}
		a, err := app.OpenCore(t.Context(), c, testkit.NewClock().Now) // no program runs that would help
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		const people = 1200
		if err := a.AddSignatures(t.Context(), people, func(int) {}); err != nil {
			t.Fatal(err)
		}
		if _, err := a.RotateKeys(t.Context(), seal.SealRing, operator); err != nil {
			t.Fatal(err)
		}
		want := uses(t, a)[1]
		column := app.SealedColumns()[0]
		first, last, more, err := app.ResealChunk(a, t.Context(), column, 0)
		if first != 500 || !more || err != nil {
			t.Fatalf("the first transaction did %d values, more %v, %v", first, more, err)
		}
		second, _, _, err := app.ResealChunk(a, t.Context(), column, last)
		if second != 500 || err != nil {
			t.Fatalf("the second transaction did %d values, %v", second, err)
		}
		rest, err := a.Reseal(t.Context()) // as after a restart
		if err != nil || rest != want-1000 || want < 2*people {
			t.Errorf("%d values were left of %d, %v", rest, want, err)
		}
		if left := uses(t, a)[1]; left != 0 {
			t.Errorf("%d values are sealed with the old key", left)
		}
		if found, err := a.Verify(t.Context()); err != nil || len(found) > 0 {
			t.Errorf("%v, %v", found, err)
		}
	})
}

func TestLinksAndCodesOnTheirWayOutliveARotation(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		linked := a.Sign("/en/sign", "Mina Example", "mina@example.org")
		coded := a.Client().Get("/en/sign").Submit("/en/sign", testkit.SignForm("Omar Example", "omar@example.org")...)
		letter := a.LetterTo("omar@example.org", "")
		code := regexp.MustCompile(`\b\d{6}\b`).FindString(letter.Text)
		if code == "" {
			t.Fatalf("no code in %s", letter.Text)
		}
		view := a.Link("mina@example.org", "", "/signature/")
		other := beside(t, a)
		for range 2 {
			if _, err := other.RotateKeys(t.Context(), seal.TokenRing, operator); err != nil {
				t.Fatal(err)
			}
		}
		a.Until("the running program knows the new key", func() bool { return a.Keys.Newest(seal.TokenRing) == 3 })
		a.Client().Get(linked).Submit("") // the page has a link of the newest key
		coded.Submit(coded.URL.Path, "code", code)
		if n := a.Tally.Total(); n != 2 {
			t.Errorf("%d signatures, want those of the old link and the old code", n)
		}
		if p := a.Client().Get(view); p.Status != 200 {
			t.Errorf("the old link to a signature: status %d", p.Status)
		}
		rested(t, a)
		for _, version := range []int{1, 2} {
			if err := other.RetireKey(t.Context(), seal.TokenRing, version, operator); err != nil {
				t.Fatal(err)
			}
		}
		a.Until("the running program forgets the old keys", func() bool { return len(a.Keys.Versions(seal.TokenRing)) == 1 })
		if p := a.Client().Get(view); p.Status != 404 && p.Status != 410 {
			t.Errorf("a link of a retired key: status %d", p.Status)
		}
		trail, _, err := a.Trail.Newest(t.Context(), "keys", 0, 10)
		var deeds []string
		for _, e := range trail {
			deeds = append(deeds, e.Action+e.Before+e.After)
		}
		if got := strings.Join(deeds, " "); err != nil || got != `keys.rotated{"ring":"token","version":2} keys.rotated{"ring":"token","version":3}`+
			` keys.retired{"ring":"token","version":1} keys.retired{"ring":"token","version":2}` {
			t.Errorf("the trail says %s, %v", got, err)
		}
		a.MustVerify()
	})
}

// People sign all the while, in two programs that share the keys; run it with
// the race detector.
func TestNobodyIsLostWhenKeysRotateUnderLoad(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		other := beside(t, a)
		var stop atomic.Bool
		var signed atomic.Int64
		var group sync.WaitGroup
		for n := range 4 {
			group.Go(func() {
				for i := 0; !stop.Load() || i < 5; i++ {
					mail := fmt.Sprintf("person-%d-%d@example.org", n, i)
					row, err := a.Intake.Request(t.Context(), appeal.Form{Name: "Mina Example", Email: mail, Country: "KR", Lang: "en",
						Consents: appeal.ConsentCount, Range: "192.0.2.0/24"})
					if err != nil {
						t.Errorf("%s signs: %v", mail, err)
						return
					}
					token := other.Keys.Token(seal.Token{Purpose: seal.ConfirmSignature, Row: row})
					got, err := a.Keys.Parse(seal.ConfirmSignature, token, a.Clock.Now())
					if err != nil || got.Row != row {
						t.Errorf("the link of %s: %v, %v", mail, got, err)
						return
					}
					outcome, err := a.Intake.EnterCode(t.Context(), row, other.Keys.Code(row))
					if errors.Is(err, appeal.ErrCode) { // the other program is a moment ahead
						outcome, err = a.Intake.Confirm(t.Context(), row)
					}
					if err != nil || outcome != appeal.OutcomeConfirmed {
						t.Errorf("%s confirms: %s, %v", mail, outcome, err)
						return
					}
					signed.Add(1)
				}
			})
		}
		for i := range 6 {
			who := []*app.Core{a.Core, other}[i%2]
			if _, err := who.RotateKeys(t.Context(), []string{seal.SealRing, seal.TokenRing}[i/2%2], operator); err != nil {
				t.Error(err)
			}
			if _, err := who.Reseal(t.Context()); err != nil {
				t.Error(err)
			}
		}
		stop.Store(true)
		group.Wait()
		a.Until("the running program knows the newest key", func() bool { return a.Keys.Newest(seal.SealRing) == 5 })
		if _, err := a.Reseal(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := uses(t, a.Core); got[1]+got[2]+got[3]+got[4] != 0 {
			t.Errorf("values left behind: %v", got)
		}
		if n := a.Tally.Total(); n != signed.Load() || n < 20 {
			t.Errorf("%d counted, %d confirmed", n, signed.Load())
		}
		a.MustVerify()
	})
}
