package appeal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

// States of a signature.
const (
	Counted   = "counted"
	Held      = "held"
	Invalid   = "invalid"
	Withdrawn = "withdrawn"
)

// Online is the origin of a signature made through the form.
const Online = "online"

// Signature is a row: one confirmed signature. Name and Email are sealed.
type Signature struct {
	ID          int64
	AppealID    int64
	EmailKey    []byte
	PartnerID   int64
	PlacementID int64 // where the banner stood that led here; 0 if unknown, or forgotten
	Country     string
	Lang        string
	Origin      string
	State       string
	Day         string
	Name        []byte
	Email       []byte
	Consents    Consents
	TermsID     int64
	DomainKey   []byte
	RangeKey    []byte
	Counter     int64
	CreatedAt   int64
	ConfirmedAt int64
	ForgottenAt int64
	WithdrawnAt int64
	Mails       int64 // sent about it, of those anybody can ask for
	MailedAt    int64
	Reason      string // why it is held or invalid
	HeldAt      int64  // since when it is held, 0 if it is not
	SweepID     int64  // the sweep that gave it its state, 0 for none
}

// Page is what the person who signed sees of a signature.
type Page struct {
	Signature
	Waiting bool   // a request still to be confirmed; State is empty then
	Expired bool   // it waited too long
	Person  string // the name, unsealed; "" when forgotten
	Mail    string
	Message string
	Ticks   []Tick // as on the form
}

// AddressErased says that the address was erased because its time was over,
// and not because the person wanted it so.
func (p Page) AddressErased() bool {
	return !p.Waiting && p.Mail == "" && p.State != Withdrawn && p.ForgottenAt == 0
}

// alikeTime is for how long after confirming the page of a held signature says
// the same as that of a counted one: whoever stuffs the count would otherwise
// learn at once which of the tries were caught, and how not to be. Then its
// owner reads what is so, days before it must be decided.
const alikeTime = 24 * time.Hour

// Fresh says that the page says the same to all who confirmed.
func (p Page) Fresh(now time.Time) bool {
	return !p.Waiting && (p.State == Counted || p.State == Held) && now.Before(time.UnixMilli(p.ConfirmedAt).Add(alikeTime))
}

// Told is the state of a signature that its page says.
func (p Page) Told(now time.Time) string {
	if p.Fresh(now) {
		return Counted
	}
	return p.State
}

// Signatures is what a person does with a signature. Safe for concurrent use.
type Signatures struct {
	Store    *store.Store
	Keys     *seal.Keys
	Appeal   *Appeal
	Tally    *Tally
	Messages *Messages
	Outbox   Outbox
	Now      func() time.Time
}

// ErrNoSignature answers for a row that does not exist any more, or never did.
var ErrNoSignature = fault.New(fault.Gone, "signature.gone")

// Find returns the signature of an id, or the request that still waits under
// it. ErrNoSignature if there is neither.
func (s *Signatures) Find(ctx context.Context, id int64) (Page, error) {
	db := s.Store.Read(ctx)
	var p Page
	err := db.Where("id = ?", id).Take(&p.Signature).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return s.findWaiting(db, id)
	}
	if err != nil {
		return Page{}, fmt.Errorf("find signature %d: %w", id, err)
	}
	if err := s.fill(db, &p); err != nil {
		return Page{}, err
	}
	err = db.Model(&Message{}).Where("signature_id = ?", id).Limit(1).Pluck("body", &p.Message).Error
	return p, err
}

// ByMail returns the id of the signature of an address, or of the request that
// waits for it. ErrNoSignature if there is neither; Invalid for what is no
// address.
func (s *Signatures) ByMail(ctx context.Context, appealID int64, email string) (int64, error) {
	mail, err := address.ParseMail(email)
	if err != nil {
		return 0, err
	}
	key := s.Keys.MailKey(appealID, mail.Folded())
	for _, table := range []any{&Signature{}, &request{}} {
		var ids []int64
		if err := s.Store.Read(ctx).Model(table).Where("appeal_id = ? AND email_key = ?", appealID, key).Pluck("id", &ids).Error; err != nil {
			return 0, fmt.Errorf("look up an address: %w", err)
		}
		if len(ids) > 0 {
			return ids[0], nil
		}
	}
	return 0, ErrNoSignature
}

func (s *Signatures) findWaiting(db *gorm.DB, id int64) (Page, error) {
	var r request
	err := db.Where("id = ?", id).Take(&r).Error
	if errors.Is(err, gorm.ErrRecordNotFound) || (err == nil && r.State == done && r.SignatureID == 0) {
		return Page{}, ErrNoSignature
	}
	if err != nil {
		return Page{}, fmt.Errorf("find sign request %d: %w", id, err)
	}
	if r.State == done { // its signature is that of an earlier request
		var p Page
		if err := db.Where("id = ?", r.SignatureID).Take(&p.Signature).Error; err != nil {
			return Page{}, ErrNoSignature.Because(err)
		}
		return p, s.fill(db, &p)
	}
	p := Page{Waiting: true, Expired: r.CreatedAt <= s.Now().Add(-s.Appeal.Current().Retention.RequestLife()).UnixMilli(), Message: r.Message, Signature: Signature{
		ID: r.ID, PartnerID: r.PartnerID, Country: r.Country, Lang: r.Lang,
		Name: r.Name, Email: r.Email, Consents: r.Consents, TermsID: r.TermsID, CreatedAt: r.CreatedAt, Mails: r.Mails, MailedAt: r.MailedAt,
	}}
	return p, s.fill(db, &p)
}

// fill unseals what is sealed and tells how the ticks stand.
func (s *Signatures) fill(db *gorm.DB, p *Page) error {
	name, err := s.Keys.Open(sealedName, p.ID, p.Name)
	if err != nil {
		return err
	}
	mail, err := s.Keys.Open(sealedEmail, p.ID, p.Email)
	if err != nil {
		return err
	}
	p.Person, p.Mail = string(name), string(mail)
	p.Ticks, err = readTicks(db, p.Signature)
	return err
}

// Withdraw takes a signature out of the count and erases what it held of the
// person, the key of the address included, so that the person may sign again.
// Doing it twice changes nothing. A request that still waits is deleted.
func (s *Signatures) Withdraw(ctx context.Context, id int64) error {
	return s.change(ctx, id, func(tx *gorm.DB, row *Signature) (bool, error) {
		if row.State == Withdrawn {
			return false, nil
		}
		row.State = Withdrawn
		return true, tx.Model(row).Where("id = ?", row.ID).Updates(map[string]any{
			"state": Withdrawn, "email_key": nil, "name": nil, "email": nil, "domain_key": nil, "range_key": nil,
			"placement_id": 0, "withdrawn_at": tx.NowFunc().UnixMilli(), "reason": "", "held_at": 0,
		}).Error
	})
}

// Forget erases name, address and message and leaves the signature counted.
// The keyed hash of the address stays, so that the same address is not
// counted again. Doing it twice changes nothing. A request that still waits
// is deleted.
func (s *Signatures) Forget(ctx context.Context, id int64) error {
	return s.change(ctx, id, func(tx *gorm.DB, row *Signature) (bool, error) {
		if row.State == Withdrawn || row.ForgottenAt != 0 {
			return false, nil
		}
		row.PlacementID = 0 // it is not counted for the page any more either
		return true, tx.Model(row).Where("id = ?", row.ID).Updates(map[string]any{
			"name": nil, "email": nil, "domain_key": nil, "range_key": nil, "placement_id": 0,
			"consents": row.Consents & ConsentCount, "forgotten_at": tx.NowFunc().UnixMilli(),
		}).Error
	})
}

// change runs one change of a signature with its messages and its tallies in
// one transaction. do says whether it changed anything.
func (s *Signatures) change(ctx context.Context, id int64, do func(*gorm.DB, *Signature) (bool, error)) error {
	var moved store.Change
	d, seen := delta{}, false
	hanging := belongings{s.Keys, s.Outbox, s.Now}
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var gone []request
		err := tx.Raw("DELETE FROM sign_requests WHERE id = ? AND state = ? RETURNING id, email", id, pending).Scan(&gone).Error
		if err != nil {
			return err
		}
		if len(gone) > 0 {
			return hanging.erase(tx, id, gone[0].Email)
		}
		row, err := s.lock(tx, id)
		if err != nil {
			return err
		}
		d.add(row, -1)
		was := row.Email
		changed, err := do(tx, &row)
		if err != nil || !changed {
			clear(d)
			return err
		}
		d.add(row, 1)
		for k, n := range d {
			if n == 0 {
				delete(d, k)
			}
		}
		if err := hanging.erase(tx, row.ID, was); err != nil {
			return err
		}
		messages, err := deleteMessages(tx, row.ID)
		if err != nil {
			return err
		}
		if seen = messages > 0; seen {
			if _, err := store.Bump(tx, store.TopicMessages); err != nil {
				return err
			}
		}
		moved, err = d.write(tx, row.AppealID)
		return err
	})
	if err != nil {
		return fmt.Errorf("change signature %d: %w", id, err)
	}
	s.Store.Erased()
	if moved.N != 0 {
		s.Tally.follow(moved, d)
	}
	return s.follow(ctx, seen)
}

// lock reads a signature for a change; on PostgreSQL it locks the row, on
// SQLite the transaction is alone anyway. An id whose request was confirmed
// into an earlier signature leads to that one.
func (s *Signatures) lock(tx *gorm.DB, id int64) (Signature, error) {
	query := "SELECT * FROM signatures WHERE id = COALESCE((SELECT NULLIF(signature_id, 0) FROM sign_requests WHERE id = ?), ?)"
	if s.Store.Postgres() {
		query += " FOR UPDATE"
	}
	var rows []Signature
	if err := tx.Raw(query, id, id).Scan(&rows).Error; err != nil {
		return Signature{}, err
	}
	if len(rows) == 0 {
		return Signature{}, ErrNoSignature
	}
	return rows[0], nil
}
