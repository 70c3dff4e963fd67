package app_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/mailer"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/testkit"
)

// These benchmarks sign through HTTP, on real sockets and a real SQLite file
// with synchronous=FULL, with limits off. The load generator has the same
// cores. What is counted is checked exactly afterwards, and how long an fsync
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

func (t *bench) load(of func(i int) request) load { return load{t.BaseURL.Host, of} }

// signs are sign requests of so many people.
func (t *bench) signs() load {
	return t.load(func(i int) request {
		return request{http.MethodPost, "/en/sign", fmt.Sprintf("name=Bench+%d&email=bench-%s-%d%%40example.org&country=KR&message=&consent=on&updates=on", i, t.run, i), http.StatusSeeOther}
	})
}

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
	return t.load(func(i int) request { return request{http.MethodPost, paths[i], "", http.StatusSeeOther} })
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

func (t *bench) rate(unit string, took time.Duration) {
	t.b.ReportMetric(float64(t.b.N)/took.Seconds(), unit)
	t.b.ReportMetric(float64(fsyncTime(t.b, t.data).Microseconds()), "fsync-µs")
}

// BenchmarkSign takes in sign requests.
func BenchmarkSign(b *testing.B) {
	t := newBench(b)
	l := t.signs()
	b.ResetTimer()
	l.rush(b, b.N)
	b.StopTimer()
	t.rate("requests/s", b.Elapsed())
	var waiting int64
	if err := t.Store.Read(b.Context()).Table("outbox").Where("kind = 'sign_confirm' AND created_at >= ?", t.started()).Count(&waiting).Error; err != nil || waiting != int64(b.N) {
		b.Fatalf("%d mails for %d requests, %v", waiting, b.N, err)
	}
}

func (t *bench) started() int64 {
	ms, err := strconv.ParseInt(t.run, 36, 64)
	if err != nil {
		t.b.Fatal(err)
	}
	return ms
}

// BenchmarkConfirm takes in confirmations, their tokens made beforehand.
func BenchmarkConfirm(b *testing.B) {
	t := newBench(b)
	l := t.confirms(b.N)
	b.ResetTimer()
	l.rush(b, b.N)
	b.StopTimer()
	t.rate("confirmations/s", b.Elapsed())
	t.counted(b.N)
}

// steadily is a rate that a campaign on the evening news may see.
const steadily = 2000

// BenchmarkSignSteadily takes in 2,000 sign requests a second.
func BenchmarkSignSteadily(b *testing.B) {
	t := newBench(b)
	l := t.signs()
	b.ResetTimer()
	reportTimes(b, l.steady(b, b.N, steadily))
}

// BenchmarkConfirmSteadily takes in 2,000 confirmations a second.
func BenchmarkConfirmSteadily(b *testing.B) {
	t := newBench(b)
	l := t.confirms(b.N)
	b.ResetTimer()
	reportTimes(b, l.steady(b, b.N, steadily))
	b.StopTimer()
	t.counted(b.N)
}

// BenchmarkTallyWhileSigning reads 2,000 tallies a second while people sign at
// full speed.
func BenchmarkTallyWhileSigning(b *testing.B) {
	t := newBench(b)
	signing := t.meanwhile()
	tally := t.load(func(int) request { return request{http.MethodGet, "/embed/all/tally.json", "", http.StatusOK} })
	b.ResetTimer()
	reportTimes(b, tally.steady(b, b.N, steadily))
	b.StopTimer()
	b.ReportMetric(signing(), "requests/s")
}

// meanwhile signs at full speed until the function is called, which returns
// the rate.
func (t *bench) meanwhile() (rate func() float64) {
	stop, done := make(chan struct{}), make(chan int)
	start := time.Now()
	go func() {
		const round = 2000
		n := 0
		for {
			select {
			case <-stop:
				done <- n
				return
			default:
			}
			from := n
			one := t.signs()
			load{one.host, func(i int) request { return one.of(from + i) }}.rush(t.b, round)
			n += round
		}
	}()
	return func() float64 {
		close(stop)
		n := <-done
		return float64(n) / time.Since(start).Seconds()
	}
}
