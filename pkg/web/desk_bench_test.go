package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"context"

	"olivebranch/pkg/config"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// manyApplications is a campaign whose desk has never been cleared.
const manyApplications = 10_000

// BenchmarkDesk asks for the pages of the desk as a browser does, whole and
// over a socket, with 10,000 applications. The metric is the median.
func BenchmarkDesk(b *testing.B) {
	for name, settings := range map[string]func(testing.TB) *config.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		b.Run(name, func(b *testing.B) { benchDesk(b, settings(b)) })
	}
}

func benchDesk(b *testing.B, c *config.Config) {
	a := testkit.Run(b, c)
	fillDesk(b, a)
	token, err := a.Staff.BeginWhole(b.Context(), a.AddStaff("bench@example.org", staff.Admin).ID, staff.ByTOTP, "")
	if err != nil {
		b.Fatal(err)
	}
	for name, path := range map[string]string{
		"inbox": "/console", "approved": "/console?tab=approved", "search": "/console?q=choir+bridge", "rare": "/console?q=nobody+has+this",
		"facets": "/console?country=KR&kind=peace&lang=ko", "overdue": "/console?overdue=1&claimed=nobody",
	} {
		b.Run(name, func(b *testing.B) { askMedian(b, a, path, token) })
	}
}

func askMedian(b *testing.B, a *testkit.App, path, token string) {
	req, err := http.NewRequest(http.MethodGet, a.BaseURL.String()+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Cookie", "__Host-staff="+token)
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		res, err := http.DefaultClient.Do(req)
		if err != nil || res.StatusCode != http.StatusOK {
			b.Fatalf("%s: %v %v", path, res, err)
		}
		_ = res.Body.Close()
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median")
}

func fillDesk(b *testing.B, a *testkit.App) {
	b.Helper()
	countries, langs := []string{"KR", "JP", "US", "DE", "FR", "JO", "BR", "KE"}, []string{"en", "ko", "ar"}
	states := []registry.State{registry.Verified, registry.Verified, registry.InReview, registry.NeedsInfo, registry.Submitted, registry.Approved, registry.Declined}
	var rows []registry.Application
	for i := range manyApplications {
		name := testkit.CrowdName(i)
		at := a.Clock.Now().Add(-time.Duration(i) * 7 * time.Minute).UnixMilli()
		// An id holds its time, and what came in within a minute is read anew by each look for names.
		app := registry.Application{ID: at<<22 | int64(i), Reference: fmt.Sprintf("OB-2026-%06d", i), State: states[i%len(states)], Version: 1,
			Profile: registry.Profile{Name: name, Website: fmt.Sprintf("https://choir-%d.example", i), WebsiteHost: fmt.Sprintf("choir-%d.example", i), Country: countries[i%len(countries)],
				Kind: registry.Kinds[i%len(registry.Kinds)], About: "We sing.", Reach: "under_100", Placement: "Our page", Lang: "en"},
			EmailDomain: "choir.example", MailLang: langs[i%len(langs)], CreatedAt: at, SubmittedAt: at, VerifiedAt: at, WaitingSince: at,
			EmailKey: a.Keys.MailKey(0, fmt.Sprintf("c%d@choir.example", i/2))}
		app.Refold()
		app.ContactName = a.Keys.Seal("applications.contact_name", app.ID, []byte("Zenobia"))
		app.ContactEmail = a.Keys.Seal("applications.contact_email", app.ID, fmt.Appendf(nil, "c%d@choir.example", i))
		rows = append(rows, app)
	}
	err := a.Store.InTx(b.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.CreateInBatches(rows, 200).Error })
	if err == nil && a.Store.Postgres() {
		err = a.Store.Read(b.Context()).Exec("VACUUM ANALYZE applications").Error // as its autovacuum does within a minute
	}
	if err != nil {
		b.Fatal(err)
	}
}
