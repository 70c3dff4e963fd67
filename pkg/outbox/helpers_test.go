package outbox_test

import (
	"context"
	"path/filepath"
	"testing"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/schema"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

// house is an outbox with all it needs.
type house struct {
	*outbox.Outbox
	t     *testing.T
	clock *testkit.Clock
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
		test(newHouse(t, store.Options{URL: testkit.Postgres(t).Database}))
	})
}

func sqliteHouse(t *testing.T) *house {
	return newHouse(t, store.Options{Path: filepath.Join(t.TempDir(), "outbox.db")})
}

func newHouse(t *testing.T, o store.Options) *house {
	t.Helper()
	c := testkit.NewClock()
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
