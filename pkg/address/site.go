package address

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

// SiteKey is what two addresses of one organization's site have in common: the
// domain somebody registered; on hosts that many share, also what tells
// tenants apart there, a path or the name before the host. Scheme, capitals,
// "www." and "m.", a slash at the end and the query make no difference.
// "" for what is no website, and for the front page of a shared host, which
// says nothing about who is meant.
func SiteKey(website string) string {
	w, err := ParseWebsite(website)
	if err != nil {
		return ""
	}
	u, err := url.Parse(w.URL)
	if err != nil {
		return ""
	}
	host := w.Host
	for _, prefix := range []string{"www.", "m.", "mobile.", "web."} {
		if rest := strings.TrimPrefix(host, prefix); strings.Contains(rest, ".") {
			host = rest
		}
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return "" // the front page of a host whose tenants have names before it
	}
	if blog, _, ok := strings.Cut(host, ".blogspot."); ok { // one blog answers under every country's ending
		return blog + ".blogspot.com"
	}
	for name := host; name != ""; name = parent(name) {
		if h, ok := sharedHosts[name]; ok {
			return h.tenant(name, strings.TrimSuffix(host, name), u)
		}
	}
	return domain
}

// parent is the host without its first label; "" for a top-level domain.
func parent(host string) string {
	_, rest, _ := strings.Cut(host, ".")
	return rest
}

// sharedHost says how a host tells its tenants apart.
type sharedHost struct {
	canonical string   // the host it is an alias of; "" if itself
	named     bool     // by a name before the host: acme.host
	under     []string // first parts of a path that only say what kind comes next: /company/acme
	skipped   []string // first parts of a path that are left out: /pg/acme is /acme
	query     string   // a parameter that names the tenant when the path does not
	also      int      // further parts of the path that belong to the tenant's name
}

func (h sharedHost) tenant(host, before string, u *url.URL) string {
	if h.canonical != "" {
		host = h.canonical
	}
	before = strings.Trim(before, ".")
	parts := pathParts(u.Path)
	if h.named && before != "" {
		return strings.Join(append([]string{before + "." + host}, parts[:min(h.also, len(parts))]...), "/")
	}
	for len(parts) > 1 && slices.Contains(h.skipped, parts[0]) {
		parts = parts[1:]
	}
	n := 1 + h.also
	if len(parts) > 0 && slices.Contains(h.under, parts[0]) {
		n++
	}
	if name := fold(u.Query().Get(h.query)); h.query != "" && name != "" {
		return host + "?" + name
	}
	if n = min(n, len(parts)); n == 0 || n == 1 && slices.Contains(h.under, parts[0]) {
		return ""
	}
	return host + "/" + strings.Join(parts[:n], "/")
}

// pathParts are the parts of a path as they are compared.
func pathParts(path string) []string {
	return strings.FieldsFunc(fold(path), func(r rune) bool { return r == '/' })
}

func fold(s string) string { return norm.NFC.String(strings.ToLower(strings.ToValidUTF8(s, ""))) }

// sharedHosts are hosts that many organizations share. Those that register
// themselves in the private part of the Public Suffix List (github.io,
// wordpress.com, wixsite.com, netlify.app …, see publicsuffix.org) need no
// row, unless the path counts too. The pages of one government, university or
// city are one owner's, so they have none either.
//
// The forms of the addresses are those the hosts themselves hand out on their
// share buttons and in their help pages.
var sharedHosts = func() map[string]sharedHost {
	all := map[string]sharedHost{}
	add := func(h sharedHost, hosts ...string) {
		for _, host := range hosts {
			all[host] = h
		}
	}
	path, name := sharedHost{}, sharedHost{named: true}

	// Social networks. Facebook: facebook.com/NAME, /pages/NAME/ID,
	// /people/NAME/ID, /groups/ID, /profile.php?id=ID.
	add(sharedHost{canonical: "facebook.com", under: []string{"groups", "people", "p"}, skipped: []string{"pg", "pages"}, query: "id"}, "facebook.com", "fb.com", "fb.me")
	add(path, "instagram.com", "threads.net", "threads.com", "pinterest.com", "twitch.tv", "vimeo.com", "dailymotion.com", "soundcloud.com", "patreon.com", "ko-fi.com", "opencollective.com")
	add(sharedHost{canonical: "x.com"}, "x.com", "twitter.com")
	add(sharedHost{canonical: "youtube.com", under: []string{"c", "channel", "user"}}, "youtube.com")
	add(path, "tiktok.com", "mastodon.social", "mastodon.online", "mstdn.social", "truthsocial.com", "gettr.com")
	add(sharedHost{under: []string{"profile"}}, "bsky.app")
	add(sharedHost{under: []string{"company", "in", "school", "showcase", "groups", "pub"}}, "linkedin.com")
	add(sharedHost{under: []string{"r", "u", "user"}}, "reddit.com")
	add(sharedHost{canonical: "t.me", skipped: []string{"s"}}, "t.me", "telegram.me", "telegram.dog")
	add(path, "wa.me", "chat.whatsapp.com", "discord.gg", "signal.group", "line.me", "viber.com", "zalo.me", "flickr.com", "meetup.com", "eventbrite.com", "behance.net", "issuu.com")
	add(sharedHost{under: []string{"channel"}}, "whatsapp.com")
	add(sharedHost{under: []string{"invite"}}, "discord.com")
	add(sharedHost{under: []string{"o", "p"}}, "change.org")
	add(sharedHost{under: []string{"f"}}, "gofundme.com")

	// Pages of links.
	add(path, "linktr.ee", "beacons.ai", "bio.link", "lnk.bio", "linkin.bio", "about.me", "taplink.cc", "campsite.bio", "allmylinks.com", "litt.ly", "link.inpock.co.kr", "lit.link", "instabio.cc", "bit.ly", "tinyurl.com")

	// Korea.
	add(path, "blog.naver.com", "cafe.naver.com", "post.naver.com", "tv.naver.com", "cafe.daum.net", "blog.daum.net", "brunch.co.kr", "story.kakao.com", "pf.kakao.com", "happybean.naver.com", "smartstore.naver.com", "campaigns.do", "campaigns.kr")
	add(sharedHost{under: []string{"o"}}, "open.kakao.com")
	add(sharedHost{under: []string{"band", "page"}}, "band.us")
	add(name, "tistory.com", "modoo.at", "imweb.me", "creatorlink.net", "cafe24.com", "egloos.com", "stibee.com")

	// Japan.
	add(path, "note.com", "ameblo.jp", "plaza.rakuten.co.jp", "sites.cc", "lit.link")
	add(name, "hatenablog.com", "hatenadiary.jp", "livedoor.blog", "fc2.com", "seesaa.net", "jimdofree.com", "jimdosite.com", "wixstudio.com", "peraichi.com", "amebaownd.com")

	// China and Taiwan.
	add(sharedHost{canonical: "weibo.com", under: []string{"u", "p", "n"}}, "weibo.com", "weibo.cn")
	add(path, "space.bilibili.com", "pixnet.net", "vocus.cc", "matters.town")
	add(sharedHost{under: []string{"people", "org", "column"}}, "zhihu.com")
	add(sharedHost{under: []string{"user"}}, "douyin.com")
	add(sharedHost{under: []string{"people", "group"}}, "douban.com")
	add(sharedHost{query: "__biz"}, "mp.weixin.qq.com")

	// Russia and its neighbours.
	add(sharedHost{canonical: "vk.com"}, "vk.com", "vk.ru", "vkontakte.ru")
	add(sharedHost{under: []string{"group", "profile"}}, "ok.ru")
	add(path, "dzen.ru", "rutube.ru", "boosty.to")
	add(name, "livejournal.com", "ucoz.ru", "narod.ru", "tilda.ws")

	// Iran and the Arabic countries.
	add(path, "eitaa.com", "ble.ir", "rubika.ir", "aparat.com", "splus.ir")
	add(name, "blogfa.com", "mihanblog.com", "blog.ir", "ahlamontada.com")

	// Site builders and blogs.
	add(sharedHost{under: []string{"view", "site", "a"}}, "sites.google.com")
	add(sharedHost{under: []string{"document", "forms", "d"}, also: 2}, "docs.google.com")
	add(sharedHost{named: true, also: 1}, "wixsite.com")
	add(name, "medium.com", "substack.com", "tumblr.com", "notion.site", "notion.so", "wordpress.com", "squarespace.com", "weebly.com", "webflow.io", "carrd.co", "crd.co",
		"site123.me", "mystrikingly.com", "yolasite.com", "webnode.page", "over-blog.com", "canalblog.com", "e-monsite.com", "altervista.org", "godaddysites.com",
		"business.site", "ning.com", "homestead.com", "webs.com", "blogger.com", "ghost.io", "framer.website", "framer.app", "durable.co", "hpage.com", "simplesite.com",
		"neocities.org", "tripod.com", "angelfire.com", "free.fr", "pagesperso-orange.fr", "blog4ever.com", "bandcamp.com", "academia.edu")

	// Code.
	add(sharedHost{skipped: []string{"orgs"}}, "github.com", "codeberg.org", "bitbucket.org", "sr.ht")
	add(sharedHost{under: []string{"groups"}}, "gitlab.com")
	return all
}()
