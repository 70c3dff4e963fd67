package registry

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
)

// EraseAfter is how long the contact of an application that ended without a
// partner is kept: long enough to ask why, to complain, and to apply again
// with better papers.
const EraseAfter = 90 * 24 * time.Hour

// Withdraw takes an application back, at the applicant's wish, for good, and
// tells so by mail. Of a draft, which was never ours to read, nothing stays:
// its row is gone, and its links say so.
func (r *Registry) Withdraw(ctx context.Context, id int64) (*Application, error) {
	return r.change(ctx, id, r.withdraw)
}

// WithdrawLink is Withdraw for who holds the status link. ErrForgotten,
// ErrReplaced.
func (r *Registry) WithdrawLink(ctx context.Context, t seal.Token) (*Application, error) {
	return r.changeLinked(ctx, t, r.withdraw)
}

func (r *Registry) withdraw(tx *gorm.DB, a *Application) error {
	if a.State == WithdrawnByOrigin {
		return nil
	}
	sent := a.State != Draft
	if err := r.move(tx, a, WithdrawnByOrigin, applicant, map[string]any{"draft": nil}); err != nil {
		return err
	}
	if !sent {
		return r.forget(tx, a)
	}
	return r.write(tx, a, outbox.ApplicationWithdrawn, r.StatusLink(a), nil)
}

// EraseContacts erases who applied, who was to speak, and what was written
// between them and staff, of applications that were withdrawn or declined 90
// days ago, and says how many. What the organization said of itself, what
// staff noted and decided, and the reasons they gave from the list stay as
// history, and so do the remarks of trusted readers, without their names. A
// remark that comes later loses its name at the next round.
func (r *Registry) EraseContacts(ctx context.Context) (int, error) {
	ended := r.Now().Add(-EraseAfter).UnixMilli()
	n, err := r.tend(ctx, func(db *gorm.DB) *gorm.DB {
		return db.Where("state IN ?", []State{WithdrawnByOrigin, Declined}).
			Where("contact_email IS NOT NULL OR EXISTS (SELECT 1 FROM notes n WHERE n.subject = 'application' AND n.subject_id = applications.id"+
				" AND (n.author_kind = ? OR n.author IS NOT NULL))", audit.Applicant).
			Where("EXISTS (SELECT 1 FROM audit_entries e WHERE e.subject = 'application' AND e.subject_id = applications.id"+
				" AND e.action = 'application.' || applications.state AND e.at <= ?)", ended)
	}, r.eraseContact)
	if err != nil {
		return n, fmt.Errorf("erase contacts: %w", err)
	}
	return n, nil
}

// personal is where else than in its row an application holds what its contact
// wrote or read, and who somebody was: letters, answers, and staff's own words,
// which greet people by name; a reader's name, in whose place pages say what
// they are.
var personal = []string{
	"DELETE FROM letters WHERE subject = 'application' AND subject_id = ?",
	"DELETE FROM notes WHERE subject = 'application' AND subject_id = ? AND author_kind = '" + audit.Applicant + "'",
	"UPDATE notes SET author = NULL WHERE subject = 'application' AND subject_id = ?",
	"UPDATE decisions SET words = '', words_lang = '' WHERE application_id = ?",
	"DELETE FROM vouches WHERE application_id = ?",
	"DELETE FROM proofs WHERE application_id = ?",
}

func (r *Registry) eraseContact(tx *gorm.DB, a *Application) error {
	a.EmailDomain = ""
	err := r.revise(tx, a, map[string]any{"folded": a.Refold()["folded"], "contact_name": nil, "contact_role": "", "contact_email": nil, "email_key": nil, "email_domain": "",
		"draft": nil, "speaker_name": nil, "speaker_email": nil, "speaker_key": nil, "reason_words": "", "words_lang": ""})
	if err != nil {
		return err
	}
	for _, sql := range personal {
		if err := tx.Exec(sql, a.ID).Error; err != nil {
			return fmt.Errorf("erase what is personal: %w", err)
		}
	}
	return r.deed(tx, a, program, "erased", nil, nil)
}
