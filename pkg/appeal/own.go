package appeal

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/store"
)

// Why nothing can be changed on a page any more.
var (
	ErrForgotten = fault.New(fault.Conflict, "signature.change_forgotten")
	ErrWithdrawn = fault.New(fault.Conflict, "signature.change_withdrawn")
)

// Rename corrects the name of a signature or of a request that waits. Invalid
// names the field name; ErrForgotten, ErrWithdrawn, ErrNoSignature.
func (s *Signatures) Rename(ctx context.Context, id int64, name string) error {
	refused := fault.Fields{}
	name, err := plaintext.Name(name, plaintext.PersonName)
	refused.Add("name", err)
	if err := refused.Err(); err != nil {
		return err
	}
	return s.edit(ctx, id, func(tx *gorm.DB, o owned) (beside, error) {
		was, err := s.Keys.Open(sealedName, o.ID, o.Name)
		if err != nil || string(was) == name {
			return asBefore, err
		}
		err = tx.Table(o.table()).Where("id = ?", o.ID).Update("name", s.Keys.Seal(sealedName, o.ID, []byte(name))).Error
		if !o.Consents.Has(ConsentShowName) {
			return asBefore, err
		}
		return anotherName, err
	})
}

// TickForm is the free ticks as their form was sent in from a page in a
// language; Terms are those the page named, 0 if it named none.
type TickForm struct {
	Consents Consents
	Terms    int64
	Lang     string
}

// SetTicks gives free ticks and takes them back, and keeps a record of each.
// The one that lets the signature count is not among them: to take that back
// is to withdraw. ErrForgotten, ErrWithdrawn, ErrNoSignature.
func (s *Signatures) SetTicks(ctx context.Context, id int64, form TickForm) error {
	return s.edit(ctx, id, func(tx *gorm.DB, o owned) (beside, error) {
		moved := (o.Consents ^ form.Consents) & freeTicks
		if moved == 0 {
			return asBefore, nil
		}
		var rows []tickChange
		for _, t := range ticks {
			if moved.Has(t.bit) {
				rows = append(rows, tickChange{ID: s.Store.NewID(), SignatureID: o.ID, Tick: t.bit, Given: form.Consents.Has(t.bit),
					TermsID: s.Appeal.Current().Agreed(form.Terms, form.Lang), CreatedAt: tx.NowFunc().UnixMilli()})
			}
		}
		if err := tx.Create(&rows).Error; err != nil {
			return asBefore, fmt.Errorf("keep changes of ticks: %w", err)
		}
		err := tx.Table(o.table()).Where("id = ?", o.ID).Update("consents", o.Consents^moved).Error
		switch {
		case !moved.Has(ConsentShowName):
			return asBefore, err
		case form.Consents.Has(ConsentShowName):
			return anotherName, err
		}
		return noName, err
	})
}

// beside is what a change makes of the name beside a public message.
type beside int

const (
	asBefore beside = iota
	anotherName
	noName
)

// owned is what a person's own page is about: a signature, or a request that
// waits, with the columns both have.
type owned struct {
	Signature
	waiting bool
}

func (o owned) table() string {
	if o.waiting {
		return request{}.TableName()
	}
	return "signatures"
}

// edit runs one change by the person in a transaction. A public message
// follows it at once; where another name stands beside it now, a moderator is
// asked to look at it again.
func (s *Signatures) edit(ctx context.Context, id int64, do func(*gorm.DB, owned) (beside, error)) error {
	seen := false
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		o, err := s.own(tx, id)
		if err != nil {
			return err
		}
		now, err := do(tx, o)
		if err != nil || now == asBefore || o.waiting {
			return err
		}
		// Whoever looks at one now, waiting or shown, looks at another name.
		said := tx.Exec("UPDATE messages SET version = version + 1, renamed = (? AND state = ?) WHERE signature_id = ?", now == anotherName, MessageShown, o.ID)
		if said.Error != nil || said.RowsAffected == 0 {
			return said.Error
		}
		seen = true
		_, err = store.Bump(tx, store.TopicMessages)
		return err
	})
	if err != nil {
		return fmt.Errorf("change the page of signature %d: %w", id, err)
	}
	s.Store.Erased() // the name as it was
	return s.follow(ctx, seen)
}

// follow lets the messages shown follow a change of this process at once;
// other copies see it within a second.
func (s *Signatures) follow(ctx context.Context, seen bool) error {
	if !seen || s.Messages == nil {
		return nil
	}
	return s.Messages.Reload(ctx)
}

// own reads what the person may change, for a change.
func (s *Signatures) own(tx *gorm.DB, id int64) (owned, error) {
	query := "SELECT id, appeal_id, lang, name, consents FROM sign_requests WHERE id = ? AND state = ? AND created_at > ?"
	if s.Store.Postgres() {
		query += " FOR UPDATE"
	}
	var rows []Signature
	if err := tx.Raw(query, id, pending, tx.NowFunc().Add(-s.Appeal.Current().Retention.RequestLife()).UnixMilli()).Scan(&rows).Error; err != nil {
		return owned{}, err
	}
	if len(rows) > 0 {
		return owned{Signature: rows[0], waiting: true}, nil
	}
	row, err := s.lock(tx, id)
	switch {
	case err != nil:
		return owned{}, err
	case row.State == Withdrawn:
		return owned{}, ErrWithdrawn
	case row.ForgottenAt != 0:
		return owned{}, ErrForgotten
	}
	return owned{Signature: row}, nil
}

// tickChange is a tick given or taken back after signing. Rows are added and,
// with the person, erased; never changed.
type tickChange struct {
	ID          int64
	SignatureID int64 // or a request's, which has the same id
	Tick        Consents
	Given       bool
	TermsID     int64
	CreatedAt   int64
}

func (tickChange) TableName() string { return "tick_changes" }

// ticks in the order of the form, which is that of the lines of the wording.
var ticks = []struct {
	bit  Consents
	name string
}{{ConsentCount, "consent"}, {ConsentShowName, "show_name"}, {ConsentHandover, "handover"}, {ConsentUpdates, "updates"}}

// freeTicks are those a person need not make.
const freeTicks = ConsentShowName | ConsentHandover | ConsentUpdates

// Tick is what a person agreed to, or did not, as the page of the signature
// shows it.
type Tick struct {
	Name       string // of the field of the sign form
	Given      bool
	At         int64 // since when it stands so, Unix milliseconds
	Changed    bool  // after signing
	Wording    Text  // of this tick, as it was read then
	Recipients Text  // named beside the hand-over then
}

// readTicks tells of each tick how it stands and what it said.
func readTicks(db *gorm.DB, p Signature) ([]Tick, error) {
	var changes []tickChange
	if err := db.Where("signature_id = ?", p.ID).Order("created_at, id").Find(&changes).Error; err != nil {
		return nil, fmt.Errorf("read changes of ticks: %w", err)
	}
	last := map[Consents]tickChange{}
	ids := []int64{p.TermsID}
	for _, c := range changes {
		last[c.Tick] = c
		ids = append(ids, c.TermsID)
	}
	read, err := readAgreed(db, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Tick, len(ticks))
	for i, t := range ticks {
		out[i] = Tick{Name: t.name, Given: p.Consents.Has(t.bit), At: p.CreatedAt}
		terms := p.TermsID
		if c, ok := last[t.bit]; ok {
			out[i].At, out[i].Changed, terms = c.CreatedAt, true, c.TermsID
		}
		lines := strings.Split(read[terms].wording.Body, "\n")
		if out[i].Wording = read[terms].wording; i < len(lines) {
			out[i].Wording.Body = lines[i]
		}
		if t.bit == ConsentHandover {
			out[i].Recipients = read[terms].recipients
		}
	}
	return out, nil
}
