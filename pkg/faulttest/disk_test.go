package faulttest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/testkit"
)

func TestADatabaseThatMayNotGrowLosesNothing(t *testing.T) {
	t.Parallel()
	mails := openPost(t)
	c := testkit.SQLite(t)
	c.SMTP, c.MailFrom = "smtp://"+mails.addr, "Fault <fault@example.org>"
	a := testkit.Run(t, c, func(o *app.Options) { o.Now, o.Mail = time.Now, nil })
	p := &program{t: t, base: a.BaseURL.String(), http: newHTTP(), inside: a}
	g := invite(t, p, mails)
	// The pragma is the connection's, and there is one that writes.
	limit := func(pages int) {
		if err := a.Store.Exec(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	survive(t, g, outage{reads: true, partial: true, begin: func() { limit(1) }, end: func() { limit(1 << 30) }}) // never below what there is
}

func TestAFullDiskLosesNothing(t *testing.T) {
	t.Parallel()
	mails := openPost(t)
	small := mount(t, "size=12m")
	p := newProgram(t, mails, filepath.Join(small, "data"))
	p.start()
	// The log gives back its room whenever it is emptied, which is taken at
	// once; in between somebody may still get in.
	var empty func()
	survive(t, invite(t, p, mails), outage{reads: true, partial: true,
		begin: func() { empty = keepFull(t, filepath.Join(small, "ballast")) }, end: func() { empty() }})
	p.stop()
}

// mount makes a small file system in memory.
func mount(t *testing.T, options string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "small")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("run as root, where file systems may be mounted, to fill a disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// keepFull takes all the room there is, and what others give back, until the
// function is called.
func keepFull(t *testing.T, path string) (empty func()) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	piece := make([]byte, 4096)
	fill := func() {
		for err = nil; err == nil; {
			_, err = f.Write(piece)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Error(err)
		}
	}
	fill()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for tick := time.NewTicker(time.Millisecond); ; {
			select {
			case <-stop:
				tick.Stop()
				return
			case <-tick.C:
				fill()
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
		if err := errors.Join(f.Close(), os.Remove(path)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestABrokenDiskLosesNothing(t *testing.T) {
	t.Parallel()
	// A file system on which files are open for writing cannot be made
	// read-only from outside; the kernel does it when the disk fails, and
	// writers then see EROFS.
	for name, fault := range map[string][2]string{
		"that became read-only":  {writing, "error=EROFS"},
		"that fails to write":    {"pwrite64", "error=EIO"},
		"that fails to sync":     {"fsync,fdatasync", "error=EIO"},
		"that is full, by quota": {"pwrite64", "error=EDQUOT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mails := openPost(t)
			p := newProgram(t, mails, filepath.Join(t.TempDir(), "data"))
			p.start()
			g := invite(t, p, mails)
			var tr *tracer
			survive(t, g, outage{reads: true, begin: func() { tr = p.trace(fault[0], fault[1]) }, end: func() { tr.stop() }})
			p.stop()
		})
	}
}

func TestASlowDiskAcknowledgesNothingEarly(t *testing.T) {
	t.Parallel()
	mails := openPost(t)
	p := newProgram(t, mails, filepath.Join(t.TempDir(), "data"))
	p.start()
	g := invite(t, p, mails)
	const delay = 3 * time.Second
	tr := p.trace("fsync,fdatasync", fmt.Sprintf("delay_enter=%d", delay.Microseconds()))
	began := time.Now()
	answered := make(chan error, 1)
	go func() { answered <- g.people.bring(sign).try(g.client, sign) }()
	g.goesOn(t, true)
	select {
	case err := <-answered:
		t.Errorf("answered after %v while the disk takes %v, or before the pages: %v", time.Since(began), delay, err)
	default:
		if err := <-answered; err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took < delay {
			t.Errorf("acknowledged after %v while the disk takes %v", took, delay)
		}
	}
	tr.stop()
	for _, wrong := range g.people.check(p, true) {
		t.Error(wrong)
	}
	p.stop()
}

func TestAReadOnlyFolderIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	mails := openPost(t)
	dir := mount(t, "size=12m")
	p := newProgram(t, mails, filepath.Join(dir, "data"))
	p.start()
	p.stop()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(p.binary, append([]string{"serve"}, p.flags...)...)
	out, err := c.CombinedOutput()
	if code := c.ProcessState.ExitCode(); code != 1 || !strings.Contains(string(out), "read-only") {
		t.Errorf("exit code %d, %v, want 1 with a word about read-only:\n%s", code, err, out)
	}
}
