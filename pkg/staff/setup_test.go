package staff_test

import (
	"context"
	"encoding/base64"
	"sync"
	"testing"

	"golang.org/x/crypto/argon2"
	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/schema"
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
	return &staff.Staff{Store: s, Trail: audit.Trail{Store: s}, Now: clock.Now}
}

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

func (d *desk) begin(kind string, owner int64) string {
	d.t.Helper()
	token, err := d.Begin(d.t.Context(), kind, owner)
	if err != nil {
		d.t.Fatal(err)
	}
	return token
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
