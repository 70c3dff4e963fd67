package outbox_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/schema"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

// clock is a frozen clock.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// house is an outbox with all it needs.
type house struct {
	*outbox.Outbox
	t     *testing.T
	clock *clock
}

// eachDatabase runs a test on SQLite and, when there is one, on PostgreSQL.
func eachDatabase(t *testing.T, test func(h *house)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(newHouse(t, store.Options{Path: filepath.Join(t.TempDir(), "outbox.db")}))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(newHouse(t, store.Options{URL: freshSchema(t)}))
	})
}

func sqliteHouse(t *testing.T) *house {
	return newHouse(t, store.Options{Path: filepath.Join(t.TempDir(), "outbox.db")})
}

func newHouse(t *testing.T, o store.Options) *house {
	t.Helper()
	c := &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	o.Now = c.Now
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := schema.Migrate(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Create(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	return &house{Outbox: &outbox.Outbox{Store: s, Keys: keys, Now: c.Now}, t: t, clock: c}
}

// freshSchema is the address of an empty schema that is dropped at the end.
func freshSchema(t *testing.T) string {
	t.Helper()
	base := os.Getenv("OLIVEBRANCH_TEST_POSTGRES")
	if base == "" {
		if strings.Contains(os.Getenv("OLIVEBRANCH_TEST_REQUIRE"), "postgres") {
			t.Fatal("set OLIVEBRANCH_TEST_POSTGRES to postgres://… of a PostgreSQL server")
		}
		t.Skip("set OLIVEBRANCH_TEST_POSTGRES to postgres://… of a PostgreSQL server")
	}
	admin, err := store.Open(t.Context(), store.Options{URL: base, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("outbox_%d_%d", time.Now().UnixNano(), rand.Uint32())
	do := func(sql string) {
		err := admin.InTx(context.Background(), func(_ context.Context, tx *gorm.DB) error { return tx.Exec(sql).Error })
		if err != nil {
			t.Error(err)
		}
	}
	do("CREATE SCHEMA " + name)
	t.Cleanup(func() {
		do("DROP SCHEMA " + name + " CASCADE")
		_ = admin.Close()
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

// mail is one for the address, of a kind.
func (h *house) mail(kind outbox.Kind, to string) outbox.Mail {
	h.t.Helper()
	m, err := address.ParseMail(to)
	if err != nil {
		h.t.Fatal(err)
	}
	return outbox.Mail{
		Kind: kind, Lang: "en", To: m.String(), ToKey: h.Keys.MailKey(0, m.Folded()),
		Args: map[string]string{"Name": "Min-ji Kim", "Code": "042017"}, Action: "/en/confirm/token", Manage: "/en/signature/token",
	}
}

func (h *house) enqueue(mails ...outbox.Mail) {
	h.t.Helper()
	err := h.Store.InTx(h.t.Context(), func(_ context.Context, tx *gorm.DB) error { return h.Enqueue(tx, mails...) })
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) rows() []outbox.Row {
	h.t.Helper()
	var out []outbox.Row
	if err := h.Store.Read(h.t.Context()).Order("id").Find(&out).Error; err != nil {
		h.t.Fatal(err)
	}
	return out
}

// takeOut does to the rows what a Mailer does when it sends all that waits,
// and says to whom that was.
func (h *house) takeOut() []string {
	h.t.Helper()
	var to []string
	for _, r := range h.rows() {
		if r.State != outbox.Waiting {
			continue
		}
		e, err := r.Open(h.Keys)
		if err != nil {
			h.t.Fatal(err)
		}
		to = append(to, e.To)
	}
	err := h.Store.InTx(h.t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&outbox.Row{}).Where("state = ?", outbox.Waiting).
			Updates(map[string]any{"state": outbox.Sent, "envelope": nil, "done_at": h.Now().UnixMilli()}).Error
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return to
}
