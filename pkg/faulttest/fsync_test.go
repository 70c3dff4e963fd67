package faulttest

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestEachCommitIsSyncedBeforeTheNext(t *testing.T) {
	t.Parallel()
	mails := openPost(t)
	p := newProgram(t, mails, filepath.Join(t.TempDir(), "data"))
	acks, commits, found := countSyncs(t, p, mails)
	for _, wrong := range found {
		t.Error(wrong)
	}
	t.Logf("%d acknowledgements, %d commits, %d of them not synced", acks, commits, len(found))
	if int64(commits) < acks {
		t.Errorf("%d commits, want one for each of %d acknowledgements", commits, acks)
	}
	p.stop()
}

func TestACommitWithoutSyncIsCaught(t *testing.T) {
	t.Parallel()
	mails := openPost(t)
	_, _, found := countSyncs(t, newMutant(t, mails, "unsynced"), mails)
	caught(t, found, "before it was synced")
}

// countSyncs lets people sign one after the other, so that each has a commit
// of their own, and reads the calls on the write-ahead log. A commit there is
// a frame whose header names the size of the database, in bytes 4 to 7
// (https://sqlite.org/fileformat2.html#walformat).
func countSyncs(t *testing.T, p *program, mails *post) (acks int64, commits int, found []string) {
	t.Helper()
	people := newCrowd(mails)
	p.start()
	tr := p.trace("pwrite64,fsync,fdatasync", "", "-xx", "-s", "8", "-P", p.database()+"-wal")
	c := &client{program: p, mails: mails, over: &flag{}, acks: &people.acks}
	for range 20 {
		someone := people.bring(sign, confirm)
		for d := someone.next(); d != ""; d = someone.next() {
			if err := someone.try(c, d); err != nil {
				t.Fatal(err)
			}
		}
	}
	tr.idle(t) // the letters are noted
	tr.stop()
	bare := false
	for _, call := range tr.calls(t) {
		switch {
		case strings.HasPrefix(call, "fsync(") || strings.HasPrefix(call, "fdatasync("):
			bare = false
		case strings.Contains(call, ", 24, "): // the header of a frame
			if bare {
				found = append(found, "a commit was followed by "+call+" before it was synced")
				bare = false
			}
			_, header, _ := strings.Cut(call, `"`)
			if len(header) >= 32 && header[16:32] != `\x00\x00\x00\x00` {
				commits++
				bare = true
			}
		}
	}
	if bare {
		found = append(found, "the program stopped writing before it was synced")
	}
	return people.acks.Load(), commits, append(found, people.check(p, true)...)
}
