package view

import (
	"net/url"
	"strings"
)

// ShareLinks are the links by which a reader passes a page on, each a plain
// address with words prepared: nothing of the places they lead to is loaded.
// The template "share-links" shows the field ShareLinks of a page. A page
// without any has the zero value, which shows nothing.
type ShareLinks struct {
	URL    string // what is passed on, with the partner that gets the credit in it
	Places []SharePlace
	QR     string // path of a QR code of URL, without its ending .svg or .png; "" for none
}

// SharePlace is one of the usual places. Name is "" for mail, whose name is a
// word of the reader's language.
type SharePlace struct{ Name, URL string }

// sharePlaces are the addresses that take words, with {text}, {url} and {both}
// for what is passed on.
var sharePlaces = map[string]string{
	"WhatsApp":   "https://wa.me/?text={both}",
	"Telegram":   "https://t.me/share/url?url={url}&text={text}",
	"LINE":       "https://social-plugins.line.me/lineit/share?url={url}&text={text}",
	"KakaoStory": "https://story.kakao.com/share?url={url}",
	"Facebook":   "https://www.facebook.com/sharer/sharer.php?u={url}",
	"X":          "https://x.com/intent/post?text={text}&url={url}",
	"Bluesky":    "https://bsky.app/intent/compose?text={both}",
	"Mastodon":   "https://share.joinmastodon.org/#text={both}",
	"VK":         "https://vk.com/share.php?url={url}&title={text}",
	"Weibo":      "https://service.weibo.com/share/share.php?url={url}&title={text}",
}

// shareOrder is in which order they are offered where no language has an order
// of its own; sharedIn what is first read in a language.
var (
	shareOrder = []string{"WhatsApp", "Telegram", "Facebook", "X", "Bluesky", "Mastodon"}
	sharedIn   = map[string][]string{
		"ko": {"KakaoStory", "LINE", "Facebook", "X", "Telegram"},
		"ja": {"LINE", "X", "Facebook", "Bluesky", "Mastodon"},
		"zh": {"Weibo", "LINE", "Telegram", "X", "Facebook"},
		"ru": {"Telegram", "VK", "WhatsApp"},
		"ar": {"WhatsApp", "Telegram", "Facebook", "X"},
	}
)

// NewShareLinks offers an address with a sentence that leads to it; subject is
// that of a mail.
func NewShareLinks(lang, address, subject, sentence string) ShareLinks {
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	both := sentence + "\n" + address
	fill := strings.NewReplacer("{text}", escape(sentence), "{url}", escape(address), "{both}", escape(both))
	links := ShareLinks{URL: address, Places: []SharePlace{{URL: "mailto:?subject=" + escape(subject) + "&body=" + escape(both)}}}
	names, ok := sharedIn[lang]
	if !ok {
		names = shareOrder
	}
	for _, name := range names {
		links.Places = append(links.Places, SharePlace{name, fill.Replace(sharePlaces[name])})
	}
	return links
}
