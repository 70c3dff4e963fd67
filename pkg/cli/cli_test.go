package cli

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"olivebranch/pkg/demo"
	"olivebranch/pkg/testkit"
)

// envProgram makes the test binary be the program, so that these tests see
// real processes with their exit codes, inputs and locks.
const envProgram = "OLIVEBRANCH_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(envProgram) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	code := Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// program is a command that has not started, on a data folder of the test's, or
// on the default one; no setting comes from outside.
func program(t *testing.T, data string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "OLIVEBRANCH_") {
			c.Env = append(c.Env, v)
		}
	}
	c.Env = append(c.Env, envProgram+"=1", "OLIVEBRANCH_ADDR=127.0.0.1:0")
	if data != "" {
		c.Env = append(c.Env, "OLIVEBRANCH_DATA="+data)
	}
	return c
}

type outcome struct {
	code       int
	out, words string
}

// run runs a command to its end.
func run(t *testing.T, data string, args ...string) outcome {
	t.Helper()
	return runWith(t, program(t, data, args...))
}

// longest bounds a command that should end by itself and does not.
const longest = 2 * time.Minute

func runWith(t *testing.T, c *exec.Cmd) outcome {
	t.Helper()
	var out, words bytes.Buffer
	c.Stdout, c.Stderr = &out, &words
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	limit := longest
	if testkit.Long() {
		limit *= 10 // of a million signatures
	}
	defer time.AfterFunc(limit, func() { _ = c.Process.Kill() }).Stop()
	err := c.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{c.ProcessState.ExitCode(), out.String(), words.String()}
}

// must runs a command that succeeds.
func must(t *testing.T, data string, args ...string) outcome {
	t.Helper()
	o := run(t, data, args...)
	o.wants(t, exitOK, "")
	return o
}

// wants fails the test unless the command ended so and said these words.
func (o outcome) wants(t *testing.T, code int, words string) {
	t.Helper()
	if o.code != code || !strings.Contains(o.words, words) {
		t.Fatalf("exit code %d, want %d; stderr should hold %q:\n%s", o.code, code, words, o.words)
	}
}

// read parses what a command printed with --json.
func read[T any](t *testing.T, o outcome) (v T) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(o.out))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("stdout is not the JSON expected: %v\n%s", err, o.out)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Fatalf("stdout holds more than JSON:\n%s", o.out)
	}
	return v
}

// seeded is a data folder with the demo's campaign.
func seeded(t *testing.T) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	must(t, data, "migrate")
	must(t, data, "seed")
	return data
}

// server is a running serve.
type server struct {
	url  string
	stop func() outcome
}

var serving = regexp.MustCompile(`(?m)(?:Serving |ready: )(http://localhost:\d+)`)

// serve starts a server and waits until it says where it is.
func serve(t *testing.T, data string, args ...string) *server {
	t.Helper()
	c := program(t, data, append([]string{"serve"}, args...)...)
	var out, words shared
	c.Stdout, c.Stderr = &out, &words
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	s := &server{stop: sync.OnceValue(func() outcome {
		_ = c.Process.Signal(syscall.SIGTERM)
		<-ended
		return outcome{c.ProcessState.ExitCode(), out.String(), words.String()}
	})}
	t.Cleanup(func() { s.stop() })
	testkit.Until(t, "the server", func() bool {
		if m := serving.FindStringSubmatch(words.String()); m != nil {
			s.url = m[1]
		}
		return s.url != "" || len(ended) > 0
	})
	if s.url == "" {
		t.Fatalf("the server ended: %s", words.String())
	}
	return s
}

func (s *server) addr() string { return strings.Replace(s.url, "http://localhost", "127.0.0.1", 1) }

// shared is a buffer for two goroutines.
type shared struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, args, words string
		code              int
	}{
		{"help", "--help", "", exitOK},
		{"help of a command", "staff add --help", "", exitOK},
		{"version", "version", "", exitOK},
		{"no command", "", "expected one of", exitUsage},
		{"an unknown command", "sreve", "sreve", exitUsage},
		{"an unknown flag", "version --loud", "unknown flag --loud", exitUsage},
		{"a word too many", "version 2", "unexpected argument 2", exitUsage},
		{"a missing argument", "partner suspend", "<slug>", exitUsage},
		{"a role that is none", "staff add a@b.test --role chief", "--role", exitUsage},
		{"an address without port", "version --addr localhost", "--addr", exitUsage},
		{"a base URL with a path", "version --base-url https://appeal.test/en", "--base-url", exitUsage},
		{"another database", "version --database mysql://localhost/x", "--database", exitUsage},
		{"mail without a sender", "version --smtp smtp://localhost", "--mail-from", exitUsage},
		{"a proxy that is no range", "version --trusted-proxies nginx", "--trusted-proxies", exitUsage},
		{"limits half on", "version --limits some", "--limits", exitUsage},
		{"no campaign", "verify", "no campaign in", exitFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := run(t, filepath.Join(t.TempDir(), "data"), strings.Fields(c.args)...)
			o.wants(t, c.code, c.words)
			if c.code != exitOK && o.out != "" {
				t.Errorf("words on stdout: %s", o.out)
			}
		})
	}
}

func TestVersionIsDataAndJSON(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if o := must(t, data, "version"); !strings.HasPrefix(o.out, "olivebranch ") || o.words != "" {
		t.Errorf("stdout %q, stderr %q", o.out, o.words)
	}
	facts := read[map[string]string](t, must(t, data, "version", "--json"))
	for _, name := range []string{"version", "go", "sqlite"} {
		if facts[name] == "" {
			t.Errorf("%s is empty in %v", name, facts)
		}
	}
}

func TestConfigHidesPasswords(t *testing.T) {
	t.Parallel()
	c := program(t, t.TempDir(), "config", "--database", "postgres://olive:hidden-1@db.test/olive?password=hidden-2", "--base-url", "https://appeal.test")
	c.Env = append(c.Env, "OLIVEBRANCH_SMTP=smtp://olive:hidden-3@mail.test:587", "OLIVEBRANCH_MAIL_FROM=Appeal <appeal@appeal.test>")
	o := runWith(t, c)
	o.wants(t, exitOK, "")
	settings := read[map[string]any](t, o)
	if strings.Contains(o.out+o.words, "hidden-") {
		t.Errorf("a password is shown:\n%s%s", o.out, o.words)
	}
	if settings["base-url"] != "https://appeal.test" || settings["mail-from"] != "Appeal <appeal@appeal.test>" {
		t.Errorf("flag or variable not taken: %v", settings)
	}
	for _, f := range flags(t) {
		if _, ok := settings[f.Name]; !ok {
			t.Errorf("--%s is not printed", f.Name)
		}
		delete(settings, f.Name)
	}
	if len(settings) > 0 {
		t.Errorf("printed, but no flags: %v", settings)
	}
}

func TestMigrateTwiceKeepsKeys(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	must(t, data, "migrate")
	before := keys(t, data)
	if o := must(t, data, "migrate"); o.out != "" {
		t.Errorf("words on stdout: %s", o.out)
	}
	if after := keys(t, data); len(before) != 3 || before != after {
		t.Error("the keys changed")
	}
}

// keys is what the three key files hold; each is readable by its owner only.
func keys(t *testing.T, data string) (all [3]string) {
	t.Helper()
	for i, name := range []string{"seal.key", "token.key", "mail.key"} {
		path := filepath.Join(data, "keys", name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		key, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = string(key)
	}
	return all
}

func TestVerifyNamesWhatDoesNotHold(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	o := must(t, data, "verify", "--json")
	if found := read[[]map[string]any](t, o); len(found) != 0 {
		t.Fatalf("a new demo: %v", found)
	}
	db, err := sql.Open("sqlite3", filepath.Join(data, "olivebranch.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("UPDATE tallies SET n = n + 1 WHERE kind = 'total'"); err != nil {
		t.Fatal(err)
	}
	o = run(t, data, "verify")
	o.wants(t, exitFailed, "findings")
	if !strings.Contains(o.out, "invariant 1: ") {
		t.Errorf("stdout does not name invariant 1:\n%s", o.out)
	}
	o = run(t, data, "verify", "--json")
	o.wants(t, exitFailed, "findings")
	if found := read[[]map[string]any](t, o); len(found) == 0 {
		t.Error("no finding in the JSON")
	}
}

func TestSeedTwiceSeedsOnce(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	before := must(t, data, "partner", "list").out
	must(t, data, "seed")
	if after := must(t, data, "partner", "list").out; before != after || before == "" {
		t.Errorf("the partners changed:\n%s\n%s", before, after)
	}
	must(t, data, "seed", "--signatures", "1500")
	must(t, data, "verify")
}

func TestPartners(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	state := func(key string, args ...string) string {
		t.Helper()
		for _, r := range read[[]partnerRow](t, must(t, data, append([]string{"partner", "list", "--json"}, args...)...)) {
			if r.Key == key {
				return r.State
			}
		}
		return ""
	}
	var slug string
	for _, r := range read[[]partnerRow](t, must(t, data, "partner", "list", "--json")) {
		if r.State == "active" {
			slug = r.Key
		}
	}
	must(t, data, "partner", "suspend", slug)
	if s := state(slug); s != "suspended" {
		t.Errorf("%s is %q after partner suspend", slug, s)
	}
	run(t, data, "partner", "suspend", "nobody-here").wants(t, exitFailed, "")

	waiting := read[[]partnerRow](t, must(t, data, "partner", "list", "--waiting", "--json"))
	if len(waiting) == 0 {
		t.Fatal("the demo has no application that waits")
	}
	reference := waiting[0].Key
	must(t, data, "partner", "approve", strings.ToLower(reference), "--slug", "newly-approved")
	if s := state("newly-approved"); s != "active" {
		t.Errorf("the new partner is %q", s)
	}
	if s := state(reference, "--waiting"); s != "" {
		t.Errorf("the approved application still waits: %q", s)
	}
	run(t, data, "partner", "approve", "OB-2026-ZZZZZZ").wants(t, exitFailed, "")
	must(t, data, "verify")
}

type accountRow struct{ Email, Name, Role, State string }

func TestStaff(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	must(t, data, "migrate")
	add := func(password string, args ...string) outcome {
		c := program(t, data, append([]string{"staff", "add"}, args...)...)
		c.Stdin = strings.NewReader(password)
		return runWith(t, c)
	}
	accounts := func() []accountRow {
		t.Helper()
		return read[[]accountRow](t, must(t, data, "staff", "list", "--json"))
	}
	if a := accounts(); len(a) != 0 {
		t.Errorf("a new campaign has staff: %v", a)
	}
	add("a sentence for testing\n", "mina@appeal.test", "--role", "admin", "--name", "Mina").wants(t, exitOK, "mina@appeal.test is admin now")
	add("a sentence for testing", "omar@appeal.test").wants(t, exitOK, "omar@appeal.test is reviewer now")
	add("a sentence for testing\n", "Mina@Appeal.test").wants(t, exitFailed, "")
	add("short\n", "noor@appeal.test").wants(t, exitFailed, "password")
	add("", "noor@appeal.test").wants(t, exitFailed, "password")
	add("a sentence for testing\n", "no address").wants(t, exitFailed, "email")
	must(t, data, "staff", "disable", "omar@appeal.test")
	run(t, data, "staff", "disable", "nobody@appeal.test").wants(t, exitFailed, "")
	run(t, data, "staff", "disable", "mina@appeal.test").wants(t, exitFailed, "last active administrator")
	run(t, data, "staff", "reset-factors", "mina@appeal.test").wants(t, exitOK, "mina@appeal.test signs in")
	run(t, data, "staff", "reset-factors", "nobody@appeal.test").wants(t, exitFailed, "no such account")
	states := map[string]string{}
	for _, a := range accounts() {
		states[a.Email] = a.Role + " " + a.State
	}
	if len(states) != 2 || states["mina@appeal.test"] != "admin active" || states["omar@appeal.test"] != "reviewer disabled" {
		t.Errorf("the accounts are %v", states)
	}
	if o := must(t, data, "staff", "list"); !strings.Contains(o.out, "mina@appeal.test") {
		t.Errorf("staff list reads %q", o.out)
	}
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	run(t, data, "healthcheck", "--addr", free).wants(t, exitFailed, "does not answer")

	s := serve(t, data)
	// A container listens on all addresses, and is asked on its own.
	everywhere := ":" + s.url[strings.LastIndex(s.url, ":")+1:]
	for _, addr := range []string{s.addr(), everywhere, "0.0.0.0" + everywhere} {
		run(t, data, "healthcheck", "--addr", addr).wants(t, exitOK, "ready")
	}
	s.stop().wants(t, exitOK, "")
	run(t, data, "healthcheck", "--addr", s.addr()).wants(t, exitFailed, "does not answer")
}

func TestFirstServeOffersTheFirstAccount(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, data)
	o := s.stop()
	o.wants(t, exitOK, s.url+"/console/first/")
	if o.out != "" {
		t.Errorf("words on stdout: %s", o.out)
	}
	keys(t, data)
	add := program(t, data, "staff", "add", "mina@appeal.test", "--role", "admin")
	add.Stdin = strings.NewReader("a sentence for testing\n")
	runWith(t, add).wants(t, exitOK, "")
	if o := serve(t, data).stop(); strings.Contains(o.words, "/console/first/") {
		t.Error("the link is offered although there is an account")
	}
}

func TestServeTakesTheFolderForItself(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, data)
	for _, command := range []string{"serve", "migrate", "seed"} {
		run(t, data, command).wants(t, exitFailed, "another olivebranch uses this data folder")
	}
	for _, command := range []string{"verify", "partner list", "staff list"} {
		must(t, data, strings.Fields(command)...) // these work beside it
	}
	s.stop().wants(t, exitOK, "")
	serve(t, data)
}

func TestServeRefusesADatabaseWithoutItsKeys(t *testing.T) {
	t.Parallel()
	for _, lost := range []string{"keys", "keys/seal.key", "keys/token.key", "keys/mail.key"} {
		t.Run(lost, func(t *testing.T) {
			t.Parallel()
			data := filepath.Join(t.TempDir(), "data")
			must(t, data, "migrate")
			if err := os.RemoveAll(filepath.Join(data, lost)); err != nil {
				t.Fatal(err)
			}
			run(t, data, "serve").wants(t, exitFailed, "keys are missing")
			if _, err := os.Stat(filepath.Join(data, lost)); err == nil {
				t.Error("new keys were made")
			}
		})
	}
}

func TestDemoKeepsAFolderOnlyIfAsked(t *testing.T) {
	t.Parallel()
	t.Run("kept", func(t *testing.T) {
		t.Parallel()
		data := filepath.Join(t.TempDir(), "data")
		serve(t, data, "--demo").stop().wants(t, exitOK, demo.StaffMail)
		before := must(t, data, "partner", "list").out
		serve(t, data, "--demo").stop().wants(t, exitOK, demo.StaffPassword)
		if after := must(t, data, "partner", "list").out; before != after || before == "" {
			t.Error("the demo was seeded again")
		}
	})
	t.Run("thrown away", func(t *testing.T) {
		t.Parallel()
		c := program(t, "", "serve", "--demo")
		temp := t.TempDir()
		c.Dir = temp
		c.Env = append(c.Env, "TMPDIR="+temp, "OLIVEBRANCH_ADDR=127.0.0.1:-1") // cannot listen, so it ends
		runWith(t, c).wants(t, exitFailed, "listen")
		left, err := os.ReadDir(temp)
		if err != nil {
			t.Fatal(err)
		}
		if len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}
