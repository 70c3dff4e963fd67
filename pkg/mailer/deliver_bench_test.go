package mailer_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"gorm.io/gorm"

	"olivebranch/pkg/mailer"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/schema"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

// Mails a second that are rendered and handed to nobody, with many waiting.
func BenchmarkDeliver(b *testing.B) {
	c := testkit.NewClock()
	s, err := store.Open(b.Context(), store.Options{Path: filepath.Join(b.TempDir(), "mail.db"), Now: c.Now})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := schema.Migrate(b.Context(), s); err != nil {
		b.Fatal(err)
	}
	keys, err := seal.Create(filepath.Join(b.TempDir(), "keys"))
	if err != nil {
		b.Fatal(err)
	}
	box := &outbox.Outbox{Store: s, Keys: keys, Now: c.Now}
	for n := 0; n < b.N+10_000; n += 1000 {
		var mails []outbox.Mail
		for i := range 1000 {
			to := fmt.Sprintf("p%d@site%d.example", n+i, (n+i)%50)
			mails = append(mails, outbox.Mail{Kind: outbox.SignConfirm, Lang: "en", To: to, ToKey: keys.MailKey(0, to), Args: map[string]string{"Name": "Min-ji"}, Action: "/en/confirm/token"})
		}
		if err := s.InTx(b.Context(), func(_ context.Context, tx *gorm.DB) error { return box.Enqueue(tx, mails...) }); err != nil {
			b.Fatal(err)
		}
	}
	m, err := mailer.New(mailer.Options{Store: s, Keys: keys, Now: c.Now, Words: speak, Phrase: func(key, lang string) (string, string) { return key, lang }, Sender: &nobody{},
		CampaignName: func(string) string { return "Peace" }, BaseURL: "https://appeal.example.org", From: "appeal@example.org"})
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for sent := 0; sent < b.N; {
		n, err := m.DeliverDue(b.Context())
		if err != nil || n == 0 {
			b.Fatal(n, err)
		}
		sent += n
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}

type nobody struct{}

func (nobody) Send(context.Context, mailer.Letter) error { return nil }
