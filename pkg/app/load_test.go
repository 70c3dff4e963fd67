package app_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// connections of the load generator: enough that the server always has work.
const connections = 256

// load is a generator of requests to one server over kept connections, in a
// process of its own on the same cores: in that of the server its own waiting
// would be taken for the server's.
type load struct {
	Host string
	// What is asked: one page again and again, or forms without fields posted to
	// paths, or sign forms of people who are this run's own.
	Get   string
	Posts []string
	Run   string
	N     int // requests; 0: until the generator is told to stop
	Rate  int // requests a second; 0: each connection the next one as soon as one is answered
}

// loaded is what a generator saw. Took are the times of all requests, in
// order of length: at a fixed rate from the moment a request was due, so that
// a server that stands still is not spared the requests of that time.
type loaded struct {
	N       int
	Elapsed time.Duration
	Took    []time.Duration
	Fault   string
}

// envLoad makes the test binary be a load generator, which reads what to do
// from its input.
const envLoad = "OLIVEBRANCH_TEST_AS_LOAD"

func TestMain(m *testing.M) {
	if os.Getenv(envLoad) == "" {
		os.Exit(m.Run())
	}
	var l load
	if err := json.NewDecoder(os.Stdin).Decode(&l); err != nil {
		panic(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	_ = json.NewEncoder(os.Stdout).Encode(l.run(ctx))
}

// start starts a generator; the function waits for its end and returns what it
// saw, after it told it to stop if it has no end.
func (l load) start(b *testing.B) (end func() loaded) {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	spec, err := json.Marshal(l)
	if err != nil {
		b.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), envLoad+"=1")
	var out bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(spec), &out, os.Stderr
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	return func() loaded {
		b.Helper()
		if l.N == 0 {
			_ = c.Process.Signal(syscall.SIGTERM)
		}
		var saw loaded
		if err := errors.Join(c.Wait(), json.Unmarshal(out.Bytes(), &saw)); err != nil {
			b.Fatal(err)
		}
		if saw.Fault != "" {
			b.Fatal(saw.Fault)
		}
		return saw
	}
}

func (l load) request(i int) request {
	switch {
	case l.Get != "":
		return request{http.MethodGet, l.Get, "", http.StatusOK}
	case len(l.Posts) > 0:
		return request{http.MethodPost, l.Posts[i], "", http.StatusSeeOther}
	}
	body := fmt.Sprintf("name=Bench+%d&email=bench-%s-%d%%40example.org&country=KR&message=&consent=on&updates=on", i, l.Run, i)
	return request{http.MethodPost, "/en/sign", body, http.StatusSeeOther}
}

func (l load) run(ctx context.Context) loaded {
	var mu sync.Mutex
	saw, start := loaded{}, time.Now()
	next := l.turns(ctx, start)
	var group sync.WaitGroup
	for range connections {
		group.Go(func() {
			took, err := l.send(next)
			mu.Lock()
			defer mu.Unlock()
			saw.Took = append(saw.Took, took...)
			if err != nil {
				saw.Fault = err.Error()
			}
		})
	}
	group.Wait()
	saw.N, saw.Elapsed = len(saw.Took), time.Since(start)
	slices.Sort(saw.Took)
	return saw
}

// turn is a request whose time has come.
type turn struct {
	number int
	due    time.Time
}

// turns hands out the requests in their turn.
func (l load) turns(ctx context.Context, start time.Time) func() (turn, bool) {
	var last atomic.Int64
	more := func() (turn, bool) {
		i := int(last.Add(1)) - 1
		return turn{i, time.Now()}, (l.N == 0 || i < l.N) && ctx.Err() == nil
	}
	if l.Rate == 0 {
		return more
	}
	due := make(chan turn, connections)
	go func() {
		defer close(due)
		for t, ok := more(); ok; t, ok = more() {
			t.due = start.Add(time.Duration(t.number) * time.Second / time.Duration(l.Rate))
			time.Sleep(time.Until(t.due))
			due <- t
		}
	}()
	return func() (turn, bool) {
		t, ok := <-due
		return t, ok
	}
}

// send sends requests over one connection, each its next one when the last is
// answered whole, and returns how long they took.
func (l load) send(next func() (turn, bool)) (took []time.Duration, err error) {
	c, err := l.dial()
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	for t, ok := next(); ok; t, ok = next() {
		if err := c.ask(l.request(t.number)); err != nil {
			return took, err
		}
		took = append(took, time.Since(t.due))
	}
	return took, nil
}

// request is one of the load: what is sent, and the status that must come back.
type request struct {
	method, path, body string
	want               int
}

// caller is one connection.
type caller struct {
	host string
	conn net.Conn
	in   *bufio.Reader
}

func (l load) dial() (*caller, error) {
	u, err := url.Parse("http://" + l.Host)
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", u.Port()))
	if err != nil {
		return nil, err
	}
	return &caller{l.Host, conn, bufio.NewReader(conn)}, nil
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

// reportTimes reports the median, the 99th percentile and the longest of the
// times, in milliseconds.
func (saw loaded) reportTimes(b *testing.B) {
	b.Helper()
	times := saw.Took
	for unit, t := range map[string]time.Duration{"p50-ms": times[len(times)/2], "p99-ms": times[len(times)*99/100], "max-ms": times[len(times)-1]} {
		b.ReportMetric(float64(t.Microseconds())/1000, unit)
	}
}
