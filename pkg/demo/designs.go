package demo

import (
	"context"
	"fmt"
	"time"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/design"
	"olivebranch/pkg/registry"
)

// look is what banners look like, and what partners make of theirs.
type look struct {
	Designs []banner `toml:"design"`
	Looks   []choice `toml:"look"`
}

// banner is a design of the staff.
type banner struct {
	Code         string                `toml:"code"`
	Button       string                `toml:"button"`
	Figure       string                `toml:"figure"`
	State        string                `toml:"state"`
	BeginsInDays int                   `toml:"begins_in_days"` // 0: always
	LastsDays    int                   `toml:"lasts_days"`     // 0: for ever
	Texts        map[string]bannerText `toml:"text"`           // by language
}

// bannerText is what it says in one language; both may be empty.
type bannerText struct {
	Slogan string `toml:"slogan"`
	Label  string `toml:"label"`
}

// choice is a partner's: a design, or none, and a line of its own.
type choice struct {
	Partner string `toml:"partner"` // its slug
	Design  string `toml:"design"`
	Line    string `toml:"line"`
	Lang    string `toml:"lang"` // BCP 47
	EN      string `toml:"en"`   // for staff who do not read Lang
	Waits   bool   `toml:"waits"`
}

// seedDesigns makes the designs, in the order of their file.
func seedDesigns(ctx context.Context, p Parts, all []banner, now time.Time) error {
	by := audit.Actor{Kind: audit.Program}
	for i, b := range all {
		one := design.Design{Code: b.Code, Button: b.Button, Figure: b.Figure, Position: int64(i+1) * 10, Texts: map[string]design.Text{}}
		for lang, t := range b.Texts {
			one.Texts[lang] = design.Text{Slogan: t.Slogan, Label: t.Label}
		}
		if b.BeginsInDays > 0 {
			one.FirstDay = now.AddDate(0, 0, b.BeginsInDays).Format(time.DateOnly)
			one.LastDay = now.AddDate(0, 0, b.BeginsInDays+b.LastsDays-1).Format(time.DateOnly)
		}
		made, err := p.Designs.Create(ctx, one, by)
		if err == nil && design.State(b.State) == design.Published {
			err = p.Designs.Publish(ctx, made.ID, made.Version, by)
		}
		if err != nil {
			return fmt.Errorf("design %s: %w", b.Code, err)
		}
	}
	return nil
}

// seedLooks lets partners choose and say what they want, and staff publish it.
func seedLooks(ctx context.Context, p Parts, all []choice, ids map[string]int64) error {
	for _, c := range all {
		reps, err := p.Registry.Representatives(ctx, ids[c.Partner])
		if err != nil || len(reps) == 0 {
			return fmt.Errorf("who acts for %s: %w", c.Partner, err)
		}
		rep := &reps[0]
		if err := p.Registry.ChooseDesign(ctx, rep.PartnerID, c.Design, audit.Actor{Kind: audit.Representative, ID: rep.ID}); err != nil {
			return fmt.Errorf("%s chooses %s: %w", c.Partner, c.Design, err)
		}
		if err := p.Registry.ProposeLine(ctx, rep, c.Line, c.Lang); err != nil {
			return fmt.Errorf("the line of %s: %w", c.Partner, err)
		}
		if c.Waits {
			continue
		}
		change, err := p.Registry.NewestChange(ctx, rep.PartnerID)
		if err == nil {
			err = p.Registry.PublishChange(ctx, registry.ChangeDecision{Change: change.ID, Version: registry.AnyVersion, By: audit.Actor{Kind: audit.Program}})
		}
		if err != nil {
			return fmt.Errorf("publish the line of %s: %w", c.Partner, err)
		}
	}
	return nil
}
