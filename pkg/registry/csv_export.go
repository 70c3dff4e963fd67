package registry

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"olivebranch/pkg/sheet"
)

// ExportPartners writes partners as a table that Import reads, in the order
// given. With contacts it holds the name and address of each one's first
// representative: only for who may have those.
func (r *Registry) ExportPartners(ctx context.Context, to io.Writer, partners []*Partner, contacts bool) error {
	w := sheet.NewWriter(to)
	columns := Columns
	if !contacts {
		columns = Columns[:len(Columns)-contactColumns]
	}
	if err := w.Row(columns...); err != nil {
		return err
	}
	for some := range slices.Chunk(partners, importBatch) {
		first := map[int64]Contact{}
		if contacts {
			var err error
			if first, err = r.firstContacts(ctx, some); err != nil {
				return err
			}
		}
		for _, p := range some {
			show := "no"
			if p.ShowSignatures {
				show = "yes"
			}
			c := first[p.ID]
			row := []string{p.Slug, string(p.State), p.Name, p.NameLatin, p.Website, p.Country, p.Kind, p.About, p.Reach, p.Placement, p.Lang, p.Message,
				show, time.UnixMilli(p.Since).UTC().Format(time.DateOnly), c.Name, c.Role, c.Email, c.Lang}
			if err := w.Row(row[:len(columns)]...); err != nil {
				return err
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return w.Flush()
}

func (r *Registry) firstContacts(ctx context.Context, partners []*Partner) (map[int64]Contact, error) {
	ids := make([]int64, len(partners))
	for i, p := range partners {
		ids[i] = p.ID
	}
	var reps []Representative
	if err := r.Store.Read(ctx).Where("partner_id IN ?", ids).Order("id DESC").Find(&reps).Error; err != nil {
		return nil, fmt.Errorf("read representatives: %w", err)
	}
	first := map[int64]Contact{}
	for i := range reps {
		c, err := r.ContactOf(&reps[i])
		if err != nil {
			return nil, err
		}
		first[reps[i].PartnerID] = c
	}
	return first, nil
}
