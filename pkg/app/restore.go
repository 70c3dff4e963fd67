package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/schema"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

// Why nothing was restored.
var (
	ErrNotFresh  = errors.New("restore wants a fresh folder, and this one is not empty: name another with --data")
	ErrNotEmpty  = errors.New("restore wants an empty database, and this one has tables: make a new one")
	ErrRestoring = errors.New("a restore was cut short in this data folder: run olivebranch restore again, or remove the folder")
)

// restoringPath is a folder that is there while a restore is under way or
// after one was cut short. Everything beside it is the restore's.
func restoringPath(c *config.Config) string { return filepath.Join(c.Data, "restoring") }

// Restored is what came of a restore. Gone are the token keys of the backup
// that are not among the keys: links made with them have ended. Findings is
// what does not hold; most likely it did not when the backup was made.
type Restored struct {
	*Manifest
	Gone     []string
	Findings []appeal.Finding
}

// Restore puts a backup and its keys into a fresh data folder, and with
// PostgreSQL into an empty database, migrates and verifies. Before anything
// is written it refuses what is not a backup of this kind of database, is
// damaged, belongs to other keys, or comes from a newer program; the data
// folder gets its database only when all of that is done. ErrNotFresh,
// ErrNotEmpty, ErrDamaged, seal.ErrWrongKeys, store.ErrLocked, ErrNoTool.
func Restore(ctx context.Context, c *config.Config, now func() time.Time, source, keysDir string) (_ *Restored, err error) {
	m, err := readManifest(source)
	if err != nil {
		return nil, err
	}
	if m.Database == "postgres" != c.Postgres() {
		return nil, fmt.Errorf("the backup is one of %s, and --database asks for another kind", m.Database)
	}
	if !schema.Knows(m.Migration) {
		return nil, fmt.Errorf("the backup was made by a newer olivebranch (%s, migration %s)", m.Program, m.Migration)
	}
	keys, err := seal.Load(keysDir)
	if err != nil {
		return nil, err
	}
	r := &Restored{Manifest: m}
	if r.Gone, err = m.opensWith(keys); err != nil {
		return nil, err
	}
	release, err := takeFresh(c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	stage := restoringPath(c)
	if err := os.Mkdir(stage, 0o700); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil { // the folder is as fresh as before
			err = errors.Join(err, os.RemoveAll(stage))
		}
	}()
	hash, err := copyFile(filepath.Join(source, m.File), filepath.Join(stage, m.File))
	if err != nil {
		return nil, err
	}
	if hash != m.SHA256 {
		return nil, fmt.Errorf("%w: %s is not as it was written", ErrDamaged, m.File)
	}
	if err := copyKeys(keysDir, filepath.Join(stage, "keys")); err != nil {
		return nil, err
	}
	staged := *c
	staged.Data = stage
	if c.Postgres() {
		if err := fillPostgres(ctx, &staged, m, now); err != nil {
			return nil, err
		}
	}
	if r.Findings, err = checkRestored(ctx, &staged, m, now, keys); err != nil {
		return nil, err
	}
	return r, unveil(c)
}

// takeFresh locks the data folder and refuses one that holds anything but
// what an earlier restore left when it was cut short, which goes.
func takeFresh(c *config.Config) (release func() error, err error) {
	if err := c.MakeData(); err != nil {
		return nil, err
	}
	lock, err := store.LockFile(filepath.Join(c.Data, lockName))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, lock.Release())
		}
	}()
	if _, err := os.Stat(restoringPath(c)); err == nil {
		for _, ours := range []string{sqliteFile, "keys", "restoring"} {
			if err := os.RemoveAll(filepath.Join(c.Data, ours)); err != nil {
				return nil, err
			}
		}
	}
	entries, err := os.ReadDir(c.Data)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Name() != lockName {
			return nil, fmt.Errorf("%s: %w", c.Data, ErrNotFresh)
		}
	}
	return lock.Release, nil
}

// fillPostgres loads the dump into the database, which must have no tables.
func fillPostgres(ctx context.Context, c *config.Config, m *Manifest, now func() time.Time) (err error) {
	s, err := openStore(ctx, c, now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var here struct {
		Schema string
		Wanted bool
		Tables int
	}
	err = s.Read(ctx).Raw("SELECT COALESCE(current_schema(), '') AS schema, EXISTS (SELECT FROM information_schema.schemata WHERE schema_name = ?) AS wanted,"+
		" (SELECT count(*) FROM information_schema.tables WHERE table_schema = ?) AS tables", m.Schema, m.Schema).Scan(&here).Error
	if err != nil {
		return fmt.Errorf("look whether the database is empty: %w", err)
	}
	if here.Tables > 0 {
		return ErrNotEmpty
	}
	if here.Schema != m.Schema && here.Schema != "" {
		return fmt.Errorf("the backup is of the schema %q, and the database would use %q: set search_path in --database", m.Schema, here.Schema)
	}
	return loadPostgres(ctx, c.Database, filepath.Join(c.Data, m.File), c.Data, here.Wanted)
}

// checkRestored looks at what was restored before anybody uses it: its
// structure, its rows and its keys as the manifest has them; then it migrates
// and verifies.
func checkRestored(ctx context.Context, c *config.Config, m *Manifest, now func() time.Time, keys *seal.Keys) (found []appeal.Finding, err error) {
	s, err := openStore(ctx, c, now)
	if err != nil {
		return nil, err
	}
	err = compare(ctx, s, m, keys)
	if err = errors.Join(err, s.Close()); err != nil {
		return nil, err
	}
	if err := Migrate(ctx, c, now); err != nil {
		return nil, err
	}
	if s, err = openStore(ctx, c, now); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return verifyCopy(ctx, s, keys)
}

func compare(ctx context.Context, s *store.Store, m *Manifest, keys *seal.Keys) error {
	if !s.Postgres() {
		damage, err := s.Damage(ctx)
		if err != nil {
			return err
		}
		if damage != "" {
			return fmt.Errorf("%w: %s", ErrDamaged, damage)
		}
	}
	have := &Manifest{}
	if err := have.describe(ctx, s); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if have.Migration != m.Migration || !maps.Equal(have.Counts, m.Counts) {
		return fmt.Errorf("%w: its rows are not those that its manifest counts", ErrDamaged)
	}
	have.Keys = m.Keys
	_, err := have.opensWith(keys)
	return err
}

// unveil moves what was restored to its place. Until the last step a cut is
// noticed by everybody who opens the folder.
func unveil(c *config.Config) error {
	stage := restoringPath(c)
	if log, err := os.Stat(filepath.Join(stage, sqliteFile+"-wal")); err == nil && log.Size() > 0 {
		return errors.New("SQLite left a log behind, without which the database is not whole")
	}
	moved := []string{"keys"}
	if !c.Postgres() {
		moved = append(moved, sqliteFile)
	}
	for _, name := range moved {
		if err := os.Rename(filepath.Join(stage, name), filepath.Join(c.Data, name)); err != nil {
			return err
		}
	}
	if err := syncFolder(c.Data); err != nil {
		return err
	}
	if err := os.RemoveAll(stage); err != nil {
		return err
	}
	return syncFolder(c.Data)
}
