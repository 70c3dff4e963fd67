package placement

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Key is where a page of a list begins: behind the placement it is of. The
// zero value is the beginning.
type Key struct{ LastSeen, ID int64 }

// Key is what asks for the page of the list behind this one.
func (p *Placement) Key() Key { return Key{p.LastSeen, p.ID} }

// Query is what is asked of the list. Zero values ask nothing.
type Query struct {
	Partner int64
	After   Key
	Most    int
}

// List finds placements, those seen last first; next asks for those behind,
// and is zero on the last page.
func (p *Places) List(ctx context.Context, q Query) (rows []Placement, next Key, err error) {
	db := p.Store.Read(ctx)
	if q.Partner != 0 {
		db = db.Where("partner_id = ?", q.Partner)
	}
	if q.After != (Key{}) {
		db = db.Where("last_seen < ? OR last_seen = ? AND id < ?", q.After.LastSeen, q.After.LastSeen, q.After.ID)
	}
	if err := db.Order("last_seen DESC, id DESC").Limit(q.Most + 1).Find(&rows).Error; err != nil {
		return nil, Key{}, fmt.Errorf("list where banners appear: %w", err)
	}
	if len(rows) > q.Most {
		rows = rows[:q.Most]
		next = rows[q.Most-1].Key()
	}
	return rows, next, nil
}

// FindClicked is Find for who came from a page a moment ago. A page that nobody
// has written yet is written first, so that its first visitors count for it;
// only what another copy of the program noted is known when that has written
// it.
func (p *Places) FindClicked(ctx context.Context, partner int64, page Page, now time.Time) (int64, error) {
	if id, err := p.find(ctx, partner, page); err != nil || id != 0 {
		return id, err
	}
	if err := p.settle(ctx, partner, page, now); err != nil {
		return 0, err
	}
	return p.Find(ctx, partner, page)
}

// settle waits for the batch that is being written, and writes the next if a
// click on a page is in it.
func (p *Places) settle(ctx context.Context, partner int64, page Page, now time.Time) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	if !p.Notes.clicked(partner, page.At(), now) {
		return nil
	}
	_, err := p.writeNotes(ctx)
	return err
}

// Find is the placement of a partner's banner on a page, 0 if it was never
// seen there.
func (p *Places) Find(ctx context.Context, partner int64, page Page) (int64, error) {
	id, err := p.find(ctx, partner, page)
	if err == nil && id == 0 && page.Path != "" { // perhaps one of the other pages of its host
		return p.find(ctx, partner, Page{Host: page.Host})
	}
	return id, err
}

func (p *Places) find(ctx context.Context, partner int64, page Page) (int64, error) {
	var ids []int64
	err := p.Store.Read(ctx).Model(&Placement{}).Where("partner_id = ? AND host = ? AND path = ?", partner, page.Host, page.Path).Limit(1).Pluck("id", &ids).Error
	if err != nil {
		return 0, fmt.Errorf("find the placement on %s: %w", page.Host, err)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	return ids[0], nil
}

// Placed are the partners whose banner was ever seen on a page whose host is
// known.
func (p *Places) Placed(ctx context.Context) (map[int64]bool, error) {
	var ids []int64
	if err := p.Store.Read(ctx).Model(&Placement{}).Where("host <> '' AND frames > 0").Distinct().Pluck("partner_id", &ids).Error; err != nil {
		return nil, fmt.Errorf("find who placed the banner: %w", err)
	}
	placed := make(map[int64]bool, len(ids))
	for _, id := range ids {
		placed[id] = true
	}
	return placed, nil
}

// Forget deletes what is kept no longer: days, and places that were not seen
// since. It returns how many rows went.
func (p *Places) Forget(ctx context.Context, today int64) (int64, error) {
	var n int64
	err := p.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		oldest := today - keptDays
		days := tx.Exec("DELETE FROM placement_days WHERE day < ?", dayText(oldest))
		if days.Error != nil {
			return days.Error
		}
		places := tx.Exec("DELETE FROM placements WHERE last_seen < ?", oldest*millisPerDay)
		n = days.RowsAffected + places.RowsAffected
		return places.Error
	})
	if err != nil {
		return 0, fmt.Errorf("forget where banners were: %w", err)
	}
	return n, nil
}
