package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/config"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/testkit"
)

// ledger is what people were told, kept outside the program: an entry is made
// only after the whole answer was read.
type ledger struct {
	mu                  sync.Mutex
	waiting, confirmed  []int64
	acknowledgements, n atomic.Int64
}

func (l *ledger) note(list *[]int64, row int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*list = append(*list, row)
	l.acknowledgements.Add(1)
}

// pages are copies of the ledger as it is now.
func (l *ledger) pages() (waiting, confirmed []int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]int64{}, l.waiting...), append([]int64{}, l.confirmed...)
}

// crowd is people who sign and confirm through HTTP, as fast as they are
// answered, until it is stopped. Each third one does not confirm.
func crowd(t *testing.T, s *server, keys *seal.Keys) (*ledger, func()) {
	t.Helper()
	l := &ledger{}
	var stop atomic.Bool
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			conn, err := net.Dial("tcp", s.addr())
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			v := visitor{host: strings.TrimPrefix(s.url, "http://"), conn: conn, in: bufio.NewReader(conn)}
			for !stop.Load() {
				if err := v.sign(l, keys); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	end := sync.OnceFunc(func() {
		stop.Store(true)
		group.Wait()
	})
	t.Cleanup(end)
	return l, end
}

// visitor is a person with a connection to the server.
type visitor struct {
	host string
	conn net.Conn
	in   *bufio.Reader
}

func (v visitor) sign(l *ledger, keys *seal.Keys) error {
	n := l.n.Add(1)
	form := url.Values{"name": {"민아 Example"}, "email": {fmt.Sprintf("person-%d@example.org", n)}, "country": {"KR"}, "message": {""}, "consent": {"1"}}
	to, err := v.post("/en/sign", form.Encode())
	if err != nil {
		return err
	}
	sent, err := keys.Parse(seal.EnterCode, to[strings.LastIndexByte(to, '/')+1:], time.Now())
	if err != nil {
		return fmt.Errorf("answer %s to a form: %w", to, err)
	}
	l.note(&l.waiting, sent.Row)
	if n%3 == 0 {
		return nil
	}
	to, err = v.post(confirmPath(keys, sent.Row), "")
	if err == nil && !strings.Contains(to, "/signature/") {
		err = fmt.Errorf("answer %s to a confirmation", to)
	}
	if err == nil {
		l.note(&l.confirmed, sent.Row)
	}
	return err
}

func confirmPath(keys *seal.Keys, row int64) string {
	return "/en/confirm/" + keys.Token(seal.Token{Purpose: seal.ConfirmSignature, Row: row, Expires: time.Now().Add(time.Hour)})
}

// post sends a form, reads the whole answer and returns where it leads.
func (v visitor) post(path, form string) (string, error) {
	_, err := fmt.Fprintf(v.conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", path, v.host, len(form), form)
	if err != nil {
		return "", err
	}
	res, err := http.ReadResponse(v.in, nil)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("answer %s to %s", res.Status, path)
	}
	return res.Header.Get("Location"), nil
}

// serveOn starts a server for a campaign.
func serveOn(t *testing.T, c *config.Config) *server {
	t.Helper()
	args := []string{"--limits", "off", "--log-level", "error"}
	if c.Postgres() {
		args = append(args, "--database", c.Database)
	}
	return serve(t, c.Data, args...)
}

func loaded(t *testing.T, dir string) *seal.Keys {
	t.Helper()
	keys, err := seal.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// The drill: people sign at full speed, a backup is made in the middle, all is
// lost, and the campaign goes on from the backup.
func TestWhatWasAcknowledgedBeforeABackupIsInIt(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, c *config.Config) {
		seeded := int64(0)
		if testkit.Long() && !c.Postgres() {
			mustOn(t, c, "migrate")
			for ; seeded < 1_000_000; seeded += 200_000 {
				mustOn(t, c, "seed", "--signatures", "200000")
			}
		}
		s := serveOn(t, c)
		keys := loaded(t, c.KeysPath())
		signing, stop := crowd(t, s, keys)
		const some = 300
		started := time.Now()
		testkit.Until(t, "people to sign", func() bool { return signing.acknowledgements.Load() >= some || t.Failed() })
		place := t.TempDir()
		backup, kept := filepath.Join(place, "backups", "one"), filepath.Join(place, "keys")

		waiting, confirmed := signing.pages()
		speed := float64(len(waiting)+len(confirmed)) / time.Since(started).Seconds()
		began := time.Now()
		m := read[app.Manifest](t, mustOn(t, c, "backup", backup, "--keys-to", kept, "--json"))
		during, took := signing.acknowledgements.Load(), time.Since(began)
		log, _ := os.Stat(c.DatabasePath() + "-wal") // none with PostgreSQL
		testkit.Until(t, "people to sign after it", func() bool { return signing.acknowledgements.Load() >= during+some || t.Failed() })
		stop()
		all := signing.acknowledgements.Load()
		s.stop().wants(t, exitOK, "")
		mustOn(t, c, "verify")
		if len(m.Findings) != 0 || m.Counts["signatures"]-seeded < int64(len(confirmed)) || m.Counts["signatures"]-seeded >= all {
			t.Errorf("the manifest counts %v and finds %v after %d and before %d acknowledgements", m.Counts, m.Findings, len(waiting)+len(confirmed), all)
		}
		private(t, backup)
		private(t, kept)

		fresh := again(t, c)
		mustOn(t, fresh, "restore", backup, "--keys", kept)
		private(t, fresh.Data)
		mustOn(t, fresh, "verify")
		inBackup(t, fresh, waiting, confirmed)
		t.Logf("%d acknowledgements before the backup began, %d until it was there, %d in all; none of the first is missing, %d signatures restored",
			len(waiting)+len(confirmed), during, all, m.Counts["signatures"])
		t.Logf("the backup took %s for %.1f MB; %.0f acknowledgements/s before it and %.0f meanwhile", took, float64(m.Bytes)/1e6,
			speed, float64(during-int64(len(waiting)+len(confirmed)))/took.Seconds())
		if log != nil {
			t.Logf("SQLite's log has %.1f MB", float64(log.Size())/1e6)
		}

		// Who had signed and not confirmed does so now, and new people come.
		s = serveOn(t, fresh)
		run(t, fresh.Data, "healthcheck", "--addr", s.addr()).wants(t, exitOK, "ready")
		conn, err := net.Dial("tcp", s.addr())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		v := visitor{host: strings.TrimPrefix(s.url, "http://"), conn: conn, in: bufio.NewReader(conn)}
		isConfirmed := map[int64]bool{}
		for _, row := range confirmed {
			isConfirmed[row] = true
		}
		for _, row := range waiting {
			if to, err := v.post(confirmPath(keys, row), ""); err != nil || !strings.Contains(to, "/signature/") {
				t.Fatalf("a request from before the backup, confirmed %v: %s, %v", isConfirmed[row], to, err)
			}
		}
		signing.n.Store(1 << 20)
		if err := v.sign(signing, keys); err != nil {
			t.Error(err)
		}
		s.stop().wants(t, exitOK, "")
		mustOn(t, fresh, "verify")
	})
}

// inBackup looks for every row of the ledger.
func inBackup(t *testing.T, c *config.Config, waiting, confirmed []int64) {
	t.Helper()
	o, err := app.OpenCore(context.Background(), c, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	for name, rows := range map[string][]int64{"sign_requests": waiting, "signatures": confirmed} {
		var have []int64
		if err := o.Store.Read(t.Context()).Table(name).Pluck("id", &have).Error; err != nil {
			t.Fatal(err)
		}
		there := map[int64]bool{}
		for _, row := range have {
			there[row] = true
		}
		for _, row := range rows {
			if !there[row] {
				t.Errorf("row %d of %s was acknowledged before the backup began, and is not in it", row, name)
			}
		}
	}
}

// private fails the test when others may read something in a folder.
func private(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
