package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/address"
	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/mailer"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/testkit"
)

// crowd is a campaign whose people signed and confirmed in no order, so that
// the database moved many of their rows from page to page.
type crowd struct {
	*testkit.App
	t        *testing.T
	post     *gate
	signed   []int64 // rows of signatures
	waiting  []int64 // rows of requests that nobody confirmed
	messages map[int64]string
}

func newCrowd(t *testing.T, c *config.Config, size int) *crowd {
	t.Helper()
	post := &gate{}
	w := &crowd{App: testkit.Run(t, c, func(o *app.Options) { o.Mail = post }), t: t, post: post, messages: map[int64]string{}}
	for i := range size + size/4 {
		message := fmt.Sprintf("Words of person %d, which nobody else wrote.", i)
		row, err := w.Intake.Request(t.Context(), appeal.Form{Name: fmt.Sprintf("Mina the %dth", i), Email: fmt.Sprintf("mina@site-%d.example", i),
			Country: "KR", Lang: "en", Message: message, Consents: appeal.ConsentCount, Range: fmt.Sprintf("10.%d.%d.0/24", i/256, i%256)})
		if err != nil {
			t.Fatal(err)
		}
		w.messages[row] = message
		if i < size {
			w.signed = append(w.signed, row)
		} else {
			w.waiting = append(w.waiting, row)
		}
	}
	rand.Shuffle(size, func(i, j int) { w.signed[i], w.signed[j] = w.signed[j], w.signed[i] })
	for _, row := range w.signed {
		if outcome, err := w.Intake.Confirm(t.Context(), row); err != nil || outcome != appeal.OutcomeConfirmed {
			t.Fatalf("confirm: %s, %v", outcome, err)
		}
	}
	return w
}

// gate sends mail while nobody holds it.
type gate struct{ sync.Mutex }

func (g *gate) Send(context.Context, mailer.Letter) error {
	g.Lock()
	defer g.Unlock()
	return nil
}

// traces are the bytes by which a person's data would be found: the middle of
// what is sealed, so that pieces of it are found too, and the words in the
// clear. columns are of the table.
func (w *crowd) traces(table string, rows []int64, columns ...string) (all [][]byte) {
	w.t.Helper()
	for _, column := range columns {
		var sealed [][]byte
		err := w.Store.Read(w.t.Context()).Table(table).Where("id IN ? AND "+column+" IS NOT NULL", rows).Pluck(column, &sealed).Error
		if err != nil || len(sealed) != len(rows) {
			w.t.Fatalf("read %s.%s before it is erased: %d of %d, %v", table, column, len(sealed), len(rows), err)
		}
		for _, b := range sealed {
			all = append(all, b[:len(b)/2], b[len(b)/2:])
		}
	}
	return all
}

func (w *crowd) words(rows []int64) (all [][]byte) {
	for _, row := range rows {
		all = append(all, []byte(w.messages[row]))
	}
	return all
}

// found is how many of the traces are in the bytes of the database, of its
// log, and of a backup made now.
func (w *crowd) found(traces [][]byte) (places map[string]int) {
	w.t.Helper()
	places = map[string]int{}
	look := func(path string, r io.Reader) error {
		raw, err := io.ReadAll(r)
		for _, trace := range traces {
			if bytes.Contains(raw, trace) {
				places[filepath.Base(path)]++
			}
		}
		return err
	}
	if err := w.Store.Bytes(look); err != nil {
		w.t.Fatal(err)
	}
	backup := filepath.Join(w.t.TempDir(), "backup.db")
	db, err := sql.Open("olivebranch-sqlite-writer", "file:"+w.Store.Files()[0]+"?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=5000&_secure_delete=on")
	if err == nil {
		_, err = db.Exec("VACUUM INTO ?", backup)
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		w.t.Fatal(err)
	}
	if err := lookInto(backup, look); err != nil {
		w.t.Fatal(err)
	}
	return places
}

// ways are those in which something of people is erased. Each returns the
// traces to look for, and the deed.
var ways = []struct {
	name  string
	erase func(w *crowd) (traces [][]byte, do func() error)
}{
	{"forget", func(w *crowd) ([][]byte, func() error) {
		rows := w.signed[:20]
		return append(w.traces("signatures", rows, "name", "email", "domain_key", "range_key"), w.words(rows)...), func() error {
			for _, row := range rows {
				if err := w.Signatures.Forget(w.t.Context(), row); err != nil {
					return err
				}
			}
			return nil
		}
	}},
	{"withdraw", func(w *crowd) ([][]byte, func() error) {
		rows := w.signed[20:40]
		return append(w.traces("signatures", rows, "email_key", "name", "email"), w.words(rows)...), func() error {
			for _, row := range rows {
				if err := w.Signatures.Withdraw(w.t.Context(), row); err != nil {
					return err
				}
			}
			return nil
		}
	}},
	{"forget what was translated", func(w *crowd) ([][]byte, func() error) {
		var traces [][]byte
		rows := slices.Clone(w.signed[len(w.signed)-5:])
		w.signed = w.signed[:len(w.signed)-5] // nothing is left of them for the other ways
		for i, row := range rows {
			var message int64
			if err := w.Store.Read(w.t.Context()).Table("messages").Where("signature_id = ?", row).Pluck("id", &message).Error; err != nil {
				w.t.Fatal(err)
			}
			words := fmt.Sprintf("아무도 쓰지 않은 %d번째 번역문입니다.", i)
			if err := w.Messages.Translate(w.t.Context(), appeal.Rendering{Message: message, Lang: "ko", Body: words}, audit.Actor{Kind: audit.Program}); err != nil {
				w.t.Fatal(err)
			}
			traces = append(traces, []byte(words))
		}
		return traces, func() error {
			for _, row := range rows {
				if err := w.Signatures.Forget(w.t.Context(), row); err != nil {
					return err
				}
			}
			return nil
		}
	}},
	{"correct the name", func(w *crowd) ([][]byte, func() error) {
		rows := w.signed[40:50]
		return w.traces("signatures", rows, "name"), func() error {
			for _, row := range rows {
				if err := w.Signatures.Rename(w.t.Context(), row, "Corrected Example"); err != nil {
					return err
				}
			}
			return nil
		}
	}},
	{"take a request back", func(w *crowd) ([][]byte, func() error) {
		row := w.waiting[0]
		w.waiting = w.waiting[1:]
		return append(w.traces("sign_requests", []int64{row}, "email_key", "name", "email"), w.words([]int64{row})...), func() error {
			return w.Signatures.Withdraw(w.t.Context(), row)
		}
	}},
	{"end what was stopped", func(w *crowd) ([][]byte, func() error) {
		row := w.waiting[0]
		w.waiting = w.waiting[1:]
		var sealed [][]byte
		if err := w.Store.Read(w.t.Context()).Table("sign_requests").Where("id = ?", row).Pluck("email", &sealed).Error; err != nil {
			w.t.Fatal(err)
		}
		plain, err := w.Keys.Open("signatures.email", row, sealed[0])
		if err != nil {
			w.t.Fatal(err)
		}
		to, err := address.ParseMail(string(plain))
		if err != nil {
			w.t.Fatal(err)
		}
		return [][]byte{w.stop(w.Keys.MailKey(0, to.Folded()))}, func() error { return w.Signatures.Withdraw(w.t.Context(), row) }
	}},
	{"send mail", func(w *crowd) ([][]byte, func() error) {
		w.post.Lock()
		row, err := w.Intake.Request(w.t.Context(), appeal.Form{Name: "Late", Email: "late@example.org", Country: "KR", Lang: "en", Consents: appeal.ConsentCount, Message: "Late words, which nobody else wrote.", Range: "10.200.0.0/24"})
		if err != nil {
			w.t.Fatal(err)
		}
		w.waiting = append(w.waiting, row)
		w.messages[row] = "Late words, which nobody else wrote."
		var ids []int64
		if err := w.Store.Read(w.t.Context()).Table("outbox").Where("state = 'waiting'").Pluck("id", &ids).Error; err != nil || len(ids) != 1 {
			w.t.Fatalf("%d mails wait, %v", len(ids), err)
		}
		return w.traces("outbox", ids, "envelope"), func() error {
			w.post.Unlock()
			w.Until("the mail to be sent", func() bool { n, err := w.Outbox.Waiting(w.t.Context()); return err == nil && n == 0 })
			return w.due("purge", time.Hour)
		}
	}},
	{"purge", func(w *crowd) ([][]byte, func() error) {
		return append(w.traces("sign_requests", w.waiting, "email_key", "name", "email", "domain_key", "range_key"), w.words(w.waiting)...), func() error {
			return w.due("purge", 7*24*time.Hour)
		}
	}},
	{"nightly, address ranges", func(w *crowd) ([][]byte, func() error) {
		return w.traces("signatures", w.signed[40:], "range_key"), func() error { return w.due("retention", 24*24*time.Hour) }
	}},
	{"nightly, addresses", func(w *crowd) ([][]byte, func() error) {
		return w.traces("signatures", w.signed[40:], "name", "email"), func() error { return w.due("retention", 60*24*time.Hour) }
	}},
	{"nightly, coded addresses", func(w *crowd) ([][]byte, func() error) {
		if err := w.Appeal.SetSunset(w.t.Context(), true, operator); err != nil {
			w.t.Fatal(err)
		}
		stopped := w.stop([]byte("somebody whose address nobody knows any more"))
		seen := []byte("\x01\xe7\x9b\xd2\x8a\xf3\x6c\xb5") // of a domain somebody signed from
		if err := w.Store.Exec(w.t.Context(), "INSERT INTO seen_domains (first_at, domain_key) VALUES (1, ?)", seen); err != nil {
			w.t.Fatal(err)
		}
		return append(w.traces("signatures", w.signed[40:], "email_key"), stopped, seen), func() error { return w.due("retention", 30*24*time.Hour) }
	}},
	{"hourly, what was typed for a sweep", func(w *crowd) ([][]byte, func() error) {
		ctx, to := w.t.Context(), appeal.Mark{State: appeal.Counted}
		id, err := w.Sweeps.Decide(ctx, appeal.Wish{Rule: appeal.Rule{State: appeal.Held, Typed: appeal.Typed{Name: "Somebody with a long name", Domains: []string{"site-7.example"}}}, To: to, By: operator})
		if err == nil {
			_, err = w.Sweeps.Await(ctx, id, time.Minute)
		}
		if err != nil {
			w.t.Fatal(err)
		}
		return w.traces("sweeps", []int64{id}, "terms"), func() error { return w.due("held", 31*24*time.Hour) }
	}},
}

// stop stops the reminders of a recipient, and returns what is kept of that.
func (w *crowd) stop(recipient []byte) (trace []byte) {
	w.t.Helper()
	s, err := w.Outbox.Subscription(outbox.StopToken(w.Keys, outbox.SignReminder, recipient))
	if err == nil {
		err = w.Outbox.Stop(w.t.Context(), s)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return s.Key
}

// due moves the clock on and runs what is due by then; the job must be.
func (w *crowd) due(job string, later time.Duration) error {
	w.t.Helper()
	ctx := w.t.Context()
	if err := w.Jobs.RunDue(ctx); err != nil { // the first look only writes it down
		return err
	}
	w.Clock.Advance(max(later, 25*time.Hour))
	if err := w.Jobs.RunDue(ctx); err != nil {
		return err
	}
	var result string
	w.Until("job "+job, func() bool { // which the program itself may have begun meanwhile
		last, err := w.Jobs.Last(ctx, job)
		result = last.LastResult
		return err == nil && last.LastAt == w.Clock.Now().UnixMilli()
	})
	if strings.HasPrefix(result, "failed") {
		return errors.New(result)
	}
	return nil
}

func lookInto(path string, look func(string, io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(look(path, f), f.Close())
}

// On PostgreSQL this reads what a dump would; what is promised of its files is
// that the old versions of the rows are given up.
func TestNothingOfWhatWasErasedIsLeftInTheTables(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, testkit.Postgres(t), 60)
	for _, way := range ways {
		traces, do := way.erase(w)
		if n := w.inTables(traces); n != len(traces) {
			t.Fatalf("%s: before it is done, of %d traces %d are found", way.name, len(traces), n)
		}
		if err := do(); err != nil {
			t.Fatalf("%s: %v", way.name, err)
		}
		if n := w.inTables(traces); n > 0 {
			t.Errorf("%s: of %d traces %d are left", way.name, len(traces), n)
		}
	}
	w.Until("the old versions of the rows to be given up", func() bool {
		var n int64
		err := w.Store.Read(t.Context()).Raw("SELECT vacuum_count FROM pg_stat_user_tables WHERE schemaname = current_schema() AND relname = 'signatures'").Scan(&n).Error
		return err == nil && n >= 3
	})
	w.MustVerify()
}

// inTables counts the traces that are in a row of any table.
func (w *crowd) inTables(traces [][]byte) int {
	w.t.Helper()
	var all []byte
	for _, table := range []string{"signatures", "sign_requests", "messages", "texts", "outbox", "unsubscribed", "sweeps", "seen_domains"} {
		var rows []string
		if err := w.Store.Read(w.t.Context()).Raw("SELECT " + table + "::text FROM " + table).Scan(&rows).Error; err != nil {
			w.t.Fatal(err)
		}
		all = append(all, strings.Join(rows, "\n")...)
	}
	n := 0
	for _, trace := range traces {
		if bytes.Contains(all, trace) || bytes.Contains(all, []byte(hex.EncodeToString(trace))) {
			n++
		}
	}
	return n
}

func TestNothingOfWhatWasErasedIsLeftInTheBytes(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, testkit.SQLite(t), 400)
	for _, way := range ways {
		traces, do := way.erase(w)
		if places := w.found(traces); places["olivebranch.db"]+places["olivebranch.db-wal"] == 0 || places["backup.db"] != len(traces) {
			t.Fatalf("%s: before it is done, of %d traces only %v are found", way.name, len(traces), places)
		}
		if err := do(); err != nil {
			t.Fatalf("%s: %v", way.name, err)
		}
		var places map[string]int
		w.Until("nothing to be left after "+way.name, func() bool {
			scrubbed := w.Store.Scrubbed()
			places = w.found(traces)
			return scrubbed || len(places) == 0
		})
		if len(places) > 0 {
			t.Errorf("%s: of %d traces some are left: %v", way.name, len(traces), places)
		}
	}
	w.MustVerify()
}
