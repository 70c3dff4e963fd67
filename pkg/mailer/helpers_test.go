package mailer_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/mailer"
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
		test(newHouse(t, store.Options{Path: filepath.Join(t.TempDir(), "mail.db")}))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(newHouse(t, store.Options{URL: testkit.Postgres(t).Database}))
	})
}

func sqliteHouse(t *testing.T) *house {
	return newHouse(t, store.Options{Path: filepath.Join(t.TempDir(), "mail.db")})
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

// stored is a row of the outbox.
type stored struct {
	ID        int64
	Kind      string
	State     string
	Envelope  []byte
	Tries     int64
	NotBefore int64
	LastError string
}

func (h *house) rows() []stored {
	h.t.Helper()
	var out []stored
	if err := h.Store.Read(h.t.Context()).Table("outbox").Order("id").Find(&out).Error; err != nil {
		h.t.Fatal(err)
	}
	return out
}

func (h *house) only() stored {
	h.t.Helper()
	rows := h.rows()
	if len(rows) != 1 {
		h.t.Fatalf("the outbox has %d rows, want 1", len(rows))
	}
	return rows[0]
}

func (h *house) mailer(s mailer.Sender) *mailer.Mailer {
	return h.with(func(o *mailer.Options) { o.Sender = s })
}

// under is a mailer under ceilings.
func (h *house) under(c outbox.Ceilings, s mailer.Sender) *mailer.Mailer {
	return h.with(func(o *mailer.Options) { o.Sender, o.Ceilings = s, c })
}

// everyoneIsNew takes each confirmation for the first of its request.
func everyoneIsNew(_ *gorm.DB, confirmations []outbox.Envelope) ([]bool, error) {
	return slices.Repeat([]bool{true}, len(confirmations)), nil
}

func (h *house) with(set func(o *mailer.Options)) *mailer.Mailer {
	h.t.Helper()
	o := mailer.Options{
		Store: h.Store, Keys: h.Keys, Now: h.Now, Words: speak, Phrase: func(key, lang string) (string, string) { return "registry.reason." + key, lang },
		CampaignName: func(lang string) string {
			return map[string]string{"ko": "한반도 평화선언", "ar": "نداء السلام في كوريا"}[lang] + " Peace"
		},
		BaseURL: "https://appeal.example.org", From: "Peace Appeal <appeal@example.org>",
	}
	set(&o)
	m, err := mailer.New(o)
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

// deliver makes rounds until nothing is due.
func (h *house) deliver(m *mailer.Mailer) {
	h.t.Helper()
	for {
		n, err := m.DeliverDue(h.t.Context())
		if err != nil {
			h.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// phrases speaks enough of a language for a mail.
type phrases struct {
	lang, dir string
	say       map[string]string
}

func (p phrases) Lang() string { return p.lang }
func (p phrases) Dir() string  { return p.dir }

func (p phrases) Language(code string) string { return code + " in " + p.lang }

func (p phrases) T(id string, pairs ...any) string {
	s, ok := p.say[id]
	if !ok {
		switch {
		case strings.HasSuffix(id, ".subject"):
			s = "About {{.Campaign}} {{.Organization}}"
		case strings.HasSuffix(id, ".body"):
			s = "To {{.Campaign}}.\n\n{{.Organization}} {{.Reference}}\n\n{{.Reason}}\n\n{{.Words}}\n\nEnd."
		default:
			s = id
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		s = strings.ReplaceAll(s, "{{."+pairs[i].(string)+"}}", fmt.Sprint(pairs[i+1]))
	}
	return s
}

func speak(lang string) mailer.Words {
	switch lang {
	case "ko":
		return phrases{"ko", "ltr", map[string]string{
			"mail.greeting": "{{.Name}} 님께", "mail.greeting_plain": "안녕하세요", "mail.code": "또는 이 번호를 입력하세요:",
			"mail.sign_confirm.subject": "서명을 확인해 주세요: {{.Campaign}}", "mail.sign_confirm.action": "서명 확인",
			"mail.sign_confirm.body": "{{.Campaign}}에 서명해 주셔서 고맙습니다.\n\n아래 단추를 눌러 주세요.",
		}}
	case "ar":
		return phrases{"ar", "rtl", map[string]string{
			"mail.greeting": "مرحبا {{.Name}}،", "mail.greeting_plain": "مرحبا،", "mail.code": "أو أدخل هذا الرمز:",
			"mail.sign_confirm.subject": "يرجى تأكيد توقيعك: {{.Campaign}}", "mail.sign_confirm.action": "تأكيد التوقيع",
			"mail.sign_confirm.body": "شكرا لتوقيعك على {{.Campaign}}.\n\nاضغط على الزر.",
		}}
	}
	return phrases{"en", "ltr", map[string]string{"mail.greeting": "Hello {{.Name}},", "mail.greeting_plain": "Hello,"}}
}

// script is a Sender that answers as told and remembers what it got.
type script struct {
	answer func(l mailer.Letter) error // nil: always takes it

	mu  sync.Mutex
	got []mailer.Letter
}

func (s *script) Send(_ context.Context, l mailer.Letter) error {
	s.mu.Lock()
	s.got = append(s.got, l)
	s.mu.Unlock()
	if s.answer != nil {
		return s.answer(l)
	}
	return nil
}

func (s *script) letters() []mailer.Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

var errBusy = errors.New("451 4.7.1 come back later")
