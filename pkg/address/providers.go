package address

// provider is how one mail domain tells mailboxes apart. Two things need no
// entry, since they hold nearly everywhere: capitals make no difference, and
// "+" begins a tag (RFC 5233, "subaddressing").
//
// A rule too many makes two people one and takes a signature from one of
// them; a rule too few lets one person sign twice. Where no source says that
// a provider delivers to the same mailbox, there is no rule: mail.ru, bk.ru
// and list.ru, or outlook.com and hotmail.com, are different mailboxes.
type provider struct {
	domain     string // the domain it is an alias of; "" if itself
	ignores    string // characters of the local part that make no difference
	tag        byte   // begins a tag, besides "+"
	hyphenated bool   // "." and "-" are the same
}

var providers = func() map[string]provider {
	all := map[string]provider{}
	add := func(p provider, domains ...string) {
		for _, d := range domains {
			all[d] = p
		}
	}

	// Google: "Dots don't matter in Gmail addresses",
	// https://support.google.com/mail/answer/7436150; googlemail.com is the
	// same mailbox, https://support.google.com/mail/answer/10313.
	// Not for Workspace domains, where dots do matter.
	add(provider{domain: "gmail.com", ignores: "."}, "gmail.com", "googlemail.com")

	// Apple: whoever has @mac.com or @me.com has the same @icloud.com,
	// https://support.apple.com/102540.
	add(provider{domain: "icloud.com"}, "me.com", "mac.com")

	// Proton: one user's address in all domains of the service,
	// https://proton.me/support/addresses-and-aliases; dots, hyphens and
	// underscores are ignored, as removeEmailAlias does in the published
	// source of its clients (github.com/ProtonMail/WebClients).
	add(provider{domain: "proton.me", ignores: ".-_"}, "proton.me", "protonmail.com", "protonmail.ch", "pm.me")

	// Yandex: one mailbox under all its domains, with "." and "-" the same,
	// https://yandex.com/support/mail/ ("Additional addresses"); the list of
	// domains is that of normalizeEmail in github.com/validatorjs/validator.js.
	add(provider{domain: "yandex.ru", hyphenated: true},
		"yandex.ru", "ya.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.ua", "yandex.uz", "yandex.com.tr")

	// Yahoo: disposable addresses are base-keyword, and no account's own name
	// may hold a hyphen, https://help.yahoo.com/kb/SLN28815.html. The base
	// need not be the account's name, so that one is not found out.
	add(provider{tag: '-'},
		"yahoo.com", "ymail.com", "rocketmail.com", "myyahoo.com",
		"yahoo.co.uk", "yahoo.co.in", "yahoo.in", "yahoo.co.id", "yahoo.co.kr", "yahoo.co.nz", "yahoo.co.th", "yahoo.co.za",
		"yahoo.com.ar", "yahoo.com.au", "yahoo.com.br", "yahoo.com.co", "yahoo.com.hk", "yahoo.com.mx", "yahoo.com.my",
		"yahoo.com.pe", "yahoo.com.ph", "yahoo.com.sg", "yahoo.com.tr", "yahoo.com.tw", "yahoo.com.ve", "yahoo.com.vn",
		"yahoo.ca", "yahoo.cl", "yahoo.cn", "yahoo.de", "yahoo.dk", "yahoo.es", "yahoo.fi", "yahoo.fr", "yahoo.gr",
		"yahoo.ie", "yahoo.it", "yahoo.nl", "yahoo.no", "yahoo.pl", "yahoo.pt", "yahoo.ro", "yahoo.se")

	// Daum: one mailbox under its old and its new name; Hanmail's help pages
	// let a user choose which of the two is shown.
	add(provider{domain: "daum.net"}, "hanmail.net")

	return all
}()

// subdomainUsers are domains whose users also have name.domain to themselves.
// Fastmail: "subdomain addressing",
// https://www.fastmail.help/hc/en-us/articles/360060591053; its two oldest
// domains, since the others seldom have users of their own.
var subdomainUsers = map[string]bool{"fastmail.com": true, "fastmail.fm": true}
