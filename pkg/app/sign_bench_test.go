package app_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/mailer"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/testkit"
)

// These benchmarks sign through HTTP, on real sockets and a real SQLite file
// with synchronous=FULL, with limits off. The load generator is a process of
// its own on the same cores. What is counted is checked exactly afterwards, and how long an fsync
// takes is printed beside the rate. Mails are written, but taken by nobody.
//
// OLIVEBRANCH_BENCH_DATA names a data folder to work in, such as one that
// `olivebranch seed --signatures 10000000` has filled; it keeps what is added.

// nowhere takes letters and forgets them.
type nowhere struct{}

func (nowhere) Send(context.Context, mailer.Letter) error { return nil }

// bench is a campaign under load.
type bench struct {
	*testkit.App
	b      *testing.B
	run    string // makes addresses this run's own
	before int64  // signatures counted at the start
	data   string
}

func newBench(b *testing.B) *bench {
	b.Helper()
	c := testkit.SQLite(b)
	if dir := os.Getenv("OLIVEBRANCH_BENCH_DATA"); dir != "" {
		c.Data = dir
	}
	a := testkit.Run(b, c, func(o *app.Options) { o.Now, o.Mail = time.Now, nowhere{} })
	return &bench{App: a, b: b, run: strconv.FormatInt(time.Now().UnixMilli(), 36), before: a.Tally.Total(), data: c.Data}
}

// signs are sign requests of n people, 0 for no end.
func (t *bench) signs(n int) load { return load{Host: t.BaseURL.Host, Run: t.run, N: n} }

// confirms are the confirmations of n sign requests, which are stored first.
func (t *bench) confirms(n int) load {
	t.b.Helper()
	paths := make([]string, n)
	var group sync.WaitGroup
	for worker := range connections {
		group.Go(func() {
			for i := worker; i < n; i += connections {
				row, err := t.Intake.Request(context.Background(), appeal.Form{Name: "Bench", Email: fmt.Sprintf("bench-%s-%d@example.org", t.run, i),
					Country: "KR", Lang: "en", Consents: appeal.ConsentCount, Range: "192.0.2.0/24"})
				if err != nil {
					t.b.Error(err)
					return
				}
				paths[i] = "/en/confirm/" + t.Keys.Token(seal.Token{Purpose: seal.ConfirmSignature, Row: row, Expires: time.Now().Add(time.Hour)})
			}
		})
	}
	group.Wait()
	t.settle()
	return load{Host: t.BaseURL.Host, Posts: paths, N: n}
}

// settle waits until the mails are out of the way.
func (t *bench) settle() {
	t.b.Helper()
	t.Until("the mails are out of the way", func() bool { n, err := t.Outbox.Waiting(t.b.Context()); return err == nil && n == 0 })
}

// counted checks that so many were counted, and that all invariants hold.
func (t *bench) counted(n int) {
	t.b.Helper()
	if have := t.Tally.Total() - t.before; have != int64(n) {
		t.b.Fatalf("%d counted, want %d", have, n)
	}
	if os.Getenv("OLIVEBRANCH_BENCH_DATA") == "" {
		t.MustVerify()
	}
}

// rate reports how many requests a second were answered, and the memory of
// the process afterwards.
func (t *bench) rate(unit string, saw loaded) {
	t.b.ReportMetric(float64(saw.N)/saw.Elapsed.Seconds(), unit)
	t.b.ReportMetric(float64(fsyncTime(t.b, t.data).Microseconds()), "fsync-µs")
	t.b.ReportMetric(testkit.RssAnon(t.b, 0), "RssAnon-MB")
}

// BenchmarkSign takes in sign requests.
func BenchmarkSign(b *testing.B) {
	t := newBench(b)
	t.rate("requests/s", t.signs(b.N).start(b)())
	t.mailed(b.N)
}

// BenchmarkConfirm takes in confirmations, their tokens made beforehand.
func BenchmarkConfirm(b *testing.B) {
	t := newBench(b)
	l := t.confirms(b.N)
	t.rate("confirmations/s", l.start(b)())
	t.counted(b.N)
}

// steadily is a rate that a campaign on the evening news may see.
const steadily = 2000

// BenchmarkSignSteadily takes in 2,000 sign requests a second.
func BenchmarkSignSteadily(b *testing.B) {
	t := newBench(b)
	l := t.signs(b.N)
	l.Rate = steadily
	l.start(b)().reportTimes(b)
	t.mailed(b.N)
}

// BenchmarkConfirmSteadily takes in 2,000 confirmations a second.
func BenchmarkConfirmSteadily(b *testing.B) {
	t := newBench(b)
	l := t.confirms(b.N)
	l.Rate = steadily
	l.start(b)().reportTimes(b)
	t.counted(b.N)
}

// BenchmarkTallyWhileSigning reads 2,000 tallies a second while people sign at
// full speed.
func BenchmarkTallyWhileSigning(b *testing.B) {
	t := newBench(b)
	signing := t.signs(0).start(b)
	load{Host: t.BaseURL.Host, Get: "/embed/all/tally.json", N: b.N, Rate: steadily}.start(b)().reportTimes(b)
	t.rate("requests/s", signing())
}

// mailed checks that so many people get a mail.
func (t *bench) mailed(n int) {
	t.b.Helper()
	since, err := strconv.ParseInt(t.run, 36, 64)
	if err != nil {
		t.b.Fatal(err)
	}
	var have int64
	if err := t.Store.Read(t.b.Context()).Table("outbox").Where("kind = ? AND created_at >= ?", outbox.SignConfirm, since).Count(&have).Error; err != nil || have != int64(n) {
		t.b.Fatalf("%d mails for %d requests, %v", have, n, err)
	}
}
