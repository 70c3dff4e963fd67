package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPartnersTravelAsATable(t *testing.T) {
	t.Parallel()
	from, to := seeded(t), filepath.Join(t.TempDir(), "data")
	must(t, to, "migrate")
	table := must(t, from, "partner", "export", "--contacts").out
	if plain := must(t, from, "partner", "export").out; strings.Contains(plain, "contact_") || !strings.HasPrefix(plain, "\uFEFFslug,") {
		t.Errorf("without contacts: %.200s", plain)
	}
	file := filepath.Join(t.TempDir(), "partners.csv")
	if err := os.WriteFile(file, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, to, "partner", "import", file, "--dry-run").wants(t, exitOK, "Nothing was changed")
	if list := must(t, to, "partner", "list").out; list != "" {
		t.Errorf("a dry run left:\n%s", list)
	}
	run(t, to, "partner", "import", file).wants(t, exitOK, "are imported")
	if again := must(t, to, "partner", "export", "--contacts").out; again != table {
		t.Errorf("imported and exported again:\n%s\nwant\n%s", again, table)
	}
	must(t, to, "verify")

	bad := filepath.Join(t.TempDir(), "bad.csv")
	if err := os.WriteFile(bad, []byte("name,website,country,kind,about,reach\nHouse,house.example,Korea,faith,x,under_100\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, to, "partner", "import", bad).wants(t, exitFailed, "line 2, country: Choose a country from the list.")
	run(t, to, "partner", "import", filepath.Join(t.TempDir(), "none.csv")).wants(t, exitFailed, "none.csv")
}
