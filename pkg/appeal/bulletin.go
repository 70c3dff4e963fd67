package appeal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
)

// Bulletin is what is published of all signatures on a day, in the figures of
// one moment. It is kept as it was told: no small figure is in it.
type Bulletin struct {
	AppealID int64
	Day      string // on which it was made, UTC
	At       int64
	Whole
	Tables `gorm:"-"`
	Body   string // of the tables, in JSON
}

// Whole is the figures of the whole campaign, each exact.
type Whole struct {
	Counted   int64
	Waiting   int64 // for the person to confirm
	Held      int64
	Invalid   int64
	Withdrawn int64
}

// Tables are the figures of parts of it. HeldBy and InvalidBy are by reason.
type Tables struct {
	HeldBy    []Told     `json:"held_by"`
	InvalidBy []Told     `json:"invalid_by"`
	Countries []Told     `json:"countries"`
	Partners  []Told     `json:"partners"` // the largest of those that are told, by id
	Unlisted  int64      `json:"unlisted"` // partners beside these
	Days      []DayCount `json:"days"`
}

// Told is a figure of something.
type Told struct {
	Key     string             `json:"key"`
	N       int64              `json:"n"`
	Telling disclosure.Telling `json:"telling"`
}

// Figure is what is told.
func (t Told) Figure() disclosure.Figure { return disclosure.Figure{N: t.N, Telling: t.Telling} }

// DayCount is how many of the signatures counted were confirmed on a day. It is
// exact: a day is nobody's own figure, and no day is told of a partner or country.
type DayCount struct {
	Day string `json:"day"`
	N   int64  `json:"n"`
}

// mostPublished is how many partners a bulletin lists.
const mostPublished = 1000

// Bulletins are those of the main appeal. Safe for concurrent use.
type Bulletins struct {
	Store  *store.Store
	Appeal *Appeal
	Now    func() time.Time
	// Partners decides what is told of partners, given the signatures of each.
	Partners func(brought func(ids ...int64) int64) []Told

	last atomic.Pointer[readBulletin]
}

// ErrNoBulletin answers for a day on which none was made.
var ErrNoBulletin = fault.New(fault.NotFound, "bulletin.none")

// Publish makes the bulletin of today, unless there is one. It says whether it
// did.
func (b *Bulletins) Publish(ctx context.Context) (made bool, err error) {
	now := b.Now()
	today := now.UTC().Format(time.DateOnly)
	last, err := b.Latest(ctx)
	if err != nil && !errors.Is(err, ErrNoBulletin) {
		return false, err
	}
	if last.Day >= today {
		return false, nil
	}
	next := Bulletin{AppealID: b.Appeal.Current().ID, Day: today, At: now.UnixMilli()}
	if err := b.Store.Snapshot(ctx, func(db *gorm.DB) error { return b.count(db, &next, last.Countries) }); err != nil {
		return false, fmt.Errorf("count for the bulletin of %s: %w", today, err)
	}
	body, err := json.Marshal(next.Tables)
	if err != nil {
		return false, err
	}
	next.Body = string(body)
	err = b.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		onDay := clause.OnConflict{Columns: []clause.Column{{Name: "appeal_id"}, {Name: "day"}}, DoNothing: true}
		res := tx.Clauses(onDay).Create(&next) // another copy of the program may have been quicker
		made = res.RowsAffected == 1
		return res.Error
	})
	if err != nil {
		return false, fmt.Errorf("keep the bulletin of %s: %w", today, err)
	}
	b.last.Store(nil)
	return made, nil
}

// count fills a bulletin from one state of the database. before are the
// countries of the last one.
func (b *Bulletins) count(db *gorm.DB, next *Bulletin, before []Told) error {
	var rows []tallyRow
	kinds := []string{ByTotal, ByCountry, ByDay, ByPartner, ByState}
	if err := db.Where("appeal_id = ? AND kind IN ? AND n <> 0", next.AppealID, kinds).Order("kind, key").Find(&rows).Error; err != nil {
		return fmt.Errorf("read tallies: %w", err)
	}
	partners := map[string]int64{}
	var countries []disclosure.Cell
	for _, r := range rows {
		switch {
		case r.Kind == ByTotal:
			next.Counted = r.N
		case r.Kind == ByState && r.Key == Withdrawn:
			next.Withdrawn = r.N
		case r.Kind == ByCountry:
			countries = append(countries, disclosure.Cell{Key: r.Key, N: r.N})
		case r.Kind == ByDay:
			next.Days = append(next.Days, DayCount{r.Key, r.N})
		case r.Kind == ByPartner:
			partners[r.Key] = r.N
		}
	}
	next.Countries = tell(disclosure.Table{Cells: countries, Least: 1, Before: covering(before)})
	slices.SortStableFunc(next.Countries, func(x, y Told) int { return cmp.Compare(y.N, x.N) })
	b.listPartners(next, partners)
	oldest := b.Now().Add(-b.Appeal.Current().Retention.RequestLife()).UnixMilli()
	err := db.Model(&request{}).Where("appeal_id = ? AND state = ? AND created_at > ?", next.AppealID, pending, oldest).Count(&next.Waiting).Error
	if err != nil {
		return fmt.Errorf("count what waits: %w", err)
	}
	if next.Held, next.HeldBy, err = byReason(db, next.AppealID, "state = 'held'"); err != nil {
		return err
	}
	next.Invalid, next.InvalidBy, err = byReason(db, next.AppealID, "state = 'invalid'")
	return err
}

// listPartners puts in the largest of the partners' figures that are told.
func (b *Bulletins) listPartners(next *Bulletin, brought map[string]int64) {
	all := b.Partners(func(ids ...int64) (n int64) {
		for _, id := range ids {
			n += brought[PartnerKey(id)]
		}
		return n
	})
	for _, p := range all {
		if p.Telling == disclosure.Told {
			next.Partners = append(next.Partners, p)
		}
	}
	slices.SortStableFunc(next.Partners, func(x, y Told) int { return cmp.Compare(y.N, x.N) })
	next.Partners = next.Partners[:min(len(next.Partners), mostPublished)]
	next.Unlisted = int64(len(all) - len(next.Partners))
}

// byReason counts signatures under a condition that an index has word for
// word. Each reason is listed, also without
// any, unless there are none at all; what has an unknown one is
// with those for which staff had another.
func byReason(db *gorm.DB, appealID int64, condition string) (all int64, by []Told, err error) {
	var rows []struct {
		Reason string
		N      int64
	}
	// The plus keeps SQLite from going through all signatures of the appeal.
	err = db.Raw("SELECT reason, count(*) AS n FROM signatures WHERE "+condition+" AND +appeal_id = ? GROUP BY reason", appealID).Scan(&rows).Error
	if err != nil {
		return 0, nil, fmt.Errorf("count by reason: %w", err)
	}
	reasons := Reasons()
	cells := make([]disclosure.Cell, len(reasons))
	for i, r := range reasons {
		cells[i].Key = r
	}
	for _, r := range rows {
		at := slices.Index(reasons, r.Reason)
		if at < 0 {
			at = slices.Index(reasons, ReasonStaff)
		}
		cells[at].N += r.N
		all += r.N
	}
	if all == 0 {
		return 0, []Told{}, nil
	}
	return all, tell(disclosure.Table{Cells: cells}), nil
}

func tell(t disclosure.Table) []Told {
	out := make([]Told, len(t.Cells))
	for i, f := range t.Tell() {
		out[i] = Told{t.Cells[i].Key, f.N, f.Telling}
	}
	return out
}

// covering are the keys of figures that covered others.
func covering(before []Told) map[string]bool {
	out := map[string]bool{}
	for _, t := range before {
		if t.Telling == disclosure.Covered {
			out[t.Key] = true
		}
	}
	return out
}

// Current is the newest bulletin for pages that are read often; one without a
// day before the first. It is at most bulletinAge old.
func (b *Bulletins) Current(ctx context.Context) (Bulletin, error) {
	now := b.Now()
	if last := b.last.Load(); last != nil && !now.Before(last.read) && now.Sub(last.read) < bulletinAge {
		return last.Bulletin, nil
	}
	newest, err := b.Latest(ctx)
	if err != nil && !errors.Is(err, ErrNoBulletin) {
		return newest, err
	}
	b.last.Store(&readBulletin{newest, now})
	return newest, nil
}

// bulletinAge is how late the newest bulletin may be noticed that another copy
// of the program made.
const bulletinAge = time.Minute

type readBulletin struct {
	Bulletin
	read time.Time
}

// Latest is the newest bulletin. ErrNoBulletin.
func (b *Bulletins) Latest(ctx context.Context) (Bulletin, error) { return b.read(ctx, "") }

// On is that of a day. ErrNoBulletin.
func (b *Bulletins) On(ctx context.Context, day string) (Bulletin, error) {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return Bulletin{}, ErrNoBulletin.Because(err)
	}
	return b.read(ctx, day)
}

func (b *Bulletins) read(ctx context.Context, day string) (Bulletin, error) {
	q := b.Store.Read(ctx).Where("appeal_id = ?", b.Appeal.Current().ID)
	if day != "" {
		q = q.Where("day = ?", day)
	}
	var found []Bulletin
	if err := q.Order("day DESC").Limit(1).Find(&found).Error; err != nil {
		return Bulletin{}, fmt.Errorf("read the bulletin of %q: %w", day, err)
	}
	if len(found) == 0 {
		return Bulletin{}, ErrNoBulletin
	}
	if err := json.Unmarshal([]byte(found[0].Body), &found[0].Tables); err != nil {
		return Bulletin{}, fmt.Errorf("read the tables of the bulletin of %q: %w", day, err)
	}
	return found[0], nil
}

// Earlier lists the bulletins before a day, newest first, at most so many,
// without their tables.
func (b *Bulletins) Earlier(ctx context.Context, day string, most int) ([]Bulletin, error) {
	var found []Bulletin
	err := b.Store.Read(ctx).Omit("body").Where("appeal_id = ? AND day < ?", b.Appeal.Current().ID, day).Order("day DESC").Limit(most).Find(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list bulletins before %s: %w", day, err)
	}
	return found, nil
}
