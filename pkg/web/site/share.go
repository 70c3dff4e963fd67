package site

import (
	"net/url"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
)

// The words of https://schema.org for our pages.
type (
	schemaPage struct {
		Context     string       `json:"@context"`
		Type        string       `json:"@type"`
		Name        string       `json:"name"`
		Description string       `json:"description,omitempty"`
		URL         string       `json:"url"`
		Language    string       `json:"inLanguage"`
		Site        schemaSite   `json:"isPartOf"`
		Image       schemaImage  `json:"primaryImageOfPage"`
		About       *schemaGroup `json:"mainEntity,omitempty"`
	}
	schemaSite struct {
		Type string `json:"@type"`
		Name string `json:"name"`
		URL  string `json:"url"`
	}
	schemaImage struct {
		Type   string `json:"@type"`
		URL    string `json:"url"`
		Width  int    `json:"width"`
		Height int    `json:"height"`
	}
	schemaGroup struct {
		Type        string         `json:"@type"`
		Name        string         `json:"name"`
		Latin       string         `json:"alternateName,omitempty"`
		Description string         `json:"description,omitempty"`
		URL         string         `json:"url,omitempty"`
		Logo        string         `json:"logo,omitempty"`
		Address     *schemaAddress `json:"address,omitempty"`
	}
	schemaAddress struct {
		Type    string `json:"@type"`
		Country string `json:"addressCountry"`
	}
)

// share is what a page says of itself when its link is passed on: the appeal's
// own words, or those of a partner, nil for none. path is behind the language.
func (s *Site) share(page view.Page, path string, partner *registry.Partner) *view.Share {
	lang, current := page.Lang(), s.Appeal.Current()
	out := &view.Share{Origin: s.origin(), Path: path,
		Title: current.Text(appeal.Title, lang).Body, Description: current.Text(appeal.Summary, lang).Body}
	slug := banner.Own
	if partner != nil {
		slug = partner.Slug
	}
	out.Image = out.Origin + "/embed/" + slug + "/card.png?" + url.Values{"lang": {lang}}.Encode()
	out.ImageAlt = page.T("embed.link", "Campaign", page.Campaign)
	if current.Ended(s.Now()) {
		out.ImageAlt = page.T("embed.thanks")
	}
	return out
}

// describe writes the page's data for search engines; about is whom it is
// about, nil for the appeal.
func describe(page view.Page, share *view.Share, about *schemaGroup) {
	width, height := banner.Card.PictureSize()
	share.Data = schemaPage{Context: "https://schema.org", Type: "WebPage", Name: share.Title, Description: share.Description,
		URL: share.Origin + "/" + page.Lang() + share.Path, Language: page.Lang(),
		Site:  schemaSite{"WebSite", page.Campaign, share.Origin + "/"},
		Image: schemaImage{"ImageObject", share.Image, width, height}, About: about}
}

// listed are the pages of every language that others may list and link to,
// behind the language, each with the messages that are its title and describe
// it. The appeal's own words do so for its page and its form.
var listed = []struct{ path, title, about string }{
	{"/", "", ""}, {"/sign", "", ""},
	{"/partners", "partners.page", "listed.partners"},
	{"/messages", "messages.page", "listed.messages"},
	{"/figures", "bulletin.page", "listed.figures"},
	{"/number", "number.page", "number.lead"},
	{"/join", "join.page", "listed.join"},
	{"/embed", "owners.page", "listed.embed"},
	{"/privacy", "privacy.page", "listed.privacy"},
}

// Cards are the titles of the pages that have a card of their own, as message
// ids, by the name under which the card is asked for.
func Cards() map[string]string {
	titles := map[string]string{}
	for _, l := range listed {
		if l.title != "" {
			titles[l.path[1:]] = l.title
		}
	}
	return titles
}

// shareListed is for the other pages of the list; nil for what is not listed,
// as the rooms behind a token.
func (s *Site) shareListed(page view.Page) *view.Share {
	for _, l := range listed {
		if l.path == page.Path && l.about != "" {
			return s.shareAs(page, l.path, page.Title, page.T(l.about))
		}
	}
	return nil
}

// shareAs is for a page with a title of its own.
func (s *Site) shareAs(page view.Page, path, title, description string) *view.Share {
	share := s.share(page, path, nil)
	share.Title, share.Description = title, description
	if Cards()[path[1:]] != "" {
		share.Image += "&" + url.Values{"page": {path[1:]}}.Encode()
	}
	describe(page, share, nil)
	return share
}

// shareAppeal is for the appeal and for its form; via is the partner that a
// visitor comes through, nil for none.
func (s *Site) shareAppeal(page view.Page, path string, via *registry.Partner) *view.Share {
	if via != nil {
		path += "?" + url.Values{"via": {via.Slug}}.Encode()
	}
	share := s.share(page, path, via)
	share.Banner = true
	describe(page, share, nil)
	return share
}

// sharePartner is for a partner's own page.
func (s *Site) sharePartner(page view.Page, p *registry.Partner, logo *registry.Picture) *view.Share {
	share := s.share(page, "/partners/"+p.Slug, p)
	share.Title, share.Banner = p.Name, true
	said := p.Statement(page.Lang()).About
	about := &schemaGroup{Type: "Organization", Name: p.Name, Latin: p.NameLatin, Description: said, URL: p.Website}
	if said != "" {
		share.Description = said
	}
	if logo != nil {
		about.Logo = share.Origin + logo.Path()
	}
	if p.Country != "" {
		about.Address = &schemaAddress{"PostalAddress", p.Country}
	}
	describe(page, share, about)
	return share
}
