package schema

import (
	"context"

	"github.com/go-gormigrate/gormigrate/v2"
	"gorm.io/gorm"

	"olivebranch/pkg/store"
)

// MigrateTo brings a database as far as a migration, as an older program did.
func MigrateTo(ctx context.Context, s *store.Store, id string) error {
	return s.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		return gormigrate.New(tx, gormigrate.DefaultOptions, migrations()).MigrateTo(id)
	})
}
