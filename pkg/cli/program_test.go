package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
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

	"olivebranch/pkg/testkit"
)

// envProgram makes the test binary be the program, so that these tests see
// real processes with their exit codes, inputs and locks.
const envProgram = "OLIVEBRANCH_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(envProgram) == "" {
		testkit.UnracedMain()
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	code := Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// program is a command that has not started, on a data folder of the test's, or
// on the default one; no setting comes from outside.
func program(t testing.TB, data string, args ...string) *exec.Cmd {
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
func run(t testing.TB, data string, args ...string) outcome {
	t.Helper()
	return runWith(t, program(t, data, args...))
}

// longest bounds a command that should end by itself and does not.
const longest = 2 * time.Minute

func runWith(t testing.TB, c *exec.Cmd) outcome {
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
func must(t testing.TB, data string, args ...string) outcome {
	t.Helper()
	o := run(t, data, args...)
	o.wants(t, exitOK, "")
	return o
}

// wants fails the test unless the command ended so and said these words.
func (o outcome) wants(t testing.TB, code int, words string) {
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
	pid  int
	stop func() outcome
}

var serving = regexp.MustCompile(`(?m)(?:Serving |ready: )(http://localhost:\d+)`)

// serve starts a server and waits until it says where it is.
func serve(t testing.TB, data string, args ...string) *server {
	t.Helper()
	c := program(t, data, append([]string{"serve"}, args...)...)
	var out, words testkit.Said
	c.Stdout, c.Stderr = &out, &words
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	s := &server{pid: c.Process.Pid, stop: sync.OnceValue(func() outcome {
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
