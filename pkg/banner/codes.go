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
	Design string // its code; empty: the one the partner chose, else the one staff prefer
	Lang   string // for the live embed; empty: the language of the page it stands on
}

// Code is what site owners copy, the simplest first.
type Code struct {
	Link          string // the address itself
	Paste         string // the address with what was chosen, for editors that put a banner in its place
	Picture       string // HTML: a picture with the count, linked; neither script nor frame
	Mail          string // HTML: the same as PNG, in twice its size, for mail programs
	Label         string // HTML: the text badge, linked
	Markdown      string // the picture, linked
	MarkdownLabel string // the text badge, linked
	Frame         string // HTML: an iframe
	Element       string // HTML: the live element alone
	Live          string // HTML: the live element and its script
}

// Codes writes the embed codes with the words of one language; pictures and frames stay in it.
func Codes(s Spot, w Words, a Appeal) Code {
	link, text := LinkOf(s.Base, s.Slug), w.T("embed.link", "Campaign", a.Campaign(w.Lang()))
	width, height := s.Layout.PictureSize()
	linked := func(img string) string { return fmt.Sprintf(`<a href="%s">%s</a>`, Escape(link), img) }
	img := func(src, size string) string {
		return fmt.Sprintf(`<img src="%s" alt="%s"%s style="max-width:100%%;height:auto">`, Escape(src), Escape(text), size)
	}
	sized := fmt.Sprintf(` width="%d" height="%d"`, width, height)
	element := s.element(link, text)
	label := s.file("label.png", url.Values{"lang": {w.Lang()}})
	return Code{
		Link:          link,
		Paste:         link + "?" + s.choices(w).Encode(),
		Picture:       linked(img(s.Picture(w, "svg"), sized)),
		Mail:          linked(img(s.Picture(w, "png")+"&scale=2", sized)),
		Label:         linked(img(label, "")),
		Markdown:      markdown(text, s.Picture(w, "png"), link),
		MarkdownLabel: markdown(text, label, link),
		Frame: fmt.Sprintf(`<iframe src="%s" title="%s" width="%s" height="%d" loading="lazy" style="border:0;max-width:100%%"></iframe>`,
			Escape(s.Frame(w)), Escape(text), s.frameWidth(), s.Layout.Height()),
		Element: element,
		Live:    fmt.Sprintf("%s\n<script async src=\"%s/embed/v1.js\"></script>", element, Escape(s.Base)),
	}
}

// Picture is the address of the picture in a language, as svg or png.
func (s Spot) Picture(w Words, format string) string {
	query := url.Values{"lang": {w.Lang()}, "theme": {s.Theme.Drawn().String()}}
	return s.file(s.Layout.String()+"."+format, s.designed(query))
}

// Frame is the address of the frame in a language.
func (s Spot) Frame(w Words) string {
	return s.Base + "/embed/" + url.PathEscape(s.Slug) + "?" + s.choices(w).Encode()
}

func (s Spot) choices(w Words) url.Values {
	return s.designed(url.Values{"lang": {w.Lang()}, "theme": {s.Theme.String()}, "layout": {s.Layout.String()}})
}

func (s Spot) designed(query url.Values) url.Values {
	if s.Design != "" {
		query.Set("design", s.Design)
	}
	return query
}

func (s Spot) file(name string, query url.Values) string {
	return s.Base + "/embed/" + url.PathEscape(s.Slug) + "/" + name + "?" + query.Encode()
}

// frameWidth is what an iframe has as its width.
func (s Spot) frameWidth() string {
	if w := s.Layout.FrameWidth(); w > 0 {
		return strconv.Itoa(w)
	}
	return "100%"
}

func (s Spot) element(link, text string) string {
	element := fmt.Sprintf(`<olive-embed partner="%s" layout="%s"`, Escape(s.Slug), s.Layout)
	if s.Lang != "" {
		element += fmt.Sprintf(` lang="%s"`, Escape(s.Lang))
	}
	if s.Theme != Light {
		element += fmt.Sprintf(` theme="%s"`, s.Theme)
	}
	if s.Design != "" {
		element += fmt.Sprintf(` design="%s"`, Escape(s.Design))
	}
	return element + ">" + s.Layout.kept(fmt.Sprintf(`<a href="%s">%s</a>`, Escape(link), Escape(text))) + "</olive-embed>"
}

// kept puts the link of the live banner into a drawing that has the banner's
// room from the moment the page is read, so that nothing moves when the script
// comes, however late. Drawings have their size by attributes: a style would
// be reported by strict policies of pages, and a picture asked for in vain. A
// sticky banner stands above the page and needs no room.
func (l Layout) kept(link string) string {
	s := shapes[l]
	if l == Sticky {
		return link
	}
	width, small := "100%", ""
	if 0 < s.frame && s.frame < 300 { // what a drawing has where it may be as wide as it likes
		width = strconv.Itoa(s.frame)
	}
	if l == Badge {
		small = ` font-size="10"`
	}
	return fmt.Sprintf(`<svg display="block" width="%s" height="%d"%s><foreignObject width="100%%" height="100%%">%s</foreignObject></svg>`,
		width, l.Height(), small, link)
}

// markdown is a linked picture. The campaign's name may hold what Markdown reads as a sign.
func markdown(text, picture, link string) string {
	plain := ""
	for _, r := range text {
		switch r {
		case '[', ']', '\\', '*', '_', '`', '<', '!':
			plain += `\`
		}
		plain += string(r)
	}
	return "[![" + plain + "](" + picture + ")](" + link + ")"
}

// LinkOf is the address behind a banner: the partner's short link, or the start page.
func LinkOf(base, slug string) string {
	if slug == Own {
		return base + "/"
	}
	return base + "/p/" + url.PathEscape(slug)
}

// WallHeight is how high the frame of the messages is in the code that is
// offered. Any other is as good: the messages move inside.
const WallHeight = 480

// Wall is the address of the frame with the messages of solidarity.
func (s Spot) Wall(w Words) string {
	return s.file("messages", s.designed(url.Values{"lang": {w.Lang()}, "theme": {s.Theme.String()}}))
}

// WallCode is the iframe that site owners copy.
func (s Spot) WallCode(w Words) string {
	return fmt.Sprintf(`<iframe src="%s" title="%s" width="100%%" height="%d" loading="lazy" style="border:0;max-width:100%%"></iframe>`,
		Escape(s.Wall(w)), Escape(w.T("messages.heading")), WallHeight)
}
