package seal_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"olivebranch/pkg/seal"
)

// keys are fresh keys in a folder of the test's own.
func keys(t *testing.T) *seal.Keys {
	t.Helper()
	k, err := seal.Create(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// keyLine is a line of a key file: a version, and a key made of one digit.
func keyLine(version, digit string) string { return version + " " + strings.Repeat(digit, 64) + "\n" }

// folder writes key files and returns where they are.
func folder(t *testing.T, sealing, token, mail string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"seal.key": sealing, "token.key": token, "mail.key": mail} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func load(t *testing.T, dir string) *seal.Keys {
	t.Helper()
	k, err := seal.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestASealedValueOpensForItsOwnRowAndColumn(t *testing.T) {
	t.Parallel()
	k := keys(t)
	for _, plain := range []string{"x", "mina@example.org", "민아", "\x00", strings.Repeat("long ", 1000)} {
		sealed := k.Seal("signatures.name", 7, []byte(plain))
		if len(plain) > 1 && bytes.Contains(sealed, []byte(plain)) {
			t.Errorf("%.20q stands in the sealed value in the clear", plain)
		}
		opened, err := k.Open("signatures.name", 7, sealed)
		if err != nil || string(opened) != plain {
			t.Errorf("%.20q came back as %.20q, %v", plain, opened, err)
		}
	}
}

func TestTheSameValueIsNeverSealedTheSameWayTwice(t *testing.T) {
	t.Parallel()
	k := keys(t)
	if bytes.Equal(k.Seal("c", 1, []byte("mina")), k.Seal("c", 1, []byte("mina"))) {
		t.Error("two sealings are equal, so equal people could be found")
	}
}

func TestAnEmptyValueStaysEmpty(t *testing.T) {
	t.Parallel()
	k := keys(t)
	for _, empty := range [][]byte{nil, {}} {
		if sealed := k.Seal("c", 1, empty); sealed != nil {
			t.Errorf("sealed nothing as %x", sealed)
		}
		if plain, err := k.Open("c", 1, empty); plain != nil || err != nil {
			t.Errorf("opened nothing as %q, %v", plain, err)
		}
	}
}

func TestASealedValueOpensNowhereElse(t *testing.T) {
	t.Parallel()
	k := keys(t)
	sealed := k.Seal("signatures.name", 7, []byte("Mina"))
	for _, c := range []struct {
		name, column string
		row          int64
		keys         *seal.Keys
	}{
		{"another row", "signatures.name", 8, k},
		{"the row with its sign turned", "signatures.name", -7, k},
		{"another column", "signatures.email", 7, k},
		{"a column whose name begins the same", "signatures.nam", 7, k},
		{"another key", "signatures.name", 7, keys(t)},
	} {
		if plain, err := c.keys.Open(c.column, c.row, sealed); !errors.Is(err, seal.ErrOpen) || plain != nil {
			t.Errorf("%s: %q, %v, want ErrOpen", c.name, plain, err)
		}
	}
}

func TestAnyChangeToASealedValueIsNoticed(t *testing.T) {
	t.Parallel()
	k := keys(t)
	sealed := k.Seal("c", 7, []byte("Mina"))
	for bit := range len(sealed) * 8 {
		flipped := bytes.Clone(sealed)
		flipped[bit/8] ^= 1 << (bit % 8)
		if _, err := k.Open("c", 7, flipped); !errors.Is(err, seal.ErrOpen) {
			t.Fatalf("bit %d turned: %v, want ErrOpen", bit, err)
		}
	}
	for n := 1; n < len(sealed); n++ {
		if _, err := k.Open("c", 7, sealed[:n]); !errors.Is(err, seal.ErrOpen) {
			t.Fatalf("cut to %d bytes: %v, want ErrOpen", n, err)
		}
	}
	if _, err := k.Open("c", 7, append(bytes.Clone(sealed), 0)); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("a byte added: %v, want ErrOpen", err)
	}
}

func TestKeyFilesAreTheirOwnersAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	if seal.Exists(dir) {
		t.Fatal("there are keys before they were made")
	}
	if _, err := seal.Create(dir); err != nil {
		t.Fatal(err)
	}
	if !seal.Exists(dir) {
		t.Error("there are no keys after they were made")
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if want := map[bool]fs.FileMode{true: 0o700, false: 0o600}[d.IsDir()]; info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", d.Name(), info.Mode().Perm(), want)
		}
		if !d.IsDir() {
			files++
		}
		return nil
	})
	if err != nil || files != 3 {
		t.Errorf("%d key files, %v, want 3", files, err)
	}
}

func TestTheThreeKeysDiffer(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	if _, err := seal.Create(dir); err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, name := range []string{"seal.key", "token.key", "mail.key"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if other := seen[string(text)]; other != "" {
			t.Errorf("%s and %s hold the same key", other, name)
		}
		seen[string(text)] = name
	}
}

func TestCreateNeverReplacesAKey(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"seal.key", "token.key", "mail.key"} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("kept"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.Create(dir); err == nil {
			t.Errorf("made keys beside %s", name)
		}
		if text, _ := os.ReadFile(path); string(text) != "kept" {
			t.Errorf("%s was replaced", name)
		}
		if left, _ := os.ReadDir(dir); len(left) != 1 {
			t.Errorf("%d files in the folder, want only %s", len(left), name)
		}
	}
}

func TestLoadSaysWhichKeyIsMissing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"seal.key", "token.key", "mail.key"} {
		dir := filepath.Join(t.TempDir(), "keys")
		if _, err := seal.Create(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.Load(dir); !errors.Is(err, seal.ErrMissing) || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v, want ErrMissing with its name", name, err)
		}
	}
	if _, err := seal.Load(filepath.Join(t.TempDir(), "nowhere")); !errors.Is(err, seal.ErrMissing) {
		t.Errorf("without the folder: %v, want ErrMissing", err)
	}
}

func TestADamagedKeyFileIsRefusedAndNotTakenForMissing(t *testing.T) {
	t.Parallel()
	good := keyLine("1", "a")
	for name, bad := range map[string]string{
		"empty":                  "",
		"only blank lines":       "\n  \n",
		"version 0":              keyLine("0", "a"),
		"version 256":            keyLine("256", "a"),
		"negative version":       keyLine("-1", "a"),
		"no version":             strings.Repeat("a", 64) + "\n",
		"no key":                 "1\n",
		"a digit too few":        "1 " + strings.Repeat("a", 63) + "\n",
		"a byte too few":         "1 " + strings.Repeat("a", 62) + "\n",
		"a byte too many":        "1 " + strings.Repeat("a", 66) + "\n",
		"not hexadecimal":        "1 " + strings.Repeat("g", 64) + "\n",
		"a third word":           "1 " + strings.Repeat("a", 64) + " b\n",
		"a good line, a bad one": good + "2\n",
		"a version twice":        good + keyLine("1", "b"),
		"a line without end":     "1 " + strings.Repeat("a", 1<<17),
	} {
		for i := range 3 {
			texts := []string{good, good, good}
			texts[i] = bad
			_, err := seal.Load(folder(t, texts[0], texts[1], texts[2]))
			if err == nil || errors.Is(err, seal.ErrMissing) {
				t.Errorf("file %d, %s: %v", i, name, err)
			}
			if err != nil && strings.Contains(err.Error(), strings.Repeat("a", 60)) {
				t.Errorf("file %d, %s: the error tells the key", i, name)
			}
		}
	}
}

func TestBlankLinesAndSpacesInAKeyFileDoNotMatter(t *testing.T) {
	t.Parallel()
	plain := load(t, folder(t, keyLine("1", "a"), keyLine("1", "b"), keyLine("1", "c")))
	spaced := load(t, folder(t, "\n  "+keyLine("1", "a")+"\n", keyLine("1", "b"), keyLine("1", "C")))
	if got, err := spaced.Open("c", 1, plain.Seal("c", 1, []byte("Mina"))); err != nil || string(got) != "Mina" {
		t.Errorf("%q, %v", got, err)
	}
	if !bytes.Equal(plain.MailKey(1, "a@b.test"), spaced.MailKey(1, "a@b.test")) {
		t.Error("the case of hexadecimal digits makes another key")
	}
}

func TestAfterRotationNewThingsUseTheNewKeyAndOldOnesStillOpen(t *testing.T) {
	t.Parallel()
	one, two := keyLine("1", "a"), keyLine("2", "d")
	before := load(t, folder(t, one, one, one))
	old := before.Seal("c", 1, []byte("Mina"))
	for name, text := range map[string]string{"new key last": one + two, "new key first": two + one} {
		after := load(t, folder(t, text, text, one))
		if got, err := after.Open("c", 1, old); err != nil || string(got) != "Mina" {
			t.Errorf("%s: what was sealed before: %q, %v", name, got, err)
		}
		fresh := after.Seal("c", 1, []byte("Mina"))
		if fresh[0] != 2 {
			t.Errorf("%s: sealed with key %d, want 2", name, fresh[0])
		}
		if _, err := before.Open("c", 1, fresh); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("%s: opened with the old keys alone: %v", name, err)
		}
	}
	dropped := load(t, folder(t, two, two, one))
	if _, err := dropped.Open("c", 1, old); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("without the old key: %v, want ErrOpen", err)
	}
}

func TestHashesDependOnWhatTheyAreForAndNothingElse(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	k, err := seal.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	const text = "example.org"
	all := map[string][]byte{
		"mail of appeal 1":      k.MailKey(1, text),
		"mail of appeal 2":      k.MailKey(2, text),
		"mail of the register":  k.MailKey(0, text),
		"domain":                k.DomainKey(text),
		"range":                 k.RangeKey(text),
		"another address":       k.MailKey(1, text+"x"),
		"with another mail key": keys(t).MailKey(1, text),
	}
	for a, x := range all {
		if len(x) != 16 {
			t.Errorf("%s has %d bytes, want 16", a, len(x))
		}
		for b, y := range all {
			if a != b && bytes.Equal(x, y) {
				t.Errorf("%s and %s are one hash", a, b)
			}
		}
	}
	if !bytes.Equal(load(t, dir).MailKey(1, text), all["mail of appeal 1"]) {
		t.Error("after a restart an address has another hash, so it could sign twice")
	}
}
