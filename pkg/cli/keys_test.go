package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/config"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/testkit"
)

// keyRows are the keys of a campaign by ring and version.
func keyRows(t *testing.T, c *config.Config) map[string]keyRow {
	t.Helper()
	rows := map[string]keyRow{}
	for _, r := range read[[]keyRow](t, mustOn(t, c, "keys", "--json")) {
		rows[fmt.Sprintf("%s %d", r.Ring, r.Version)] = r
	}
	return rows
}

// rest lets the keys be as they are for longer than a minute.
func rest(t *testing.T, c *config.Config) {
	t.Helper()
	then := time.Now().Add(-time.Hour)
	for _, name := range []string{"seal.key", "token.key"} {
		if err := os.Chtimes(filepath.Join(c.KeysPath(), name), then, then); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKeysAreRotatedAndRetiredBesideARunningServer(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, c *config.Config) {
		mustOn(t, c, "migrate")
		mustOn(t, c, "seed", "--signatures", "700")
		runWith(t, on(t, c, "keys", "retire", "seal", "1")).wants(t, exitFailed, "the newest key is in use")
		runWith(t, on(t, c, "keys", "rotate", "mail")).wants(t, exitUsage, "mail")
		if o := mustOn(t, c, "keys"); !strings.Contains(o.out, "seal    1 newest 1401 sealed values\n") {
			t.Errorf("keys says\n%s", o.out) // 700 names and addresses, and the canary
		}
		runWith(t, on(t, c, "keys", "rotate", "seal")).wants(t, exitOK, "has key 2 now")
		mustOn(t, c, "keys", "rotate", "token")
		runWith(t, on(t, c, "keys", "retire", "seal", "1")).wants(t, exitFailed, "try again in a minute")
		rest(t, c)
		runWith(t, on(t, c, "keys", "retire", "seal", "1")).wants(t, exitFailed, "1401 values")
		runWith(t, on(t, c, "keys", "retire", "seal", "3")).wants(t, exitFailed, "no such key")
		if r := keyRows(t, c); len(r) != 5 || *r["seal 1"].Values != 1401 || r["seal 1"].Newest || !r["seal 2"].Newest || *r["seal 2"].Values != 0 ||
			r["token 1"].Values != nil || !r["token 2"].Newest || !r["mail 1"].Newest {
			t.Errorf("the keys are %+v", r)
		}

		// The server finds the work when it starts; while it runs, people sign.
		s := serveOn(t, c)
		before := loaded(t, c.KeysPath())
		signing, stop := crowd(t, s, before)
		testkit.Until(t, "people to sign", func() bool { return signing.acknowledgements.Load() > 50 || t.Failed() })
		testkit.Until(t, "older values to be sealed anew", func() bool { return *keyRows(t, c)["seal 1"].Values == 0 })
		mustOn(t, c, "keys", "rotate", "seal")
		mustOn(t, c, "keys", "rotate", "token")
		testkit.Until(t, "the server to use the newer key", func() bool { return *keyRows(t, c)["seal 3"].Values > 0 || t.Failed() })
		old, confirmed := signing.pages()
		rest(t, c)
		runWith(t, on(t, c, "keys", "retire", "seal", "1")).wants(t, exitOK, "keep the copy of the keys")
		runWith(t, on(t, c, "keys", "retire", "token", "1")).wants(t, exitOK, "have ended")
		stop()
		s.stop().wants(t, exitOK, "")
		mustOn(t, c, "verify")
		inBackup(t, c, old, confirmed)
		if r := keyRows(t, c); len(r) != 5 || *r["seal 2"].Values+*r["seal 3"].Values < 1401 {
			t.Errorf("the keys are %+v", r)
		}
		if v := loaded(t, c.KeysPath()).Newest(seal.TokenRing); v != 3 {
			t.Errorf("the newest token key is %d", v)
		}
	})
}
