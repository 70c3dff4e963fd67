package appeal

import (
	"context"
	"fmt"
	"slices"
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

// bulkRows at a time keep a statement below SQLite's limit of 32,766 variables.
const bulkRows = 1000

// Add writes entries as counted signatures, with their tallies, in one
// transaction; an address that has signed is passed over. It returns how many
// were added. They are held in memory meanwhile: some ten thousand at a time
// are quick and small.
func (s *Signatures) Add(ctx context.Context, appeal *Current, entries []Entry) (int, error) {
	if len(entries) == 0 {
		return 0, nil
	}
	d := delta{}
	var moved store.Change
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) (err error) {
		spoke := false
		for part := range slices.Chunk(entries, bulkRows) {
			messages, err := s.addPart(tx, appeal, part, d)
			if err != nil {
				return err
			}
			spoke = spoke || messages > 0
		}
		if spoke {
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

// addPart writes some of the entries, and returns how many brought a message.
func (s *Signatures) addPart(tx *gorm.DB, appeal *Current, entries []Entry, d delta) (int, error) {
	const columns = 20
	args := make([]any, 0, len(entries)*columns)
	byID := make(map[int64]Entry, len(entries))
	for _, e := range entries {
		id, at := s.Store.NewID(), e.Confirmed.UnixMilli()
		byID[id] = e
		args = append(args, id, appeal.ID, s.Keys.MailKey(appeal.ID, e.Mail.Folded()), e.PartnerID, e.Country, e.Lang, e.Origin, Counted,
			e.Confirmed.UTC().Format(time.DateOnly), s.Keys.Seal(sealedName, id, []byte(e.Name)), s.Keys.Seal(sealedEmail, id, []byte(e.Mail.String())),
			int64(e.Consents|ConsentCount), appeal.Terms(e.Lang).ID,
			s.Keys.DomainKey(e.Mail.Domain()), e.Placement, 0, at, at, 0, 0)
	}
	var made []Signature
	err := tx.Raw("INSERT INTO signatures (id, appeal_id, email_key, partner_id, country, lang, origin, state, day, name, email, consents,"+
		" terms_id, domain_key, placement_id, counter, created_at, confirmed_at, forgotten_at, withdrawn_at) VALUES "+
		store.Values(len(entries), columns)+" ON CONFLICT (appeal_id, email_key) DO NOTHING"+
		" RETURNING id, partner_id, placement_id, country, lang, origin, state, day", args...).Scan(&made).Error
	if err != nil {
		return 0, err
	}
	var messages []Message
	for _, m := range made {
		d.add(m, 1)
		if e := byID[m.ID]; e.Message != "" {
			messages = append(messages, s.bulkMessage(appeal.ID, m.ID, e))
		}
	}
	if len(messages) == 0 {
		return 0, nil
	}
	return len(messages), tx.Create(&messages).Error
}

func (s *Signatures) bulkMessage(appealID, signatureID int64, e Entry) Message {
	m := Message{ID: s.Store.NewID(), AppealID: appealID, SignatureID: signatureID, PartnerID: e.PartnerID, Country: e.Country, Lang: e.Spoken,
		Body: e.Message, State: MessageWaiting, CreatedAt: e.Confirmed.UnixMilli()}
	if e.Shown {
		m.State, m.DecidedAt = MessageShown, m.CreatedAt
	}
	return m
}
