package registry

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
)

// mostAgain is how many proofs one round looks at, so that a round of sites
// that all are silent ends before its lease does.
const mostAgain = 200

// CheckAgain looks at the proofs that were found a week ago, of applicants
// and of partners, and says how many there were.
func (r *Registry) CheckAgain(ctx context.Context) (int, error) {
	var due []Proof
	err := r.Store.Read(ctx).Where("next_at > 0 AND next_at <= ? AND application_id IN (SELECT id FROM applications)", r.Now().UnixMilli()).
		Order("next_at, id").Limit(mostAgain).Find(&due).Error
	if err != nil {
		return 0, fmt.Errorf("list proofs to check again: %w", err)
	}
	for i, p := range due {
		if err := r.checkAgain(ctx, p); err != nil {
			return i, fmt.Errorf("check proof %d again: %w", p.ID, err)
		}
	}
	return len(due), nil
}

func (r *Registry) checkAgain(ctx context.Context, p Proof) error {
	a, err := r.Application(ctx, p.ApplicationID)
	if err != nil {
		return err
	}
	if idle, err := r.idle(ctx, a); err != nil || idle {
		return r.postpone(ctx, p, err)
	}
	c, err := r.claim(ctx, a, p.Kind, p.Target)
	var s sight
	switch {
	case err == nil:
		if s, err = c.look(ctx, r.Outside); err != nil {
			return nil // it stays due
		}
	case fault.KindOf(err) == fault.Invalid: // the organization's site is another one by now
		page, _ := address.ParseWebsite(p.Target)
		c.target, s = p.Target, sight{ProofMissing, sawElsewhere + " " + page.Host}
	default:
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err() // the program stops; this was no look
	}
	_, err = r.noteProof(ctx, a, c, s, audit.Actor{Kind: audit.Program})
	return err
}

// idle says that nobody asks any more whether this organization controls its
// address.
func (r *Registry) idle(ctx context.Context, a *Application) (bool, error) {
	if !a.Provable() || a.PartnerID == 0 {
		return !a.Provable(), nil
	}
	var n int64
	err := r.Store.Read(ctx).Model(&Partner{}).Where("id = ? AND state <> ?", a.PartnerID, Left).Count(&n).Error
	return n == 0, err
}

// postpone leaves a proof alone for another week; it may be asked for again.
func (r *Registry) postpone(ctx context.Context, p Proof, err error) error {
	if err != nil {
		return err
	}
	return r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&Proof{}).Where("id = ?", p.ID).Update("next_at", r.Now().Add(proofWeek).UnixMilli()).Error
	})
}
