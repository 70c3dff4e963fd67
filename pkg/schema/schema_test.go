package schema_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"olivebranch/pkg/schema"
	"olivebranch/pkg/store"
)

func TestMigrateTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Path: filepath.Join(t.TempDir(), "a.db"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if ok, err := schema.Current(ctx, s); err != nil || ok {
		t.Fatalf("an empty database is current: %v %v", ok, err)
	}
	for range 2 {
		if err := schema.Migrate(ctx, s); err != nil {
			t.Fatal(err)
		}
		if ok, err := schema.Current(ctx, s); err != nil || !ok {
			t.Fatalf("after migrating, current = %v, %v", ok, err)
		}
	}
}
