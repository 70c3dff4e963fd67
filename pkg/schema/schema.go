// Package schema is every migration of the database, in order. The structs of
// a migration are frozen with it: they describe the tables as they were made
// then, and no other package uses them. The domain packages have their own
// types for the same rows.
package schema

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-gormigrate/gormigrate/v2"
	"gorm.io/gorm"

	"olivebranch/pkg/store"
)

// migrations in the order they run; an entry that was released never changes.
func migrations() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		{ID: "0001-main-job", Migrate: migrate0001},
		{ID: "0002-desk", Migrate: migrate0002},
		{ID: "0003-designs", Migrate: migrate0003},
		{ID: "0004-placements", Migrate: migrate0004},
		{ID: "0005-terms", Migrate: migrate0005},
		{ID: "0006-custody", Migrate: migrate0006},
		{ID: "0007-planner", Migrate: migrate0007},
		{ID: "0008-sweeps", Migrate: migrate0008},
		{ID: "0009-scrutiny", Migrate: migrate0009},
		{ID: "0010-mail", Migrate: migrate0010},
		{ID: "0011-unsubscribed", Migrate: migrate0011},
		{ID: "0012-sweep-runs", Migrate: migrate0012},
		{ID: "0013-bulletins", Migrate: migrate0013},
		{ID: "0014-networks", Migrate: migrate0014},
		{ID: "0015-messages", Migrate: migrate0015},
		{ID: "0016-statements", Migrate: migrate0016},
	}
}

// Migrate brings the database up to date, all in one transaction. With
// PostgreSQL an advisory lock lets one copy of the program at a time do it;
// with SQLite the caller holds the lock on the data folder.
func Migrate(ctx context.Context, s *store.Store) error {
	return s.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if s.Postgres() {
			if err := tx.Exec("SELECT pg_advisory_xact_lock(hashtext('olivebranch ' || current_schema()))").Error; err != nil {
				return fmt.Errorf("wait for the migration lock: %w", err)
			}
		}
		if err := gormigrate.New(tx, gormigrate.DefaultOptions, migrations()).Migrate(); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		return nil
	})
}

// Current says whether every migration of this program has run, and none of a
// newer one.
func Current(ctx context.Context, s *store.Store) (bool, error) {
	db := s.Read(ctx)
	if !db.Migrator().HasTable("migrations") {
		return false, nil
	}
	var have []string
	if err := db.Table("migrations").Order("id").Pluck("id", &have).Error; err != nil {
		return false, fmt.Errorf("read which migrations ran: %w", err)
	}
	known := map[string]bool{}
	for _, m := range migrations() {
		known[m.ID] = true
	}
	for _, id := range have {
		if !known[id] && id != "SCHEMA_INIT" {
			return false, fmt.Errorf("the database was made by a newer olivebranch (migration %s)", id)
		}
		delete(known, id)
	}
	return len(known) == 0, nil
}

// Latest is the migration that this program brings a database up to.
func Latest() string {
	all := migrations()
	return all[len(all)-1].ID
}

// Knows says whether this program has the migration.
func Knows(id string) bool {
	return slices.ContainsFunc(migrations(), func(m *gormigrate.Migration) bool { return m.ID == id })
}
