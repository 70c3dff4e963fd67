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
	tables, err := h.Store.Read(ctx).Migrator().GetTables()
	h.must(err)
	all := map[string]string{}
	for _, table := range tables {
		if table != "jobs" && !strings.HasPrefix(table, "sqlite_") {
			all[table] = h.dump(ctx, table)
		}
	}
	if len(all) < 10 {
		h.t.Fatalf("found only the tables %v", tables)
	}
	return all
}

func (h *house) dump(ctx context.Context, table string) string {
	h.t.Helper()
	var rows []map[string]any
	h.must(h.Store.Read(ctx).Table(table).Find(&rows).Error)
	lines := make([]string, 0, len(rows))
	for _, row := range rows {
		lines = append(lines, fmt.Sprint(row))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
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
