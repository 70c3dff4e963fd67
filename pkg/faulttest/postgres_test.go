package faulttest

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

// postgres is a server of this test's own, with its default settings: fsync is
// on.
type postgres struct {
	t    testing.TB
	bin  string
	dir  string
	as   *user.User // who runs it; nil for ourselves
	port int
}

func newPostgres(t testing.TB) *postgres {
	t.Helper()
	pg := &postgres{t: t, bin: findPostgres(t), dir: filepath.Join(t.TempDir(), "cluster"), port: freePort(t)}
	if err := os.Mkdir(pg.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 { // initdb refuses to run as root
		pg.hireUser()
	}
	pg.must("initdb", "-D", pg.dir, "-U", "postgres", "-A", "trust", "--no-instructions")
	pg.start()
	t.Cleanup(func() { _, _ = pg.run("pg_ctl", "-D", pg.dir, "stop", "-m", "immediate") })
	return pg
}

// findPostgres is the folder of the server's programs, which Debian keeps out
// of the path.
func findPostgres(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		testkit.Missing(t, "postgres", "install PostgreSQL (Debian: apt-get install postgresql) to stop its server under load")
	}
	return filepath.Dir(found[len(found)-1])
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// hireUser gives the folder to another user than root.
func (pg *postgres) hireUser() {
	pg.t.Helper()
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			pg.as = u
			break
		}
	}
	if _, err := exec.LookPath("runuser"); err != nil || pg.as == nil {
		testkit.Missing(pg.t, "postgres", "run as another user than root, or install util-linux, to start a PostgreSQL server")
	}
	uid, _ := strconv.Atoi(pg.as.Uid)
	gid, _ := strconv.Atoi(pg.as.Gid)
	if err := os.Chown(pg.dir, uid, gid); err != nil {
		pg.t.Fatal(err)
	}
	for dir := filepath.Dir(pg.dir); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) { // let them pass
		if info, err := os.Stat(dir); err == nil {
			_ = os.Chmod(dir, info.Mode()|fs.FileMode(0o011))
		}
	}
}

func (pg *postgres) run(program string, args ...string) (string, error) {
	args = append([]string{filepath.Join(pg.bin, program)}, args...)
	if pg.as != nil {
		args = append([]string{"runuser", "-u", pg.as.Username, "--"}, args...)
	}
	c := exec.Command(args[0], args[1:]...)
	c.Dir = pg.dir
	out, err := c.CombinedOutput()
	return string(out), err
}

func (pg *postgres) must(program string, args ...string) {
	pg.t.Helper()
	if out, err := pg.run(program, args...); err != nil {
		pg.t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

func (pg *postgres) start() {
	pg.t.Helper()
	pg.must("pg_ctl", "-D", pg.dir, "-w", "-s", "-l", filepath.Join(pg.dir, "log"),
		"-o", fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories=", pg.port), "start")
}

// stopNow stops the server as a power cut does for it.
func (pg *postgres) stopNow() {
	pg.t.Helper()
	pg.must("pg_ctl", "-D", pg.dir, "-s", "-m", "immediate", "stop")
}

func (pg *postgres) url() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", pg.port)
}

// freeLeases lets the mails go out at once that were claimed by a transaction
// whose commit nobody could hear of; they would go a quarter of an hour later.
func (pg *postgres) freeLeases() {
	pg.t.Helper()
	s, err := store.Open(pg.t.Context(), store.Options{URL: pg.url(), Now: time.Now})
	if err != nil {
		pg.t.Fatal(err)
	}
	defer s.Close()
	if err := s.Exec(pg.t.Context(), "UPDATE outbox SET lease_until = 0 WHERE state = 'waiting' AND lease_until > 0"); err != nil {
		pg.t.Fatal(err)
	}
}

func TestNothingAcknowledgedIsLostWhenPostgreSQLIsStopped(t *testing.T) {
	t.Parallel()
	pg := newPostgres(t)
	began := time.Now()
	mails := openPost(t)
	people := newCrowd(mails)
	p := newProgram(t, mails, filepath.Join(t.TempDir(), "data"))
	p.flags = append(p.flags, "--database", pg.url())
	p.start()
	n := 3
	if testkit.Long() {
		n = 60
	}
	for round := 1; round <= n; round++ {
		stopUnderLoad(t, pg, p, people)
		pg.start()
		p.mustBecome(http.StatusOK) // the same program
		pg.freeLeases()
		for _, wrong := range people.check(p, round == n) {
			t.Errorf("round %d: %s", round, wrong)
		}
		if t.Failed() {
			t.Fatalf("the program said:\n%s", p.log)
		}
	}
	people.figures(t, fmt.Sprintf("PostgreSQL stopped %d times", n), began)
	if errors, most := strings.Count(p.log.String(), "level=ERROR"), 6+3*int(time.Since(began)/time.Minute+1); errors > most {
		t.Errorf("the log has %d errors, want at most %d:\n%.5000s", errors, most, p.log)
	}
	p.stop()
}

// stopUnderLoad stops the server at a moment after some acknowledgements, and
// looks at what the program answers without it.
func stopUnderLoad(t *testing.T, pg *postgres, p *program, people *crowd) {
	t.Helper()
	var over flag
	target := people.acks.Load() + 20 + rand.Int64N(60)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		people.run(p, visitors, &over)
	}()
	testkit.Until(t, "people to be acknowledged", func() bool { return people.acks.Load() >= target })
	pg.stopNow()
	people.mails.raise(&over)
	<-gone
	g := &guests{client: &client{program: p, mails: people.mails, over: &flag{}, acks: &people.acks}, people: people}
	g.refused(t, people.bring(sign), sign)
	g.refusedInEachLanguage(t)
	for path, want := range map[string]int{"/en/": 200, "/ar/partners": 200, "/embed/all?layout=bar": 200, "/embed/all/tally.json": 200, "/embed/all/bar.svg": 200,
		"/healthz": 200} {
		if a, err := p.get(path); err != nil || a.status != want {
			t.Errorf("without PostgreSQL %s: status %d, %v, want %d", path, a.status, err, want)
		}
	}
	p.mustBecome(http.StatusServiceUnavailable)
	for someone := range people.touched { // a page that must read the database says why it cannot
		if l, _ := people.mails.different(someone.mail); len(l) > 0 {
			if a, err := p.get("/en/signature/" + l[0].view); err != nil || a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
				t.Errorf("without PostgreSQL a person's page: status %d, %v, want 503", a.status, err)
			}
			break
		}
	}
}
