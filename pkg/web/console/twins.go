package console

import (
	"context"
	"strconv"

	"olivebranch/pkg/registry"
)

// doubles is what stands on the page of an application or a partner about
// others like it.
type doubles struct {
	Found []registry.Likeness
	Flags []registry.Flag
	Into  *twin  // what it is merged into
	From  []twin // what is merged into it

	application, partner int64 // whose page it is; an admitted application has both
}

// twin is the other end of a merge.
type twin struct {
	Label string // a reference or a slug
	Path  string // of the comparison
}

// To is the path of the comparison with another.
func (t doubles) To(subject string, other int64) string {
	path := func(folder string, left, right int64) string {
		return "/console/" + folder + "/" + strconv.FormatInt(left, 10) + "/compare/" + strconv.FormatInt(right, 10)
	}
	switch {
	case subject == "partner" && t.partner != 0:
		return path("partners", t.partner, other)
	case t.application == 0: // there is nothing to merge a partner into but partners
		return path("applications", other, t.partner)
	}
	return path("applications", t.application, other)
}

// applicationTwins looks for others like an application, for its page.
func (o *Console) applicationTwins(ctx context.Context, a *registry.Application) (doubles, error) {
	t := doubles{application: a.ID, partner: a.PartnerID}
	var err error
	if t.Found, err = o.Registry.Duplicates(ctx, a); err != nil {
		return t, err
	}
	flags, err := o.Registry.Flags(ctx, *a)
	if err != nil {
		return t, err
	}
	t.Flags = flags[a.ID]
	if p, ok := o.Register.ByID(a.PartnerID); ok {
		t.Into, t.From = o.mergesOf(p)
	}
	together, err := o.Registry.Together(ctx, a)
	if err != nil {
		return t, err
	}
	if together != nil {
		t.Into = &twin{together.Reference, t.To("application", a.MergedInto)}
	}
	merged, err := o.Registry.MergedApplications(ctx, a.ID)
	for _, m := range merged {
		t.From = append(t.From, twin{m.Reference, doubles{application: m.ID}.To("application", a.ID)})
	}
	return t, err
}

// mergesOf are what a partner is merged into, and what is merged into it.
func (o *Console) mergesOf(p *registry.Partner) (into *twin, from []twin) {
	if target, ok := o.Register.ByID(p.MergedInto); ok {
		into = &twin{target.Slug, doubles{partner: p.ID}.To("partner", target.ID)}
	}
	for _, id := range o.Register.Family(p.ID) {
		if merged, ok := o.Register.ByID(id); ok && merged.MergedInto == p.ID {
			from = append(from, twin{merged.Slug, doubles{partner: id}.To("partner", p.ID)})
		}
	}
	return into, from
}
