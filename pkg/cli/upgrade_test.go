package cli

import (
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/testkit"
)

// replaced are columns that an upgrade gave up for others: terms_id says what
// these said, which verify checks.
var replaced = []string{"text_version", "consent_version"}

func TestAnOlderCampaignIsBroughtUpToDateAndGoesOn(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, c *config.Config) {
		facts := unpackOlder(t, c)
		s := opened(t, c)
		old := tables(t, s)
		for i := range old {
			old[i].columns = slices.DeleteFunc(old[i].columns, func(column string) bool { return slices.Contains(replaced, column) })
		}
		before := content(t, s, old)
		for name, sum := range before {
			if strings.HasPrefix(sum, "0 ") {
				t.Errorf("the older %s is empty, so nothing is shown of it", name)
			}
		}
		mustOn(t, c, "migrate")
		s = opened(t, c)
		after := content(t, s, old)
		delete(before, "migrations")
		for name, sum := range before {
			if after[name] != sum {
				t.Errorf("the upgrade changed what was in %s: %s, then %s", name, sum, after[name])
			}
		}
		fresh := testkit.SQLite(t)
		if c.Postgres() {
			fresh = testkit.PostgresDatabase(t)
		}
		mustOn(t, fresh, "migrate")
		if have, want := shape(t, s), shape(t, opened(t, fresh)); have != want {
			t.Errorf("the schema is\n%s\nwant that of a new campaign\n%s", have, want)
		}
		whole := content(t, s, tables(t, s))
		mustOn(t, c, "migrate")
		if again := content(t, s, tables(t, s)); !maps.Equal(again, whole) {
			t.Errorf("a second upgrade changed rows: %v, then %v", whole, again)
		}
		mustOn(t, c, "verify")
		olderGoesOn(t, c, facts)
		mustOn(t, c, "verify")
	})
}

// olderGoesOn uses what the older program had put into mails.
func olderGoesOn(t *testing.T, c *config.Config, facts olderFacts) {
	t.Helper()
	a := testkit.Run(t, c)
	a.Clock.Advance(time.Hour)
	total := a.Tally.Total()
	if total == 0 {
		t.Fatal("the older campaign counts nobody")
	}
	visitor := a.Client()
	if p := visitor.Get(facts.Confirmed); p.Status != 200 || !p.Has("김민아") {
		t.Errorf("the page of a signature: status %d: %s", p.Status, p.Text())
	}
	for name, link := range map[string]string{"forgotten": facts.Forgotten, "withdrawn": facts.Withdrawn} {
		if p := visitor.Get(link); p.Status >= 500 || p.Has("박서준") || p.Has("يوسف") {
			t.Errorf("the page of a %s signature: status %d: %s", name, p.Status, p.Text())
		}
	}
	if p := visitor.Get(facts.WaitingLink).Submit(""); p.Status != 200 || a.Tally.Total() != total+1 {
		t.Errorf("the link that waited: status %d, %d counted after %d: %s", p.Status, a.Tally.Total(), total, p.Text())
	}
	var waiting []int64
	if err := a.Store.Read(t.Context()).Table("sign_requests").Where("state = 'pending'").Pluck("id", &waiting).Error; err != nil || len(waiting) != 1 {
		t.Fatalf("%d requests wait, %v", len(waiting), err)
	}
	if outcome, err := a.Intake.EnterCode(t.Context(), waiting[0], facts.Code); outcome != appeal.OutcomeConfirmed || err != nil {
		t.Errorf("the code that waited: %s, %v", outcome, err)
	}
	link := a.Sign("/ko/sign?via=hanbit", "이하나", "hana@example.org")
	visitor.Get(link).Submit("")
	if n := a.Tally.Total(); n != total+3 {
		t.Errorf("%d counted, want %d", n, total+3)
	}
	if p := visitor.Get("/ar/partners/hanbit"); p.Status != 200 || !p.Has("Белый тополь") {
		t.Errorf("the partner's page: status %d: %s", p.Status, p.Text())
	}
	a.MustVerify()
}

// Whenever the program is killed while it brings an older database up to date,
// the next start finishes it, with the same result.
func TestAnUpgradeThatIsKilledIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, whole *config.Config) {
		unpackOlder(t, whole)
		began := time.Now()
		mustOn(t, whole, "migrate")
		took := time.Since(began)
		s := opened(t, whole)
		want, wantShape := content(t, s, tables(t, s)), shape(t, s)
		rounds, halfway := 5, 0
		if whole.Postgres() {
			rounds = 2 // a new database takes its time
		}
		if testkit.Long() {
			rounds *= 12
		}
		// A machine that is busy now and idle then may be done before each kill.
		for i := 0; i < rounds || halfway == 0 && i < 4*rounds; i++ {
			c := again(t, whole)
			unpackOlder(t, c)
			p := on(t, c, "migrate")
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			stop := time.AfterFunc(took*time.Duration(i%rounds+1)/time.Duration(rounds), func() { _ = p.Process.Kill() })
			if p.Wait() != nil {
				halfway++
			} else {
				took = took * 2 / 3 // it was done before: kill earlier
			}
			stop.Stop()
			finishUpgrade(t, c, want, wantShape)
		}
		if halfway == 0 {
			t.Error("no upgrade was killed on its way")
		}
		t.Logf("%d of %d upgrades were killed on their way", halfway, rounds)
	})
}

// again is the settings of another campaign of the same kind.
func again(t *testing.T, c *config.Config) *config.Config {
	t.Helper()
	if c.Postgres() {
		return testkit.PostgresDatabase(t)
	}
	return testkit.SQLite(t)
}

func finishUpgrade(t *testing.T, c *config.Config, want map[string]string, wantShape string) {
	t.Helper()
	mustOn(t, c, "migrate")
	s := opened(t, c)
	if have := content(t, s, tables(t, s)); !maps.Equal(have, want) {
		t.Errorf("after a kill the rows are %v, want %v", have, want)
	}
	if shape(t, s) != wantShape {
		t.Error("after a kill the schema is another")
	}
	mustOn(t, c, "verify")
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// The same at the N-th call of the system that changes the disk, from the
// first to the last, in strides. strace counts the calls of each thread.
func TestAnUpgradeThatIsKilledAtAnyWriteIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("strace"); err != nil {
		testkit.Missing(t, "strace", "install strace to kill an upgrade at each of its writes")
	}
	whole := testkit.SQLite(t)
	unpackOlder(t, whole)
	mustOn(t, whole, "migrate")
	s := opened(t, whole)
	want, wantShape := content(t, s, tables(t, s)), shape(t, s)
	killed := 0
	for n := 1; ; {
		c := testkit.SQLite(t)
		unpackOlder(t, c)
		p := on(t, c, "migrate")
		const calls = "pwrite64,fdatasync,fsync,ftruncate,unlink,unlinkat"
		p.Args = append([]string{"strace", "-f", "-qq", "-o", os.DevNull, "-e", "trace=" + calls, "-e", "inject=" + calls + ":signal=KILL:when=" + strconv.Itoa(n)}, p.Args...)
		p.Args[9] = p.Path
		path, err := exec.LookPath("strace")
		if err != nil {
			t.Fatal(err)
		}
		p.Path = path
		o := runWith(t, p)
		finishUpgrade(t, c, want, wantShape)
		if o.code == exitOK {
			break
		}
		killed++
		if n += 2 + n/2; testkit.Long() {
			n = killed + 1
		}
	}
	if killed < 5 {
		t.Errorf("only %d upgrades were killed", killed)
	}
	t.Logf("%d upgrades were killed at a write", killed)
}

// A program that finds migrations it does not know keeps its hands off.
func TestAnOlderProgramRefusesANewerDatabase(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, c *config.Config) {
		mustOn(t, c, "migrate")
		if err := opened(t, c).Exec(t.Context(), "INSERT INTO migrations (id) VALUES ('9999-later')"); err != nil {
			t.Fatal(err)
		}
		for _, command := range []string{"serve", "migrate", "verify"} {
			runWith(t, on(t, c, command)).wants(t, exitFailed, "made by a newer olivebranch (migration 9999-later)")
		}
	})
}
