package app

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

// manifestFormat is raised when an older program could not restore a backup
// correctly any more.
const manifestFormat = 1

// The files of a backup. The sums are in the form that sha256sum -c reads.
const (
	manifestFile = "manifest.json"
	sumsFile     = "SHA256SUMS"
	sqliteFile   = "olivebranch.db"
	postgresFile = "olivebranch.dump"
)

// Manifest says what a backup holds. Nothing in it is personal, nor tells
// anything about the keys.
type Manifest struct {
	Format    int              `json:"format"`
	Program   string           `json:"program"`
	Migration string           `json:"migration"`
	Database  string           `json:"database"` // sqlite or postgres
	Schema    string           `json:"schema,omitempty"`
	TakenAt   time.Time        `json:"taken_at"` // all that was committed before is in it
	Counts    map[string]int64 `json:"counts"`   // rows by table
	File      string           `json:"file"`
	Bytes     int64            `json:"bytes"`
	SHA256    string           `json:"sha256"`
	Keys      seal.Fingerprint `json:"keys"`
	Canaries  []sealedRow      `json:"canaries"` // sealed words, to try keys on
	Findings  []appeal.Finding `json:"findings"` // of verify, in the campaign itself
}

// ErrDamaged says that a backup is not what it was when it was made.
var ErrDamaged = errors.New("the backup is damaged")

// Version is that of the program: its tag or commit, or devel.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "devel"
}

// describe fills in what the database says about itself, in one snapshot.
func (m *Manifest) describe(ctx context.Context, s *store.Store) error {
	db := s.Read(ctx)
	m.Database = "sqlite"
	tables := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	if s.Postgres() {
		m.Database = "postgres"
		if err := db.Raw("SELECT current_schema()").Scan(&m.Schema).Error; err != nil {
			return err
		}
		tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
	}
	if err := db.Raw("SELECT max(id) FROM migrations WHERE id <> 'SCHEMA_INIT'").Scan(&m.Migration).Error; err != nil {
		return err
	}
	if err := db.Table("canaries").Select("id, sealed").Order("id").Scan(&m.Canaries).Error; err != nil {
		return err
	}
	var err error
	m.Counts, err = countRows(db, tables)
	return err
}

func countRows(db *gorm.DB, tables string) (map[string]int64, error) {
	var names []string
	if err := db.Raw(tables).Scan(&names).Error; err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	counts := map[string]int64{}
	for _, name := range names {
		var n int64
		if err := db.Table(name).Count(&n).Error; err != nil {
			return nil, fmt.Errorf("count %s: %w", name, err)
		}
		counts[name] = n
	}
	return counts, nil
}

// opensWith says whether keys are those of the backup: by their fingerprint,
// and by what they open. It names the retired token keys that are not there.
// seal.ErrWrongKeys.
func (m *Manifest) opensWith(keys *seal.Keys) (gone []string, err error) {
	if gone, err = m.Keys.Matches(keys); err != nil {
		return nil, err
	}
	if len(m.Canaries) == 0 {
		return nil, fmt.Errorf("%w: it has nothing to try the keys on", ErrDamaged)
	}
	for _, c := range m.Canaries {
		if _, err := keys.Open(canaryColumn, c.ID, c.Sealed); err != nil {
			return nil, fmt.Errorf("%w: %w", seal.ErrWrongKeys, err)
		}
	}
	return gone, nil
}

// write puts the manifest and the sums beside the file of the backup.
func (m *Manifest) write(dir string) (err error) {
	if m.Bytes, m.SHA256, err = sum(filepath.Join(dir, m.File)); err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	own := sha256.Sum256(text)
	sums := fmt.Sprintf("%s  %s\n%x  %s\n", m.SHA256, m.File, own, manifestFile)
	return errors.Join(writeFile(filepath.Join(dir, manifestFile), text), writeFile(filepath.Join(dir, sumsFile), []byte(sums)))
}

// readManifest reads that of a backup and checks the sums, but not yet that
// of the big file. ErrDamaged.
func readManifest(dir string) (*Manifest, error) {
	sums, err := os.ReadFile(filepath.Join(dir, sumsFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s is no backup of olivebranch: it has no %s", dir, sumsFile)
	}
	if err != nil {
		return nil, err
	}
	stated := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(sums)); lines.Scan(); {
		if hash, name, ok := strings.Cut(lines.Text(), "  "); ok {
			stated[name] = hash
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if own := sha256.Sum256(text); stated[manifestFile] != hex.EncodeToString(own[:]) {
		return nil, fmt.Errorf("%w: %s is not as it was written", ErrDamaged, manifestFile)
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, manifestFile, err)
	}
	if m.Format > manifestFormat {
		return nil, fmt.Errorf("the backup was made by a newer olivebranch (%s)", m.Program)
	}
	if m.File != sqliteFile && m.File != postgresFile || stated[m.File] != m.SHA256 {
		return nil, fmt.Errorf("%w: %s and %s do not agree", ErrDamaged, manifestFile, sumsFile)
	}
	return m, nil
}

// sum reads a whole file.
func sum(path string) (int64, string, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return n, hex.EncodeToString(h.Sum(nil)), err
}

// writeFile writes a new file, its owner's alone, down to the disk.
func writeFile(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// copyFile copies into a new file, its owner's alone, down to the disk, and
// returns the SHA-256 of what it wrote.
func copyFile(from, to string) (_ string, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, h), in)
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, out.Sync(), out.Close())
}

// syncFolder writes the names in a folder down to the disk.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
