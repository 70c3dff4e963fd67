package appeal

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/store"
)

// Custody erases what is kept no longer, as the appeal's Retention says. It
// works in batches, so that nobody waits long for the writer, and can be cut
// short anywhere: what is left over is done at the next run. When nothing is
// due a run touches no row, whatever the number of signatures.
type Custody struct {
	Store  *store.Store
	Appeal *Appeal
	Now    func() time.Time
}

// Erased says in how many signatures something was erased.
type Erased struct {
	Ranges    int64 // coded address ranges, those of requests included
	Addresses int64 // addresses of who wanted neither news nor hand-over
	Delivered int64 // addresses of others, after the delivery
	Keys      int64 // coded addresses, after the close
}

func (e Erased) String() string {
	return fmt.Sprintf("erased: %d address ranges, %d addresses, %d addresses after the delivery, %d coded addresses after the close",
		e.Ranges, e.Addresses, e.Delivered, e.Keys)
}

// eraseRows is how many rows a transaction erases something in, scanRows how
// many are looked at at a time where there is no index of those that are due.
const (
	eraseRows = 1000
	scanRows  = 10_000
)

// Conditions over signatures. The first is, word for word, that of the index
// signatures_unasked, which is how a run finds what is due among millions.
//
// A name goes with the address, but not where the person wants it shown in
// public: there it is kept as long as it is shown.
const (
	kept    = "(email IS NOT NULL OR (name IS NOT NULL AND (consents & 2) = 0))"
	unasked = "(consents & 12) = 0 AND " + kept
	asked   = "(consents & 12) <> 0 AND " + kept

	// What is held is decided by what is known of it. Until then nothing of it is
	// erased because its time is over.
	decided = "state <> 'held'"

	eraseAddress = "UPDATE signatures SET email = NULL, domain_key = NULL, name = CASE WHEN (consents & 2) = 0 THEN NULL ELSE name END"
)

// Run erases everything that is due, and says how much. An error leaves what
// was erased before it erased.
func (c *Custody) Run(ctx context.Context) (Erased, error) {
	var n Erased
	if err := c.noteState(ctx); err != nil {
		return n, err
	}
	if err := c.Appeal.Reload(ctx); err != nil {
		return n, err
	}
	keep := c.Appeal.Current().Retention
	for _, rule := range []func() error{
		func() (err error) { n.Ranges, err = c.eraseRanges(ctx, c.before(keep.Ranges)); return },
		func() (err error) { n.Addresses, err = c.eraseUnasked(ctx, c.before(keep.Addresses)); return },
		func() (err error) { n.Delivered, err = c.eraseDelivered(ctx); return },
		func() (err error) { n.Keys, err = c.destroyKeys(ctx); return },
	} {
		if err := rule(); err != nil {
			return n, err
		}
	}
	return n, nil
}

// before is the moment so many days ago, in Unix milliseconds.
func (c *Custody) before(n int) int64 { return c.Now().Add(-days(n)).UnixMilli() }

// noteState keeps since when an appeal whose state is "closed" is: the state
// itself has no time.
func (c *Custody) noteState(ctx context.Context) error {
	err := c.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		err := tx.Exec("UPDATE appeals SET closed_at = ? WHERE state <> ? AND closed_at = 0", c.Now().UnixMilli(), Open).Error
		if err == nil {
			err = tx.Exec("UPDATE appeals SET closed_at = 0 WHERE state = ? AND closed_at <> 0", Open).Error
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("note since when the appeal is closed: %w", err)
	}
	return nil
}

// batches runs a statement that changes at most eraseRows rows until it
// changes fewer, each time in a transaction of its own.
func (c *Custody) batches(ctx context.Context, statement string, args ...any) (int64, error) {
	var total int64
	for {
		n, err := c.batch(ctx, statement, args...)
		if total += n; err != nil || n < eraseRows {
			return total, err
		}
	}
}

func (c *Custody) batch(ctx context.Context, statement string, args ...any) (int64, error) {
	var n int64
	err := c.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		res := tx.Exec(statement, args...)
		n = res.RowsAffected
		return res.Error
	})
	if n > 0 && err == nil {
		c.Store.Erased()
	}
	return n, err
}

// eraseRanges erases the coded address ranges of forms sent in before.
func (c *Custody) eraseRanges(ctx context.Context, before int64) (int64, error) {
	signed, err := c.batches(ctx, "UPDATE signatures SET range_key = NULL WHERE range_key IS NOT NULL AND "+decided+" AND id IN"+
		" (SELECT id FROM signatures WHERE range_key IS NOT NULL AND "+decided+" AND created_at <= ? ORDER BY created_at LIMIT ?)", before, eraseRows)
	if err != nil {
		return signed, fmt.Errorf("erase address ranges of signatures: %w", err)
	}
	waiting, err := c.batches(ctx, "UPDATE sign_requests SET range_key = NULL WHERE range_key IS NOT NULL AND id IN"+
		" (SELECT id FROM sign_requests WHERE state = ? AND created_at <= ? AND range_key IS NOT NULL ORDER BY created_at LIMIT ?)", pending, before, eraseRows)
	if err != nil {
		return signed + waiting, fmt.Errorf("erase address ranges of sign requests: %w", err)
	}
	return signed + waiting, nil
}

// eraseUnasked erases the addresses of who confirmed before and wanted neither
// news nor hand-over.
func (c *Custody) eraseUnasked(ctx context.Context, before int64) (int64, error) {
	n, err := c.batches(ctx, eraseAddress+" WHERE "+unasked+" AND "+decided+" AND id IN"+
		" (SELECT id FROM signatures WHERE "+unasked+" AND "+decided+" AND confirmed_at <= ? ORDER BY confirmed_at LIMIT ?)", before, eraseRows)
	if err != nil {
		return n, fmt.Errorf("erase addresses: %w", err)
	}
	return n, nil
}

// eraseDelivered erases the addresses of all others that signed until the day
// of the delivery, once its time is over. They are gone through once, and again
// as long as some of them are held.
func (c *Custody) eraseDelivered(ctx context.Context) (int64, error) {
	a := c.Appeal.Current()
	if a.Delivered == "" || a.erasedAfter == a.Delivered || c.Now().UnixMilli() < a.deliveredBy+days(a.Retention.Delivered).Milliseconds() {
		return 0, nil
	}
	var total int64
	waits := false
	var last struct{ ConfirmedAt, ID int64 }
	for {
		var rows []struct {
			ConfirmedAt, ID int64
			Due, Waits      bool
		}
		err := c.Store.Read(ctx).Raw("SELECT confirmed_at, id, "+asked+" AS due, "+asked+" AND NOT "+decided+" AS waits FROM signatures WHERE (confirmed_at, id) > (?, ?) AND confirmed_at < ?"+
			" ORDER BY confirmed_at, id LIMIT ?", last.ConfirmedAt, last.ID, a.deliveredBy, scanRows).Scan(&rows).Error
		if err != nil {
			return total, fmt.Errorf("look for addresses after the delivery: %w", err)
		}
		var due []int64
		for i, r := range rows {
			last.ConfirmedAt, last.ID = r.ConfirmedAt, r.ID
			waits = waits || r.Waits
			if r.Due && !r.Waits {
				due = append(due, r.ID)
			}
			if len(due) == eraseRows || i == len(rows)-1 && len(due) > 0 {
				n, err := c.batch(ctx, eraseAddress+" WHERE "+asked+" AND "+decided+" AND id IN ?", due)
				if total += n; err != nil {
					return total, fmt.Errorf("erase addresses after the delivery: %w", err)
				}
				due = due[:0]
			}
		}
		if len(rows) < scanRows && waits {
			return total, nil // gone through again when these are decided
		}
		if len(rows) < scanRows {
			return total, c.note(ctx, keyErasedAfter, a.Delivered)
		}
	}
}

// note keeps how far Custody is.
func (c *Custody) note(ctx context.Context, key, value string) error {
	err := c.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := saveSetting(tx, key, value); err != nil {
			return err
		}
		_, err := store.Bump(tx, store.TopicAppeal)
		return err
	})
	if err != nil {
		return err
	}
	return c.Appeal.Reload(ctx)
}

// destroyKeys destroys the coded addresses, by which each is counted once, when
// the appeal has been closed for so long. From the first one on it cannot be
// opened again.
func (c *Custody) destroyKeys(ctx context.Context) (int64, error) {
	begun, err := c.beginDestroying(ctx)
	if err != nil || !begun {
		return 0, err
	}
	appeal := c.Appeal.Current().ID
	var left bool
	// The unique index tells whether there is a key; what goes with a key goes
	// with it in the same statement.
	err = c.Store.Read(ctx).Raw("SELECT EXISTS (SELECT 1 FROM signatures WHERE appeal_id = ? AND email_key > ?)", appeal, []byte{}).Scan(&left).Error
	if err != nil {
		return 0, fmt.Errorf("look for coded addresses: %w", err)
	}
	if !left {
		return 0, nil
	}
	// In the order of the rows, which lie beside each other.
	var total, after int64
	for {
		var ids []int64
		err := c.Store.Read(ctx).Raw("SELECT id FROM signatures WHERE id > ? AND appeal_id = ? AND email_key IS NOT NULL ORDER BY id LIMIT ?", after, appeal, eraseRows).Scan(&ids).Error
		if err != nil {
			return total, fmt.Errorf("look for coded addresses: %w", err)
		}
		if len(ids) == 0 {
			return total, nil
		}
		after = ids[len(ids)-1]
		n, err := c.batch(ctx, "UPDATE signatures SET email_key = NULL, domain_key = CASE WHEN "+decided+" THEN NULL ELSE domain_key END,"+
			" range_key = CASE WHEN "+decided+" THEN NULL ELSE range_key END WHERE id IN ?", ids)
		if total += n; err != nil {
			return total, fmt.Errorf("destroy coded addresses: %w", err)
		}
	}
}

// beginDestroying says whether the time is over, and notes it in the
// transaction that finds it so. Requests that still wait, all of them too old
// to be confirmed, go with it.
func (c *Custody) beginDestroying(ctx context.Context) (bool, error) {
	begun := false
	err := c.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		end, err := c.Appeal.lockEnding(tx)
		if err != nil {
			return err
		}
		if begun = end.KeysDestroyed != 0; begun {
			return nil
		}
		var row Row
		if err := tx.Where("id = ?", c.Appeal.Current().ID).Take(&row).Error; err != nil {
			return err
		}
		keep, err := readRetention(tx)
		if err != nil {
			return err
		}
		closed := end.closed(row, c.Now().UnixMilli())
		if begun = closed != 0 && closed <= c.before(keep.Keys); !begun {
			return nil
		}
		if err := saveSetting(tx, keyKeysDestroyed, strconv.FormatInt(c.Now().UnixMilli(), 10)); err != nil {
			return err
		}
		if err := tx.Where("appeal_id = ? AND state = ?", row.ID, pending).Delete(&request{}).Error; err != nil {
			return err
		}
		_, err = store.Bump(tx, store.TopicAppeal)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("begin to destroy coded addresses: %w", err)
	}
	return begun, c.Appeal.Reload(ctx)
}
