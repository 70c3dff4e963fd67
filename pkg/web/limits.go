package web

import (
	"net/netip"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"olivebranch/pkg/fault"
)

// Limit is how often one address range may do a thing: Burst at once, then
// once each Every.
type Limit struct {
	Name  string
	Burst int
	Every time.Duration
}

// The limits. Shared addresses behind carriers and in villages are normal, so
// signing is generous; what guesses passwords is not.
var (
	// SignLimit only bounds a flood: how many signatures of one place are taken
	// without a proof of work, and counted unseen, is for staff to say in a table,
	// and a carrier's range may bring thousands in an hour.
	SignLimit = Limit{"sign", 600, 100 * time.Millisecond}
	// MailLimit is for forms that have a mail sent and that nobody worked for.
	MailLimit   = Limit{"mail", 60, 2 * time.Second}
	CodeLimit   = Limit{"code", 30, 10 * time.Second}
	ApplyLimit  = Limit{"apply", 10, 5 * time.Minute}
	UploadLimit = Limit{"upload", 20, 30 * time.Second}
	SignInLimit = Limit{"sign-in", 10, 30 * time.Second}
	// PasskeyLimit bounds ceremonies, which cannot be guessed but are stored.
	PasskeyLimit = Limit{"passkey", 30, 5 * time.Second}

	// RoomLimit is for whoever holds a link or a session, in their own room.
	RoomLimit = Limit{"room", 40, 15 * time.Second}

	// ReportLimit is for reports, which anybody may send and staff must read.
	ReportLimit = Limit{"report", 10, time.Minute}

	ReadingLimit = Limit{"reading", 10, time.Minute}
)

// mostBuckets bounds the memory of the limits: about 200 bytes a bucket. When
// they are full, all are forgotten.
const mostBuckets = 100_000

type limits struct {
	now     func() time.Time
	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, buckets: map[string]*rate.Limiter{}}
}

func (l *limits) allow(limit Limit, who string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := limit.Name + " " + who
	bucket := l.buckets[key]
	if bucket == nil {
		if len(l.buckets) >= mostBuckets {
			clear(l.buckets)
		}
		bucket = rate.NewLimiter(rate.Every(limit.Every), limit.Burst)
		l.buckets[key] = bucket
	}
	return bucket.AllowN(l.now(), 1)
}

// Allow takes one from the visitor's bucket; TooMany when it is empty.
func (s *Server) Allow(c echo.Context, limit Limit) error {
	if !s.Limits || s.limits.allow(limit, Range(c)) {
		return nil
	}
	c.Response().Header().Set("Retry-After", "60")
	return fault.New(fault.TooMany, "error.too_many")
}

func parseAddr(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	return a.Unmap().WithZone(""), err == nil
}
