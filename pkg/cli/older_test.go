package cli

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/config"
	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

// onEachDatabase runs a test on SQLite and in a database of its own on
// PostgreSQL.
func onEachDatabase(t *testing.T, test func(t *testing.T, c *config.Config)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, testkit.SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		clients(t)
		test(t, testkit.PostgresDatabase(t))
	})
}

// clients skips a test that needs PostgreSQL's own programs.
func clients(t *testing.T) {
	t.Helper()
	for _, name := range []string{"pg_dump", "pg_restore"} {
		if _, err := exec.LookPath(name); err != nil {
			testkit.Missing(t, "postgres", "install "+name+" (postgresql-client) to run this test there too")
		}
	}
}

// on is a command on a campaign that has not started.
func on(t *testing.T, c *config.Config, args ...string) *exec.Cmd {
	t.Helper()
	p := program(t, c.Data, args...)
	if c.Postgres() {
		p.Env = append(p.Env, "OLIVEBRANCH_DATABASE="+c.Database)
	}
	return p
}

// mustOn runs a command on a campaign; it succeeds.
func mustOn(t *testing.T, c *config.Config, args ...string) outcome {
	t.Helper()
	o := runWith(t, on(t, c, args...))
	o.wants(t, exitOK, "")
	return o
}

// olderFacts are links and a code from the older campaign's mails.
type olderFacts struct {
	WaitingLink string `json:"waiting_link"`
	Code        string `json:"code"`
	Confirmed   string `json:"confirmed"`
	Forgotten   string `json:"forgotten"`
	Withdrawn   string `json:"withdrawn"`
}

// unpackOlder puts the older campaign where the settings say; see
// testdata/older/README.md.
func unpackOlder(t *testing.T, c *config.Config) (facts olderFacts) {
	t.Helper()
	name := "sqlite.tar.gz"
	if c.Postgres() {
		name = "postgres.tar.gz"
	}
	f, err := os.Open(filepath.Join("testdata", "older", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plain, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(c.Data, "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(plain); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err == nil && h.Typeflag == tar.TypeReg {
			err = os.WriteFile(filepath.Join(c.Data, filepath.FromSlash(h.Name)), body, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(filepath.Join(c.Data, "facts.json"))
	if err == nil {
		err = json.Unmarshal(raw, &facts)
	}
	if err != nil {
		t.Fatal(err)
	}
	if c.Postgres() {
		dump := filepath.Join(c.Data, "older.dump")
		if out, err := exec.Command("pg_restore", "--exit-on-error", "--no-owner", "--dbname="+c.Database, dump).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return facts
}

// opened is the database of a campaign, as it is.
func opened(t *testing.T, c *config.Config) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.Options{URL: c.Database, Path: c.DatabasePath(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// table is one with its columns, in order.
type table struct {
	name    string
	columns []string
}

// tables are all of a database.
func tables(t *testing.T, s *store.Store) (all []table) {
	t.Helper()
	db := s.Read(t.Context())
	names, err := db.Migrator().GetTables()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	for _, name := range names {
		if strings.HasPrefix(name, "sqlite_") {
			continue
		}
		types, err := db.Migrator().ColumnTypes(name)
		if err != nil {
			t.Fatal(err)
		}
		one := table{name: name}
		for _, c := range types {
			one.columns = append(one.columns, c.Name())
		}
		slices.Sort(one.columns)
		all = append(all, one)
	}
	return all
}

// content is a sum over the rows of each of these tables, with these columns.
func content(t *testing.T, s *store.Store, of []table) map[string]string {
	t.Helper()
	sums := map[string]string{}
	for _, one := range of {
		rows, err := s.Read(t.Context()).Table(one.name).Select(one.columns).Rows()
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for rows.Next() {
			cells, into := make([]any, len(one.columns)), make([]any, len(one.columns))
			for i := range cells {
				into[i] = &cells[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			for i, cell := range cells { // what is text for one driver is bytes for another
				if text, ok := cell.(string); ok {
					cells[i] = []byte(text)
				}
			}
			lines = append(lines, fmt.Sprintf("%q\n", cells))
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		slices.Sort(lines)
		sums[one.name] = fmt.Sprintf("%d rows %x", len(lines), sha256.Sum256([]byte(strings.Join(lines, ""))))
	}
	return sums
}

// shape is everything about a database but its rows, a line for each thing.
func shape(t *testing.T, s *store.Store) string {
	t.Helper()
	asked := []string{"SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_master ORDER BY 1"}
	if s.Postgres() {
		asked = []string{
			"SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || COALESCE(column_default, '') FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1",
			"SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1",
			"SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = current_schema()::regnamespace ORDER BY 1",
			"SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
			"SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace ORDER BY 1",
		}
	}
	var b bytes.Buffer
	for _, sql := range asked {
		var lines []string
		if err := s.Read(t.Context()).Raw(sql).Scan(&lines).Error; err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, strings.Join(lines, "\n"))
	}
	return b.String()
}
