package scrutiny

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

// Kinds of buckets.
const (
	ByRange   = "range"
	ByDomain  = "domain"
	ByPartner = "partner" // key: the partner's id, or Direct
	ByCountry = "country"
)

// Kinds are all of them, in the order in which pages list them.
func Kinds() []string { return []string{ByRange, ByDomain, ByPartner, ByCountry} }

// Direct is the key of requests that came through no partner.
const Direct = "direct"

// Limit is how many requests may come from one bucket in a period: from Ask on
// a proof of work is asked for, from Examine on the bucket is examined for
// patterns, from Hold on everything is held whatever it looks like. 0 is never.
// Key is "" in the default of a kind; otherwise an address prefix, a mail
// domain, a partner's id or Direct, a country.
type Limit struct {
	ID      int64
	Kind    string
	Key     string
	Minutes int64
	Ask     int64
	Examine int64
	Hold    int64
	Note    string
}

// Bounds of a limit.
const (
	MostMinutes  = 24 * 60
	MostOfLimit  = 10_000_000
	LeastExamine = 20 // fewer have no pattern
	LeastHold    = 50
	LeastAsk     = 5
	mostNote     = 200
	mostLimits   = 2000
	widestIPv4   = 8
	widestIPv6   = 16
)

// Period of a limit in milliseconds.
func (l *Limit) period() int64 { return l.Minutes * time.Minute.Milliseconds() }

// Faults of limits.
var (
	ErrNoLimit   = fault.New(fault.NotFound, "error.not_found")
	errManyLimit = fault.New(fault.Invalid, "limits.too_many")
	errKept      = fault.New(fault.Conflict, "limits.default_stays")
)

var domainShape = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`)

// check cleans a limit; Invalid with a sentence for each field.
func (s *Scrutiny) check(l Limit) (Limit, error) {
	refused := fault.Fields{}
	l.Key = strings.TrimSpace(l.Key)
	var err error
	if slices.Contains(Kinds(), l.Kind) {
		l.Key, err = s.checkKey(l.Kind, l.Key)
		refused.Add("key", err)
	} else {
		refused.Add("kind", fault.New(fault.Invalid, "limits.bad_kind"))
	}
	within := func(field string, n, least, most int64, zero bool) {
		if (n != 0 || !zero) && (n < least || n > most) {
			refused[field] = fault.New(fault.Invalid, "limits.out_of_bounds", "Min", least, "Max", most)
		}
	}
	within("minutes", l.Minutes, 1, MostMinutes, false)
	within("ask", l.Ask, LeastAsk, MostOfLimit, true)
	within("examine", l.Examine, LeastExamine, MostOfLimit, true)
	within("hold", l.Hold, LeastHold, MostOfLimit, true)
	if refused["hold"] == nil && l.Hold != 0 && (l.Hold < l.Ask || l.Hold < l.Examine) {
		refused["hold"] = fault.New(fault.Invalid, "limits.hold_first")
	}
	l.Note, err = plaintext.Clean(l.Note, plaintext.Limit{Graphemes: mostNote, Bytes: 4 * mostNote})
	refused.Add("note", err)
	return l, refused.Err()
}

func (s *Scrutiny) checkKey(kind, text string) (string, error) {
	var bad error = fault.New(fault.Invalid, "limits.bad_key."+kind)
	if text == "" {
		return "", nil
	}
	switch kind {
	case ByRange:
		p, err := netip.ParsePrefix(text)
		if err != nil || p.Addr().Zone() != "" {
			return text, bad
		}
		least, most := widestIPv6, 48
		if p.Addr().Is4() {
			least, most = widestIPv4, 24
		}
		if p.Addr().Is4In6() || p.Bits() < least || p.Bits() > most {
			return text, bad
		}
		return p.Masked().String(), nil
	case ByDomain:
		m, err := address.ParseMail("x@" + strings.ToLower(text))
		if err != nil || !domainShape.MatchString(m.Domain()) {
			return text, bad
		}
		return m.Domain(), nil
	case ByPartner:
		if text == Direct {
			return text, nil
		}
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && id > 0 && s.IsPartner(id) {
			return text, nil
		}
		return text, bad
	}
	if text = strings.ToUpper(text); !s.IsCountry(text) {
		return text, bad
	}
	return text, nil
}

// Limits lists all: of each kind its default first, then by key.
func (s *Scrutiny) Limits(ctx context.Context) ([]Limit, error) {
	var rows []Limit
	if err := s.Store.Read(ctx).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the limits: %w", err)
	}
	slices.SortFunc(rows, func(a, b Limit) int {
		if a.Kind != b.Kind {
			return slices.Index(Kinds(), a.Kind) - slices.Index(Kinds(), b.Kind)
		}
		return strings.Compare(a.Key, b.Key)
	})
	return rows, nil
}

// Limit is one of them. ErrNoLimit.
func (s *Scrutiny) Limit(ctx context.Context, id int64) (Limit, error) {
	var l Limit
	err := s.Store.Read(ctx).Where("id = ?", id).Take(&l).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return l, ErrNoLimit
	}
	return l, err
}

// LimitSubject is what a limit is called in the trail.
const LimitSubject = "limit"

// SaveLimit writes a limit: a new one for its key, or in place of the one that
// stands there. Invalid with a sentence for each field.
func (s *Scrutiny) SaveLimit(ctx context.Context, l Limit, by audit.Actor) error {
	l, err := s.check(l)
	if err != nil {
		return err
	}
	err = s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var was []Limit
		if err := tx.Where("kind = ? AND key = ?", l.Kind, l.Key).Find(&was).Error; err != nil {
			return err
		}
		deed := audit.Deed{Action: "limit.set", Subject: LimitSubject, After: l.noted()}
		if len(was) == 0 {
			var n int64
			if err := tx.Model(&Limit{}).Count(&n).Error; err != nil {
				return err
			}
			if n >= mostLimits {
				return errManyLimit
			}
			l.ID = s.Store.NewID()
			if err := tx.Create(&l).Error; err != nil {
				return err
			}
		} else {
			l.ID, deed.Before = was[0].ID, was[0].noted()
			if l == was[0] {
				return nil
			}
			if err := tx.Model(&Limit{}).Where("id = ?", l.ID).Updates(map[string]any{"minutes": l.Minutes, "ask": l.Ask,
				"examine": l.Examine, "hold": l.Hold, "note": l.Note}).Error; err != nil {
				return err
			}
		}
		deed.SubjectID = l.ID
		return s.changed(tx, by, deed)
	})
	if err != nil {
		return fmt.Errorf("save the limit of %s %q: %w", l.Kind, l.Key, err)
	}
	return s.Reload(ctx)
}

// RemoveLimit takes a single key's limit away, so that its kind's default
// stands again. ErrNoLimit; a default stays.
func (s *Scrutiny) RemoveLimit(ctx context.Context, id int64, by audit.Actor) error {
	err := s.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		l, err := s.Limit(ctx, id)
		if err != nil {
			return err
		}
		if l.Key == "" {
			return errKept
		}
		if err := tx.Where("id = ?", id).Delete(&Limit{}).Error; err != nil {
			return err
		}
		return s.changed(tx, by, audit.Deed{Action: "limit.removed", Subject: LimitSubject, SubjectID: id, Before: l.noted()})
	})
	if err != nil {
		return fmt.Errorf("remove limit %d: %w", id, err)
	}
	return s.Reload(ctx)
}

// changed notes a deed and tells all copies of the program.
func (s *Scrutiny) changed(tx *gorm.DB, by audit.Actor, d audit.Deed) error {
	if err := s.Trail.Note(tx, by, d); err != nil {
		return err
	}
	_, err := store.Bump(tx, store.TopicScrutiny)
	return err
}

// noted is what the trail keeps of a limit.
func (l Limit) noted() map[string]any {
	return map[string]any{"kind": l.Kind, "key": l.Key, "minutes": l.Minutes, "ask": l.Ask, "examine": l.Examine, "hold": l.Hold, "note": l.Note}
}

// rules are the limits, ready to be asked. Never changed after they were made.
type rules struct {
	defaults map[string]*Limit
	single   map[string]map[key]*Limit
	prefixes []prefixLimit // the narrowest first
}

type prefixLimit struct {
	prefix netip.Prefix
	key    key
	limit  *Limit
}

func newRules(rows []Limit, keys *seal.Keys) *rules {
	r := &rules{defaults: map[string]*Limit{}, single: map[string]map[key]*Limit{ByDomain: {}, ByPartner: {}, ByCountry: {}}}
	for i := range rows {
		l := &rows[i]
		switch {
		case l.Key == "":
			r.defaults[l.Kind] = l
		case l.Kind == ByRange:
			if p, err := netip.ParsePrefix(l.Key); err == nil {
				r.prefixes = append(r.prefixes, prefixLimit{p, keyOf(keys.RangeKey(l.Key)), l})
			}
		case l.Kind == ByDomain:
			r.single[ByDomain][keyOf(keys.DomainKey(l.Key))] = l
		case l.Kind == ByPartner:
			id, _ := strconv.ParseInt(l.Key, 10, 64)
			r.single[ByPartner][partnerKey(id)] = l
		default:
			r.single[l.Kind][keyOf([]byte(l.Key))] = l
		}
	}
	slices.SortFunc(r.prefixes, func(a, b prefixLimit) int { return b.prefix.Bits() - a.prefix.Bits() })
	return r
}

// of is the limit of a bucket; of a range it is that of the narrowest prefix
// staff wrote down around it, which is then one bucket as a whole.
func (r *rules) of(kind string, k key) *Limit {
	if l := r.single[kind][k]; l != nil {
		return l
	}
	return r.defaults[kind]
}

// around is the bucket of an address range, with its limit.
func (r *rules) around(text string, k key) (*Limit, key) {
	if len(r.prefixes) > 0 {
		if p, err := netip.ParsePrefix(text); err == nil {
			for _, wide := range r.prefixes {
				if wide.prefix.Bits() <= p.Bits() && wide.prefix.Contains(p.Addr()) {
					return wide.limit, wide.key
				}
			}
		}
	}
	return r.defaults[ByRange], k
}

func partnerKey(id int64) (k key) {
	for i := range 8 {
		k[i] = byte(id >> (8 * i))
	}
	return k
}
