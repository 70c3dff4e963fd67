package faulttest

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

// workshop is where the binaries of a run are built.
var workshop string

func TestMain(m *testing.M) {
	testkit.UnracedMain()
	var err error
	if workshop, err = os.MkdirTemp("", "olivebranch-fault-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(workshop)
	os.Exit(code)
}

// real is the program as it is shipped, built once.
var real = sync.OnceValues(func() (string, error) { return build("olivebranch") })

func build(name string, flags ...string) (string, error) {
	path := filepath.Join(workshop, name)
	args := append([]string{"build", "-o", path}, flags...)
	if out, err := exec.Command("go", append(args, "olivebranch/cmd/olivebranch")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
}

// program is a binary with its settings, started again and again on the same
// data.
type program struct {
	t      testing.TB
	binary string
	data   string
	flags  []string
	env    []string

	cmd  *exec.Cmd
	base string // http://127.0.0.1:PORT
	log  *testkit.Said
	dead chan struct{}
	http *http.Client

	inside *testkit.App // when the program runs in this process
}

// newProgram is the shipped program on an empty data folder, with mail going
// to the post.
func newProgram(t testing.TB, p *post, data string) *program {
	t.Helper()
	binary, err := real()
	if err != nil {
		t.Fatal(err)
	}
	return &program{t: t, binary: binary, data: data, flags: []string{"--data", data, "--addr", "127.0.0.1:0", "--limits", "off",
		"--smtp", "smtp://" + p.addr, "--mail-from", "Fault <fault@example.org>"}}
}

var serving = regexp.MustCompile(`(?m)^Serving http://\S+:(\d+)$`)

// start runs the program and returns when it serves.
func (p *program) start() {
	p.t.Helper()
	p.log, p.dead = &testkit.Said{}, make(chan struct{})
	p.cmd = exec.Command(p.binary, append([]string{"serve"}, p.flags...)...)
	p.cmd.Env, p.cmd.Stderr = append(os.Environ(), p.env...), p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	cmd, dead := p.cmd, p.dead
	go func() {
		_ = cmd.Wait() // says that it was killed
		close(dead)
	}()
	p.t.Cleanup(func() { _ = cmd.Process.Kill(); <-dead })
	var port []string
	testkit.Until(p.t, "the program to serve", func() bool {
		select {
		case <-dead:
			p.t.Fatalf("the program ended: %s", p.log)
		default:
		}
		port = serving.FindStringSubmatch(p.log.String())
		return port != nil
	})
	p.base, p.http = "http://127.0.0.1:"+port[1], newHTTP()
}

// newHTTP keeps its connections and follows no redirects.
func newHTTP() *http.Client {
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 256},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// kill ends the program as kill -9 does.
func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	<-p.dead
	p.http.CloseIdleConnections()
}

// stop ends the program as a service manager does, and wants exit code 0.
func (p *program) stop() {
	p.t.Helper()
	p.http.CloseIdleConnections()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	<-p.dead
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		p.t.Errorf("stopped with exit code %d: %s", code, p.log)
	}
}

// died says whether the program has ended.
func (p *program) died() bool {
	select {
	case <-p.dead:
		return true
	default:
		return false
	}
}

// answers says whether the program is there, also when it was killed a moment
// ago and nobody has heard.
func (p *program) answers() bool {
	r, err := p.http.Get(p.base + "/healthz")
	if err != nil {
		return false
	}
	_ = r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// database is the path of the SQLite file.
func (p *program) database() string { return filepath.Join(p.data, "olivebranch.db") }

// verify is what the command finds; "" when all invariants hold.
func (p *program) verify() string {
	p.t.Helper()
	if p.inside != nil {
		found, err := p.inside.Verify(p.t.Context())
		if err != nil || len(found) > 0 {
			return fmt.Sprint(found, err)
		}
		return ""
	}
	if out, code := p.run("verify"); code != 0 {
		return out
	}
	return ""
}

// run is another command beside the server; what it printed, and its exit code.
func (p *program) run(args ...string) (string, int) {
	p.t.Helper()
	c := exec.Command(p.binary, append(args, p.flags...)...)
	c.Env = append(os.Environ(), p.env...)
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return string(out), c.ProcessState.ExitCode()
}

// writer is the thread on which the program writes its database; that of the
// migration may take a moment to end.
func (p *program) writer() string {
	p.t.Helper()
	var found []string
	testkit.Until(p.t, "one thread that writes", func() bool {
		names, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/comm", p.cmd.Process.Pid))
		if err != nil || len(names) == 0 {
			testkit.Missing(p.t, "strace", "a system with /proc is needed to find the thread that writes")
		}
		found = nil
		for _, name := range names {
			if comm, _ := os.ReadFile(name); strings.TrimSpace(string(comm)) == store.ThreadName {
				found = append(found, filepath.Base(filepath.Dir(name)))
			}
		}
		return len(found) == 1
	})
	return found[0]
}
