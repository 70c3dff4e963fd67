package appeal

import (
	"context"
	"encoding/hex"
	"fmt"

	"olivebranch/pkg/address"
)

// walk goes through the signatures a rule means, in the order in which they
// were confirmed, or of those that are held, in that in which they came to be:
// there are few of these, and they have an index of their own. A page at a
// time is looked at, so that no read transaction is open for long.
type walk struct {
	sweeps *Sweeps
	sweep  *Sweep
	rule   Rule
	column string // in whose order
	among  string // a condition, word for word that of the index
	where  string
	args   []any
	name   func(string) bool // nil for any
}

// Place is one in the order of a walk.
type Place struct{ At, ID int64 }

func (s *Sweeps) newWalk(w *Sweep) (*walk, error) {
	rule, err := s.RuleOf(w)
	if err != nil {
		return nil, err
	}
	k := &walk{sweeps: s, sweep: w, rule: rule, column: "confirmed_at"}
	if w.FromState == Held {
		k.column, k.among = "held_at", "state = 'held' AND "
	}
	k.and("appeal_id = ?", w.AppealID)
	if w.FromState != "" {
		k.and("state = ?", w.FromState)
	} else {
		k.and("state NOT IN ?", []string{w.ToState, Withdrawn})
	}
	if rule.Reason != "" {
		k.and("reason = ?", rule.Reason)
	}
	if rule.Country != "" {
		k.and("country = ?", rule.Country)
	}
	if rule.Partner != nil {
		k.and("partner_id = ?", *rule.Partner)
	}
	if rule.From != 0 {
		k.and("confirmed_at >= ?", rule.From)
	}
	if rule.To != 0 {
		k.and("confirmed_at < ?", rule.To)
	}
	if rule.Domains > 0 {
		keys := make([][]byte, len(rule.Typed.Domains))
		for i, d := range rule.Typed.Domains {
			keys[i] = s.Keys.DomainKey(d)
		}
		k.and("domain_key IN ?", keys)
	}
	if rule.Ranges > 0 {
		keys, err := s.rangeKeys(rule.Typed)
		if err != nil {
			return nil, err
		}
		k.and("range_key IN ?", keys)
	}
	if rule.Named {
		k.name = rule.Typed.matchName()
	}
	return k, nil
}

func (k *walk) and(where string, arg any) {
	if k.where != "" {
		k.where += " AND "
	}
	k.where += where
	k.args = append(k.args, arg)
}

// rangeKeys are the keys of all ranges that somebody named.
func (s *Sweeps) rangeKeys(t Typed) ([][]byte, error) {
	var keys [][]byte
	for _, r := range t.Ranges {
		p, err := readRange(r)
		if err != nil {
			return nil, err
		}
		for _, one := range address.RangesIn(p, mostWide) {
			keys = append(keys, s.Keys.RangeKey(one.String()))
		}
	}
	for _, code := range t.Codes {
		key, err := hex.DecodeString(code)
		if err != nil {
			return nil, fmt.Errorf("read the code of a range: %w", err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// page looks at most n signatures behind the sweep's cursor, and hands visit
// those the rule means, until it wants no more. It returns how many were looked
// at, where it came to, and whether that is the end.
func (k *walk) page(ctx context.Context, n int64, visit func(Signature) (more bool)) (looked int64, at Place, end bool, err error) {
	looked, to, end, err := k.ahead(ctx, n)
	if err != nil || looked == 0 {
		return 0, to, end, err
	}
	columns := "id, " + k.column + " AS at, state, partner_id, country, day"
	if k.name != nil {
		columns += ", name"
	}
	rows, err := k.sweeps.Store.Read(ctx).Raw("SELECT "+columns+" FROM signatures WHERE "+k.among+k.behind()+" AND ("+k.column+" < ? OR ("+k.column+" = ? AND id <= ?)) AND "+k.where+
		" ORDER BY "+k.column+", id", append([]any{k.from().At, to.At, k.from().At, k.from().ID, to.At, to.At, to.ID}, k.args...)...).Rows()
	if err != nil {
		return 0, at, false, fmt.Errorf("look for signatures: %w", err)
	}
	defer rows.Close()
	var r struct {
		Signature
		At int64
	}
	for rows.Next() {
		into := []any{&r.ID, &r.At, &r.State, &r.PartnerID, &r.Country, &r.Day}
		if k.name != nil {
			into = append(into, &r.Name)
		}
		if err := rows.Scan(into...); err != nil {
			return 0, at, false, fmt.Errorf("look for signatures: %w", err)
		}
		if k.name != nil {
			name, err := k.sweeps.Keys.Open(sealedName, r.ID, r.Name)
			if err != nil {
				return 0, at, false, fmt.Errorf("read a name: %w", err)
			}
			if len(name) == 0 || !k.name(string(name)) {
				continue
			}
		}
		if !visit(r.Signature) {
			return looked, Place{r.At, r.ID}, false, rows.Err()
		}
	}
	return looked, to, end, rows.Err()
}

// from is where the walk stands: at the cursor, or where the rule's time begins.
func (k *walk) from() Place {
	if k.among == "" && k.rule.From > k.sweep.AtConfirmed {
		return Place{At: k.rule.From}
	}
	return Place{k.sweep.AtConfirmed, k.sweep.AtID}
}

// until is the last moment the walk goes to.
func (k *walk) until() int64 {
	if k.among == "" && k.rule.To != 0 {
		return min(k.sweep.Until, k.rule.To-1)
	}
	return k.sweep.Until
}

// behind is the condition for what comes after a place and until a moment,
// which it takes as (at, until, at, id).
func (k *walk) behind() string {
	return k.column + " >= ? AND " + k.column + " <= ? AND (" + k.column + " > ? OR id > ?)"
}

// ahead looks n signatures ahead, in the index alone.
func (k *walk) ahead(ctx context.Context, n int64) (looked int64, to Place, end bool, err error) {
	from := k.from()
	var rows []struct{ N, At, ID int64 }
	err = k.sweeps.Store.Read(ctx).Raw("SELECT count(*) OVER () AS n, at, id FROM (SELECT "+k.column+" AS at, id FROM signatures WHERE "+k.among+k.behind()+
		" ORDER BY "+k.column+", id LIMIT ?) AS ahead ORDER BY at DESC, id DESC LIMIT 1", from.At, k.until(), from.At, from.ID, n).Scan(&rows).Error
	if err != nil {
		return 0, from, false, fmt.Errorf("look ahead: %w", err)
	}
	if len(rows) == 0 {
		return 0, from, true, nil
	}
	return rows[0].N, Place{rows[0].At, rows[0].ID}, rows[0].N < n, nil
}
