package view

import (
	"net/url"
	"strings"

	"olivebranch/pkg/locale"
)

// Share is what a public page says of itself to the programs of others: to
// those that show a card where its link is posted (Open Graph), to search
// engines (JSON-LD), and to those that put a banner in the link's place
// (oEmbed). It holds nothing that the page does not show. A page without it
// asks not to be listed.
type Share struct {
	Origin      string // of the site, as https://appeal.example.org
	Path        string // of the page behind the language, with its query
	Title       string
	Description string
	Image       string // absolute address of a PNG, 1200 by 630 pixels
	ImageAlt    string
	Data        any        // of schema.org, written as JSON
	Banner      bool       // a banner may be put in the link's place
	Look        url.Values // of that banner; nil for the usual
}

// ShareURL is the address of the page in a language.
func (p Page) ShareURL(lang string) string { return p.Share.Origin + "/" + lang + p.Share.Path }

// Anyone is the address for who speaks none of the languages: of the front
// page the one that chooses by the browser, else the page in English.
func (p Page) Anyone() string {
	if p.Share.Path == "/" {
		return p.Share.Origin + "/"
	}
	return p.ShareURL(locale.Default)
}

// OEmbed is where programs ask for the page's banner, in a format.
func (p Page) OEmbed(format string) string {
	at, joint := p.ShareURL(p.Lang()), "?"
	if strings.Contains(at, joint) {
		joint = "&"
	}
	if len(p.Share.Look) > 0 {
		at += joint + p.Share.Look.Encode()
	}
	return p.Share.Origin + "/oembed?" + url.Values{"url": {at}, "format": {format}}.Encode()
}

// OpenGraph is a language as Open Graph names it.
func (Page) OpenGraph(lang string) string { return locale.OpenGraph(lang) }
