package registry

import (
	"fmt"
	"sync"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/plaintext"
)

// nearNames are the names of all applications and partners in memory, since no
// index of a database finds a name that is only similar. What was added is
// read before each look; a name that was changed is noticed within
// namesGoStale. The zero value is ready. Safe for concurrent use.
type nearNames struct {
	mu     sync.Mutex
	tables map[string]*nameTable
}

type nameTable struct {
	rows  []nameRow
	place map[int64]int // of an id in rows
	last  int64         // the newest id
	read  time.Time     // when all were read
}

type nameRow struct {
	id    int64
	names []plaintext.Gist // in its own and, if that is another, in Latin letters
}

const namesGoStale = time.Minute

// lateCommits is how far ids reach back that another copy of the program, or
// a slow transaction, may add after newer ones: a minute of them.
const lateCommits = 60_000 << 22

// near are the ids of the rows whose names are similar to one of the names
// looked for.
func (n *nearNames) near(db *gorm.DB, s source, t traits, now time.Time) ([]int64, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	table := n.tables[s.table]
	if table == nil || now.Sub(table.read) >= namesGoStale || now.Before(table.read) {
		table = &nameTable{place: map[int64]int{}, read: now}
	}
	if err := table.follow(db, s); err != nil {
		return nil, fmt.Errorf("read the names of %s: %w", s.table, err)
	}
	if n.tables == nil {
		n.tables = map[string]*nameTable{}
	}
	n.tables[s.table] = table
	wanted := gists(t.skeletons[0], t.skeletons[1])
	var ids []int64
	for i := range table.rows {
		if row := &table.rows[i]; row.similar(wanted) {
			ids = append(ids, row.id)
		}
	}
	return ids[max(0, len(ids)-mostCandidates):], nil
}

// gists of the two names of an organization, of which many have but one.
func gists(own, latin string) []plaintext.Gist {
	list := []plaintext.Gist{plaintext.GistOf(own)}
	if latin != "" && latin != own {
		list = append(list, plaintext.GistOf(latin))
	}
	return list
}

func (r *nameRow) similar(wanted []plaintext.Gist) bool {
	for _, a := range r.names {
		for _, b := range wanted {
			if a.Similar(b) {
				return true
			}
		}
	}
	return false
}

// follow reads what was added.
func (t *nameTable) follow(db *gorm.DB, s source) error {
	var rows []struct {
		ID                      int64
		Skeleton, LatinSkeleton string
	}
	err := db.Table(s.table).Select("id", "skeleton", "latin_skeleton").Where("id > ?", t.last-lateCommits).Order("id").Scan(&rows).Error
	if err != nil {
		return err
	}
	for _, row := range rows {
		names := nameRow{row.ID, gists(row.Skeleton, row.LatinSkeleton)}
		if at, known := t.place[row.ID]; known {
			t.rows[at] = names
			continue
		}
		t.place[row.ID] = len(t.rows)
		t.rows = append(t.rows, names)
		t.last = max(t.last, row.ID)
	}
	return nil
}
