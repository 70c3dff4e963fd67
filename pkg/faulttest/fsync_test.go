package faulttest

import (
	"path/filepath"
	"strings"
	"testing"
)

// A commit is a frame in the write-ahead log whose header names the size of
// the database, bytes 4 to 7 (https://sqlite.org/fileformat2.html#walformat).
func TestEachCommitIsSyncedBeforeTheNext(t *testing.T) {
	t.Parallel()
	mails := openPost(t)
	people := newCrowd(mails)
	p := newProgram(t, mails, filepath.Join(t.TempDir(), "data"))
	p.start()
	tr := p.trace("pwrite64,fsync,fdatasync", "", "-xx", "-s", "8", "-P", p.database()+"-wal")
	const n = 20
	c := &client{program: p, mails: mails, over: &flag{}, acks: &people.acks}
	for range n {
		someone := people.bring(sign, confirm)
		for d := someone.next(); d != ""; d = someone.next() {
			if err := someone.try(c, d); err != nil {
				t.Fatal(err)
			}
		}
	}
	tr.stop()
	commits, synced, bare := 0, 0, false
	for _, call := range tr.calls(t) {
		switch {
		case strings.HasPrefix(call, "fsync(") || strings.HasPrefix(call, "fdatasync("):
			if bare {
				synced++
			}
			bare = false
		case strings.Contains(call, ", 24, "): // the header of a frame
			if bare {
				t.Errorf("a commit was followed by %s before it was synced", call)
			}
			_, header, _ := strings.Cut(call, `"`)
			if commit := len(header) >= 32 && header[16:32] != `\x00\x00\x00\x00`; commit {
				commits++
				bare = true
			}
		}
	}
	if bare {
		t.Error("the last commit was not synced")
	}
	t.Logf("%d acknowledgements, %d commits, %d of them synced", people.acks.Load(), commits, synced)
	if commits < 2*n || synced != commits {
		t.Errorf("%d commits and %d of them synced, want all of at least %d", commits, synced, 2*n)
	}
	for _, wrong := range people.check(p, true) {
		t.Error(wrong)
	}
	p.stop()
}
