package web_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// rows is all that is stored, by table. The state of periodic work is left
// out; mail is waited for until it is sent.
func (h *house) rows() map[string]string {
	h.t.Helper()
	ctx := context.WithoutCancel(h.t.Context())
	h.Until("the mail to be sent", func() bool {
		var n int64
		h.must(h.Store.Read(ctx).Table("outbox").Where("state = 'waiting' AND not_before <= ?", h.Clock.Now().UnixMilli()).Count(&n).Error)
		return n == 0
	})
	if h.dumps == nil {
		h.dumps = h.dumpStatements(ctx)
	}
	all := map[string]string{}
	for table, sql := range h.dumps {
		var dump string
		h.must(h.Store.Read(ctx).Raw(sql).Scan(&dump).Error)
		all[table] = dump
	}
	return all
}

// dumpStatements are, by table, what reads all of it as one text: the database
// does that in a hundredth of the time that maps of the rows would take, and it
// is done some thousand times.
func (h *house) dumpStatements(ctx context.Context) map[string]string {
	h.t.Helper()
	db := h.Store.Read(ctx)
	tables, err := db.Migrator().GetTables()
	h.must(err)
	all := map[string]string{}
	for _, table := range tables {
		if table == "jobs" || strings.HasPrefix(table, "sqlite_") {
			continue
		}
		if h.Store.Postgres() {
			all[table] = fmt.Sprintf(`SELECT COALESCE(string_agg(t::text, E'\n' ORDER BY t::text), '') FROM %q t`, table)
			continue
		}
		types, err := db.Migrator().ColumnTypes(table)
		h.must(err)
		var columns []string
		for _, c := range types {
			columns = append(columns, fmt.Sprintf("quote(%q)", c.Name()))
		}
		row := strings.Join(columns, " || ',' || ")
		all[table] = fmt.Sprintf("SELECT COALESCE(group_concat(line, char(10)), '') FROM (SELECT %s AS line FROM %q ORDER BY line)", row, table)
	}
	if len(all) < 10 {
		h.t.Fatalf("found only the tables %v", tables)
	}
	return all
}

// changed lists the tables in which two states of the database differ.
func changed(before, after map[string]string) []string {
	var names []string
	for table := range after {
		if before[table] != after[table] {
			names = append(names, table)
		}
	}
	slices.Sort(names)
	return names
}
