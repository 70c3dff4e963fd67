package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"gorm.io/gorm"

	"olivebranch/pkg/store"
)

// ErrNoTool says that a program of PostgreSQL's is missing.
var ErrNoTool = errors.New("it is not in the PATH: install PostgreSQL's client programs, of the server's version or newer (on Debian: postgresql-client)")

// dumpPostgres dumps the schema of the campaign in its custom format. Rows are
// counted and checked in the same snapshot, so that all are of one moment.
func (o *Core) dumpPostgres(ctx context.Context, m *Manifest, dir string) error {
	m.File = postgresFile
	path := filepath.Join(dir, m.File)
	err := o.Store.Snapshot(ctx, func(db *gorm.DB) error {
		within := store.With(ctx, db)
		var snapshot string
		if err := db.Raw("SELECT pg_export_snapshot()").Scan(&snapshot).Error; err != nil {
			return fmt.Errorf("share the snapshot: %w", err)
		}
		if err := m.describe(within, o.Store); err != nil {
			return err
		}
		_, err := pgTool(ctx, o.Config.Database, nil, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--snapshot="+snapshot,
			"--schema="+quotedPattern(m.Schema), "--file="+path)
		if err != nil {
			return err
		}
		m.Findings, err = verifyCopy(within, o.Store, o.Keys)
		return err
	})
	if err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	// All of it must be readable; that it holds the rows is pg_dump's word,
	// until it is restored.
	if _, err := pgTool(ctx, "", io.Discard, "pg_restore", "--file=-", path); err != nil {
		return fmt.Errorf("read the dump: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// quotedPattern lets pg_dump take a name as it is.
func quotedPattern(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// loadPostgres restores a dump into an empty database, all of it or nothing.
func loadPostgres(ctx context.Context, database, dump, dir string, hasSchema bool) error {
	list, err := pgTool(ctx, "", nil, "pg_restore", "--list", dump)
	if err != nil {
		return err
	}
	var wanted []string
	for line := range strings.Lines(list) {
		if hasSchema && (strings.Contains(line, " SCHEMA - ") || strings.Contains(line, " COMMENT - SCHEMA ")) {
			continue
		}
		wanted = append(wanted, line)
	}
	listed := filepath.Join(dir, "contents")
	if err := writeFile(listed, []byte(strings.Join(wanted, ""))); err != nil {
		return err
	}
	_, err = pgTool(ctx, database, nil, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--use-list="+listed, dump)
	return err
}

// pgTool runs a program of PostgreSQL's on a database, if one is named, and
// returns what it printed unless that goes to out. ErrNoTool.
func pgTool(ctx context.Context, database string, out io.Writer, name string, args ...string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, ErrNoTool)
	}
	c := exec.CommandContext(ctx, path)
	c.Env = os.Environ()
	if database != "" {
		address, secrets := libpqAddress(database)
		// Passwords stay out of the list of processes.
		dir, err := os.MkdirTemp("", "olivebranch-")
		if err != nil {
			return "", err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		service := filepath.Join(dir, "service")
		if err := writeFile(service, []byte("[olivebranch]\n"+secrets)); err != nil {
			return "", err
		}
		c.Env = append(c.Env, "PGSERVICEFILE="+service, "PGSERVICE=olivebranch")
		args = append([]string{"--dbname=" + address}, args...)
	}
	c.Args = append([]string{name}, args...)
	var printed, said bytes.Buffer
	c.Stdout, c.Stderr = &printed, &said
	if out != nil {
		c.Stdout = out
	}
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(said.String()))
	}
	return printed.String(), nil
}

// libpqParameters are those of an address that PostgreSQL's own programs
// understand and that need not be secret; others are for our driver alone.
var libpqParameters = strings.Fields("host hostaddr port dbname user passfile connect_timeout sslmode sslcert sslkey sslrootcert sslcrl sslnegotiation " +
	"ssl_min_protocol_version ssl_max_protocol_version channel_binding require_auth krbsrvname gssencmode target_session_attrs load_balance_hosts keepalives keepalives_idle")

// libpqAddress is the address for PostgreSQL's own programs, and as lines of a
// service file what is secret in it. The address may name several hosts, which
// package url does not read.
func libpqAddress(database string) (address, secrets string) {
	scheme, rest, _ := strings.Cut(database, "://")
	rest, query, _ := strings.Cut(rest, "?")
	hosts, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(hosts, '@'); at >= 0 {
		user, password, has := strings.Cut(hosts[:at], ":")
		if plain, err := url.QueryUnescape(strings.ReplaceAll(password, "+", "%2B")); has && err == nil {
			secrets += "password=" + plain + "\n"
		}
		hosts = user + hosts[at:]
	}
	given, _ := url.ParseQuery(query)
	kept := url.Values{}
	for name, values := range given {
		switch {
		case name == "password" || name == "sslpassword":
			secrets += name + "=" + values[0] + "\n"
		case slices.Contains(libpqParameters, name):
			kept[name] = values
		}
	}
	address = scheme + "://" + hosts + "/" + path
	if len(kept) > 0 {
		address += "?" + strings.ReplaceAll(kept.Encode(), "+", "%20")
	}
	return address, secrets
}
