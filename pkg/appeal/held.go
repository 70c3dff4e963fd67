package appeal

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/fault"
)

// HeldBy are the ways in which held signatures are put in groups, so that
// thousands are decided at once.
var HeldBy = []string{"reason", "partner", "domain", "range", "country", "day"}

// heldColumns are the columns groups are made by; the hashes have a hex code.
var heldColumns = map[string]string{
	"reason": "reason", "partner": "partner_id", "domain": "domain_key", "range": "range_key", "country": "country", "day": "day",
}

// HeldGroup is what of the held signatures has something in common. Times are
// Unix milliseconds.
type HeldGroup struct {
	Key     string // as in an address; "" where it is not known of a signature
	N       int64
	Oldest  int64 // since when the first of them is held
	Samples []Sample
}

// Sample is a signature as staff see it who decide about it.
type Sample struct {
	ID          int64
	State       string
	Reason      string
	HeldAt      int64
	ConfirmedAt int64
	PartnerID   int64
	Country     string
	Lang        string
	Name        string // "" where it is forgotten
	Mail        string // masked
	Domain      string
	Range       string // the code of its address range, short
}

// HeldFigures say how much waits for a decision.
type HeldFigures struct {
	Waiting int64
	Overdue int64
	Oldest  int64 // since when the first is held, Unix milliseconds; 0 for none
}

const (
	// mostGrouped is how many of the oldest held signatures are put in groups:
	// reading a million of them would take seconds.
	mostGrouped = 50_000
	// groupSamples is how many of a group are shown.
	groupSamples = 3
)

// HeldDue is when a signature that is held since a time must be decided.
func (c *Current) HeldDue(since int64) int64 { return since + days(c.Retention.Held).Milliseconds() }

// overdueSince is since when what is held now is overdue.
func (s *Sweeps) overdueSince() int64 {
	return s.Now().Add(-days(s.Appeal.Current().Retention.Held)).UnixMilli()
}

// Held says how much waits for a decision.
func (s *Sweeps) Held(ctx context.Context) (HeldFigures, error) {
	var f HeldFigures
	err := s.Store.Read(ctx).Raw("SELECT count(*) AS waiting, COALESCE(sum(CASE WHEN held_at <= ? THEN 1 ELSE 0 END), 0) AS overdue, COALESCE(min(held_at), 0) AS oldest"+
		" FROM signatures WHERE state = 'held'", s.overdueSince()).Scan(&f).Error
	if err != nil {
		return f, fmt.Errorf("count held signatures: %w", err)
	}
	return f, nil
}

// mostOverdue is up to where Overdue counts.
const mostOverdue = 1000

// Overdue is how many held signatures should have been decided, at most 1,000.
func (s *Sweeps) Overdue(ctx context.Context) (int64, error) {
	var n int64
	err := s.Store.Read(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM signatures WHERE state = 'held' AND held_at <= ? LIMIT ?) AS late", s.overdueSince(), mostOverdue).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count overdue signatures: %w", err)
	}
	return n, nil
}

// AlarmHeld is the kind of alarm for held signatures that are overdue.
const AlarmHeld = "held_overdue"

// Tend forgets old previews, and raises an alarm when held signatures are
// overdue. It returns a line about what it did.
func (s *Sweeps) Tend(ctx context.Context) (string, error) {
	purged, err := s.Purge(ctx)
	if err != nil {
		return "", err
	}
	f, err := s.Held(ctx)
	if err != nil {
		return "", err
	}
	if f.Overdue > 0 && s.Alarm != nil {
		err = s.Alarm(ctx, AlarmHeld, "", map[string]any{"overdue": f.Overdue, "waiting": f.Waiting, "oldest": f.Oldest})
	}
	return fmt.Sprintf("%d held, %d overdue, %d old previews and rules forgotten", f.Waiting, f.Overdue, purged), err
}

// heldKey is the column of a way to group, as text for an address.
func (s *Sweeps) heldKey(by string) string {
	column := heldColumns[by]
	switch {
	case by == "partner":
		return "CAST(partner_id AS TEXT)"
	case by != "domain" && by != "range":
		return column
	case s.Store.Postgres():
		return "COALESCE(encode(" + column + ", 'hex'), '')"
	}
	return "COALESCE(lower(hex(" + column + ")), '')"
}

// HeldPlace is a place in a list of groups.
type HeldPlace struct {
	Oldest int64
	Key    string
}

// HeldGroups puts the held signatures in groups, those with the oldest first,
// behind a place; more says that there are others. Samples have no names unless
// asked for.
func (s *Sweeps) HeldGroups(ctx context.Context, by string, after HeldPlace, most int, names bool) (groups []HeldGroup, more bool, err error) {
	if heldColumns[by] == "" || !isText(after.Key) {
		return nil, false, errNoGroup
	}
	var rows []struct {
		Key       string
		N, Oldest int64
		ID        int64
	}
	err = s.Store.Read(ctx).Raw("SELECT key, n, oldest, id FROM (SELECT key, id, count(*) OVER (PARTITION BY key) AS n, min(held_at) OVER (PARTITION BY key) AS oldest,"+
		" row_number() OVER (PARTITION BY key ORDER BY held_at, id) AS place FROM (SELECT id, held_at, "+s.heldKey(by)+" AS key FROM signatures WHERE state = 'held' ORDER BY held_at LIMIT ?) AS waiting) AS grouped"+
		" WHERE place <= ? AND (oldest > ? OR (oldest = ? AND key > ?)) ORDER BY oldest, key, place LIMIT ?",
		mostGrouped, groupSamples, after.Oldest, after.Oldest, after.Key, (most+1)*groupSamples).Scan(&rows).Error
	if err != nil {
		return nil, false, fmt.Errorf("group held signatures by %s: %w", by, err)
	}
	var ids []int64
	for _, r := range rows {
		if len(groups) == 0 || groups[len(groups)-1].Key != r.Key {
			if more = len(groups) == most; more {
				break
			}
			groups = append(groups, HeldGroup{Key: r.Key, N: r.N, Oldest: r.Oldest})
		}
		g := &groups[len(groups)-1]
		g.Samples = append(g.Samples, Sample{ID: r.ID})
		ids = append(ids, r.ID)
	}
	all, err := s.Samples(ctx, ids, names)
	if err != nil {
		return nil, false, err
	}
	byID := map[int64]Sample{}
	for _, one := range all {
		byID[one.ID] = one
	}
	for i := range groups {
		for j := range groups[i].Samples {
			groups[i].Samples[j] = byID[groups[i].Samples[j].ID]
		}
	}
	return groups, more, nil
}

// HeldList lists the held signatures of a group, "" for all of them, oldest
// first, behind a place.
func (s *Sweeps) HeldList(ctx context.Context, by, key string, after Place, most int) ([]Sample, error) {
	db := s.Store.Read(ctx).Model(&Signature{}).Where("state = 'held' AND held_at >= ? AND (held_at > ? OR id > ?)", after.At, after.At, after.ID)
	if by != "" {
		var err error
		if db, err = s.inGroup(db, by, key); err != nil {
			return nil, err
		}
	}
	var ids []int64
	if err := db.Order("held_at, id").Limit(most).Pluck("id", &ids).Error; err != nil {
		return nil, fmt.Errorf("list held signatures: %w", err)
	}
	return s.Samples(ctx, ids, true)
}

// errNoGroup answers for a group that is none.
var errNoGroup = fault.New(fault.NotFound, "error.not_found")

// isText says that a key from an address is what PostgreSQL takes for text.
func isText(key string) bool { return utf8.ValidString(key) && !strings.Contains(key, "\x00") }

// inGroup narrows a query to a group.
func (s *Sweeps) inGroup(db *gorm.DB, by, key string) (*gorm.DB, error) {
	column := heldColumns[by]
	if column == "" || !isText(key) {
		return nil, errNoGroup
	}
	if by != "domain" && by != "range" {
		return db.Where(s.heldKey(by)+" = ?", key), nil
	}
	if key == "" {
		return db.Where(column + " IS NULL"), nil
	}
	code, err := hex.DecodeString(key)
	if err != nil {
		return nil, errNoGroup
	}
	return db.Where(column+" = ?", code), nil
}

// Samples reads signatures for staff, in the order of the ids.
func (s *Sweeps) Samples(ctx context.Context, ids []int64, names bool) ([]Sample, error) {
	var rows []Signature
	if err := s.Store.Read(ctx).Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read samples of signatures: %w", err)
	}
	byID := make(map[int64]Sample, len(rows))
	for _, r := range rows {
		one := Sample{ID: r.ID, State: r.State, Reason: r.Reason, HeldAt: r.HeldAt, ConfirmedAt: r.ConfirmedAt, PartnerID: r.PartnerID, Country: r.Country, Lang: r.Lang}
		mail, err := mailOf(s.Keys, r.ID, r.Email)
		if err != nil {
			return nil, err
		}
		if mail != (address.Mail{}) {
			one.Domain = mail.Domain()
		}
		one.Range = short(hex.EncodeToString(r.RangeKey))
		if names {
			name, err := s.Keys.Open(sealedName, r.ID, r.Name)
			if err != nil {
				return nil, err
			}
			one.Name = string(name)
			if one.Domain != "" {
				one.Mail = mail.Masked()
			}
		}
		byID[r.ID] = one
	}
	out := make([]Sample, 0, len(rows))
	for _, id := range ids {
		if one, ok := byID[id]; ok {
			out = append(out, one)
		}
	}
	return out, nil
}

// short is what is shown of a code, enough to tell two apart.
func short(code string) string { return code[:min(len(code), 8)] }

// HeldRule is the rule that means the held signatures of a group.
func (s *Sweeps) HeldRule(ctx context.Context, by, key string) (Rule, error) {
	r := Rule{State: Held}
	switch by {
	case "reason":
		r.Reason = key
	case "country":
		r.Country = key
	case "partner":
		id, err := strconv.ParseInt(key, 10, 64)
		if err != nil {
			return r, errNoGroup
		}
		r.Partner = &id
	case "day":
		day, err := time.Parse(time.DateOnly, key)
		if err != nil {
			return r, errNoGroup
		}
		r.From, r.To = day.UnixMilli(), day.AddDate(0, 0, 1).UnixMilli()
	case "range":
		if _, err := hex.DecodeString(key); err != nil {
			return r, errNoGroup
		}
		r.Typed.Codes = []string{key}
	case "domain":
		some, err := s.HeldList(ctx, by, key, Place{}, 1)
		if err != nil {
			return r, err
		}
		if len(some) == 0 || some[0].Domain == "" {
			return r, errNoGroup
		}
		r.Typed.Domains = []string{some[0].Domain}
	default:
		return r, errNoGroup
	}
	if key == "" || !isText(key) {
		return r, errNoGroup
	}
	return r, nil
}
