package scrutiny

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
)

// Rule says who belongs to a group: whoever fits each part that is set.
type Rule struct {
	Partner *int64   `json:"partner,omitempty"`
	Country string   `json:"country,omitempty"`
	Ranges  []string `json:"ranges,omitempty"`  // keyed hashes in hexadecimal
	Domains []string `json:"domains,omitempty"` // the same
}

// Hold is a group whose signatures are held. Figures is JSON: the evidence
// against it. Times are Unix milliseconds.
type Hold struct {
	ID       int64
	Kind     string // what sort of group it is, see the kinds of candidates
	Rule     string
	Reason   string
	Figures  string
	Since    int64 // the burst's beginning
	OpenedAt int64
	SeenAt   int64 // when the last of its requests came
	EndedAt  int64 // 0 while it holds
	ByKind   string
	ByID     int64
	Cleared  bool // it turned out well, and its signatures were released

	group *group
}

// group is a rule, ready to be asked.
type group struct {
	partner         *int64
	country         string
	ranges, domains map[key]bool
}

func (g *group) has(partner int64, country string, domain, rng key) bool {
	return (g.partner == nil || *g.partner == partner) && (g.country == "" || g.country == country) &&
		(g.ranges == nil || g.ranges[rng]) && (g.domains == nil || g.domains[domain])
}

func (g *group) hasRow(r *row) bool { return g.has(r.partner, r.country, r.domain, r.rng) }

func hexes(keys map[key]bool) []string {
	var out []string
	for k := range keys {
		out = append(out, hex.EncodeToString(k[:]))
	}
	slices.Sort(out)
	return out
}

func (g *group) rule() string {
	b, err := json.Marshal(Rule{g.partner, g.country, hexes(g.ranges), hexes(g.domains)})
	if err != nil {
		panic(err) // it holds nothing but strings and numbers
	}
	return string(b)
}

func readGroup(text string) (*group, error) {
	var r Rule
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return nil, fmt.Errorf("read the rule of a group: %w", err)
	}
	g := &group{partner: r.Partner, country: r.Country}
	for _, set := range []struct {
		from []string
		to   *map[key]bool
	}{{r.Ranges, &g.ranges}, {r.Domains, &g.domains}} {
		for _, text := range set.from {
			b, err := hex.DecodeString(text)
			if err != nil {
				return nil, fmt.Errorf("read the rule of a group: %w", err)
			}
			if *set.to == nil {
				*set.to = map[key]bool{}
			}
			(*set.to)[keyOf(b)] = true
		}
	}
	return g, nil
}

// holds are those that hold now, and those that staff ended within a day: who
// is of such a group is left alone. Never changed after they were made.
type holds struct{ all, pardoned []*Hold }

func newHolds(rows []*Hold) *holds {
	h := &holds{}
	for _, one := range rows {
		if one.EndedAt == 0 {
			h.all = append(h.all, one)
		} else {
			h.pardoned = append(h.pardoned, one)
		}
	}
	return h
}

// but is those that hold now, without one of them.
func (h *holds) but(one *Hold) *holds {
	return &holds{all: slices.DeleteFunc(slices.Clone(h.all), func(other *Hold) bool { return other.ID == one.ID })}
}

// pardons says whether staff ended the hold of a group that a row is of.
func (h *holds) pardons(r *row) bool {
	return slices.ContainsFunc(h.pardoned, func(one *Hold) bool { return one.group.hasRow(r) })
}

// match is a hold that a request falls under; nil if there is none.
func (h *holds) match(partner int64, country string, domain, rng key) *Hold {
	for _, one := range h.all {
		if one.group.has(partner, country, domain, rng) {
			return one
		}
	}
	return nil
}

// of is the hold that a row falls under since its burst began; nil if there is
// none.
func (h *holds) of(r *row) *Hold {
	for _, one := range h.all {
		if r.created >= one.Since && one.group.hasRow(r) {
			return one
		}
	}
	return nil
}

func (s *Scrutiny) openHolds(ctx context.Context) ([]*Hold, error) {
	var rows []*Hold
	pardon := s.Now().Add(-peace).UnixMilli()
	if err := s.Store.Read(ctx).Where("ended_at = 0 OR (by_kind = ? AND ended_at > ?)", audit.Staff, pardon).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, h := range rows {
		var err error
		if h.group, err = readGroup(h.Rule); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// HoldSubject is what a hold is called in the trail.
const HoldSubject = "hold"

// ErrNoHold answers for a hold that does not hold any more.
var ErrNoHold = fault.New(fault.Conflict, "alarms.hold_ended")

var program = audit.Actor{Kind: audit.Program}

// open writes a hold, and its alarm: nobody is held behind the desk's back, not
// even after a crash. What is new of its group is held from now on.
func (s *Scrutiny) open(ctx context.Context, h *Hold, f Figures) error {
	h.ID, h.OpenedAt = s.Store.NewID(), s.Now().UnixMilli()
	h.Rule, f.Hold = h.group.rule(), h.ID
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Create(h).Error; err != nil {
			return err
		}
		if err := s.raiseIn(tx, AlarmGroup, itoa(h.ID), f); err != nil {
			return err
		}
		return s.changed(tx, program, audit.Deed{Action: "hold.opened", Subject: HoldSubject, SubjectID: h.ID,
			After: map[string]any{"kind": h.Kind, "reason": h.Reason, "figures": json.RawMessage(h.Figures)}})
	})
	if err != nil {
		return fmt.Errorf("open a hold: %w", err)
	}
	return s.Reload(ctx)
}

// widen writes a group that has grown.
func (s *Scrutiny) widen(ctx context.Context, h *Hold) error {
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Model(&Hold{}).Where("id = ?", h.ID).Updates(map[string]any{"rule": h.group.rule(), "figures": h.Figures}).Error; err != nil {
			return err
		}
		_, err := store.Bump(tx, store.TopicScrutiny)
		return err
	})
	if err != nil {
		return fmt.Errorf("widen hold %d: %w", h.ID, err)
	}
	return s.Reload(ctx)
}

// EndHold lets a group's new signatures be counted again, and keeps the program
// from holding them for a day; those it holds stay until somebody decides about
// them. ErrNoHold.
func (s *Scrutiny) EndHold(ctx context.Context, id int64, by audit.Actor) error {
	return s.end(ctx, id, by, false)
}

func (s *Scrutiny) end(ctx context.Context, id int64, by audit.Actor, cleared bool) error {
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		res := tx.Model(&Hold{}).Where("id = ? AND ended_at = 0", id).
			Updates(map[string]any{"ended_at": tx.NowFunc().UnixMilli(), "by_kind": by.Kind, "by_id": by.ID, "cleared": cleared})
		if res.Error == nil && res.RowsAffected == 0 {
			return ErrNoHold
		}
		if res.Error != nil {
			return res.Error
		}
		return s.changed(tx, by, audit.Deed{Action: "hold.ended", Subject: HoldSubject, SubjectID: id, After: map[string]any{"cleared": cleared}})
	})
	if err != nil && !errors.Is(err, ErrNoHold) {
		return fmt.Errorf("end hold %d: %w", id, err)
	}
	return errors.Join(err, s.Reload(ctx))
}

// orderWords are what the sweeps of a hold say of themselves in the trail.
const orderWords = "group %d"

func (h *Hold) words() string { return fmt.Sprintf(orderWords, h.ID) }

// Undone ends the hold of which somebody takes a sweep back, given by its
// words: it would hold the same signatures again. Other sweeps are not ours.
func (s *Scrutiny) Undone(ctx context.Context, words string, by audit.Actor) error {
	var id int64
	if _, err := fmt.Sscanf(words, orderWords, &id); err != nil {
		return nil
	}
	if err := s.EndHold(ctx, id, by); !errors.Is(err, ErrNoHold) {
		return err
	}
	return nil
}

// Hold is one of them, whether it holds still or not. ErrNoHold.
func (s *Scrutiny) Hold(ctx context.Context, id int64) (Hold, error) {
	var h Hold
	err := s.Store.Read(ctx).Where("id = ?", id).Take(&h).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return h, ErrNoHold
	}
	return h, err
}
