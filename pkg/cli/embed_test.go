package cli

import (
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/testkit"
)

func TestASunsetReachesARunningServer(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	s := serve(t, data)
	open := func() bool {
		res, err := http.Get(s.url + "/en/sign")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		page, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(page), `name="consent"`)
	}
	if !open() {
		t.Fatal("the demo's appeal is closed")
	}
	run(t, data, "embed", "sunset").wants(t, exitOK, "has ended")
	testkit.Until(t, "the end", func() bool { return !open() })
	run(t, data, "embed", "sunset", "--undo").wants(t, exitOK, "ask for signatures again")
	testkit.Until(t, "the appeal to open again", open)
	must(t, data, "verify")
}

func TestASunsetIsNotTakenBackWhenNobodyCanTellWhoSigned(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	must(t, data, "migrate")
	must(t, data, "embed", "sunset")
	o, err := app.OpenCore(t.Context(), &config.Config{Data: data}, func() time.Time { return time.Now().Add(31 * 24 * time.Hour) })
	if err != nil {
		t.Fatal(err)
	}
	_, err = (&appeal.Custody{Store: o.Store, Appeal: o.Appeal, Now: o.Now}).Run(t.Context())
	if err := errors.Join(err, o.Close()); err != nil {
		t.Fatal(err)
	}
	run(t, data, "embed", "sunset", "--undo").wants(t, exitFailed, "cannot be opened again")
}
