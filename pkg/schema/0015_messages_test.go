package schema_test

import (
	"testing"

	"olivebranch/pkg/config"
	"olivebranch/pkg/schema"
	"olivebranch/pkg/testkit"
)

// Messages from before the wall had partners stand under the one through whom
// their writer came.
func TestOldMessagesKnowThroughWhomTheyCame(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		ctx := t.Context()
		s := openOlder(t, c, "0013-bulletins")
		must := s.must
		must(s.Exec(ctx, "INSERT INTO appeals (id, slug, goal, state, created_at) VALUES (1, 'appeal', 10, 'open', 1)"))
		for id, partner := range map[int]int{11: 7, 12: 0} {
			must(s.Exec(ctx, "INSERT INTO signatures (id, appeal_id, partner_id, country, lang, origin, state, day, consents, counter, created_at, confirmed_at, forgotten_at, withdrawn_at) VALUES (?, 1, ?, 'KR', 'ko', 'online', 'counted', '2026-01-01', 1, 0, 5, 5, 0, 0)", id, partner))
			must(s.Exec(ctx, "INSERT INTO messages (id, appeal_id, signature_id, partner_id, country, lang, body, state, created_at, decided_at, decided_by) VALUES (?, 1, ?, 0, 'KR', 'ko', '평화', 'shown', 5, 5, 0)", id, id))
		}
		must(schema.Migrate(ctx, s.Store))
		var of []int64
		must(s.Read(ctx).Table("messages").Order("id").Pluck("partner_id", &of).Error)
		if len(of) != 2 || of[0] != 7 || of[1] != 0 {
			t.Errorf("they came through %v", of)
		}
	})
}
