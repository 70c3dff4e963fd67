package site

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/view"
)

// EmbedFiles is what the page for site owners says of the files it speaks of,
// measured when the program starts.
type EmbedFiles struct {
	Frozen    string // path of the loader that never changes
	Integrity string // of that one, as its attribute has it
	Loader    Size
	Frame     Size // with its style and its script
	Tally     Size
	Picture   Size // the SVG of the bar
	Sources   []string
}

// Size is that of a file in bytes.
type Size struct {
	Whole int
	Sent  int // to browsers, which take it compressed
}

// release is a change of the loader that site owners may want to know of. Each
// has a message owners.change_<Key>.
type release struct {
	Day string // as 2006-01-02
	Key string
}

// releases are all of them, the newest first.
var releases = []release{
	{"2026-11-27", "room"},
	{"2026-11-22", "layouts"},
	{"2026-11-22", "first"},
}

// At is the day in Unix milliseconds.
func (r release) At() int64 {
	day, err := time.Parse(time.DateOnly, r.Day)
	if err != nil {
		panic(err) // it is one of ours
	}
	return day.UnixMilli()
}

// embedPage tells site owners and their IT departments what they let in.
type embedPage struct {
	view.Page
	Files         EmbedFiles
	Origin        string
	Code          banner.Code
	FrozenScript  string // the element that names the frozen script
	Sizes         []measured
	Policies      []policy
	Addresses     []address
	Releases      []release
	Contact       appeal.Text
	Missing       []string // what may be missing on a page; each has messages owners.missing_<name> and …_text
	Does, DoesNot []string
}

// measured is a file with a message owners.size_<Key>.
type measured struct {
	Key string
	Size
}

// policy is what a site's Content-Security-Policy needs for a kind of embed.
type policy struct{ Kind, Lines string }

// address is one that programs may ask.
type address struct{ Key, URL string }

// What the page lists; each has a message.
var (
	embedDoes    = []string{"frame", "tally", "page", "close"}
	embedDoesNot = []string{"cookie", "third", "stored", "address", "read", "move", "focus"}
	embedMissing = []string{"script", "sandbox", "coep", "storage", "blocker", "frames"}
)

// example stands for a partner's short name in codes.
const example = "PARTNER"

func (s *Site) showEmbed(c echo.Context) error {
	files, err := s.EmbedFiles()
	if err != nil {
		return err
	}
	page := &embedPage{Page: s.base(c, "owners.page"), Files: files, Does: embedDoes, DoesNot: embedDoesNot,
		Missing: embedMissing, Releases: releases}
	lang := page.Lang()
	page.Origin = s.BaseURL.Scheme + "://" + s.BaseURL.Host
	page.Code = banner.Codes(banner.Spot{Base: page.Origin, Slug: example}, page.Locale, s.Embed)
	page.FrozenScript = `<script async src="` + page.Origin + page.Files.Frozen + `" integrity="` + page.Files.Integrity + `" crossorigin="anonymous"></script>`
	page.Sizes = []measured{{"loader", files.Loader}, {"frame", files.Frame}, {"tally", files.Tally}, {"picture", files.Picture}}
	page.Policies = []policy{
		{"picture", "img-src " + page.Origin},
		{"frame", "frame-src " + page.Origin},
		{"live", "script-src " + page.Origin + "; frame-src " + page.Origin},
	}
	at := page.Origin + "/embed/" + example
	page.Addresses = []address{
		{"oembed", page.Origin + "/oembed?" + url.Values{"url": {page.Origin + "/p/" + example}, "format": {"json"}}.Encode()},
		{"tally", at + "/tally.json"},
		{"shields", at + "/shields.json?lang=" + lang},
		{"picture", at + "/bar.svg?lang=" + lang},
		{"card", at + "/card.png?lang=" + lang},
	}
	page.Contact = s.Appeal.Current().Text(appeal.Controller, lang)
	return s.Render(c, http.StatusOK, "site/embed", page)
}
