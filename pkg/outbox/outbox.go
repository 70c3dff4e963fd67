package outbox

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/address"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

const (
	// dailyCap is how many mails that anybody can ask for an address gets in
	// capPeriod, whoever asks.
	dailyCap  = 3
	capPeriod = 24 * time.Hour

	// keepDone is how long a row stays after its mail was sent or given up,
	// without anything personal, to be counted.
	keepDone = 8 * 24 * time.Hour

	// insertRows at a time keep a statement below SQLite's limit of 32,766
	// variables.
	insertRows = 1000

	// purgeRows at a time, so that nobody waits long for the writer.
	purgeRows = 5000
)

// Outbox takes mails in. Safe for concurrent use.
type Outbox struct {
	Store *store.Store
	Keys  *seal.Keys
	Now   func() time.Time
	// Ceilings are the operator's; they are kept by the mailer.
	Ceilings Ceilings
}

// Enqueue writes mails into the caller's transaction: call it once for all
// mails of a batch, before the tallies. Mails beyond what an address may get
// are left out without an error, so that nobody learns whether it knows the
// address; those that their readers have stopped as well. An error means that a mail makes no sense, or that the database
// failed. Wake the mailer.Mailer after the commit.
func (o *Outbox) Enqueue(tx *gorm.DB, mails ...Mail) error {
	now := o.Now().UnixMilli()
	for i := range mails {
		if err := check(&mails[i]); err != nil {
			return fmt.Errorf("enqueue mail %s: %w", mails[i].Kind, err)
		}
	}
	mails, err := o.wanted(tx, mails)
	if err == nil {
		mails, err = o.allowed(tx, mails, now)
	}
	if err != nil || len(mails) == 0 {
		return err
	}
	rows := make([]Row, len(mails))
	for i, m := range mails {
		if rows[i], err = o.row(m, now); err != nil {
			return fmt.Errorf("enqueue mail %s: %w", m.Kind, err)
		}
	}
	if err := tx.CreateInBatches(rows, insertRows).Error; err != nil {
		return fmt.Errorf("enqueue %d mails: %w", len(rows), err)
	}
	return nil
}

// Discard deletes, in the caller's transaction, the mails that wait for a
// recipient and that which picks. One that is being sent at this moment may
// still arrive.
func (o *Outbox) Discard(tx *gorm.DB, recipient []byte, which func(Envelope) bool) error {
	return o.DiscardAll(tx, [][]byte{recipient}, which)
}

// DiscardAll does the same for some recipients at once, at most a few
// thousand.
func (o *Outbox) DiscardAll(tx *gorm.DB, recipients [][]byte, which func(Envelope) bool) error {
	if len(recipients) == 0 {
		return nil
	}
	query := tx.Where("recipient_key IN ? AND state = ?", recipients, Waiting).Order("id")
	if o.Store.Postgres() { // in the order in which the mailer takes them, lest one waits for the other in a ring
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	var rows []Row
	if err := query.Find(&rows).Error; err != nil {
		return fmt.Errorf("find mails to discard: %w", err)
	}
	var picked []int64
	for _, r := range rows {
		e, err := r.Open(o.Keys)
		if err != nil { // nobody can read it; it is given up when its turn comes
			slog.Error("a mail to discard does not open", "id", r.ID, "error", err)
		} else if which(e) {
			picked = append(picked, r.ID)
		}
	}
	for some := range slices.Chunk(picked, insertRows) {
		if err := tx.Where("id IN ?", some).Delete(&Row{}).Error; err != nil {
			return fmt.Errorf("discard %d mails: %w", len(some), err)
		}
	}
	return nil
}

// DropDone deletes, in the caller's transaction, what is kept of mails of some
// kinds that were sent to recipients or given up, unless they still count
// among those of today.
func (o *Outbox) DropDone(tx *gorm.DB, recipients [][]byte, kinds ...Kind) error {
	if len(recipients) == 0 {
		return nil
	}
	err := tx.Where("recipient_key IN ? AND created_at <= ? AND state <> ? AND kind IN ?", recipients, o.Now().Add(-capPeriod).UnixMilli(), Waiting, kinds).Delete(&Row{}).Error
	if err != nil {
		return fmt.Errorf("drop mails that are done: %w", err)
	}
	return nil
}

// Room is how many mails that anybody can ask for each recipient may still get
// today; it stays so until the transaction ends.
func (o *Outbox) Room(tx *gorm.DB, recipients ...[]byte) (map[string]int, error) {
	keys := slices.Clone(recipients)
	slices.SortFunc(keys, bytes.Compare)
	keys = slices.CompactFunc(keys, bytes.Equal)
	if err := o.serialise(tx, keys); err != nil {
		return nil, err
	}
	had, err := count(tx, keys, o.Now().Add(-capPeriod).UnixMilli())
	if err != nil {
		return nil, err
	}
	room := make(map[string]int, len(keys))
	for _, k := range keys {
		room[string(k)] = max(dailyCap-had[string(k)], 0)
	}
	return room, nil
}

func check(m *Mail) error {
	_, known := rules[m.Kind]
	_, err := address.ParseMail(m.To)
	switch {
	case !known:
		return fmt.Errorf("there is no such kind")
	case err != nil:
		return fmt.Errorf("recipient: %w", err)
	case len(m.ToKey) == 0:
		return fmt.Errorf("recipient has no key")
	case !isPath(m.Action) || !isPath(m.Manage):
		return fmt.Errorf("a link is no path of ours")
	}
	return nil
}

// isPath says that s leads to our own site when the base URL is put before it.
func isPath(s string) bool {
	return s == "" || s[0] == '/' && !strings.HasPrefix(s, "//") &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == '\\' || r >= 0x7F })
}

func (o *Outbox) row(m Mail, now int64) (Row, error) {
	r := Row{
		ID: o.Store.NewID(), Kind: m.Kind, Lang: m.Lang, State: Waiting, Urgency: m.urgency(),
		NotBefore: cmp.Or(m.NotBefore, now), RecipientKey: m.ToKey, CreatedAt: now, DomainKey: o.Keys.PostKey(o.Keys.DomainKey(DomainOf(m.To))),
	}
	plain, err := json.Marshal(Envelope{To: m.To, Args: m.Args, Action: m.Action, Manage: m.Manage, Due: max(r.NotBefore, now)})
	if err != nil {
		return Row{}, err
	}
	r.Envelope = o.Keys.Seal(envelopeColumn, r.ID, plain)
	return r, nil
}

// allowed leaves out the mails that would be too many for their address, and
// those to addresses that are stopped. The mails that anybody can ask for count
// together, sent or not.
func (o *Outbox) allowed(tx *gorm.DB, mails []Mail, now int64) ([]Mail, error) {
	mails, err := o.reachable(tx, mails, now)
	if err != nil {
		return nil, err
	}
	var keys [][]byte
	for _, m := range mails {
		if m.capped() {
			keys = append(keys, m.ToKey)
		}
	}
	if len(keys) == 0 {
		return mails, nil
	}
	slices.SortFunc(keys, bytes.Compare)
	keys = slices.CompactFunc(keys, bytes.Equal)
	if err := o.serialise(tx, keys); err != nil {
		return nil, err
	}
	had, err := count(tx, keys, now-capPeriod.Milliseconds())
	if err != nil {
		return nil, err
	}
	kept := make([]Mail, 0, len(mails))
	for _, m := range mails {
		if m.capped() {
			if had[string(m.ToKey)] >= dailyCap {
				slog.Info("mail left out: the address had its share of today", "kind", m.Kind, "to", masked(m.To))
				continue
			}
			had[string(m.ToKey)]++
		}
		kept = append(kept, m)
	}
	return kept, nil
}

// reachable are the mails to addresses that are not stopped.
func (o *Outbox) reachable(tx *gorm.DB, mails []Mail, now int64) ([]Mail, error) {
	dead := map[string]bool{}
	for some := range slices.Chunk(mails, insertRows) {
		keys := make([][]byte, len(some))
		for i, m := range some {
			keys[i] = m.ToKey
		}
		found, err := stopped(tx, keys, now)
		if err != nil {
			return nil, err
		}
		maps.Copy(dead, found)
	}
	if len(dead) == 0 {
		return mails, nil
	}
	kept := make([]Mail, 0, len(mails))
	for _, m := range mails {
		if dead[string(m.ToKey)] {
			slog.Info("mail left out: the address is stopped", "kind", m.Kind, "to", masked(m.To))
			continue
		}
		kept = append(kept, m)
	}
	return kept, nil
}

// count is how many mails that anybody can ask for each recipient got.
func count(tx *gorm.DB, keys [][]byte, since int64) (map[string]int, error) {
	var capped []Kind
	for k, r := range rules {
		if r.capped {
			capped = append(capped, k)
		}
	}
	had := map[string]int{}
	for some := range slices.Chunk(keys, insertRows) {
		var counts []struct {
			RecipientKey []byte
			N            int
		}
		err := tx.Table("outbox").Select("recipient_key, COUNT(*) AS n").
			Where("recipient_key IN ? AND created_at > ? AND (kind IN ? OR urgency = ?)", some, since, capped, Unasked).
			Group("recipient_key").Find(&counts).Error
		if err != nil {
			return nil, fmt.Errorf("count mails of the day: %w", err)
		}
		for _, c := range counts {
			had[string(c.RecipientKey)] = c.N
		}
	}
	return had, nil
}

// serialise makes transactions that count the same recipient's mails wait for
// each other. SQLite has one writer anyway. PostgreSQL takes a lock for each
// of 64 groups of recipients, in order, since it has room for a few thousand
// locks only.
func (o *Outbox) serialise(tx *gorm.DB, keys [][]byte) error {
	if !o.Store.Postgres() {
		return nil
	}
	var groups []int
	for _, k := range keys {
		groups = append(groups, int(k[0])%64)
	}
	slices.Sort(groups)
	for _, g := range slices.Compact(groups) {
		if err := tx.Exec("SELECT pg_advisory_xact_lock(hashtext('olivebranch outbox ' || current_schema()), ?)", g).Error; err != nil {
			return fmt.Errorf("wait for others who count mails: %w", err)
		}
	}
	return nil
}

// Purge deletes the rows of mails that were sent or given up more than eight
// days ago, and says how many.
func (o *Outbox) Purge(ctx context.Context) (int64, error) {
	before := o.Now().Add(-keepDone).UnixMilli()
	var total int64
	for {
		var n int64
		err := o.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
			// not_before is never later than done_at, and has the index.
			some := tx.Model(&Row{}).Select("id").Where("state IN ? AND not_before < ? AND done_at < ?", []State{Sent, Failed}, before, before).Limit(purgeRows)
			done := tx.Where("id IN (?)", some).Delete(&Row{})
			n = done.RowsAffected
			return done.Error
		})
		if err != nil {
			return total, fmt.Errorf("purge the outbox: %w", err)
		}
		if total += n; n < purgeRows {
			if total > 0 {
				o.Store.Erased()
			}
			return total, o.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error { return o.purgeFigures(tx) })
		}
	}
}

// Waiting is how many mails wait to be sent.
func (o *Outbox) Waiting(ctx context.Context) (int64, error) {
	var n int64
	if err := o.Store.Read(ctx).Model(&Row{}).Where("state = ?", Waiting).Count(&n).Error; err != nil {
		return 0, fmt.Errorf("count waiting mails: %w", err)
	}
	return n, nil
}
