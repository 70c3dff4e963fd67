package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// connections of the load generator, which runs in the same process on the
// same cores.
const connections = 256

// request is one of the load: what is sent, and the status that must come back.
type request struct {
	method, path, body string
	want               int
}

// load is a generator of requests to one server, over kept connections.
type load struct {
	host string
	of   func(i int) request
}

// rush sends the requests 0 to n-1 as fast as the server answers, each
// connection its next one when the last is answered whole.
func (l load) rush(b *testing.B, n int) {
	b.Helper()
	var group sync.WaitGroup
	for worker := range min(connections, n) {
		group.Go(func() {
			c, err := l.dial()
			if err != nil {
				b.Error(err)
				return
			}
			defer c.conn.Close()
			for i := worker; i < n; i += connections {
				if err := c.ask(l.of(i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

// steady sends the requests 0 to n-1 at a fixed rate, and returns how long
// each took, in order of length: from the moment it was due, so that a server
// that stands still is not spared the requests of that time.
func (l load) steady(b *testing.B, n, perSecond int) []time.Duration {
	b.Helper()
	took := make([]time.Duration, n)
	start := time.Now()
	due := make(chan int, n)
	var group sync.WaitGroup
	for range min(connections, n) {
		group.Go(func() {
			c, err := l.dial()
			if err != nil {
				b.Error(err)
				return
			}
			defer c.conn.Close()
			for i := range due {
				at := start.Add(time.Duration(i) * time.Second / time.Duration(perSecond))
				if err := c.ask(l.of(i)); err != nil {
					b.Error(err)
					return
				}
				took[i] = time.Since(at)
			}
		})
	}
	for i := range n {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / time.Duration(perSecond))))
		due <- i
	}
	close(due)
	group.Wait()
	slices.Sort(took)
	return took
}

// caller is one connection.
type caller struct {
	host string
	conn net.Conn
	in   *bufio.Reader
}

func (l load) dial() (*caller, error) {
	u, err := url.Parse("http://" + l.host)
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", u.Port()))
	if err != nil {
		return nil, err
	}
	return &caller{l.host, conn, bufio.NewReader(conn)}, nil
}

func (c *caller) ask(r request) error {
	kind := ""
	if r.body != "" {
		kind = "Content-Type: application/x-www-form-urlencoded\r\n"
	}
	if _, err := fmt.Fprintf(c.conn, "%s %s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\n\r\n%s", r.method, r.path, c.host, kind, len(r.body), r.body); err != nil {
		return err
	}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != r.want {
		return fmt.Errorf("answer %s to %s %s", res.Status, r.method, r.path)
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
	defer func() { _, _ = f.Close(), os.Remove(f.Name()) }()
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

// reportTimes reports the median, the 99th percentile and the longest of
// sorted times, in milliseconds.
func reportTimes(b *testing.B, times []time.Duration) {
	b.Helper()
	for unit, t := range map[string]time.Duration{"p50-ms": times[len(times)/2], "p99-ms": times[len(times)*99/100], "max-ms": times[len(times)-1]} {
		b.ReportMetric(float64(t.Microseconds())/1000, unit)
	}
}
