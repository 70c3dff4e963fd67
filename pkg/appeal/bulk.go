package appeal

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/store"
)

// Entry is one signature that does not come through the form: of a demo, a
// test or, with another origin, of an import. Confirmed is when.
type Entry struct {
	Name      string
	Mail      address.Mail
	Country   string
	Lang      string
	Message   string
	Spoken    string // language of the message; Lang is that of the form
	Origin    string
	PartnerID int64
	Placement int64 // the page whose banner led here; 0 if unknown
	Consents  Consents
	Confirmed time.Time
	Shown     bool // the message was moderated already
}

// Add writes entries as counted signatures, with their tallies, in one
// transaction; an address that has signed is passed over. It returns how many
// were added. At most 1,000 entries at a time keep the statements in bounds.
func (s *Signatures) Add(ctx context.Context, appeal *Current, entries []Entry) (int, error) {
	if len(entries) == 0 {
		return 0, nil
	}
	d := delta{}
	var moved store.Change
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		args := make([]any, 0, len(entries)*21)
		byID := make(map[int64]Entry, len(entries))
		for _, e := range entries {
			id, at := s.Store.NewID(), e.Confirmed.UnixMilli()
			byID[id] = e
			args = append(args, id, appeal.ID, s.Keys.MailKey(appeal.ID, e.Mail.Folded()), e.PartnerID, e.Country, e.Lang, e.Origin, Counted,
				e.Confirmed.UTC().Format(time.DateOnly), s.Keys.Seal(sealedName, id, []byte(e.Name)), s.Keys.Seal(sealedEmail, id, []byte(e.Mail.String())),
				int64(e.Consents|ConsentCount), appeal.Text(Body, e.Lang).Version, appeal.Exact(Consent, e.Lang).Version,
				s.Keys.DomainKey(e.Mail.Domain()), e.Placement, 0, at, at, 0, 0)
		}
		var made []Signature
		err := tx.Raw("INSERT INTO signatures (id, appeal_id, email_key, partner_id, country, lang, origin, state, day, name, email, consents,"+
			" text_version, consent_version, domain_key, placement_id, counter, created_at, confirmed_at, forgotten_at, withdrawn_at) VALUES "+
			store.Values(len(entries), 21)+" ON CONFLICT (appeal_id, email_key) DO NOTHING"+
			" RETURNING id, partner_id, placement_id, country, lang, origin, state, day", args...).Scan(&made).Error
		if err != nil {
			return err
		}
		var messages []Message
		for _, m := range made {
			d.add(m, 1)
			if e := byID[m.ID]; e.Message != "" {
				messages = append(messages, s.bulkMessage(appeal.ID, m.ID, e))
			}
		}
		if len(messages) > 0 {
			if err := tx.Create(&messages).Error; err != nil {
				return err
			}
			if _, err := store.Bump(tx, store.TopicMessages); err != nil {
				return err
			}
		}
		moved, err = d.write(tx, appeal.ID)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("add %d signatures: %w", len(entries), err)
	}
	s.Tally.follow(moved, d)
	return int(d[tallyKey{ByTotal, ""}]), nil
}

func (s *Signatures) bulkMessage(appealID, signatureID int64, e Entry) Message {
	m := Message{ID: s.Store.NewID(), AppealID: appealID, SignatureID: signatureID, Country: e.Country, Lang: e.Spoken,
		Body: e.Message, State: MessageWaiting, CreatedAt: e.Confirmed.UnixMilli()}
	if e.Shown {
		m.State, m.DecidedAt = MessageShown, m.CreatedAt
	}
	return m
}

// purgeRows at a time, so that nobody waits long for the writer.
const purgeRows = 5000

// Purge deletes requests that waited too long, and what is kept of confirmed
// ones so that a second click is understood, after as long. It returns how
// many rows went.
func (i *Intake) Purge(ctx context.Context) (int64, error) {
	oldest := i.Now().Add(-i.requestLife()).UnixMilli()
	var total int64
	for _, state := range []string{pending, done} {
		for {
			var n int64
			err := i.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
				some := tx.Model(&request{}).Select("id").Where("state = ? AND created_at <= ?", state, oldest).Limit(purgeRows)
				if state == done { // after it was made, by which the index finds it
					some = some.Where("done_at <= ?", oldest)
				}
				res := tx.Where("state = ? AND id IN (?)", state, some).Delete(&request{})
				n = res.RowsAffected
				return res.Error
			})
			if err != nil {
				return total, fmt.Errorf("purge sign requests: %w", err)
			}
			if total += n; n < purgeRows {
				break
			}
		}
	}
	if total > 0 {
		i.Store.Erased()
	}
	return total, nil
}
