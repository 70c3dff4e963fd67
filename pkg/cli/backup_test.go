package cli

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/config"
	"olivebranch/pkg/testkit"
)

// backedUp is a small campaign with a backup of it and a copy of its keys.
func backedUp(t *testing.T, c *config.Config) (backup, keys string) {
	t.Helper()
	mustOn(t, c, "migrate")
	mustOn(t, c, "seed", "--signatures", "20")
	place := t.TempDir()
	backup, keys = filepath.Join(place, "backup"), filepath.Join(place, "keys")
	o := mustOn(t, c, "backup", backup, "--keys-to", keys)
	o.wants(t, exitOK, "is made and checked: 20 signatures, 0 partners")
	if o.out != "" {
		t.Errorf("words on stdout: %s", o.out)
	}
	return backup, keys
}

// refuses wants a restore to fail with these words, and to leave nothing.
func refuses(t *testing.T, c *config.Config, backup, keys, words string) {
	t.Helper()
	runWith(t, on(t, c, "restore", backup, "--keys", keys)).wants(t, exitFailed, words)
	left, err := os.ReadDir(c.Data)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range left {
		if e.Name() != "olivebranch.lock" {
			t.Errorf("a refused restore left %s", e.Name())
		}
	}
	if c.Postgres() {
		if have := tables(t, opened(t, c)); len(have) > 0 {
			t.Errorf("a refused restore left %d tables", len(have))
		}
	}
}

// copied is a folder with the same files.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// flip turns one bit of a file, so far through it.
func flip(t *testing.T, path string, part float64) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[int(part*float64(len(text)-1))] ^= 1
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRestoreRefusesOtherKeysAndDamage(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, c *config.Config) {
		backup, keys := backedUp(t, c)
		fresh := again(t, c)
		strangers := again(t, c)
		mustOn(t, strangers, "migrate")
		for _, name := range []string{"seal", "token", "mail"} {
			mixed := copied(t, keys) // two of the right keys, one of another campaign
			other, err := os.ReadFile(filepath.Join(strangers.KeysPath(), name+".key"))
			if err == nil {
				err = os.WriteFile(filepath.Join(mixed, name+".key"), other, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			refuses(t, fresh, backup, mixed, "these are not the keys: the key \""+name)
		}
		refuses(t, fresh, backup, strangers.KeysPath(), "these are not the keys")
		refuses(t, fresh, backup, filepath.Join(keys, "nowhere"), "keys are missing")
		refuses(t, fresh, keys, keys, "is no backup of olivebranch")
		refuses(t, fresh, filepath.Join(backup, "nowhere"), keys, "is no backup of olivebranch")

		files, err := os.ReadDir(backup)
		if err != nil || len(files) != 3 {
			t.Fatalf("the backup has %d files, %v", len(files), err)
		}
		for _, f := range files {
			for _, part := range []float64{0, 0.4, 1} {
				damaged := copied(t, backup)
				flip(t, filepath.Join(damaged, f.Name()), part)
				words := "the backup is damaged"
				if f.Name() == "SHA256SUMS" && part == 1 {
					words = "" // the line's end
				}
				refuses(t, fresh, damaged, keys, words)
			}
			less := copied(t, backup)
			if err := os.Remove(filepath.Join(less, f.Name())); err != nil {
				t.Fatal(err)
			}
			refuses(t, fresh, less, keys, "")
		}
		mustOn(t, fresh, "restore", backup, "--keys", keys)
		mustOn(t, fresh, "verify")
		runWith(t, on(t, fresh, "restore", backup, "--keys", keys)).wants(t, exitFailed, "this one is not empty")
		if c.Postgres() {
			fresh.Data = filepath.Join(t.TempDir(), "data")
			runWith(t, on(t, fresh, "restore", backup, "--keys", keys)).wants(t, exitFailed, "this one has tables")
		}
	})
}

// rewritten changes the manifest of a backup, and its sum with it.
func rewritten(t *testing.T, backup, old, new string) string {
	t.Helper()
	to := copied(t, backup)
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(to, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	before := read("manifest.json")
	after := strings.Replace(before, old, new, 1)
	if after == before {
		t.Fatalf("the manifest has no %s:\n%s", old, before)
	}
	sum := func(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }
	for name, text := range map[string]string{"manifest.json": after, "SHA256SUMS": strings.Replace(read("SHA256SUMS"), sum(before), sum(after), 1)} {
		if err := os.WriteFile(filepath.Join(to, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func TestRestoreRefusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, c *config.Config) {
		backup, keys := backedUp(t, c)
		fresh := again(t, c)
		migration := read[app.Manifest](t, mustOn(t, c, "backup", filepath.Join(t.TempDir(), "two"), "--json")).Migration
		for _, change := range []struct{ old, new, words string }{
			{`"format": 1`, `"format": 2`, "made by a newer olivebranch"},
			{migration, "9999-later", "made by a newer olivebranch"},
			{`"file": "olivebranch.`, `"file": "../olivebranch.`, "the backup is damaged"},
			{`"canaries": [`, `"canaries": [], "was": [`, "nothing to try the keys on"},
		} {
			refuses(t, fresh, rewritten(t, backup, change.old, change.new), keys, change.words)
		}
		kind := map[bool]string{true: "postgres", false: "sqlite"}
		refuses(t, fresh, rewritten(t, backup, `"database": "`+kind[c.Postgres()], `"database": "`+kind[!c.Postgres()]), keys, "another kind")
		if !c.Postgres() { // there the rows are in before they can be counted
			refuses(t, fresh, rewritten(t, backup, `"signatures": 20`, `"signatures": 21`), keys, "not those that its manifest counts")
		}
	})
}

func TestABackupNeverReplacesAnythingAndKeepsTheKeysApart(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, c *config.Config) {
		backup, keys := backedUp(t, c)
		before, err := os.ReadFile(filepath.Join(backup, "SHA256SUMS"))
		if err != nil {
			t.Fatal(err)
		}
		runWith(t, on(t, c, "backup", backup)).wants(t, exitFailed, "it exists already")
		if after, err := os.ReadFile(filepath.Join(backup, "SHA256SUMS")); err != nil || string(after) != string(before) {
			t.Error("an older backup was changed")
		}
		place := t.TempDir()
		target := filepath.Join(place, "new")
		link := filepath.Join(place, "link")
		if err := os.Symlink(place, link); err != nil {
			t.Fatal(err)
		}
		for _, beside := range []string{target, filepath.Join(target, "keys"), target + "/../new/keys", place, filepath.Join(link, "new", "keys"), link} {
			runWith(t, on(t, c, "backup", target, "--keys-to", beside)).wants(t, exitFailed, "kept apart")
		}
		strangers := again(t, c)
		mustOn(t, strangers, "migrate")
		runWith(t, on(t, c, "backup", target, "--keys-to", strangers.KeysPath())).wants(t, exitFailed, "holds other keys")
		if err := os.Mkdir(target+".part", 0o700); err != nil {
			t.Fatal(err)
		}
		runWith(t, on(t, c, "backup", target)).wants(t, exitFailed, "cut short")
		if err := os.Remove(target + ".part"); err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(place); err != nil || len(left) != 1 {
			t.Errorf("refused backups left %v, %v", left, err)
		}
		mustOn(t, c, "backup", target, "--keys-to", keys) // the same keys again
		for _, name := range []string{"seal", "token", "mail"} {
			key, err := os.ReadFile(filepath.Join(c.KeysPath(), name+".key"))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range []string{"manifest.json", "SHA256SUMS"} {
				text, err := os.ReadFile(filepath.Join(target, f))
				if err != nil || strings.Contains(string(text), strings.Fields(string(key))[1]) {
					t.Errorf("%s holds the %s key, %v", f, name, err)
				}
			}
		}
	})
}

// What does not hold in the campaign is said, and the backup is made all the
// same: there is no other.
func TestABackupOfACampaignThatIsNotInOrderSaysSo(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, c *config.Config) {
		_, keys := backedUp(t, c)
		if err := opened(t, c).Exec(t.Context(), "UPDATE tallies SET n = n + 1 WHERE kind = 'total'"); err != nil {
			t.Fatal(err)
		}
		backup := filepath.Join(t.TempDir(), "two")
		runWith(t, on(t, c, "backup", backup)).wants(t, exitFailed, "invariant 1: ")
		fresh := again(t, c)
		runWith(t, on(t, fresh, "restore", backup, "--keys", keys)).wants(t, exitFailed, "invariant 1: ")
		runWith(t, on(t, fresh, "verify")).wants(t, exitFailed, "findings")
	})
}

func TestRestoreLeavesARunningServerAlone(t *testing.T) {
	t.Parallel()
	c := again(t, &config.Config{})
	backup, keys := backedUp(t, c)
	s := serveOn(t, c)
	runWith(t, on(t, c, "restore", backup, "--keys", keys)).wants(t, exitFailed, "another olivebranch uses this data folder")
	s.stop().wants(t, exitOK, "")
	mustOn(t, c, "verify")
}

// A restore that was cut short is noticed by whoever opens the folder, and is
// done from the start by the next.
func TestARestoreThatWasCutShortIsDoneAgain(t *testing.T) {
	t.Parallel()
	c := again(t, &config.Config{})
	backup, keys := backedUp(t, c)
	for _, left := range [][]string{{}, {"keys"}, {"keys", "olivebranch.db"}} {
		fresh := again(t, c)
		if err := os.MkdirAll(filepath.Join(fresh.Data, "restoring"), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, name := range left {
			from := filepath.Join(backup, name)
			if name == "keys" {
				if err := os.CopyFS(filepath.Join(fresh.Data, name), os.DirFS(keys)); err != nil {
					t.Fatal(err)
				}
				continue
			}
			text, err := os.ReadFile(from)
			if err == nil {
				err = os.WriteFile(filepath.Join(fresh.Data, name), text[:len(text)/2], 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, command := range []string{"serve", "migrate"} {
			runWith(t, on(t, fresh, command)).wants(t, exitFailed, "a restore was cut short")
		}
		mustOn(t, fresh, "restore", backup, "--keys", keys)
		mustOn(t, fresh, "verify")
	}
}

func TestABackupIsRestoredWithKeysThatWereRotatedSince(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, c *config.Config) {
		backup, _ := backedUp(t, c)
		mustOn(t, c, "keys", "rotate", "seal")
		mustOn(t, c, "keys", "rotate", "token")
		fresh := again(t, c)
		mustOn(t, fresh, "restore", backup, "--keys", c.KeysPath())
		mustOn(t, fresh, "verify")
	})
}

// cut kills a command after a part of the time it may take, and says whether
// it was still on its way.
func cut(t *testing.T, c *config.Config, after time.Duration, args ...string) bool {
	t.Helper()
	p := on(t, c, args...)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(after, func() { _ = p.Process.Kill() }).Stop()
	return p.Wait() != nil
}

func there(t *testing.T, path string) bool {
	t.Helper()
	_, err := os.Stat(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return err == nil
}

// Whatever has the name of a backup is a whole one.
func TestABackupAndARestoreThatAreKilledLeaveAWholeOneOrNone(t *testing.T) {
	t.Parallel()
	c := again(t, &config.Config{})
	began := time.Now()
	backup, keys := backedUp(t, c)
	took := time.Since(began) / 3 // there were three commands
	killed := map[string]int{}
	// A machine that is busy now and idle then may be done before each kill.
	for i := 0; i < 4 || (killed["backup"] == 0 || killed["restore"] == 0) && i < 16; i++ {
		if i%4 == 0 && i > 0 {
			took /= 2
		}
		target := filepath.Join(t.TempDir(), "backup")
		if cut(t, c, took*time.Duration(i%4+1)/4, "backup", target) {
			killed["backup"]++
		}
		if there(t, target) {
			backup = target
		}
		fresh := again(t, c)
		if cut(t, fresh, took*time.Duration(i%4+1)/4, "restore", backup, "--keys", keys) {
			killed["restore"]++
		}
		if there(t, fresh.DatabasePath()) && !there(t, filepath.Join(fresh.Data, "restoring")) {
			mustOn(t, fresh, "verify")
			continue
		}
		mustOn(t, fresh, "restore", backup, "--keys", keys)
		mustOn(t, fresh, "verify")
	}
	if killed["backup"] == 0 || killed["restore"] == 0 {
		t.Errorf("on their way were killed: %v", killed)
	}
	mustOn(t, c, "verify")
}

// An older program's backup has an older schema.
func TestABackupOfAnOlderProgramIsBroughtUpToDateAsItIsRestored(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, c *config.Config) {
		facts := unpackOlder(t, c)
		s := opened(t, c)
		backup, file, kind := t.TempDir(), "olivebranch.db", "sqlite"
		from := c.DatabasePath()
		if c.Postgres() {
			file, kind, from = "olivebranch.dump", "postgres", filepath.Join(c.Data, "older.dump")
		}
		body, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		counts := map[string]int64{}
		for _, one := range tables(t, s) {
			var n int64
			if err := s.Read(t.Context()).Table(one.name).Count(&n).Error; err != nil {
				t.Fatal(err)
			}
			counts[one.name] = n
		}
		var canary struct {
			ID     int64  `json:"id,string"`
			Sealed []byte `json:"sealed"`
		}
		if err := s.Read(t.Context()).Table("canaries").Take(&canary).Error; err != nil {
			t.Fatal(err)
		}
		manifest, err := json.Marshal(map[string]any{"format": 1, "migration": "0001-main-job", "database": kind, "schema": map[string]string{"postgres": "public"}[kind],
			"taken_at": testkit.Start, "counts": counts, "file": file, "bytes": len(body), "sha256": fmt.Sprintf("%x", sha256.Sum256(body)),
			"keys": loaded(t, c.KeysPath()).Fingerprint(), "canaries": []any{canary}})
		if err != nil {
			t.Fatal(err)
		}
		sums := fmt.Sprintf("%x  %s\n%x  manifest.json\n", sha256.Sum256(body), file, sha256.Sum256(manifest))
		for name, text := range map[string][]byte{file: body, "manifest.json": manifest, "SHA256SUMS": []byte(sums)} {
			if err := os.WriteFile(filepath.Join(backup, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		fresh := again(t, c)
		mustOn(t, fresh, "restore", backup, "--keys", c.KeysPath())
		mustOn(t, fresh, "verify")
		olderGoesOn(t, fresh, facts)
	})
}
