package banner

import (
	"fmt"
	"net/url"
	"strconv"
)

// Spot is where a banner is to be put up: what the site owner chose.
type Spot struct {
	Base   string // the program's public address, as https://appeal.example.org
	Slug   string // the partner's, or Own
	Layout Layout
	Theme  Theme
	Lang   string // for the live embed; empty: the language of the page it stands on
}

// Code is what site owners copy, the simplest first.
type Code struct {
	Link    string // the address itself
	Picture string // HTML: a picture with the count, linked; neither script nor frame
	Frame   string // HTML: an iframe
	Live    string // HTML: the live element and its script
}

// Codes writes the embed codes with the words of one language; pictures and frames stay in it.
func Codes(s Spot, w Words, a Appeal) Code {
	link := LinkOf(s.Base, s.Slug)
	href, text := Escape(link), Escape(w.T("embed.link", "Campaign", a.Campaign(w.Lang())))
	query := url.Values{"lang": {w.Lang()}, "theme": {s.Theme.String()}}
	picture := fmt.Sprintf("%s/embed/%s/%s.svg?%s", s.Base, url.PathEscape(s.Slug), s.Layout, query.Encode())
	width, height := s.Layout.PictureSize()
	query.Set("layout", s.Layout.String())
	frame := fmt.Sprintf("%s/embed/%s?%s", s.Base, url.PathEscape(s.Slug), query.Encode())
	live := fmt.Sprintf(`<olive-embed partner="%s" layout="%s"`, Escape(s.Slug), s.Layout)
	if s.Lang != "" {
		live += fmt.Sprintf(` lang="%s"`, Escape(s.Lang))
	}
	if s.Theme != Light {
		live += fmt.Sprintf(` theme="%s"`, s.Theme)
	}
	return Code{
		Link: link,
		Picture: fmt.Sprintf(`<a href="%s"><img src="%s" alt="%s" width="%s" height="%s" style="max-width:100%%;height:auto"></a>`,
			href, Escape(picture), text, strconv.Itoa(width), strconv.Itoa(height)),
		Frame: fmt.Sprintf(`<iframe src="%s" title="%s" width="100%%" height="%d" loading="lazy" style="border:0"></iframe>`,
			Escape(frame), text, s.Layout.Height()),
		Live: fmt.Sprintf("%s><a href=\"%s\">%s</a></olive-embed>\n<script async src=\"%s/embed/v1.js\"></script>",
			live, href, text, Escape(s.Base)),
	}
}

// LinkOf is the address behind a banner: the partner's short link, or the start page.
func LinkOf(base, slug string) string {
	if slug == Own {
		return base + "/"
	}
	return base + "/p/" + url.PathEscape(slug)
}
