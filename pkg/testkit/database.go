// Package testkit is what tests share: a database of their own, the whole
// program on a free port, a client that behaves like a browser, and a clock
// that stands still. Only _test.go files import it.
package testkit

import (
	"database/sql"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"olivebranch/locales"
	"olivebranch/pkg/config"
)

// Variables that decide what runs.
const (
	envPostgres = "OLIVEBRANCH_TEST_POSTGRES" // postgres://… of a server in which schemas may be made
	envRequire  = "OLIVEBRANCH_TEST_REQUIRE"  // what must not be skipped: postgres,chromium,npm
	envLong     = "OLIVEBRANCH_LONG"
)

// Long says whether tests may take their time.
func Long() bool { return os.Getenv(envLong) != "" }

// Languages are those that tests walk through: three that differ in script and
// direction, or with OLIVEBRANCH_LONG all there are.
func Languages(t testing.TB) []string {
	t.Helper()
	if !Long() {
		return []string{"en", "ko", "ar"}
	}
	files, err := fs.Glob(locales.FS, "*.toml")
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = strings.TrimSuffix(files[i], ".toml")
	}
	return files
}

// Unraced skips a test that does one thing after another for long when the race
// detector is on, which finds nothing there that shorter tests do not show it,
// and takes five times as long. .ci/run runs these tests without it.
func Unraced(t testing.TB) {
	t.Helper()
	if raced && !Long() {
		t.Skip("does one thing after another: run it without -race")
	}
}

// UnracedMain does so for a whole package, at the start of its TestMain: for
// tests that mostly wait for programs and browsers they start, of which the
// detector sees nothing but makes each start a second longer.
func UnracedMain() {
	if raced && !Long() {
		fmt.Println("starts programs: run it without -race")
		os.Exit(0)
	}
}

// Missing skips the test, or fails it when what is missing is required. hint
// says what to install.
func Missing(t testing.TB, what, hint string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv(envRequire), ","), what) {
		t.Fatalf("%s is required and missing: %s", what, hint)
	}
	t.Skip(hint)
}

// OnEach runs a test on SQLite and on PostgreSQL, each time with a fresh,
// empty database.
func OnEach(t *testing.T, test func(t *testing.T, c *config.Config)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Postgres(t))
	})
}

// SQLite is the settings of a campaign on a fresh SQLite file.
func SQLite(t testing.TB) *config.Config {
	t.Helper()
	return &config.Config{Addr: "127.0.0.1:0", Data: filepath.Join(t.TempDir(), "data"), Limits: "off", PictureCache: 32, LogLevel: "info"}
}

// Postgres is the settings of a campaign in a fresh schema of a PostgreSQL
// server, dropped after the test.
func Postgres(t testing.TB) *config.Config {
	t.Helper()
	server := os.Getenv(envPostgres)
	if server == "" {
		Missing(t, "postgres", "set "+envPostgres+"=postgres://… to a PostgreSQL server to run this test there too")
	}
	schema := fmt.Sprintf("t%x_%08x", time.Now().UnixMilli(), rand.Uint32())
	admin := func(sql string) { onServer(t, server, sql) }
	admin(`CREATE SCHEMA ` + schema)
	t.Cleanup(func() { admin(`DROP SCHEMA ` + schema + ` CASCADE`) })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	c := SQLite(t)
	c.Database = u.String()
	return c
}

// PostgresDatabase is the settings of a campaign in a fresh, empty database of
// a PostgreSQL server, dropped after the test: for what needs more than a
// schema of its own.
func PostgresDatabase(t testing.TB) *config.Config {
	t.Helper()
	server := os.Getenv(envPostgres)
	if server == "" {
		Missing(t, "postgres", "set "+envPostgres+"=postgres://… to a PostgreSQL server to run this test there too")
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("d%x_%08x", time.Now().UnixMilli(), rand.Uint32())
	onServer(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { onServer(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u.Path = "/" + name
	c := SQLite(t)
	c.Database = u.String()
	return c
}

// onServer runs a statement outside any transaction. The driver is that of
// package store.
func onServer(t testing.TB, server, statement string) {
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatalf("reach PostgreSQL: %v", err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}
