package placement

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/store"
)

// Bounds of what is kept for a partner: pages beyond them are counted as "other
// pages" of their host, and hosts beyond as unknown. Anybody can ask for a
// banner in the name of any page.
const (
	MostPages  = 100 // of a host
	mostPlaces = 1000
)

// rowsAtOnce is how many rows one statement writes at most.
const rowsAtOnce = 1000

// Places is what is stored about where banners appear. Safe for concurrent
// use.
type Places struct {
	Store *store.Store
	Notes *Notes
	// Host is that of the campaign itself, where banners are only looked at.
	Host string

	writing sync.Mutex // held while a batch is
}

// Placement is a row: a page on which a partner's banner was seen. FirstSeen
// and LastSeen are Unix milliseconds of the beginning of a day, UTC.
type Placement struct {
	ID        int64
	PartnerID int64
	Host      string
	Path      string
	Layouts   int64 // a bit for each layout
	FirstSeen int64
	LastSeen  int64
	Frames    int64
	Clicks    int64
}

// Page is where it is.
func (p *Placement) Page() Page { return Page{p.Host, p.Path} }

// spot is a page with whose banner was seen there.
type spot struct {
	partner    int64
	host, path string
}

func compareSpots(a, b spot) int {
	return cmp.Or(cmp.Compare(a.partner, b.partner), cmp.Compare(a.host, b.host), cmp.Compare(a.path, b.path))
}

// dayOf is one row of a day.
type dayOf struct {
	spot
	day    int64
	layout uint8
}

// Write stores what was noted since the last batch, in one transaction, and
// says how many pages it was about. What cannot be written waits for the next
// batch.
func (p *Places) Write(ctx context.Context) (int, error) {
	p.writing.Lock()
	defer p.writing.Unlock()
	return p.writeNotes(ctx)
}

// writeNotes is Write for who holds writing.
func (p *Places) writeNotes(ctx context.Context) (int, error) {
	taken := p.Notes.take()
	if len(taken) == 0 {
		return 0, nil
	}
	read := p.read(taken)
	var n int
	err := p.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) (err error) {
		n, err = p.write(tx, read)
		return err
	})
	if err != nil {
		p.Notes.putBack(taken)
		return 0, fmt.Errorf("write where banners were seen: %w", err)
	}
	return n, nil
}

// read understands the notes. The campaign's own pages are left out.
func (p *Places) read(notes map[note]*sum) map[dayOf]sum {
	days := map[dayOf]sum{}
	for n, s := range notes {
		page := n.read()
		if page.Known() && page.Host == p.Host {
			continue
		}
		if n.source == fromLink && !page.Known() {
			continue
		}
		k := dayOf{spot{n.partner, page.Host, page.Path}, n.day, n.layout}
		has := days[k]
		days[k] = sum{has.frames + s.frames, has.clicks + s.clicks}
	}
	return days
}

func (n note) read() Page {
	var page Page
	switch n.source {
	case fromLoader:
		if at, err := url.QueryUnescape(n.page); err == nil {
			page, _ = Parse(at)
		}
	case fromReferer:
		page, _ = ParseReferer(n.page)
	case fromLink:
		page, _ = Parse(n.page)
	}
	return page
}

// write stores days and adds them to their placements. Rows are in sorted
// order, so that two copies of the program never wait for each other in a
// ring.
func (p *Places) write(tx *gorm.DB, days map[dayOf]sum) (int, error) {
	folded, err := p.fold(tx, days)
	if err != nil {
		return 0, err
	}
	rows := map[spot]*Placement{}
	for d, s := range folded {
		row := rows[d.spot]
		if row == nil {
			row = &Placement{ID: p.Store.NewID(), PartnerID: d.partner, Host: d.host, Path: d.path, FirstSeen: d.day * millisPerDay}
			rows[d.spot] = row
		}
		row.FirstSeen, row.LastSeen = min(row.FirstSeen, d.day*millisPerDay), max(row.LastSeen, d.day*millisPerDay)
		row.Frames, row.Clicks = row.Frames+s.frames, row.Clicks+s.clicks
		if s.frames > 0 {
			row.Layouts |= 1 << d.layout
		}
	}
	ids := make(map[spot]int64, len(rows))
	for some := range slices.Chunk(slices.SortedFunc(maps.Keys(rows), compareSpots), rowsAtOnce) {
		args := make([]any, 0, 9*len(some))
		for _, at := range some {
			r := rows[at]
			args = append(args, r.ID, r.PartnerID, r.Host, r.Path, r.Layouts, r.FirstSeen, r.LastSeen, r.Frames, r.Clicks)
		}
		var stored []Placement
		err := tx.Raw("INSERT INTO placements (id, partner_id, host, path, layouts, first_seen, last_seen, frames, clicks) VALUES "+store.Values(len(some), 9)+
			" ON CONFLICT (partner_id, host, path) DO UPDATE SET layouts = placements.layouts | excluded.layouts,"+
			" first_seen = CASE WHEN excluded.first_seen < placements.first_seen THEN excluded.first_seen ELSE placements.first_seen END,"+
			" last_seen = CASE WHEN excluded.last_seen > placements.last_seen THEN excluded.last_seen ELSE placements.last_seen END,"+
			" frames = placements.frames + excluded.frames, clicks = placements.clicks + excluded.clicks"+
			" RETURNING id, partner_id, host, path", args...).Scan(&stored).Error
		if err != nil {
			return 0, err
		}
		for _, s := range stored {
			ids[spot{s.PartnerID, s.Host, s.Path}] = s.ID
		}
	}
	return len(ids), p.writeDays(tx, folded, ids)
}

func (p *Places) writeDays(tx *gorm.DB, days map[dayOf]sum, ids map[spot]int64) error {
	order := slices.SortedFunc(maps.Keys(days), func(a, b dayOf) int {
		return cmp.Or(compareSpots(a.spot, b.spot), cmp.Compare(a.day, b.day), cmp.Compare(a.layout, b.layout))
	})
	for some := range slices.Chunk(order, rowsAtOnce) {
		args := make([]any, 0, 5*len(some))
		for _, d := range some {
			args = append(args, ids[d.spot], dayText(d.day), int64(d.layout), days[d].frames, days[d].clicks)
		}
		err := tx.Exec("INSERT INTO placement_days (placement_id, day, layout, frames, clicks) VALUES "+store.Values(len(some), 5)+
			" ON CONFLICT (placement_id, day, layout) DO UPDATE SET frames = placement_days.frames + excluded.frames,"+
			" clicks = placement_days.clicks + excluded.clicks", args...).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// dayText is a day as it is stored: 2026-01-31.
func dayText(day int64) string {
	return time.UnixMilli(day * millisPerDay).UTC().Format(time.DateOnly)
}

// fold keeps the number of places within bounds: a page beyond them counts as
// one of the other pages of its host, or as unknown. Two copies of the program
// that write at once may go a little beyond.
func (p *Places) fold(tx *gorm.DB, days map[dayOf]sum) (map[dayOf]sum, error) {
	fresh, err := p.fresh(tx, days)
	if err != nil || len(fresh) == 0 {
		return days, err
	}
	pages, places, err := p.room(tx, fresh)
	if err != nil {
		return nil, err
	}
	to := map[spot]spot{}
	for _, at := range slices.SortedFunc(maps.Keys(fresh), compareSpots) {
		host := spot{partner: at.partner, host: at.host}
		switch {
		case at.host == "":
		case places[at.partner] >= mostPlaces:
			to[at] = spot{partner: at.partner}
			continue
		case at.path != "" && pages[host] >= MostPages:
			to[at] = host
			continue
		}
		pages[host]++
		places[at.partner]++
	}
	if len(to) == 0 {
		return days, nil
	}
	folded := make(map[dayOf]sum, len(days))
	for d, s := range days {
		if other, ok := to[d.spot]; ok {
			d.spot = other
		}
		has := folded[d]
		folded[d] = sum{has.frames + s.frames, has.clicks + s.clicks}
	}
	return folded, nil
}

// fresh are the spots that have no row yet.
func (p *Places) fresh(tx *gorm.DB, days map[dayOf]sum) (map[spot]bool, error) {
	fresh := map[spot]bool{}
	for d := range days {
		fresh[d.spot] = true
	}
	for some := range slices.Chunk(slices.SortedFunc(maps.Keys(fresh), compareSpots), rowsAtOnce) {
		args := make([]any, 0, 3*len(some))
		for _, at := range some {
			args = append(args, at.partner, at.host, at.path)
		}
		var have []Placement
		// PostgreSQL takes what stands in a list of values for text unless told.
		list := strings.TrimSuffix(strings.Repeat("(CAST(? AS BIGINT),CAST(? AS TEXT),CAST(? AS TEXT)),", len(some)), ",")
		err := tx.Raw("SELECT partner_id, host, path FROM placements WHERE (partner_id, host, path) IN (VALUES "+list+")", args...).Scan(&have).Error
		if err != nil {
			return nil, err
		}
		for _, h := range have {
			delete(fresh, spot{h.PartnerID, h.Host, h.Path})
		}
	}
	return fresh, nil
}

// room counts what the partners of some spots have: pages by host, and places
// in all.
func (p *Places) room(tx *gorm.DB, spots map[spot]bool) (pages map[spot]int, places map[int64]int, err error) {
	pages, places = map[spot]int{}, map[int64]int{}
	partners := map[int64]bool{}
	for at := range spots {
		partners[at.partner] = true
	}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(partners)), rowsAtOnce) {
		var rows []struct {
			PartnerID int64
			Host      string
			N         int
		}
		err := tx.Raw("SELECT partner_id, host, COUNT(*) AS n FROM placements WHERE partner_id IN ? GROUP BY partner_id, host", some).Scan(&rows).Error
		if err != nil {
			return nil, nil, err
		}
		for _, r := range rows {
			pages[spot{partner: r.PartnerID, host: r.Host}] = r.N
			places[r.PartnerID] += r.N
		}
	}
	return pages, places, nil
}
