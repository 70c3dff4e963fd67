package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/plaintext"
)

// PartnershipPath is the page where representatives see how the partnership
// stands, and change that.
const PartnershipPath = "/portal/partnership"

// tell writes to all who act for a partner, each in their language, and keeps
// the letter, once, in the partner's.
func (r *Registry) tell(tx *gorm.DB, p *Partner, kind outbox.Kind, words string) error {
	var reps []Representative
	if err := tx.Where("partner_id = ?", p.ID).Order("id").Find(&reps).Error; err != nil {
		return err
	}
	args := map[string]string{outbox.ArgOrganization: p.Name, outbox.ArgWords: words}
	mails := make([]outbox.Mail, len(reps))
	for i := range reps {
		c, err := r.ContactOf(&reps[i])
		if err != nil {
			return err
		}
		mails[i] = outbox.Mail{Kind: kind, Lang: c.Lang, To: c.Email, ToKey: reps[i].EmailKey, Action: PartnershipPath,
			Args: map[string]string{outbox.ArgName: c.Name, outbox.ArgOrganization: p.Name, outbox.ArgWords: words}}
	}
	if err := r.keepLetter(tx, About{OfPartner, p.ID}, outbox.Mail{Kind: kind, Lang: p.Lang, Args: args}); err != nil {
		return err
	}
	if len(mails) == 0 {
		return nil
	}
	return r.Outbox.Enqueue(tx, mails...)
}

// Told is what the campaign said in its newest letter of a kind to a partner,
// and when; "" and 0 if there was none.
func (r *Registry) Told(ctx context.Context, partner int64, kind outbox.Kind) (words string, at int64, err error) {
	var l Letter
	err = r.Store.Read(ctx).Where("subject = ? AND subject_id = ? AND kind = ?", OfPartner, partner, kind).Order("created_at DESC, id DESC").Take(&l).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return "", 0, nil
	}
	var plain []byte
	if err == nil {
		plain, err = r.Keys.Open(sealedLetterArgs, l.ID, l.Args)
	}
	args := map[string]string{}
	if err == nil {
		err = json.Unmarshal(plain, &args)
	}
	if err != nil {
		return "", 0, fmt.Errorf("read the letter %s to partner %d: %w", kind, partner, err)
	}
	return args[outbox.ArgWords], l.CreatedAt, nil
}

// mostWords is how many letters of a partner wait for staff, and are shown to
// them: the newest.
const mostWords = 20

var errWordsADay = fault.New(fault.TooMany, "partnership.words_a_day")

// WriteToStaff leaves staff a few words, as a note on the partner. Invalid
// for the field words; TooMany when a day's share is used up.
func (r *Registry) WriteToStaff(ctx context.Context, rep *Representative, words string) error {
	words, err := plaintext.Required(words, plaintext.Message)
	if err != nil {
		return refusedField("words", err)
	}
	err = r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var today int64
		since := r.Now().Add(-24 * time.Hour).UnixMilli()
		err := tx.Model(&Note{}).Where("subject = ? AND subject_id = ? AND author_kind = ? AND created_at > ?", OfPartner, rep.PartnerID, audit.Representative, since).
			Count(&today).Error
		if err != nil {
			return err
		}
		if today >= mostWords {
			return errWordsADay
		}
		return r.note(tx, About{OfPartner, rep.PartnerID}, Note{AuthorKind: audit.Representative, AuthorID: rep.ID, Body: words, Lang: rep.Lang})
	})
	if err != nil {
		return fmt.Errorf("write to staff: %w", err)
	}
	return nil
}

// WordsOf lists what a partner wrote to staff, newest first.
func (r *Registry) WordsOf(ctx context.Context, partner int64) ([]Note, error) {
	var rows []Note
	err := r.Store.Read(ctx).Where("subject = ? AND subject_id = ? AND author_kind = ?", OfPartner, partner, audit.Representative).
		Order("created_at DESC, id DESC").Limit(mostWords).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the words of partner %d: %w", partner, err)
	}
	return rows, nil
}
