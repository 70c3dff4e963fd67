package cli

import (
	"io"
	"net/http"
	"strings"
	"testing"

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
