package address

// provider is how one mail domain tells mailboxes apart. Two things need no
// entry, since they hold nearly everywhere: capitals make no difference, and
// "+" begins a tag (RFC 5233, "subaddressing").
//
// A rule too many makes two people one and takes a signature from one of
// them; a rule too few lets one person sign twice. So a rule stands here only
// where the provider itself says that mail comes to the same mailbox. There is
// none for mail.ru, bk.ru and list.ru, or outlook.com and hotmail.com, which
// are different mailboxes; and none for what is only said of a provider:
// hanmail.net and daum.net, "." and "-" at Yandex, and the disposable
// base-keyword addresses of Yahoo, whose base another person may have as a
// name.
type provider struct {
	domain  string // the domain it is an alias of; "" if itself
	ignores string // characters of the local part that make no difference
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
	// https://support.apple.com/118230.
	add(provider{domain: "icloud.com"}, "me.com", "mac.com")

	// Proton: one user's name in all domains of the service,
	// https://proton.me/support/addresses-and-aliases; ".", "_" and "-" are
	// "transparent", and no variation can be another's account,
	// https://proton.me/support/change-username.
	add(provider{domain: "proton.me", ignores: ".-_"}, "proton.me", "protonmail.com", "protonmail.ch", "pm.me")

	// Yandex: "addresses using your username on all Yandex domains are linked
	// to you when you register",
	// https://yandex.com/support/id/authorization/email.html, and what is sent
	// to any of them arrives at the same mailbox,
	// https://yandex.com/support/domain/additional/mailbox-alias.xml.
	add(provider{domain: "yandex.ru"},
		"yandex.ru", "ya.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.ua", "yandex.uz", "yandex.com.tr")

	return all
}()

// subdomainUsers are domains whose users also have name.domain to themselves.
// Fastmail: "subdomain addressing",
// https://www.fastmail.help/hc/en-us/articles/360060591053; its two oldest
// domains, since the others seldom have users of their own.
var subdomainUsers = map[string]bool{"fastmail.com": true, "fastmail.fm": true}
