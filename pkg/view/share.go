package view

import (
	"net/url"

	"olivebranch/pkg/locale"
)

// Share is what a public page says of itself to the programs of others: to
// those that show a card where its link is posted (Open Graph), to search
// engines (JSON-LD), and to those that put a banner in the link's place
// (oEmbed). It holds nothing that the page does not show.
type Share struct {
	Origin      string // of the site, as https://appeal.example.org
	Path        string // of the page behind the language, with its query
	Title       string
	Description string
	Image       string // absolute address of a PNG, 1200 by 630 pixels
	ImageAlt    string
	Data        any // of schema.org, written as JSON
}

// ShareURL is the address of the page in a language.
func (p Page) ShareURL(lang string) string { return p.Share.Origin + "/" + lang + p.Share.Path }

// OEmbed is where programs ask for the page's banner, in a format.
func (p Page) OEmbed(format string) string {
	return p.Share.Origin + "/oembed?" + url.Values{"url": {p.ShareURL(p.Lang())}, "format": {format}}.Encode()
}

// OpenGraph is a language as Open Graph names it.
func (Page) OpenGraph(lang string) string { return locale.OpenGraph(lang) }
