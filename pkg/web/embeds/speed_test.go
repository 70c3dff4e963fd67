package embeds_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/web/embeds"
)

// Each benchmark asks in turn the embed and a bare Echo handler that writes the same bytes and headers, over
// connections of its own on the loopback, and reports how many times as fast as the bare one the embed is.

func BenchmarkFrame(b *testing.B) {
	compare(b, every("/embed/partner-%d?layout=bar&lang=ko&theme=dark"))
}
func BenchmarkFrameOnAPage(b *testing.B) {
	compare(b, every("/embed/partner-%d?layout=bar&lang=ko&theme=dark&at=www.partner.example%%2Fen%%2Fcampaigns%%2Fpeace"))
}
func BenchmarkSVG(b *testing.B)   { compare(b, every("/embed/partner-%d/bar.svg?lang=ar")) }
func BenchmarkTally(b *testing.B) { compare(b, every("/embed/partner-%d/tally.json")) }

// BenchmarkPNG asks for pictures that are kept: those of one partner in twenty-five, in all languages. More than fit
// into the room would be drawn anew, which BenchmarkColdPNG measures.
func BenchmarkPNG(b *testing.B) {
	for _, layout := range []string{"bar", "badge", "label"} {
		b.Run(layout, func(b *testing.B) {
			langs := []string{"en", "ko", "ar"}
			compare(b, func(i int) string {
				return fmt.Sprintf("/embed/partner-%d/%s.png?lang=%s", i/len(langs)*25%benchmarkPartners, layout, langs[i%len(langs)])
			})
		})
	}
}

// BenchmarkColdPNG draws each picture anew.
func BenchmarkColdPNG(b *testing.B) {
	for _, layout := range banner.Layouts() {
		for _, scale := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s-%d", layout, scale), func(b *testing.B) {
				s := newSiteWith(b, pens(), 0)
				path := fmt.Sprintf("/embed/acme/%s.png?scale=%d&lang=", layout, scale)
				langs := []string{"en", "ko", "ar"}
				for _, lang := range langs { // reads the fonts
					s.mustGet(b, path+lang)
				}
				b.ResetTimer()
				for i := range b.N {
					s.mustGet(b, path+langs[i%len(langs)])
				}
			})
		}
	}
}

const benchmarkPartners = 10_000

// every asks in turn for all partners.
func every(path string) func(int) string {
	return func(i int) string { return fmt.Sprintf(path, i%benchmarkPartners) }
}

// crowd is a site with all the partners, made once.
var crowd = sync.OnceValue(func() *site {
	s := newSite(&testing.B{})
	s.places.keep = false
	for i := range benchmarkPartners {
		slug := fmt.Sprintf("partner-%d", i)
		s.register[slug] = embeds.Partner{ID: int64(i), Slug: slug, Name: "Organization for Peace No. " + strconv.Itoa(i), Lang: "en"}
	}
	return s
})

func compare(b *testing.B, path func(int) string) {
	s := crowd()
	for i := range benchmarkPartners * 3 / 25 { // makes what is kept
		s.mustGet(b, path(i))
	}
	b.ResetTimer()
	ours, bare := dial(b, s.Echo), dial(b, bareCopy(s, path(0)))
	const round = 500 // the two take turns, so that what else the machine does strikes both
	var us, them time.Duration
	b.ReportAllocs()
	for done := 0; done < b.N; done += round {
		n := min(round, b.N-done)
		us += ours.ask(b, path, done, n)
		b.StopTimer()
		them += bare.ask(b, path, done, n)
		b.StartTimer()
	}
	b.ReportMetric(float64(them)/float64(us), "of-bare")
}

// bareCopy writes what the site answers to one path, whatever it is asked.
func bareCopy(s *site, path string) *echo.Echo {
	answer := s.get(path)
	body := answer.Body.Bytes()
	e := echo.New()
	e.GET("/*", func(c echo.Context) error {
		header := c.Response().Header()
		for name, values := range answer.Header() {
			header.Set(name, values[0])
		}
		return c.Blob(http.StatusOK, answer.Header().Get("Content-Type"), body)
	})
	return e
}

type client struct {
	net.Conn
	*bufio.Reader
}

func dial(b *testing.B, e *echo.Echo) *client {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: e}
	go server.Serve(listener)
	b.Cleanup(func() { server.Close() })
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return &client{Conn: conn, Reader: bufio.NewReaderSize(conn, 1<<16)}
}

// pipeline is how many requests are on their way at once, so that the server's work is measured
// and not the way there and back.
const pipeline = 50

func (c *client) ask(b *testing.B, path func(int) string, from, n int) time.Duration {
	var requests []string
	for i := 0; i < n; i += pipeline {
		var r strings.Builder
		for j := i; j < min(n, i+pipeline); j++ {
			r.WriteString("GET " + path(from+j) + " HTTP/1.1\r\nHost: appeal.example.org\r\n\r\n")
		}
		requests = append(requests, r.String())
	}
	start := time.Now()
	for i, r := range requests {
		if _, err := io.WriteString(c, r); err != nil {
			b.Fatal(err)
		}
		for range min(pipeline, n-i*pipeline) {
			c.skipAnswer(b)
		}
	}
	return time.Since(start)
}

func (c *client) skipAnswer(b *testing.B) {
	length := 0
	for {
		line, err := c.ReadSlice('\n')
		if err != nil {
			b.Fatal(err)
		}
		if len(line) == 2 {
			break
		}
		if value, ok := strings.CutPrefix(string(line), "Content-Length: "); ok {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				b.Fatal(err)
			}
		}
	}
	if length == 0 {
		b.Fatal("no length")
	}
	if _, err := c.Discard(length); err != nil {
		b.Fatal(err)
	}
}
