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

// partnerLetter is a letter that was written to a partner, kept so that it
// can be read in the portal. Args is sealed JSON.
type partnerLetter struct {
	ID        int64
	Subject   string
	SubjectID int64
	Kind      outbox.Kind
	Lang      string
	Args      []byte
	CreatedAt int64
}

func (partnerLetter) TableName() string { return "letters" }

const sealedLetterArgs = "letters.args"

// PartnershipPath is the page where representatives see how the partnership
// stands, and change that.
const PartnershipPath = "/portal/partnership"

// tell writes to all who act for a partner, each in their language, and keeps
// the letter.
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
	plain, err := json.Marshal(args)
	if err != nil {
		return err
	}
	kept := partnerLetter{ID: r.Store.NewID(), Subject: ofPartner, SubjectID: p.ID, Kind: kind, Lang: p.Lang, CreatedAt: r.Now().UnixMilli()}
	kept.Args = r.Keys.Seal(sealedLetterArgs, kept.ID, plain)
	if err := tx.Create(&kept).Error; err != nil {
		return fmt.Errorf("keep a letter to partner %d: %w", p.ID, err)
	}
	if len(mails) == 0 {
		return nil
	}
	return r.Outbox.Enqueue(tx, mails...)
}

// Told is what the campaign said in its newest letter of a kind to a partner,
// and when; "" and 0 if there was none.
func (r *Registry) Told(ctx context.Context, partner int64, kind outbox.Kind) (words string, at int64, err error) {
	var l partnerLetter
	err = r.Store.Read(ctx).Where("subject = ? AND subject_id = ? AND kind = ?", ofPartner, partner, kind).Order("created_at DESC, id DESC").Take(&l).Error
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

// partnerWords is what a representative wrote to staff: a note on the partner.
type partnerWords struct {
	ID         int64
	Subject    string
	SubjectID  int64
	AuthorKind string
	AuthorID   int64
	Body       string
	Lang       string
	CreatedAt  int64
}

func (partnerWords) TableName() string { return "notes" }

// mostWords is how many letters of a partner wait for staff, and are shown to
// them: the newest.
const mostWords = 20

var errWordsADay = fault.New(fault.TooMany, "partnership.words_a_day")

// WriteToStaff leaves staff a few words. Invalid for the field words; TooMany
// when a day's share is used up.
func (r *Registry) WriteToStaff(ctx context.Context, rep *Representative, words string) error {
	words, err := plaintext.Required(words, plaintext.Message)
	if err != nil {
		return refusedField("words", err)
	}
	err = r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var today int64
		since := r.Now().Add(-24 * time.Hour).UnixMilli()
		err := tx.Model(&partnerWords{}).Where("subject = ? AND subject_id = ? AND author_kind = ? AND created_at > ?", ofPartner, rep.PartnerID, audit.Representative, since).
			Count(&today).Error
		if err != nil {
			return err
		}
		if today >= mostWords {
			return errWordsADay
		}
		return tx.Create(&partnerWords{ID: r.Store.NewID(), Subject: ofPartner, SubjectID: rep.PartnerID, AuthorKind: audit.Representative,
			AuthorID: rep.ID, Body: words, Lang: rep.Lang, CreatedAt: r.Now().UnixMilli()}).Error
	})
	if err != nil {
		return fmt.Errorf("write to staff: %w", err)
	}
	return nil
}

// Words is what a representative wrote to staff.
type Words struct {
	Body, Lang string
	At         int64
}

// WordsOf lists what a partner wrote to staff, newest first.
func (r *Registry) WordsOf(ctx context.Context, partner int64) ([]Words, error) {
	var rows []partnerWords
	err := r.Store.Read(ctx).Where("subject = ? AND subject_id = ? AND author_kind = ?", ofPartner, partner, audit.Representative).
		Order("created_at DESC, id DESC").Limit(mostWords).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the words of partner %d: %w", partner, err)
	}
	out := make([]Words, len(rows))
	for i, w := range rows {
		out[i] = Words{w.Body, w.Lang, w.CreatedAt}
	}
	return out, nil
}
