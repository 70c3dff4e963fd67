package faulttest

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"olivebranch/pkg/testkit"
)

// writing are the calls by which SQLite changes what is on the disk. strace
// shows pwrite64 and fsync here; other builds of SQLite use their neighbours.
const writing = "pwrite64,write,pwritev,ftruncate,fallocate,fsync,fdatasync"

// tracer is strace on the thread that writes.
type tracer struct {
	cmd  *exec.Cmd
	said *testkit.Said
	dead chan struct{}
	path string // what it traced
}

// trace attaches strace to the thread that writes, for the given calls on the
// database's files, and returns when it is attached. inject is what happens to
// these calls, as after strace's "-e inject=…:"; "" for nothing. The thread
// goes on as before once the tracer is stopped.
func (p *program) trace(calls, inject string, more ...string) *tracer {
	p.t.Helper()
	path, err := exec.LookPath("strace")
	if err != nil {
		testkit.Missing(p.t, "strace", "install strace (Debian: apt-get install strace) to place a fault at a single write")
	}
	out, err := os.CreateTemp(p.t.TempDir(), "trace")
	if err != nil {
		p.t.Fatal(err)
	}
	_ = out.Close()
	tr := &tracer{said: &testkit.Said{}, dead: make(chan struct{}), path: out.Name()}
	args := append([]string{"-p", p.writer(), "-o", tr.path, "-e", "trace=" + calls}, more...)
	if inject != "" {
		args = append(args, "-e", "inject="+calls+":"+inject)
	}
	if !slices.Contains(more, "-P") {
		args = append(args, "-P", p.database(), "-P", p.database()+"-wal")
	}
	tr.cmd = exec.Command(path, args...)
	tr.cmd.Stderr = tr.said
	if err := tr.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		_ = tr.cmd.Wait() // says that it was interrupted
		close(tr.dead)
	}()
	p.t.Cleanup(tr.stop)
	refused := false
	testkit.Until(p.t, "strace to be attached", func() bool {
		select {
		case <-tr.dead:
			refused = !strings.Contains(tr.said.String(), "attached")
			return true
		default:
			return strings.Contains(tr.said.String(), "attached")
		}
	})
	if refused {
		testkit.Missing(p.t, "strace", "let strace attach to other processes (CAP_SYS_PTRACE): "+tr.said.String())
	}
	return tr
}

// stop detaches, so that the fault ends.
func (tr *tracer) stop() {
	_ = tr.cmd.Process.Signal(os.Interrupt)
	<-tr.dead
}

// calls are the traced lines so far.
func (tr *tracer) calls(t testing.TB) []string {
	t.Helper()
	raw, err := os.ReadFile(tr.path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(raw)), "\n")
}
