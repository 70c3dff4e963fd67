package schema

import "gorm.io/gorm"

// 0007 tells SQLite's planner how the rows of the large tables are spread, for
// which it otherwise takes every column of an index to be equally choosy: it
// looked up the 250 requests of a batch by their state, among all that wait,
// and not by their ids. What is written here does not depend on what is in the
// tables, so that plans are the same in each campaign and never change while
// one grows (https://www.sqlite.org/fileformat2.html#stat1tab). PostgreSQL
// keeps its statistics by itself.
var stats0007 = []struct{ table, index, stat string }{
	// Rows in all, then rows that share the first column, the first two, and so on.
	{"sign_requests", "sign_requests_state", "1000000 300000 2"},
	{"sign_requests", "sign_requests_pending", "1000000 1000000 1"},
	{"signatures", "signatures_once", "10000000 10000000 1"},
	{"signatures", "signatures_confirmed", "10000000 5"},
	{"signatures", "signatures_ranges", "1000000 5"},
	{"signatures", "signatures_unasked", "5000000 5"},
	{"outbox", "outbox_due", "1000000 300000 100000 2"},
	{"outbox", "outbox_recipient", "1000000 2 1"},
}

func migrate0007(tx *gorm.DB) error {
	if tx.Name() != "sqlite" {
		return nil
	}
	// The table of statistics is made by the first ANALYZE, here of a small
	// table, whose own do not belong there.
	for _, statement := range []string{"ANALYZE canaries", "DELETE FROM sqlite_stat1"} {
		if err := tx.Exec(statement).Error; err != nil {
			return err
		}
	}
	for _, s := range stats0007 {
		if err := tx.Exec("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", s.table, s.index, s.stat).Error; err != nil {
			return err
		}
	}
	return nil
}
