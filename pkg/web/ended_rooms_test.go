package web_test

import (
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/testkit"
)

func TestAfterTheEndNoPageAsksToSign(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	pages := []string{"/en/partners/harbour-choir", "/en/messages"}
	if !strings.Contains(h.get(pages[0]).body, "/en/sign?via=harbour-choir") {
		t.Fatal("before the end a partner's page does not lead to the form")
	}
	h.must(h.Appeal.SetSunset(t.Context(), true, audit.Actor{Kind: audit.Operator}))
	h.Clock.Advance(time.Second)
	for _, path := range pages {
		if _, main, _ := strings.Cut(h.get(path).body, "<main"); strings.Contains(main, "/en/sign") {
			t.Errorf("%s still asks to sign", path)
		}
	}
}
