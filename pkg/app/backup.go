package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/store"
)

// Why a backup was not made.
var (
	ErrBackupThere = errors.New("it exists already, and a backup never replaces anything")
	ErrBackupPart  = errors.New("another backup is on its way there, or one was cut short; in that case remove it")
	ErrKeysBeside  = errors.New("the keys must be kept apart from the backup: choose a folder that is neither in it nor around it")
	ErrKeysOther   = errors.New("the folder holds other keys than the campaign now has, which older backups may need: choose a new one")
)

// Backup writes the whole campaign but its keys into a new folder, beside a
// running server: everything committed before it began, as of one moment. The
// copy is checked: its structure, what must always hold, and a checksum. What
// does not hold in the campaign itself is in the manifest's findings; such a
// backup is kept, for it is what there is. keysTo, unless "", gets a copy of the
// keys. ErrBackupThere, ErrBackupPart, ErrKeysBeside, ErrKeysOther, ErrNoTool.
func (o *Core) Backup(ctx context.Context, target, keysTo string) (_ *Manifest, err error) {
	target = filepath.Clean(target)
	if _, err := os.Lstat(target); !errors.Is(err, os.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("%s: %w", target, ErrBackupThere))
	}
	if keysTo != "" {
		if err := o.checkKeysTo(target, keysTo); err != nil {
			return nil, fmt.Errorf("%s: %w", keysTo, err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return nil, err
	}
	part := target + ".part"
	if err := os.Mkdir(part, 0o700); err != nil {
		if errors.Is(err, os.ErrExist) {
			err = ErrBackupPart
		}
		return nil, fmt.Errorf("%s: %w", part, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(part))
		}
	}()
	m := &Manifest{Format: manifestFormat, Program: Version(), TakenAt: o.Now().UTC()}
	if o.Store.Postgres() {
		err = o.dumpPostgres(ctx, m, part)
	} else {
		err = o.copySQLite(ctx, m, part)
	}
	if err != nil {
		return nil, err
	}
	// Keys that were made meanwhile are needed, too.
	if _, err := o.Keys.Refresh(); err != nil {
		return nil, err
	}
	m.Keys = o.Keys.Fingerprint()
	if _, err := m.opensWith(o.Keys); err != nil {
		return nil, err
	}
	if err := m.write(part); err != nil {
		return nil, err
	}
	if err := errors.Join(syncFolder(part), os.Rename(part, target), syncFolder(filepath.Dir(target))); err != nil {
		return nil, err
	}
	if keysTo == "" {
		return m, nil
	}
	if err := copyKeys(o.Config.KeysPath(), keysTo); err != nil { // the backup stands
		return m, fmt.Errorf("the backup was made, but the keys were not copied: %w", err)
	}
	return m, nil
}

// copySQLite copies the database and checks the copy.
func (o *Core) copySQLite(ctx context.Context, m *Manifest, dir string) (err error) {
	m.File = sqliteFile
	path := filepath.Join(dir, m.File)
	if err := o.Store.CopyTo(ctx, path); err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{Path: path, Now: o.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	damage, err := s.Damage(ctx)
	if err != nil {
		return err
	}
	if damage != "" {
		return fmt.Errorf("the database is damaged, so that no backup can be made of it: %s", damage)
	}
	if err := m.describe(ctx, s); err != nil {
		return err
	}
	m.Findings, err = verifyCopy(ctx, s, o.Keys)
	return err
}

// verifyCopy is Verify for a database that no campaign runs on.
func verifyCopy(ctx context.Context, s *store.Store, keys *seal.Keys) ([]appeal.Finding, error) {
	found, err := (&Core{Store: s, Keys: keys, Staff: &staff.Staff{Store: s}}).Verify(ctx)
	if found == nil {
		found = []appeal.Finding{}
	}
	return found, err
}

// checkKeysTo refuses a folder from which the keys would travel with the
// backup, and one that holds other keys.
func (o *Core) checkKeysTo(target, keysTo string) error {
	a, err := resolved(target)
	if err != nil {
		return err
	}
	b, err := resolved(keysTo)
	if err != nil {
		return err
	}
	if within(a, b) || within(b, a) {
		return ErrKeysBeside
	}
	if !seal.Exists(keysTo) {
		return nil
	}
	there, err := seal.Load(keysTo)
	if err != nil {
		return err
	}
	mine := o.Keys.Fingerprint()
	for name, print := range there.Fingerprint() {
		if mine[name] != print {
			return ErrKeysOther
		}
	}
	return nil
}

// resolved is a path without symbolic links, as far as it exists.
func resolved(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, os.ErrNotExist) && path != filepath.Dir(path) {
		parent, err := resolved(filepath.Dir(path))
		return filepath.Join(parent, filepath.Base(path)), err
	}
	return real, err
}

func within(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// copyKeys copies the rings, each as a whole, over those that were copied
// before.
func copyKeys(from, to string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for _, name := range seal.Files() {
		draft := filepath.Join(to, name+".new")
		if err := os.Remove(draft); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if _, err := copyFile(filepath.Join(from, name), draft); err != nil {
			return err
		}
		if err := os.Rename(draft, filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return syncFolder(to)
}
