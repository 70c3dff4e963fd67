package staff_test

import (
	"context"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"golang.org/x/crypto/argon2"
	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/schema"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

// desk is a campaign's staff on a database of their own.
type desk struct {
	*staff.Staff
	t     *testing.T
	clock *testkit.Clock
}

var operator = audit.Actor{Kind: audit.Operator}

// onEach runs a test on both databases.
func onEach(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		d := &desk{t: t, clock: testkit.NewClock()}
		d.Staff = open(t, c, d.clock)
		if err := schema.Migrate(t.Context(), d.Store); err != nil {
			t.Fatal(err)
		}
		test(t, d)
	})
}

func open(t *testing.T, c *config.Config, clock *testkit.Clock) *staff.Staff {
	t.Helper()
	if err := c.MakeData(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{URL: c.Database, Path: c.DatabasePath(), Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	keys, err := seal.Create(c.KeysPath())
	if err != nil {
		t.Fatal(err)
	}
	return &staff.Staff{Store: s, Keys: keys, Outbox: &outbox.Outbox{Store: s, Keys: keys, Now: clock.Now}, Trail: audit.Trail{Store: s}, Now: clock.Now, Cost: testkit.LightCost,
		Mailed: func() {}, Speaks: func(lang string) bool { return slices.Contains([]string{"en", "ko", "ar"}, lang) }}
}

// firefox is what a browser says of itself.
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

const password = "a sentence for testing"

// person is what a good account is made of.
func person(email string) staff.NewAccount {
	return staff.NewAccount{Email: email, Name: "Mina Example", Password: password, Lang: "en", Role: staff.Reviewer}
}

func (d *desk) add(email string) *staff.Account {
	d.t.Helper()
	a, err := d.Add(d.t.Context(), person(email), operator)
	if err != nil {
		d.t.Fatalf("add %s: %v", email, err)
	}
	return a
}

// hashed is the password as it is stored, hashed once for all tests.
var hashed = sync.OnceValue(func() string {
	salt := make([]byte, 16)
	b64 := base64.RawStdEncoding.EncodeToString
	return "$argon2id$v=19$m=65536,t=3,p=4$" + b64(salt) + "$" + b64(argon2.IDKey([]byte(password), salt, 3, 64*1024, 4, 32))
})

// insert makes an account as Add does, without the time hashing takes.
func (d *desk) insert(email string) *staff.Account {
	d.t.Helper()
	a := &staff.Account{ID: d.Store.NewID(), Email: email, Name: "Mina Example", Role: staff.Reviewer, Lang: "en", PasswordHash: hashed(), State: "active"}
	if err := d.Store.InTx(d.t.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Create(a).Error }); err != nil {
		d.t.Fatal(err)
	}
	return a
}

// failed sets how many wrong passwords in a row an account has seen.
func (d *desk) failed(email string, times int) {
	d.t.Helper()
	if err := d.Store.Exec(d.t.Context(), "UPDATE staff_accounts SET failures = ? WHERE email = ?", times, email); err != nil {
		d.t.Fatal(err)
	}
}

// lock locks an account as too many wrong passwords do.
func (d *desk) lock(email string) {
	d.t.Helper()
	if err := d.Store.Exec(d.t.Context(), "UPDATE staff_accounts SET locked_until = ? WHERE email = ?", d.clock.Now().Add(staff.LockTime).UnixMilli(), email); err != nil {
		d.t.Fatal(err)
	}
}

// letters is how many mails of a kind wait.
func (d *desk) letters(kind outbox.Kind) int64 {
	d.t.Helper()
	var n int64
	if err := d.Store.Read(d.t.Context()).Table("outbox").Where("kind = ?", kind).Count(&n).Error; err != nil {
		d.t.Fatal(err)
	}
	return n
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// begin makes a session of a representative, or a whole one of staff.
func (d *desk) begin(kind string, owner int64) string {
	d.t.Helper()
	if kind == staff.StaffSession {
		token, err := d.BeginWhole(d.t.Context(), owner, staff.ByTOTP, firefox)
		d.must(err)
		return token
	}
	token, err := d.Begin(d.t.Context(), kind, owner, firefox)
	d.must(err)
	return token
}

// enter makes a session as the right password does, and reads it.
func (d *desk) enter(account int64) *staff.Session {
	d.t.Helper()
	token, err := d.Begin(d.t.Context(), staff.StaffSession, account, firefox)
	d.must(err)
	return d.session(token)
}

func (d *desk) session(token string) *staff.Session {
	d.t.Helper()
	s, err := d.Session(d.t.Context(), staff.StaffSession, token)
	d.must(err)
	return s
}

// app is an authenticator app.
type app struct {
	t      *testing.T
	clock  *testkit.Clock
	secret string
}

// code is what the app shows so many half minutes from now.
func (a app) code(steps int) string {
	a.t.Helper()
	code, err := totp.GenerateCode(a.secret, a.clock.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		a.t.Fatal(err)
	}
	return code
}

// enrol adds an app to the account of a session, confirmed by the code of the
// half minute before, and returns the session's new token.
func (d *desk) enrol(s *staff.Session) (app, string) {
	d.t.Helper()
	who, err := d.Account(d.t.Context(), s.OwnerID)
	d.must(err)
	offer, err := d.NewOffer(who, "Our Appeal")
	d.must(err)
	a := app{d.t, d.clock, offer.Secret}
	token, err := d.EnrolTOTP(d.t.Context(), s, offer.Sealed, a.code(-1))
	d.must(err)
	return a, token
}

// deeds are what was noted about an account, oldest first.
func (d *desk) deeds(account int64) string {
	d.t.Helper()
	trail, _, err := d.Trail.Newest(d.t.Context(), "staff", account, 1000)
	d.must(err)
	var names []string
	for _, e := range trail {
		names = append(names, strings.TrimPrefix(e.Action, "staff."))
	}
	return strings.Join(names, " ")
}

// count is how many rows a table has.
func (d *desk) count(table string) int64 {
	d.t.Helper()
	var n int64
	if err := d.Store.Read(d.t.Context()).Table(table).Count(&n).Error; err != nil {
		d.t.Fatal(err)
	}
	return n
}

// passkeys are those of a site.
func (d *desk) passkeys() *staff.Passkeys {
	d.t.Helper()
	p, err := staff.NewPasskeys(d.Staff, &url.URL{Scheme: "https", Host: "appeal.example.org"}, func() string { return "Our Appeal" })
	d.must(err)
	return p
}
