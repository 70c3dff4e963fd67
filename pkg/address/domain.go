package address

import "golang.org/x/net/publicsuffix"

// Domain is the name under which somebody registered host: example.co.uk of
// www.example.co.uk, and blog.github.io of itself, since its owner got it
// from GitHub. "" for what nobody can register.
func Domain(host string) string {
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	return domain
}

// freeMail are domains at which anybody gets a mailbox, so that an address
// there says nothing about who runs a site there. The large ones of each
// region, after HubSpot's list of free providers
// (https://knowledge.hubspot.com/forms/what-domains-are-blocked-when-using-the-forms-email-domains-to-block-feature);
// those whose mailboxes package address folds stand in providers.
var freeMail = set(
	"aol.com", "gmx.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "hotmail.com", "hotmail.co.uk", "hotmail.de", "hotmail.es", "hotmail.fr", "hotmail.it",
	"icloud.com", "live.com", "live.co.uk", "live.fr", "live.nl", "mail.com", "email.com", "msn.com", "outlook.com", "outlook.de", "outlook.es", "outlook.fr",
	"outlook.jp", "outlook.kr", "fastmail.com", "fastmail.fm", "hey.com", "hushmail.com", "mailbox.org", "posteo.de", "riseup.net", "runbox.com", "tutanota.com",
	"tuta.io", "tutamail.com", "zoho.com", "zohomail.com", "yahoo.co.jp", "disroot.org",
	"bluewin.ch", "bol.com.br", "btinternet.com", "free.fr", "freemail.hu", "freenet.de", "interia.pl", "laposte.net", "libero.it", "o2.pl", "orange.fr",
	"seznam.cz", "sfr.fr", "t-online.de", "telefonica.net", "terra.com.br", "tiscali.it", "uol.com.br", "virgilio.it", "wanadoo.fr", "web.de", "wp.pl", "abv.bg", "ukr.net",
	"comcast.net", "verizon.net", "att.net", "sbcglobal.net", "cox.net", "shaw.ca", "rogers.com", "bigpond.com", "xtra.co.nz",
	"mail.ru", "bk.ru", "inbox.ru", "list.ru", "internet.ru", "rambler.ru",
	"naver.com", "daum.net", "hanmail.net", "kakao.com", "nate.com", "korea.com", "dreamwiz.com", "empas.com", "lycos.co.kr",
	"126.com", "139.com", "163.com", "189.cn", "aliyun.com", "foxmail.com", "qq.com", "sina.com", "sina.cn", "sohu.com", "tom.com", "yeah.net",
	"docomo.ne.jp", "ezweb.ne.jp", "goo.jp", "nifty.com", "softbank.ne.jp", "rediffmail.com", "maktoob.com", "walla.co.il", "mynet.com",
)

func set(names ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

// FreeMail says whether anybody can have a mailbox at a domain. It knows the
// large providers only: "no" is no proof.
func FreeMail(domain string) bool {
	_, known := providers[domain]
	return known || freeMail[domain]
}
