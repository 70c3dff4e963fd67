package cli

import (
	"strings"
	"testing"
)

func TestSignaturesAreExportedAndErased(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	must(t, data, "migrate")
	must(t, data, "seed", "--signatures", "20")
	all := must(t, data, "signatures", "export")
	if n := strings.Count(all.out, "\r\n"); n != 21 || strings.Contains(all.out, "Seed") {
		t.Errorf("the figures have %d lines: %s", n, all.out)
	}
	given := must(t, data, "signatures", "export", "--for", "handover")
	if n := strings.Count(given.out, "Seed "); n != 10 {
		t.Errorf("%d names are handed over, want the 10 that may be: %s", n, given.out)
	}
	run(t, data, "signatures", "export", "--for", "fun").wants(t, exitUsage, "figures")
	run(t, data, "signatures", "erase", "nobody@example.org").wants(t, exitFailed, "nothing stored")
	run(t, data, "signatures", "erase", "no address").wants(t, exitFailed, "address")
	if erased := must(t, data, "verify"); erased.code != exitOK {
		t.Errorf("verify: %v", erased)
	}
}
