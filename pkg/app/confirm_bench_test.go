package app_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/mailer"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/testkit"
)

// connections of the load generator, which runs in the same process on the
// same cores.
const connections = 256

// nowhere takes letters and forgets them, so that sending mail is no part of
// what is measured.
type nowhere struct{}

func (nowhere) Send(context.Context, mailer.Letter) error { return nil }

// BenchmarkConfirm measures confirmations through HTTP, on real sockets and a
// real SQLite file with synchronous=FULL; limits are off and the tokens made
// beforehand. What is counted is checked exactly afterwards. It prints the
// rate, and how long an fsync takes here.
func BenchmarkConfirm(b *testing.B) {
	c := testkit.SQLite(b)
	a := testkit.Run(b, c, func(o *app.Options) { o.Now, o.Mail = time.Now, nowhere{} })
	paths := make([]string, b.N)
	fill(b, a, paths)
	a.Until("the mails are out of the way", func() bool { n, err := a.Outbox.Waiting(b.Context()); return err == nil && n == 0 })
	b.ResetTimer()
	start := time.Now()
	load(b, a.BaseURL.Host, paths)
	took := time.Since(start)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/took.Seconds(), "confirmations/s")
	b.ReportMetric(float64(fsyncTime(b, c.Data).Microseconds()), "fsync-µs")
	if n := a.Tally.Total(); n != int64(b.N) {
		b.Fatalf("%d counted, want %d", n, b.N)
	}
	a.MustVerify()
}

// fill stores a sign request for each path and writes the path of its
// confirmation there.
func fill(b *testing.B, a *testkit.App, paths []string) {
	b.Helper()
	var group sync.WaitGroup
	for worker := range connections {
		group.Go(func() {
			for i := worker; i < len(paths); i += connections {
				row, err := a.Intake.Request(context.Background(), appeal.Form{Name: "Bench", Email: fmt.Sprintf("bench-%d@example.org", i),
					Country: "KR", Lang: "en", Consents: appeal.ConsentCount, Range: "192.0.2.0/24"})
				if err != nil {
					b.Error(err)
					return
				}
				paths[i] = "/en/confirm/" + a.Keys.Token(seal.Token{Purpose: seal.ConfirmSignature, Row: row, Expires: time.Now().Add(time.Hour)})
			}
		})
	}
	group.Wait()
}

// load posts to every path over kept connections and reads each answer whole;
// all must be redirects.
func load(b *testing.B, host string, paths []string) {
	b.Helper()
	var group sync.WaitGroup
	for worker := range connections {
		group.Go(func() {
			if err := post(host, paths, worker); err != nil {
				b.Error(err)
			}
		})
	}
	group.Wait()
}

func post(host string, paths []string, worker int) error {
	conn, err := net.Dial("tcp", "127.0.0.1:"+host[strings.LastIndexByte(host, ':')+1:])
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	for i := worker; i < len(paths); i += connections {
		if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n", paths[i], host); err != nil {
			return err
		}
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			return err
		}
		if res.StatusCode != http.StatusSeeOther || !bytes.Contains([]byte(res.Header.Get("Location")), []byte("/signature/")) {
			return fmt.Errorf("answer %s to %s", res.Status, paths[i])
		}
	}
	return nil
}

// fsyncTime is the median time of writing 4 KB and waiting for the disk.
func fsyncTime(b *testing.B, dir string) time.Duration {
	b.Helper()
	f, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var times []time.Duration
	for range 51 {
		if _, err := f.WriteAt(make([]byte, 4096), 0); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	return times[len(times)/2]
}
