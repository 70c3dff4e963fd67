package web_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/testkit"
)

const manyPartners = 10_000

// mostTime is what a page of the register may take, whole and over a socket,
// at the median.
const mostTime = 30 * time.Millisecond

// BenchmarkRegister asks for the register as a browser does, with 10,000
// partners in many scripts. Beside each stands a bare handler that writes the
// same bytes over the same kind of socket.
func BenchmarkRegister(b *testing.B) {
	for name, settings := range map[string]func(testing.TB) *config.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		b.Run(name, func(b *testing.B) { benchRegister(b, settings(b)) })
	}
}

func benchRegister(b *testing.B, c *config.Config) {
	a := testkit.Run(b, c)
	fillRegister(b, a)
	for _, page := range []struct{ name, path string }{
		{"appeal", "/en/"}, {"first", "/en/partners"}, {"korean", "/ko/partners"}, {"arabic", "/ar/partners"}, {"deep", "/en/partners?after=choir-5000"}, {"letter", "/en/partners?letter=M"},
		{"search", "/en/partners?q=choir+bridge"}, {"consonants", "/ko/partners?q=%E3%85%8D%E3%85%8E"}, {"nobody", "/en/partners?q=nobody+has+this"},
		{"facets", "/en/partners?region=142&kind=peace&language=ko&side=home"}, {"network", "/en/partners?network=choir-10"},
		{"map", "/en/partners?view=map"}, {"arabic-map", "/ar/partners?view=map"}, {"partner", "/en/partners/choir-77"}, {"members", "/en/partners/choir-10"}, {"json", "/en/partners.json"}, {"atom", "/en/partners.atom"},
	} {
		b.Run(page.name, func(b *testing.B) { againstPlain(b, a.BaseURL.String()+page.path) })
	}
}

// againstPlain measures a page, and a bare handler with the same bytes.
func againstPlain(b *testing.B, address string) {
	body := ask(b, address)
	plain := echo.New()
	plain.HideBanner, plain.HidePort = true, true
	plain.GET("/", func(c echo.Context) error { return c.HTMLBlob(http.StatusOK, body) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	plain.Listener = l
	go func() { _ = plain.Start("") }()
	defer func() { _ = plain.Close() }()
	var ours, bare []time.Duration
	for b.Loop() {
		start := time.Now()
		ask(b, address)
		ours = append(ours, time.Since(start))
		start = time.Now()
		ask(b, "http://"+l.Addr().String()+"/")
		bare = append(bare, time.Since(start))
	}
	median := func(took []time.Duration) time.Duration {
		slices.Sort(took)
		return took[len(took)/2]
	}
	b.ReportMetric(float64(median(ours).Microseconds())/1000, "ms/median")
	b.ReportMetric(float64(median(bare).Microseconds())/1000, "ms/plain")
	b.ReportMetric(float64(len(body)), "bytes")
	if m := median(ours); len(ours) >= 20 && m > mostTime {
		b.Errorf("%s takes %s at the median, more than %s", address, m, mostTime)
	}
	if len(body) > 60_000 {
		b.Errorf("%s has %d bytes", address, len(body))
	}
}

func ask(b *testing.B, address string) []byte {
	res, err := http.Get(address)
	if err != nil || res.StatusCode != http.StatusOK {
		b.Fatalf("%s: %v %v", address, res, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	return body
}

// fillRegister writes the partners as rows; one in a hundred is a network, and
// each of the others belongs to one.
func fillRegister(b *testing.B, a *testkit.App) {
	b.Helper()
	names := []string{"%s", "«%s»", "한들 %s 평화모임", "جمعية %s", "Вольный %s", "%s 和平会", "ひだまり %s", "%s के मित्र", "Association %s pour la paix", "%s für den Frieden"}
	countries, langs := locale.Countries(), []string{"en", "ko", "ar", "fr", "es", "de", "ru", "zh", "ja", "id", "vi", "th", "hi", "pt-BR"}
	type slug struct {
		Slug      string
		PartnerID int64
	}
	var rows []registry.Partner
	var slugs []slug
	for i := range manyPartners {
		p := registry.Partner{ID: a.Store.NewID(), Slug: fmt.Sprintf("choir-%d", i), State: registry.Active, ShowSignatures: true, Since: a.Clock.Now().Add(-time.Duration(i) * time.Hour).UnixMilli(),
			Profile: registry.Profile{Name: fmt.Sprintf(names[i%len(names)], testkit.CrowdName(i)), NameLatin: testkit.CrowdName(i), Website: fmt.Sprintf("https://choir-%d.example", i), WebsiteHost: fmt.Sprintf("choir-%d.example", i),
				Country: countries[i*7%len(countries)], Kind: registry.Kinds[i%(len(registry.Kinds)-1)], About: "We sing for the end of a war.", Reach: "under_100", Placement: "Our page", Lang: langs[i%len(langs)]},
			Networks: fmt.Sprintf("choir-%d", i%1000/10*10)}
		if i%3 == 0 {
			p.Country = "KR"
		}
		if i < 1000 && i%10 == 0 {
			p.Kind, p.Networks = registry.KindNetwork, ""
		}
		p.Refold()
		rows, slugs = append(rows, p), append(slugs, slug{p.Slug, p.ID})
	}
	settings, err := a.Registry.Settings(b.Context())
	if err == nil {
		err = a.Store.InTx(b.Context(), func(_ context.Context, tx *gorm.DB) error {
			if err := tx.Table("partner_slugs").CreateInBatches(slugs, 500).Error; err != nil {
				return err
			}
			return tx.CreateInBatches(rows, 200).Error
		})
	}
	if err == nil {
		settings.Home = "KR"
		err = a.Registry.SaveSettings(b.Context(), settings, operator) // which has the register read anew
	}
	if err != nil || a.Register.Len() != manyPartners {
		b.Fatalf("%d partners, %v", a.Register.Len(), err)
	}
}

var operator = audit.Actor{Kind: audit.Operator}
