package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/seal"
)

// resealMost values are sealed anew in one transaction, so that nobody waits long for
// the writer: about 10 ms on SQLite.
const resealMost = 500

// resealLook is how many rows one query looks at, so that none reads for long.
const resealLook = 20_000

// resealRounds bounds how often all columns are gone through: a round finds
// what programs that had not seen the newer key wrote during the one before,
// or held locked.
const resealRounds = 5

// Reseal seals everything with the newest key that is sealed with an older
// one, in all tables, and says how many values. It can be stopped at any time:
// what is done is done, and the next call finds the rest.
func (o *Core) Reseal(ctx context.Context) (int64, error) {
	var total int64
	for range resealRounds {
		var round int64
		for _, c := range sealedColumns() {
			n, err := o.resealColumn(ctx, c)
			round, total = round+n, total+n
			if err != nil {
				return total, fmt.Errorf("seal %s.%s anew: %w", c.Table, c.Name, err)
			}
		}
		if round == 0 {
			return total, nil
		}
	}
	return total, nil // the next run goes on
}

// resealColumn goes through a column in the order of ids. Between two
// transactions it rests for as long as the first took, so that signing has
// the writer at least half of the time.
func (o *Core) resealColumn(ctx context.Context, c seal.Column) (total int64, err error) {
	after := int64(-1 << 63)
	for more := true; more; {
		began := time.Now()
		var n int64
		if n, after, more, err = o.resealChunk(ctx, c, after); err != nil {
			return total, err
		}
		total += n
		select {
		case <-ctx.Done():
			return total, ctx.Err()
		case <-time.After(time.Since(began)):
		}
	}
	return total, nil
}

// resealChunk does the next rows after an id, and says how many it changed,
// where it came to, and whether there may be more. A row that somebody else
// is writing is passed over, so that nobody ever waits for this in a circle;
// one that was written since it was read stays as it is.
func (o *Core) resealChunk(ctx context.Context, c seal.Column, after int64) (n, last int64, more bool, err error) {
	var window struct{ Rows, Last int64 }
	err = o.Store.Read(ctx).Raw("SELECT count(*) AS rows, COALESCE(max(id), 0) AS last FROM (SELECT id FROM "+c.Table+" WHERE id > ? ORDER BY id LIMIT ?) AS w", after, resealLook).Scan(&window).Error
	if err != nil || window.Rows == 0 {
		return 0, after, false, err
	}
	var rows []sealedRow
	find := "SELECT id, " + c.Name + " AS sealed FROM " + c.Table + " WHERE id > ? AND id <= ? AND " + c.Name + " IS NOT NULL AND " + o.sealedWith(c) + " <> ? ORDER BY id LIMIT ?"
	args := []any{after, window.Last, fmt.Sprintf("%02x", o.Keys.Newest(seal.SealRing)), resealMost}
	if !o.Store.Postgres() { // where little is to be done, looking must not hold the writer
		if err := o.Store.Read(ctx).Raw(find, args...).Scan(&rows).Error; err != nil || len(rows) == 0 {
			return 0, window.Last, err == nil, err
		}
	}
	err = o.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if o.Store.Postgres() {
			if err := tx.Raw(find+" FOR UPDATE SKIP LOCKED", args...).Scan(&rows).Error; err != nil {
				return err
			}
		}
		n, err = o.resealRows(tx, c, rows)
		return err
	})
	if len(rows) == resealMost {
		return n, rows[resealMost-1].ID, true, err
	}
	return n, window.Last, true, err
}

type sealedRow struct {
	ID     int64  `json:"id,string"`
	Sealed []byte `json:"sealed"`
}

// resealRows changes each value only if it is what was read.
func (o *Core) resealRows(tx *gorm.DB, c seal.Column, rows []sealedRow) (int64, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	args := make([]any, 0, len(rows)*3)
	for _, r := range rows {
		plain, err := o.Keys.Open(c.Binding, r.ID, r.Sealed)
		if err != nil {
			return 0, err
		}
		args = append(args, r.ID, r.Sealed, o.Keys.Seal(c.Binding, r.ID, plain))
	}
	values := "(?, ?, ?)"
	if o.Store.Postgres() {
		values = "(?::bigint, ?::bytea, ?::bytea)"
	}
	values += strings.Repeat(", (?, ?, ?)", len(rows)-1)
	res := tx.Exec("UPDATE "+c.Table+" SET "+c.Name+" = v.column3 FROM (VALUES "+values+") AS v"+
		" WHERE "+c.Table+".id = v.column1 AND "+c.Table+"."+c.Name+" = v.column2", args...)
	return res.RowsAffected, res.Error
}
