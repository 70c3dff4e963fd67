package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
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

// Notice is a letter to all who act for a partner.
type Notice struct {
	Kind  outbox.Kind
	Words Words  // staff's own
	Other string // name of the partner it is merged with
}

// Args are what the letter says to everybody; the mails have the reader's name
// besides.
func (n Notice) Args(p *Partner) map[string]string {
	return map[string]string{outbox.ArgOrganization: p.Name, outbox.ArgPartner: n.Other, outbox.ArgWords: n.Words.Body, outbox.ArgWordsLang: n.Words.Lang}
}

// tell writes to all who act for a partner, each in their language, and keeps
// the letter, once, in that of the first.
func (r *Registry) tell(tx *gorm.DB, p *Partner, n Notice) error {
	return r.tellAt(tx, p, n, PartnershipPath)
}

// tellAt does so with a link to one page of the portal.
func (r *Registry) tellAt(tx *gorm.DB, p *Partner, n Notice, path string) error {
	mails, err := r.toPartner(tx, p.ID, outbox.Mail{Kind: n.Kind, Args: n.Args(p), Action: path})
	if err != nil {
		return err
	}
	kept := outbox.Mail{Kind: n.Kind, Lang: p.Lang, Args: n.Args(p)}
	if len(mails) > 0 {
		kept.Lang = mails[0].Lang
	}
	if err := r.keepLetter(tx, About{OfPartner, p.ID}, kept); err != nil || len(mails) == 0 {
		return err
	}
	return r.Outbox.Enqueue(tx, mails...)
}

// toPartner addresses a mail to each who acts for a partner, the first one
// first. Who was named by somebody else, and has neither signed in nor
// confirmed the address for the application, may never have heard of us.
func (r *Registry) toPartner(tx *gorm.DB, partner int64, m outbox.Mail) ([]outbox.Mail, error) {
	var reps []Representative
	if err := tx.Where("partner_id = ?", partner).Order("id").Find(&reps).Error; err != nil {
		return nil, fmt.Errorf("find who acts for partner %d: %w", partner, err)
	}
	var applied []Application // one, or none when the partner came from a table
	err := tx.Select("id, email_key, speaker_key, speaker_at").Where("id = (SELECT application_id FROM partners WHERE id = ?)", partner).Find(&applied).Error
	if err != nil {
		return nil, fmt.Errorf("find who applied for partner %d: %w", partner, err)
	}
	mails := make([]outbox.Mail, len(reps))
	for i := range reps {
		key := reps[i].EmailKey
		known := reps[i].SignedIn() || slices.ContainsFunc(applied, func(a Application) bool {
			return bytes.Equal(a.EmailKey, key) || a.SpeakerAt > 0 && bytes.Equal(a.SpeakerKey, key)
		})
		c, err := r.ContactOf(&reps[i])
		if err != nil {
			return nil, err
		}
		mails[i] = m
		mails[i].Lang, mails[i].To, mails[i].ToKey, mails[i].Unconfirmed = c.Lang, c.Email, key, !known
		mails[i].Args = maps.Clone(m.Args)
		mails[i].Args[outbox.ArgName] = c.Name
	}
	return mails, nil
}

// LettersTo are the languages in which those who act for a partner are
// written to, that of the first one first; none when nobody acts for it.
func (r *Registry) LettersTo(ctx context.Context, partner int64) ([]string, error) {
	reps, err := r.Representatives(ctx, partner)
	var langs []string
	for _, rep := range reps {
		if !slices.Contains(langs, rep.Lang) {
			langs = append(langs, rep.Lang)
		}
	}
	return langs, err
}

// Told is what the campaign said in its own words in its newest letter of a
// kind to a partner, and when; nothing and 0 if there was none.
func (r *Registry) Told(ctx context.Context, partner int64, kind outbox.Kind) (Words, int64, error) {
	var l Letter
	err := r.Store.Read(ctx).Where("subject = ? AND subject_id = ? AND kind = ?", OfPartner, partner, kind).Order("created_at DESC, id DESC").Take(&l).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Words{}, 0, nil
	}
	var args map[string]string
	if err == nil {
		args, err = r.letterArgs(&l)
	}
	if err != nil {
		return Words{}, 0, fmt.Errorf("read the letter %s to partner %d: %w", kind, partner, err)
	}
	return Words{args[outbox.ArgWords], args[outbox.ArgWordsLang]}, l.CreatedAt, nil
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
