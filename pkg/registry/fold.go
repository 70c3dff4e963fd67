package registry

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/store"
)

// folding is the version of the rules by which names and sites are folded.
// Raise it when a rule of plaintext.SearchKey, plaintext.Skeleton or
// address.SiteKey changes: every start brings older rows up to date.
const folding = 2

// Refold makes anew what is searched and compared instead of the profile, and
// returns the same as columns, for an update of them. Whoever changes the
// profile of an application writes these with it.
func (a *Application) Refold() map[string]any {
	a.Folded = plaintext.SearchKey(a.Name, a.NameLatin, a.WebsiteHost, a.Reference, a.EmailDomain)
	a.Skeleton, a.LatinSkeleton, a.SiteKey, a.Folding = a.compared()
	return map[string]any{"folded": a.Folded, "skeleton": a.Skeleton, "latin_skeleton": a.LatinSkeleton, "site_key": a.SiteKey, "folding": a.Folding}
}

// Refold does the same for a partner.
func (p *Partner) Refold() map[string]any {
	p.NameFolded = plaintext.SearchKey(p.Name, p.NameLatin)
	p.Skeleton, p.LatinSkeleton, p.SiteKey, p.Folding = p.compared()
	return map[string]any{"name_folded": p.NameFolded, "skeleton": p.Skeleton, "latin_skeleton": p.LatinSkeleton, "site_key": p.SiteKey, "folding": p.Folding}
}

func (p *Profile) compared() (skeleton, latin, site string, version int64) {
	return plaintext.Skeleton(p.Name), plaintext.Skeleton(p.NameLatin), address.SiteKey(p.Website), folding
}

// refoldChunk is how many rows one transaction brings up to date.
const refoldChunk = 200

// Refold brings rows that older rules made up to date, a chunk at a time, and
// says how many. A row that somebody else writes at the same moment is new
// already and stays as it is.
func (r *Registry) Refold(ctx context.Context) (int, error) {
	applications, err := refold(ctx, r, func(a *Application) (int64, map[string]any) { return a.ID, a.Refold() })
	if err != nil {
		return applications, fmt.Errorf("fold applications anew: %w", err)
	}
	partners, err := refold(ctx, r, func(p *Partner) (int64, map[string]any) { return p.ID, p.Refold() })
	if err != nil {
		return applications + partners, fmt.Errorf("fold partners anew: %w", err)
	}
	if partners > 0 {
		err = r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
			_, err := store.Bump(tx, store.TopicRegister)
			return err
		})
		if err != nil {
			return applications + partners, err
		}
		r.Changed()
	}
	return applications + partners, nil
}

func refold[Row any](ctx context.Context, r *Registry, columns func(*Row) (int64, map[string]any)) (n int, err error) {
	for full := true; full; {
		err = r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
			var rows []Row
			if err := tx.Where("folding < ?", folding).Order("id").Limit(refoldChunk).Find(&rows).Error; err != nil {
				return err
			}
			for i := range rows {
				id, set := columns(&rows[i])
				if err := tx.Model(new(Row)).Where("id = ? AND folding < ?", id, folding).Updates(set).Error; err != nil {
					return err
				}
			}
			n, full = n+len(rows), len(rows) == refoldChunk
			return nil
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
