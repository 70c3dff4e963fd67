package registry_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/app"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/testkit"
)

// house is a campaign without its web and without a mailer: letters stay in
// the outbox.
type house struct {
	*app.Core
	t     testing.TB
	clock *testkit.Clock
}

var reviewer = audit.Actor{Kind: audit.Staff, ID: 7}

// onEach runs a test on both databases.
func onEach(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) { test(t, newHouse(t, c)) })
}

func newHouse(t testing.TB, c *config.Config) *house {
	t.Helper()
	clock := testkit.NewClock()
	if err := app.Migrate(t.Context(), c, clock.Now); err != nil {
		t.Fatal(err)
	}
	core, err := app.OpenCore(t.Context(), c, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = core.Close() })
	return &house{Core: core, t: t, clock: clock}
}

// form is a good application.
func form() registry.Form {
	return registry.Form{
		Profile: registry.Profile{Name: "Harbour Choir", Website: "https://harbour-choir.example", Country: "KR", Kind: "peace",
			About: "We sing for peace.", Reach: "100_999", Placement: "https://harbour-choir.example/peace", Lang: "en"},
		Contact:  registry.Contact{Name: "Zebulon Quux", Role: "Chair", Email: "Zebulon.Quux@harbour-choir.example", Lang: "ko"},
		Consents: registry.ConsentPledge | registry.ConsentContact | registry.ConsentAuthorised,
	}
}

func (h *house) apply(change ...func(*registry.Form)) *registry.Application {
	h.t.Helper()
	f := form()
	for _, c := range change {
		c(&f)
	}
	a, err := h.Registry.Apply(h.t.Context(), f)
	if err != nil {
		h.t.Fatalf("apply: %v", err)
	}
	return a
}

func named(name, latin string) func(*registry.Form) {
	return func(f *registry.Form) { f.Name, f.NameLatin = name, latin }
}

// verified is an application whose address is confirmed.
func (h *house) verified(change ...func(*registry.Form)) *registry.Application {
	h.t.Helper()
	a, err := h.Registry.ConfirmAddress(h.t.Context(), h.apply(change...).ID)
	if err != nil || a.State != registry.Verified {
		h.t.Fatalf("confirm: %+v, %v", a, err)
	}
	return a
}

// partner is an admitted organization; no wish derives its slug.
func (h *house) partner(wish string, change ...func(*registry.Form)) *registry.Partner {
	h.t.Helper()
	p, err := h.Registry.Approve(h.t.Context(), registry.Decision{Application: h.verified(change...).ID, By: reviewer, Slug: wish})
	if err != nil {
		h.t.Fatalf("approve: %v", err)
	}
	return p
}

// put sets an application's state behind the back of the registry.
func (h *house) put(id int64, state registry.State) *registry.Application {
	h.t.Helper()
	if err := h.Store.Exec(h.t.Context(), "UPDATE applications SET state = ? WHERE id = ?", state, id); err != nil {
		h.t.Fatal(err)
	}
	return h.application(id)
}

func (h *house) application(id int64) *registry.Application {
	h.t.Helper()
	a, err := h.Registry.Application(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

// letters are the kinds of mail in the outbox, oldest first.
func (h *house) letters() []outbox.Row {
	h.t.Helper()
	var rows []outbox.Row
	if err := h.Store.Read(h.t.Context()).Order("id").Find(&rows).Error; err != nil {
		h.t.Fatal(err)
	}
	return rows
}

// letter is what the newest mail says.
func (h *house) letter() (outbox.Kind, string, outbox.Envelope) {
	h.t.Helper()
	rows := h.letters()
	if len(rows) == 0 {
		h.t.Fatal("no letter")
	}
	last := rows[len(rows)-1]
	e, err := last.Open(h.Keys)
	if err != nil {
		h.t.Fatal(err)
	}
	return last.Kind, last.Lang, e
}

// trail is what was noted about a row, as actor and action.
func (h *house) trail(subject string, id int64) []string {
	h.t.Helper()
	rows, _, err := h.Trail.Newest(h.t.Context(), subject, id, 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, e := range rows {
		out = append(out, fmt.Sprint(e.ActorKind, " ", e.Action, " ", e.Before, " ", e.After))
	}
	return out
}

// unclaim lets nobody read an application.
func (h *house) unclaim(id int64) {
	h.t.Helper()
	if err := h.Store.Exec(h.t.Context(), "UPDATE applications SET claimed_by = 0 WHERE id = ?", id); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) count(table string) int64 {
	h.t.Helper()
	var n int64
	if err := h.Store.Read(h.t.Context()).Table(table).Count(&n).Error; err != nil {
		h.t.Fatal(err)
	}
	return n
}

// written counts what a move leaves behind: entries, letters, partners.
func (h *house) written() [4]int64 {
	return [4]int64{h.count("audit_entries"), h.count("outbox"), h.count("partners"), h.count("partner_slugs")}
}

func (h *house) tx(do func(ctx context.Context, tx *gorm.DB) error) error {
	return h.Store.InTx(h.t.Context(), do)
}

const day = 24 * time.Hour
