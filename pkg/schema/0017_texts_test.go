package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"olivebranch/pkg/config"
	"olivebranch/pkg/schema"
	"olivebranch/pkg/testkit"
)

// What stood in three tables stands in one, and each translation knows its
// original.
func TestTextsOfStaffComeIntoOneTable(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, textsComeIntoOneTable)
}

func textsComeIntoOneTable(t *testing.T, c *config.Config) {
	ctx := t.Context()
	s := openOlder(t, c, "0013-bulletins")
	must := s.must
	for _, sql := range []string{
		"INSERT INTO texts (id, kind, owner_id, field, lang, version, base_version, body, staff_id, created_at) VALUES (1, 'appeal', 9, 'title', 'en', 1, 0, 'Peace', 0, 5), (2, 'appeal', 9, 'title', 'ko', 1, 1, '평화', 0, 5), (3, 'appeal', 9, 'slogan', 'ko', 1, 0, '평화', 0, 5)",
		"INSERT INTO designs (id, code, state, position, button, figure, first_day, last_day, version, created_at) VALUES (7, 'dawn', 'draft', 10, '#000000', '#000000', '', '', 1, 1000), (8, 'ko', 'draft', 20, '#000000', '#000000', '', '', 1, 1000)",
		"INSERT INTO design_texts (design_id, lang, slogan, label) VALUES (7, 'en', 'End it', ''), (7, 'ko', '끝내자', '서명'), (8, 'ko', '평화', ''), (8, 'en', '', '')",
		"INSERT INTO phrases (key, kind, position, retired, created_at) VALUES ('spam', 'reason', 10, FALSE, 2000), ('r_x', 'reason', 20, FALSE, 2000)",
		"INSERT INTO phrase_texts (phrase_key, lang, body) VALUES ('spam', 'ko', '광고'), ('r_x', 'en', 'No.'), ('r_x', 'ko', '아니요.')",
	} {
		must(s.Exec(ctx, sql))
	}
	must(schema.Migrate(ctx, s.Store))
	var rows []struct {
		Kind, Field, Lang, BaseLang, Body            string
		OwnerID, Version, BaseVersion, ID, CreatedAt int64
	}
	must(s.Read(ctx).Table("texts").Order("kind, owner_id, field, lang").Find(&rows).Error)
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%s %d %s %s %d from %s%d %s", r.Kind, r.OwnerID, r.Field, r.Lang, r.Version, r.BaseLang, r.BaseVersion, r.Body))
	}
	want := []string{
		"appeal 9 slogan ko 1 from 0 평화", "appeal 9 title en 1 from 0 Peace", "appeal 9 title ko 1 from en1 평화",
		"design 7 label ko 1 from 0 서명", "design 7 slogan en 1 from 0 End it", "design 7 slogan ko 1 from en1 끝내자", "design 8 slogan ko 1 from 0 평화",
		"phrase 0 r_x en 1 from 0 No.", "phrase 0 r_x ko 1 from en1 아니요.", "phrase 0 spam ko 1 from en0 광고",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
