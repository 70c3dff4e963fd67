package app

import (
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/placement"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/web/embeds"
)

// embedAppeal, figures and embedRegister show the domains to the embeds as
// these ask for them.
type embedAppeal struct{ appeal *appeal.Appeal }

func (e embedAppeal) Slug() string { return e.appeal.Current().Slug }
func (e embedAppeal) Title(lang string) string {
	return e.appeal.Current().Text(appeal.Title, lang).Body
}
func (e embedAppeal) Campaign(lang string) string {
	return e.appeal.Current().Text(appeal.Campaign, lang).Body
}
func (e embedAppeal) Slogan(lang string) string {
	return e.appeal.Current().Text(appeal.Slogan, lang).Body
}
func (e embedAppeal) Langs(lang string) banner.Langs {
	of := func(f appeal.Field) string { return e.appeal.Current().Text(f, lang).Lang }
	return banner.Langs{Title: of(appeal.Title), Campaign: of(appeal.Campaign), Slogan: of(appeal.Slogan)}
}
func (e embedAppeal) Version() int64 { return e.appeal.Current().Version }

// ended says whether the appeal takes no signatures any more.
func (a *App) ended(now time.Time) bool { return a.Appeal.Current().Ended(now) }

type figures struct {
	*appeal.Tally
	appeal *appeal.Appeal
	public *public
}

// PartnerSignatures is what is told of a partner.
func (f figures) PartnerSignatures(id int64) disclosure.Figure { return f.public.Partner(id) }

func (f figures) Goal() int64 { return f.appeal.Current().Goal }

// embedPlaces takes notes of where frames are shown, and knows whose hosts are
// whose.
type embedPlaces struct {
	register *registry.Register
	notes    *placement.Notes
}

func (e embedPlaces) Foreign(partner int64, at embeds.At) bool {
	return e.register.Standing(partner, placement.HostOf(string(at))) == registry.HostForeign
}

func (e embedPlaces) See(s embeds.Sight) {
	e.notes.See(placement.Sight{Partner: s.Partner, Layout: uint8(s.Layout), At: string(s.At), Referer: s.Referer, Now: s.Now})
}

type embedRegister struct{ register *registry.Register }

func (r embedRegister) Partner(slug string) (embeds.Partner, bool) {
	p, ok := r.register.Active(slug)
	if !ok {
		return embeds.Partner{}, false
	}
	return embeds.Partner{ID: p.ID, Slug: p.Slug, Name: p.Name, Lang: p.Profile.Lang,
		Design: p.Design, Line: p.Line, LineLang: p.LineLang}, true
}

// embedWall shows the wall of messages.
type embedWall struct {
	*appeal.Messages
	register *registry.Register
}

// Serial is another one also when a partner has another name. Both parts only
// rise.
func (e embedWall) Serial() int64 { return e.Messages.Serial() + e.register.Version() }

func (e embedWall) Newest(lang string) []embeds.Saying {
	var list []embeds.Saying
	for _, m := range e.Shown() {
		s := embeds.Saying{Body: m.Body, Lang: m.Lang, By: m.Person, Country: m.Country}
		if said := m.In(lang); said != nil {
			s.Said = said.Body
		}
		if p, ok := e.register.ByID(m.PartnerID); ok && m.Own {
			s.By, s.ByLang = p.Name, p.Profile.Lang
		}
		list = append(list, s)
	}
	return list
}

// embedFiles shows the portal what it packs.
type embedFiles struct{ *embeds.Handler }

func (f embedFiles) Loader() string { return f.Latest().Path }
