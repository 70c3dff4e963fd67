package registry

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
)

// Answer is what the applicant writes to the questions of staff, in any
// language; the application comes back to the desk. Invalid for words that
// cannot be kept, ErrMoved when nothing is asked any more.
func (r *Registry) Answer(ctx context.Context, id int64, words string) (*Application, error) {
	words, err := plaintext.Required(words, plaintext.About)
	if err != nil {
		refused := fault.Fields{}
		refused.Add("answer", err)
		return nil, refused.Err()
	}
	return r.change(ctx, id, func(tx *gorm.DB, a *Application) error {
		if a.State != NeedsInfo {
			return ErrMoved
		}
		if err := r.review(tx, a, applicant, map[string]any{"waiting_since": r.Now().UnixMilli()}); err != nil {
			return err
		}
		return r.note(tx, About{OfApplication, a.ID}, Note{AuthorKind: audit.Applicant, Body: words, Lang: a.MailLang})
	})
}

// Asked are the questions that wait for the applicant's answer; nil when
// there are none.
func (r *Registry) Asked(ctx context.Context, a *Application) (*Ruling, error) {
	if a.State != NeedsInfo {
		return nil, nil
	}
	var v []Ruling
	err := r.Store.Read(ctx).Where("application_id = ? AND kind = ? AND state = ?", a.ID, Ask, Settled).Order("settled_at DESC, id DESC").Limit(1).Find(&v).Error
	if err != nil {
		return nil, fmt.Errorf("read what was asked about application %d: %w", a.ID, err)
	}
	if len(v) == 0 {
		return nil, nil
	}
	return &v[0], nil
}
