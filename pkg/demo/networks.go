package demo

import (
	"context"
	"fmt"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/registry"
)

// seedNetworks lets partners belong to networks, and say in English what they
// say in their own language; the register tells the Korean ones apart.
func seedNetworks(ctx context.Context, p Parts, c *content) error {
	by := audit.Actor{Kind: audit.Program}
	for _, o := range c.Partners {
		if o.Networks == "" {
			continue
		}
		partner, ok := p.Register.Active(o.Slug)
		if !ok {
			return fmt.Errorf("%s is no partner", o.Slug)
		}
		public := partner.Public()
		public.Networks = o.Networks
		if o.AboutEN != "" {
			public.Others = registry.Statements{{Lang: "en", About: o.AboutEN}}
		}
		_, err := p.Registry.EditPartner(ctx, registry.Edit{Partner: partner.ID, Version: registry.AnyVersion, Public: public, ShowSignatures: partner.ShowSignatures, By: by})
		if err != nil {
			return fmt.Errorf("%s: %w", o.Slug, err)
		}
	}
	settings, err := p.Registry.Settings(ctx)
	if err != nil {
		return err
	}
	settings.Home = "KR"
	return p.Registry.SaveSettings(ctx, settings, by)
}
