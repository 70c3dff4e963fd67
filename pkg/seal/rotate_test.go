package seal_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"olivebranch/pkg/seal"
)

// created are new keys and where they are.
func created(t *testing.T) (*seal.Keys, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	k, err := seal.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	return k, dir
}

func rotate(t *testing.T, k *seal.Keys, ring string) {
	t.Helper()
	before := k.Newest(ring)
	if v, err := k.Rotate(ring); err != nil || v != before+1 || k.Newest(ring) != v {
		t.Fatalf("rotating the %s keys after version %d made %d, %v", ring, before, v, err)
	}
}

func TestRotatingAddsAKeyToItsRingAndLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	for _, ring := range []string{seal.SealRing, seal.TokenRing} {
		k, dir := created(t)
		read := func(name string) string {
			text, err := os.ReadFile(filepath.Join(dir, name+".key"))
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		before := map[string]string{}
		for _, r := range []string{seal.SealRing, seal.TokenRing, seal.MailRing} {
			before[r] = read(r)
		}
		rotate(t, k, ring)
		for _, r := range []string{seal.SealRing, seal.TokenRing, seal.MailRing} {
			after := read(r)
			if r != ring && after != before[r] {
				t.Errorf("rotating %s changed %s", ring, r)
			}
			if r == ring && (!strings.HasPrefix(after, before[r]+"2 ") || strings.Count(after, "\n") != 2) {
				t.Errorf("the %s ring is not the old key and a new one", ring)
			}
		}
		left, err := os.ReadDir(dir)
		if err != nil || len(left) != 3 {
			t.Errorf("%d files in the folder, %v", len(left), err)
		}
		info, err := os.Stat(filepath.Join(dir, ring+".key"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
	}
	k, _ := created(t)
	for _, ring := range []string{seal.MailRing, "", "../seal"} {
		if _, err := k.Rotate(ring); err == nil {
			t.Errorf("ring %q was rotated", ring)
		}
	}
}

func TestADraftThatAKilledRotationLeftIsInNobodysWay(t *testing.T) {
	t.Parallel()
	k, dir := created(t)
	if err := os.WriteFile(filepath.Join(dir, "seal.key.new"), []byte("2 ab"), 0o600); err != nil {
		t.Fatal(err)
	}
	load(t, dir)
	rotate(t, k, seal.SealRing)
}

func TestOtherProcessesFollowARotation(t *testing.T) {
	t.Parallel()
	here, dir := created(t)
	there := load(t, dir)
	if changed, err := there.Refresh(); changed || err != nil {
		t.Fatalf("nothing changed, but the keys were read anew: %v, %v", changed, err)
	}
	rotate(t, here, seal.SealRing)
	rotate(t, here, seal.TokenRing)
	// Before it looks by itself, what comes from the other process is understood.
	sealed := here.Seal("c", 1, []byte("Mina"))
	if plain, err := there.Open("c", 1, sealed); err != nil || string(plain) != "Mina" || sealed[0] != 2 {
		t.Errorf("sealed with key %d by another process: %q, %v", sealed[0], plain, err)
	}
	again := load(t, dir)
	rotate(t, here, seal.TokenRing)
	link := here.Token(seal.Token{Purpose: seal.ViewSignature, Row: 5})
	if got, err := again.Parse(seal.ViewSignature, link, time.Now()); err != nil || got.Row != 5 {
		t.Errorf("a link of another process: %v, %v", got, err)
	}
	rotate(t, here, seal.SealRing)
	if changed, err := there.Refresh(); !changed || err != nil || there.Newest(seal.SealRing) != 3 {
		t.Errorf("the change was not noticed: %v, %v, newest %d", changed, err, there.Newest(seal.SealRing))
	}
}

func TestKeysThatCannotBeReadAnewStayInUse(t *testing.T) {
	t.Parallel()
	k, dir := created(t)
	sealed := k.Seal("c", 1, []byte("Mina"))
	for _, spoil := range []func() error{
		func() error { return os.WriteFile(filepath.Join(dir, "seal.key"), []byte("half"), 0o600) },
		func() error { return os.RemoveAll(dir) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if changed, err := k.Refresh(); changed || err == nil {
			t.Errorf("changed %v, %v", changed, err)
		}
		if plain, err := k.Open("c", 1, sealed); err != nil || string(plain) != "Mina" {
			t.Errorf("%q, %v", plain, err)
		}
	}
}

func TestRetiringRemovesAnOldKeyAndNeverTheNewest(t *testing.T) {
	t.Parallel()
	k, dir := created(t)
	if err := k.Retire(seal.SealRing, 1); !errors.Is(err, seal.ErrNewest) {
		t.Errorf("the only key: %v", err)
	}
	old := k.Seal("c", 1, []byte("Mina"))
	rotate(t, k, seal.SealRing)
	for version, want := range map[int]error{2: seal.ErrNewest, 3: seal.ErrUnknown, 0: seal.ErrUnknown, 257: seal.ErrUnknown} {
		if err := k.Retire(seal.SealRing, version); !errors.Is(err, want) {
			t.Errorf("version %d: %v, want %v", version, err, want)
		}
	}
	if err := k.Retire(seal.SealRing, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := load(t, dir).Open("c", 1, old); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("what the retired key sealed: %v", err)
	}
	rotate(t, k, seal.SealRing)
	if got := k.Versions(seal.SealRing); !slices.Equal(got, []int{2, 3}) {
		t.Errorf("versions %v, want 2 and 3: a number is never used again", got)
	}
}

func TestARingHas255Versions(t *testing.T) {
	t.Parallel()
	k := load(t, folder(t, keyLine("254", "a"), keyLine("1", "b"), keyLine("1", "c")))
	rotate(t, k, seal.SealRing)
	if _, err := k.Rotate(seal.SealRing); !errors.Is(err, seal.ErrFull) {
		t.Errorf("after version 255: %v", err)
	}
}

func TestAnOldCodeIsGoodAfterARotationUntilItsKeyIsRetired(t *testing.T) {
	t.Parallel()
	k, _ := created(t)
	old := k.Code(7)
	rotate(t, k, seal.TokenRing)
	if !k.IsCode(7, old) || !k.IsCode(7, k.Code(7)) {
		t.Error("a code that is on its way is refused")
	}
	for _, wrong := range []string{"", "12345", old + "0", k.Code(8), " " + old} {
		if wrong != old && k.IsCode(7, wrong) {
			t.Errorf("%q is taken for a code of row 7", wrong)
		}
	}
	if err := k.Retire(seal.TokenRing, 1); err != nil {
		t.Fatal(err)
	}
	if old != k.Code(7) && k.IsCode(7, old) {
		t.Error("a code of a retired key is good")
	}
}

// Run it with the race detector.
func TestKeysRotateUnderLoad(t *testing.T) {
	t.Parallel()
	k, dir := created(t)
	other := load(t, dir)
	var stop atomic.Bool
	var group sync.WaitGroup
	for n := range 4 {
		group.Go(func() {
			row := int64(n)
			for !stop.Load() {
				if plain, err := other.Open("c", row, k.Seal("c", row, []byte("Mina"))); err != nil || string(plain) != "Mina" {
					t.Errorf("%q, %v", plain, err)
					return
				}
				token := other.Token(seal.Token{Purpose: seal.ViewSignature, Row: row})
				if got, err := k.Parse(seal.ViewSignature, token, time.Now()); err != nil || got.Row != row {
					t.Errorf("%v, %v", got, err)
					return
				}
				if code := other.Code(row); !k.IsCode(row, code) {
					t.Errorf("code %s of row %d is refused", code, row)
					return
				}
			}
		})
	}
	for i := range 60 {
		from, ring := []*seal.Keys{k, other}[i%2], []string{seal.SealRing, seal.TokenRing}[i/2%2]
		if _, err := from.Rotate(ring); err != nil {
			t.Error(err)
		}
	}
	stop.Store(true)
	group.Wait()
	for _, keys := range []*seal.Keys{k, other} {
		if _, err := keys.Refresh(); err != nil || keys.Newest(seal.SealRing) != 31 || keys.Newest(seal.TokenRing) != 31 {
			t.Errorf("newest %d and %d, %v; want 31: a rotation was lost", keys.Newest(seal.SealRing), keys.Newest(seal.TokenRing), err)
		}
	}
}

func TestAFingerprintKnowsItsKeysAndTellsNothing(t *testing.T) {
	t.Parallel()
	k, dir := created(t)
	taken := k.Fingerprint()
	if len(taken) != 3 {
		t.Fatalf("%v", taken)
	}
	matches := func(keys *seal.Keys) (string, error) {
		gone, err := taken.Matches(keys)
		return strings.Join(gone, ","), err
	}
	if gone, err := matches(load(t, dir)); gone != "" || err != nil {
		t.Errorf("the same keys: %q, %v", gone, err)
	}
	for _, name := range []string{"seal", "token", "mail"} {
		text, err := os.ReadFile(filepath.Join(dir, name+".key"))
		if err != nil {
			t.Fatal(err)
		}
		for key, print := range taken {
			if strings.Contains(string(text), print) {
				t.Errorf("the fingerprint of %s is in %s", key, name)
			}
		}
		_, at := created(t)
		for _, f := range []string{"seal", "token", "mail"} { // all keys right but one
			if f == name {
				continue
			}
			right, err := os.ReadFile(filepath.Join(dir, f+".key"))
			if err == nil {
				err = os.WriteFile(filepath.Join(at, f+".key"), right, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := matches(load(t, at)); !errors.Is(err, seal.ErrWrongKeys) || !strings.Contains(err.Error(), name) {
			t.Errorf("with another %s key: %v, want ErrWrongKeys with its name", name, err)
		}
	}
	rotate(t, k, seal.SealRing)
	rotate(t, k, seal.TokenRing)
	if gone, err := matches(k); gone != "" || err != nil {
		t.Errorf("after a rotation: %q, %v", gone, err)
	}
	if err := k.Retire(seal.TokenRing, 1); err != nil {
		t.Fatal(err)
	}
	if gone, err := matches(k); gone != "token 1" || err != nil {
		t.Errorf("after a token key was retired: %q, %v", gone, err)
	}
	if err := k.Retire(seal.SealRing, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := matches(k); !errors.Is(err, seal.ErrWrongKeys) || !strings.Contains(err.Error(), `"seal 1" is missing`) {
		t.Errorf("after a sealing key was retired: %v", err)
	}
}
