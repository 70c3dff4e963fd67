package schema_test

import (
	"path/filepath"
	"testing"
	"time"

	"olivebranch/pkg/config"
	"olivebranch/pkg/schema"
	"olivebranch/pkg/store"
)

// older is a database from before some migrations.
type older struct {
	*testing.T
	*store.Store
}

// openOlder makes one as a migration left it.
func openOlder(t *testing.T, c *config.Config, migration string) *older {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{URL: c.Database, Path: filepath.Join(t.TempDir(), "older.db"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	o := &older{t, s}
	o.must(schema.MigrateTo(t.Context(), s, migration))
	return o
}

func (o *older) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}
