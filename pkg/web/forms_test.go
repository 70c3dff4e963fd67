package web_test

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"olivebranch/pkg/config"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// form is one form of the site, as a browser would send it.
type form struct {
	name     string
	path     string // of the language {lang}
	good     []string
	required []string // fields an empty form is refused for
	texts    []string // fields that hold people's words
	mail     string   // the field of the e-mail address
	header   []string // who sends it
	speaks   []string // languages its own page has; nil: all
	empty    int      // the answer to an empty form, when it is not 422
}

// button says that the form has no fields.
func (f form) button() bool { return f.good == nil }

func (f form) at(lang string) string { return strings.ReplaceAll(f.path, "{lang}", lang) }

// asking is the form's address with what belongs in its body.
func (f form) asking(lang string) string {
	at := f.at(lang)
	if strings.Contains(at, "?") {
		return at + "&" + encode(f.good...)
	}
	return at + "?" + encode(f.good...)
}

// lang is the language the page of the form answers a visitor in.
func (f form) lang(visitor string) string {
	if f.speaks != nil && !slices.Contains(f.speaks, visitor) {
		return "en"
	}
	return visitor
}

var textFields = []string{"campaign", "title", "summary", "slogan", "body", "demands", "controller", "recipients"}

// forms are all forms of a furnished house; the test of the routes makes sure
// that none is missing.
func (h *house) forms() []form {
	id := func(n int64) string { return strconv.FormatInt(n, 10) }
	application, partner, change := "/console/applications/"+id(h.received.ID), "/console/partners/"+id(h.partner.ID), "/console/changes/"+id(h.change)
	profile := []string{"name", "Harbour Chorus", "name_latin", "", "website", "https://harbour.example/", "country", "KR", "kind", "peace",
		"about", "We sing.", "reach", "100_999", "placement", "Our page", "lang", "en", "message", "Peace.", "logo_alt", "",
		"network_1", "", "other_1_lang", "fr", "other_1_about", "Nous chantons.", "other_1_message", "Paix."}
	profileTexts := []string{"name", "name_latin", "about", "placement", "message", "logo_alt", "other_1_about", "other_1_message"}
	link := h.Keys.Token(seal.Token{Purpose: seal.SignInToPortal, Row: h.rep.ID, Counter: uint16(h.rep.Counter), Expires: h.Clock.Now().AddDate(0, 0, 1)})
	given := strings.Replace(h.Registry.StatusLink(h.received), "/en/", "/{lang}/", 1)
	admin, own := h.asStaff(staff.Admin), []string{"en"} // the account's language
	key, other, invited, half := h.lockerRoom()
	looks := []string{"position", "10", "button", "#1b64a7", "figure", "#55722f", "first_day", "2026-01-31", "last_day", "", "slogan_en", "Peace now.", "label_en", "Join", "slogan_ko", "", "label_ko", "", "slogan_ar", "", "label_ar", ""}
	lookTexts := []string{"slogan_en", "label_en", "slogan_ko", "label_ko", "slogan_ar", "label_ar"}
	texts := []string{"goal", "1000000", "last_day", "2026-12-31"}
	for _, f := range textFields {
		texts = append(texts, f, "Some words.")
	}
	return []form{
		{name: "sign", path: "/{lang}/sign", good: append(testkit.SignForm(person+" Signer", "new@example.org"), "show_name", "1", "handover", "1", "updates", "1", "via", "harbour-choir"),
			required: []string{"consent", "country", "email", "name"}, texts: []string{"name", "message"}, mail: "email"},
		{name: "code", path: "/{lang}/sign/sent/" + h.token(seal.EnterCode, h.pending), good: []string{"code", "123"}, required: []string{"code"}},
		{name: "confirm", path: "/{lang}/confirm/" + h.token(seal.ConfirmSignature, h.pending)},
		{name: "name on signature", path: "/{lang}/signature/" + h.token(seal.ViewSignature, h.signed) + "/name", good: []string{"name", person + " Corrected"}, required: []string{"name"}, texts: []string{"name"}},
		{name: "ticks", path: "/{lang}/signature/" + h.token(seal.ViewSignature, h.signed) + "/ticks", good: []string{"show_name", "1", "handover", "1", "updates", "1", "terms", "1"}, empty: http.StatusSeeOther}, // takes all back
		{name: "resend signature", path: "/{lang}/signature/" + h.token(seal.ViewSignature, h.pending) + "/resend"},
		{name: "link to signature", path: "/{lang}/signature", good: []string{"email", "signed@example.org"}, required: []string{"email"}, mail: "email"},
		{name: "withdraw signature", path: "/{lang}/signature/" + h.token(seal.ViewSignature, h.signed) + "/withdraw"},
		{name: "forget signature", path: "/{lang}/signature/" + h.token(seal.ViewSignature, h.signed) + "/forget"},
		{name: "stop mails", path: "/{lang}/unsubscribe/" + h.stopToken()},
		{name: "send mails again", path: "/{lang}/unsubscribe/" + h.stopToken() + "/again"},
		{name: "join", path: "/{lang}/join", good: testkit.ApplicationForm("Bridge Builders", "bridge@example.org"),
			required: []string{"about", "consent", "contact_name", "contact_role", "country", "email", "kind", "mail_lang", "name", "placement", "pledge", "reach", "website"},
			texts:    []string{"name", "name_latin", "about", "contact_name", "contact_role", "placement"}, mail: "email"},
		{name: "draft", path: "/{lang}/draft/" + h.token(seal.ContinueDraft, h.began.ID), good: testkit.ApplicationForm("Bridge Builders", "bridge@example.org"),
			required: []string{"about", "consent", "contact_name", "contact_role", "country", "email", "kind", "mail_lang", "name", "placement", "pledge", "reach", "website"},
			texts:    []string{"name", "name_latin", "about", "contact_name", "contact_role", "placement"}, mail: "email"},
		{name: "resend", path: h.onStatus(h.sent, "/resend")},
		{name: "address", path: h.onStatus(h.sent, "/address"), good: []string{"email", "right@example.org"}, required: []string{"email"}, mail: "email"},
		{name: "message", path: h.onStatus(h.spoken, "/message"), good: []string{"message", ""}, empty: http.StatusSeeOther, texts: []string{"message"}}, // may be taken away
		{name: "speaker", path: h.onStatus(h.spoken, "/speaker"), good: []string{"speaker_name", person + " Second", "speaker_email", "second@example.org"},
			required: []string{"speaker_email", "speaker_name"}, texts: []string{"speaker_name"}, mail: "speaker_email"},
		{name: "logo", path: h.onStatus(h.spoken, "/logo"), good: []string{"logo_alt", "A wide meadow"}, required: []string{"logo_alt"}, texts: []string{"logo_alt"}},
		{name: "remove logo", path: h.onStatus(h.spoken, "/logo/remove")},
		{name: "speak for", path: h.speaker + "/confirm"},
		{name: "refuse to speak", path: h.speaker + "/refuse"},
		{name: "confirm application", path: "/{lang}/application/" + h.token(seal.ConfirmApplication, h.sent.ID) + "/confirm"},
		{name: "withdraw application", path: strings.Replace(h.Registry.StatusLink(h.sent), "/en/", "/{lang}/", 1) + "/withdraw"},
		{name: "prove", path: given + "/proof", good: []string{"kind", "post", "url", "https://harbour-choir.example/news"}, required: []string{"kind"}},
		{name: "name partners", path: given + "/proof/partners", good: []string{"partner_1", "harbour-choir", "partner_2", ""}, empty: http.StatusSeeOther, // may be taken back
			texts: []string{"partner_1", "partner_2"}},
		{name: "name pages", path: given + "/proof/links", good: []string{"link_1", "https://news.example/school", "link_2", "", "link_3", ""}, required: []string{"link_1"},
			texts: []string{"link_1", "link_2", "link_3"}},
		{name: "vouch", path: "/{lang}/vouch/" + h.token(seal.Vouch, h.question.ID), good: []string{"answer", "known", "words", ""}, required: []string{"answer"}, texts: []string{"words"}},
		{name: "portal door", path: "/portal/enter", good: []string{"email", "contact@harbour-choir.test"}, required: []string{"email"}, mail: "email"},
		{name: "portal enter", path: "/portal/enter/" + link},
		{name: "check a page", path: "/portal/embed/check", header: h.asPartner(), good: []string{"url", "https://harbour-choir.example/news"}, required: []string{"url"}, speaks: own},
		{name: "portal leave", path: "/portal/leave", header: h.asPartner()},
		{name: "console sign-in", path: "/console/sign-in", good: []string{"email", "admin@example.org", "password", "not the password at all"},
			required: []string{"email", "password"}, mail: "email", speaks: []string{"en", "ko"}},
		{name: "console language", path: "/console/language", header: admin, speaks: own},
		{name: "console sign-out", path: "/console/sign-out", header: h.asStaff(staff.Admin), speaks: own},
		{name: "answer", path: strings.Replace(h.Registry.StatusLink(h.asked), "/en/", "/{lang}/", 1) + "/answer", good: []string{"answer", "We are a choir."},
			required: []string{"answer"}, texts: []string{"answer"}},
		{name: "claim", path: application + "/claim", header: admin, speaks: own},
		{name: "take over", path: application + "/take-over", header: admin, speaks: own},
		{name: "release", path: application + "/release", header: admin, speaks: own},
		{name: "go on", path: application + "/go-on", header: admin, speaks: own},
		{name: "ask", path: application + "/ask", good: []string{"version", id(h.received.Version), "question_who_leads", "1", "words", "", "words_lang", "en"},
			required: []string{"questions"}, texts: []string{"words"}, header: admin, speaks: own},
		{name: "undo", path: "/console/decisions/" + id(h.received.ID) + "/undo", header: admin, speaks: own},
		{name: "spam", path: "/console/spam", good: []string{"picks", id(h.received.ID) + "." + id(h.received.Version)}, header: admin, speaks: own},
		{name: "phrase", path: "/console/phrases/who_leads", good: []string{"position", "10", "text_en", "Who?"},
			required: []string{"position", "text_en"}, texts: []string{"text_en"}, header: admin, speaks: own},
		{name: "second step", path: "/console/second", good: []string{"code", "123456"}, required: []string{"code"}, header: []string{"Cookie", "__Host-staff=" + half}, speaks: own},
		{name: "app", path: "/console/factors/totp", good: []string{"offer", "x", "code", "123456"}, required: []string{"code"}, header: admin, speaks: own},
		{name: "remove app", path: "/console/factors/totp/remove", header: admin, speaks: own},
		{name: "recovery codes", path: "/console/factors/codes", header: admin, speaks: own},
		{name: "name passkey", path: "/console/factors/passkeys/" + id(key.ID) + "/label", good: []string{"label", "My phone"}, required: []string{"label"}, texts: []string{"label"}, header: admin, speaks: own},
		{name: "remove passkey", path: "/console/factors/passkeys/" + id(key.ID) + "/remove", header: admin, speaks: own},
		{name: "account", path: "/console/account", good: []string{"name", "Zenobia Admin", "lang", "ko"}, required: []string{"lang", "name"}, texts: []string{"name"}, header: admin, speaks: own},
		{name: "password", path: "/console/account/password", good: []string{"old", testkit.Password, "password", "another sentence for testing"}, required: []string{"old", "password"}, header: admin, speaks: own},
		{name: "end session", path: "/console/account/sessions/" + id(other.ID) + "/end", header: admin, speaks: own},
		{name: "end sessions", path: "/console/account/sessions/end", header: admin, speaks: own},
		{name: "invite", path: "/console/accounts/invitations", good: []string{"email", "new@example.org", "role", "reviewer", "lang", "ko"},
			required: []string{"email", "lang", "role"}, mail: "email", header: admin, speaks: own},
		{name: "send invitation again", path: "/console/accounts/invitations/" + id(invited.ID) + "/resend", header: admin, speaks: own},
		{name: "revoke invitation", path: "/console/accounts/invitations/" + id(invited.ID) + "/revoke", header: admin, speaks: own},
		{name: "accept invitation", path: "/console/invitation/" + h.token(seal.AcceptInvitation, invited.ID), good: []string{"name", person + " New", "password", testkit.Password},
			required: []string{"name", "password"}, texts: []string{"name"}, speaks: own},
		{name: "role", path: "/console/accounts/" + id(h.member(staff.Observer).ID) + "/role", good: []string{"role", "moderator"}, required: []string{"role"}, header: admin, speaks: own},
		{name: "disable", path: "/console/accounts/" + id(h.member(staff.Observer).ID) + "/disable", header: admin, speaks: own},
		{name: "enable", path: "/console/accounts/" + id(h.member(staff.Observer).ID) + "/enable", header: admin, speaks: own},
		{name: "reset", path: "/console/accounts/" + id(h.member(staff.Observer).ID) + "/reset", header: admin, speaks: own},
		{name: "approve", path: application + "/approve", good: []string{"version", id(h.received.Version), "slug", "river-school", "words", ""},
			empty: http.StatusConflict, texts: []string{"words"}, header: admin, speaks: own}, // it does not say what was seen
		{name: "decline", path: application + "/decline", good: []string{"version", id(h.received.Version), "reason", "spam", "words", ""},
			required: []string{"reason"}, texts: []string{"words"}, header: admin, speaks: own},
		{name: "look for a proof", path: application + "/proof", good: []string{"kind", "dns"}, required: []string{"kind"}, header: admin, speaks: own},
		{name: "ask a partner", path: application + "/vouch", good: []string{"partner", "harbour-choir"}, required: []string{"partner"}, texts: []string{"partner"}, header: admin, speaks: own},
		{name: "withdraw a question", path: "/console/vouches/" + id(h.question.ID) + "/withdraw", header: admin, speaks: own},
		{name: "import partners", path: "/console/partners/import", good: []string{"csv", "name,website,country,kind,about,reach\nHouse,house.example,KR,faith,x,under_100", "do", "check"},
			required: []string{"csv"}, texts: []string{"csv"}, header: admin, speaks: own},
		{name: "edit partner", path: partner + "/edit", good: append([]string{"version", id(h.partner.Version), "line", "Because we wait.", "line_lang", "en"}, profile...),
			required: []string{"about", "country", "kind", "lang", "name", "placement", "reach", "website"}, texts: append([]string{"line"}, profileTexts...), header: admin, speaks: own},
		{name: "move partner", path: partner + "/state", good: []string{"version", id(h.partner.Version), "to", "paused", "words", "", "words_lang", "en"},
			required: []string{"to"}, texts: []string{"words"}, header: admin, speaks: own},
		{name: "rename partner", path: partner + "/rename", good: []string{"version", id(h.partner.Version), "slug", "other-choir"}, required: []string{"slug"}, header: admin, speaks: own},
		{name: "give a website", path: "/console/placements/hosts", good: []string{"host", "songs.example", "slug", h.partner.Slug}, required: []string{"host", "slug"}, texts: []string{"host"}, header: admin, speaks: own},
		{name: "publish change", path: change + "/publish", good: []string{"version", id(h.other.Version), "words", "", "words_lang", "en"}, empty: http.StatusConflict, texts: []string{"words"}, header: admin, speaks: own},
		{name: "refuse change", path: change + "/refuse", good: []string{"version", id(h.other.Version), "words", "No.", "words_lang", "en"}, required: []string{"words"}, texts: []string{"words"}, header: admin, speaks: own},
		{name: "new design", path: "/console/designs/new", good: append([]string{"code", "dusk"}, looks...), required: []string{"button", "code", "figure", "position"},
			texts: lookTexts, header: admin, speaks: own},
		{name: "edit design", path: "/console/designs/" + id(h.design.ID) + "/edit", good: append([]string{"version", id(h.design.Version)}, looks...),
			empty: http.StatusConflict, texts: lookTexts, header: admin, speaks: own},
		{name: "publish design", path: "/console/designs/" + id(h.design.ID) + "/publish", good: []string{"version", id(h.design.Version)}, empty: http.StatusConflict, header: admin, speaks: own},
		{name: "withdraw design", path: "/console/designs/" + id(h.design.ID) + "/withdraw", good: []string{"version", id(h.design.Version)}, empty: http.StatusConflict, header: admin, speaks: own},
		{name: "choose design", path: "/portal/design", good: []string{"design", "dawn"}, required: []string{"design"}, header: h.asPartner(), speaks: own},
		{name: "own line", path: "/portal/design/line", good: []string{"line", "Because we wait.", "line_lang", "en"}, required: []string{"line", "line_lang"},
			texts: []string{"line"}, header: h.asPartner(), speaks: own},
		{name: "take line away", path: "/portal/design/line/remove", header: h.asPartner(), speaks: own},
		{name: "portal profile", path: "/portal/profile", good: append([]string{"version", "1"}, profile...),
			required: []string{"about", "country", "kind", "lang", "name", "placement", "reach", "website"}, texts: profileTexts, header: h.asPartner(), speaks: own},
		{name: "take change back", path: "/portal/profile/take-back", header: h.asPartner(), speaks: own},
		{name: "show figures", path: "/portal/profile/figures", header: h.asPartner(), speaks: own},
		{name: "add person", path: "/portal/people", good: []string{"contact_name", person + " Two", "contact_role", "Chair", "email", "two@example.org", "mail_lang", "en"},
			required: []string{"contact_name", "contact_role", "email", "mail_lang"}, texts: []string{"contact_name", "contact_role"}, mail: "email", header: h.asPartner(), speaks: own},
		{name: "change person", path: "/portal/me", good: []string{"contact_name", person + " Two", "contact_role", "Chair", "mail_lang", "en"},
			required: []string{"contact_name", "contact_role", "mail_lang"}, texts: []string{"contact_name", "contact_role"}, header: h.asPartner(), speaks: own},
		{name: "remove person", path: "/portal/people/" + id(h.rep.ID) + "/remove", header: h.asPartner(), speaks: own},
		{name: "list a website", path: "/portal/hosts", good: []string{"host", "songs.example"}, required: []string{"host"}, texts: []string{"host"}, header: h.asPartner(), speaks: own},
		{name: "remove a website", path: "/portal/hosts/remove", good: []string{"host", "songs.example"}, empty: http.StatusSeeOther, header: h.asPartner(), speaks: own},
		{name: "partnership", path: "/portal/partnership", good: []string{"version", id(h.partner.Version), "to", "paused"}, required: []string{"to"}, header: h.asPartner(), speaks: own},
		{name: "write to staff", path: "/portal/partnership/words", good: []string{"words", "Hello"}, required: []string{"words"}, texts: []string{"words"}, header: h.asPartner(), speaks: own},
		{name: "note on an application", path: application + "/notes", good: []string{"note", "They wrote to us before.", "note_lang", "en"},
			required: []string{"note", "note_lang"}, texts: []string{"note"}, header: admin, speaks: own},
		{name: "note on a partner", path: "/console/partners/" + id(h.partner.ID) + "/notes", good: []string{"note", "They wrote to us before.", "note_lang", "en"},
			required: []string{"note", "note_lang"}, texts: []string{"note"}, header: admin, speaks: own},
		{name: "lend out", path: application + "/readings", header: admin, speaks: own},
		{name: "take back", path: application + "/readings/" + id(h.lent.ID) + "/end", header: admin, speaks: own},
		{name: "open reading", path: strings.Replace(h.Registry.ReadingLink(h.lent, "en"), "/en/", "/{lang}/", 1) + "/open"},
		{name: "remark", path: strings.Replace(h.Registry.ReadingLink(h.lent, "en"), "/en/", "/{lang}/", 1) + "/remark",
			good:     []string{"reader_name", person + " Reader", "note", "I know them.", "note_lang", "ko"},
			required: []string{"note", "note_lang", "reader_name"}, texts: []string{"note", "reader_name"}},
		{name: "settings", path: "/console/settings", good: []string{"overdue_days", "9", "home", "KR", "keep_unconfirmed", "8", "keep_ranges", "20", "keep_addresses", "60", "keep_delivered", "40", "keep_keys", "50", "decide_held", "5"}, required: []string{"overdue_days"}, header: admin, speaks: own},
		{name: "merge", path: application + "/compare/" + id(h.sent.ID) + "/merge", good: []string{"version", "1", "other_version", "1"}, empty: http.StatusConflict, header: admin, speaks: own},
		{name: "undo a merge", path: application + "/compare/" + id(h.sent.ID) + "/undo", good: []string{"version", "1"}, empty: http.StatusConflict, header: admin, speaks: own},
		{name: "merge partners", path: "/console/partners/" + id(h.partner.ID) + "/compare/" + id(h.partner.ID) + "/merge", good: []string{"version", "1", "other_version", "1"},
			empty: http.StatusConflict, header: admin, speaks: own},
		{name: "undo a merge of partners", path: "/console/partners/" + id(h.partner.ID) + "/compare/" + id(h.partner.ID) + "/undo", good: []string{"version", "1"},
			empty: http.StatusConflict, header: admin, speaks: own},
		{name: "protect a name", path: "/console/protected", good: []string{"name", "Olive Branch"}, required: []string{"name"}, texts: []string{"name"}, header: admin, speaks: own},
		{name: "free an address", path: "/console/mail/free", good: []string{"email", "stopped@example.org"}, required: []string{"email"}, header: admin, speaks: own},
		{name: "remove a protected name", path: "/console/protected/" + id(h.received.ID) + "/remove", header: admin, speaks: own},
		{name: "set a limit", path: "/console/limits", good: []string{"kind", "domain", "key", "example.org", "minutes", "60", "ask", "90", "examine", "40", "hold", "0", "note", "a large provider"},
			required: []string{"ask", "examine", "hold", "kind", "minutes"}, texts: []string{"note"}, header: admin, speaks: own},
		{name: "remove a limit", path: "/console/limits/6/remove", header: admin, speaks: own},
		{name: "an alarm is done", path: "/console/alarms/" + id(h.alarm) + "/done", header: admin, speaks: own},
		{name: "open an alarm again", path: "/console/alarms/" + id(h.alarm) + "/reopen", header: admin, speaks: own},
		{name: "end a hold", path: "/console/holds/" + id(h.hold) + "/end", header: admin, speaks: own},
		{name: "report", path: "/{lang}/report?partner=harbour-choir", good: []string{"reason", "wrong", "words", "They moved."}, required: []string{"reason"}, texts: []string{"words"}},
		{name: "show message", path: "/console/messages/" + id(h.message) + "/show", good: []string{"version", "0", "lang", "en", "list", "waiting"}, empty: http.StatusConflict, header: admin, speaks: own},
		{name: "refuse message", path: "/console/messages/" + id(h.message) + "/refuse", good: []string{"version", "0", "reason", "insult", "list", "waiting"}, required: []string{"reason"}, header: admin, speaks: own},
		{name: "take back about a message", path: "/console/messages/" + id(h.message) + "/undo", good: []string{"list", "waiting"}, empty: http.StatusConflict, header: admin, speaks: own},
		{name: "translate message", path: "/console/messages/" + id(h.message) + "/translate", good: []string{"lang", "ko", "version", "0", "words", "평화"}, texts: []string{"words"}, header: admin, speaks: own},
		{name: "dismiss reports", path: "/console/reports/partner/" + id(h.partner.ID) + "/dismiss", good: []string{"last", id(h.reported)}, empty: http.StatusConflict, header: admin, speaks: own},
		{name: "uphold reports", path: "/console/reports/partner/" + id(h.partner.ID) + "/uphold", good: []string{"last", id(h.reported)}, empty: http.StatusConflict, header: admin, speaks: own},
		{name: "hide what is reported", path: "/console/reports/message/" + id(h.message) + "/hide", good: []string{"last", id(h.reported), "version", "0", "reason", "insult"}, header: admin, speaks: own},
		{name: "open reports again", path: "/console/reports/partner/" + id(h.partner.ID) + "/reopen", header: admin, speaks: own},
		{name: "decide a group", path: "/console/held", good: []string{"verdict", "release", "reason", "staff", "by", "reason", "key", "quick", "until", "1", "words", ""}, texts: []string{"words"}, header: admin, speaks: own},
		{name: "decide some", path: "/console/held/one", good: []string{"verdict", "invalid", "reason", "staff", "pick_" + id(h.doubted), "1", "words", ""}, texts: []string{"words"}, header: admin, speaks: own},
		{name: "take a decision back", path: "/console/held/undo/" + id(h.sweep), header: admin, speaks: own},
		{name: "preview a sweep", path: "/console/sweeps", good: []string{"domains", "spam.example", "ranges", "198.51.100.0/24", "partner", "harbour-choir", "name", "mina", "country", "KR", "from", "2026-01-01T00:00",
			"to", "2026-02-01T12:30", "state", "counted", "target", "invalid", "reason", "staff", "words", ""}, required: []string{"target"}, texts: []string{"name", "words"}, header: admin, speaks: own},
		{name: "run a sweep", path: "/console/sweeps/" + id(h.sweep) + "/run", header: admin, speaks: own},
		{name: "stop a sweep", path: "/console/sweeps/" + id(h.sweep) + "/cancel", header: admin, speaks: own},
		{name: "undo a sweep", path: "/console/sweeps/" + id(h.sweep) + "/undo", header: admin, speaks: own},
		{name: "translation", path: "/console/translate/appeal.title/ko", good: []string{"body", "평화", "seen", "1", "from", "en", "from_version", "1"},
			texts: []string{"body"}, empty: http.StatusConflict, header: admin, speaks: own},
		{name: "freeze", path: "/console/statements", good: []string{"seen", "0", "sure", "1"}, required: []string{"sure"}, header: admin, speaks: own},
		{name: "appeal texts", path: "/console/appeal", good: texts, required: []string{"body", "campaign", "goal", "title"}, texts: textFields, header: admin, speaks: own},
	}
}

// lockerRoom is what the forms about signing in act on: a passkey and a
// session of the admin, an invitation, and the token of somebody halfway.
func (h *house) lockerRoom() (key staff.Passkey, other staff.Session, invited staff.Invitation, half string) {
	h.t.Helper()
	ctx, admin := h.t.Context(), h.member(staff.Admin)
	h.enrol(admin)
	h.must(h.Store.Exec(ctx, "INSERT INTO passkeys (id, staff_id, credential_id, credential, label, created_at, used_at) VALUES (?, ?, ?, '{}', 'Key', 1, 0)",
		h.Store.NewID(), admin.ID, []byte{1}))
	h.must(h.Store.Read(ctx).Take(&key).Error)
	h.session(staff.StaffSession, admin.ID)
	h.must(h.Store.Read(ctx).Where("owner_id = ?", admin.ID).Take(&other).Error)
	h.must(h.Staff.Invite(ctx, staff.NewInvitation{Email: "invited@example.org", Role: staff.Reviewer, Lang: "en"}, admin))
	h.must(h.Store.Read(ctx).Take(&invited).Error)
	enrolled := h.AddStaff("halfway@example.org", staff.Reviewer)
	h.enrol(enrolled)
	return key, other, invited, h.half(staff.StaffSession, enrolled.ID)
}

// jsonRoutes take no forms: the ceremonies of passkeys; enter_test.go sends
// them what they must refuse.
var jsonRoutes = regexp.MustCompile(`/passkeys?(/ask)?$`)

// TestEveryFormIsInTheTable holds the table to the router.
func TestEveryFormIsInTheTable(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	list := append(h.forms(), h.firstForm())
	for _, route := range h.Web.Echo.Routes() {
		if route.Method != http.MethodPost || jsonRoutes.MatchString(route.Path) {
			continue
		}
		pattern := regexp.MustCompile("^" + regexp.MustCompile(`:[a-z]+`).ReplaceAllString(route.Path, "[^/]+") + "$")
		if !slices.ContainsFunc(list, func(f form) bool {
			at, _, _ := strings.Cut(f.at("ko"), "?")
			return pattern.MatchString(at) || pattern.MatchString(strings.Replace(at, "/ko/", "/"+route.Path[1:min(3, len(route.Path))]+"/", 1))
		}) {
			t.Errorf("POST %s has no row in the table of forms", route.Path)
		}
	}
}

// firstForm is the form of a campaign that has no staff yet.
func (h *house) firstForm() form {
	token := h.Keys.Token(seal.Token{Purpose: seal.FirstAdmin, Expires: h.Clock.Now().AddDate(0, 0, 1)})
	return form{name: "first", path: "/console/first/" + token, good: []string{"name", person + " Admin", "email", "first@example.org", "password", testkit.Password},
		required: []string{"email", "name", "password"}, texts: []string{"name"}, mail: "email", speaks: []string{"en", "ko"}}
}

// onEach runs a test on SQLite, and with OLIVEBRANCH_LONG=1 on PostgreSQL
// too: with the forms there are now, both take too long for each run.
func onEach(t *testing.T, test func(t *testing.T, c *config.Config)) {
	t.Helper()
	if testkit.Long() {
		testkit.OnEach(t, test)
		return
	}
	t.Run("sqlite", func(t *testing.T) { test(t, testkit.SQLite(t)) })
}

// onEachForm runs a test on every form of two campaigns, one furnished and one
// new, on each database. What the test sends must change nothing.
func onEachForm(t *testing.T, try func(h *house, f form)) {
	t.Parallel()
	onEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		list := h.forms()
		before := h.rows()
		for _, f := range list {
			try(h, f)
			h.checkUnchanged(f.name, before)
		}
	})
	onEach(t, func(t *testing.T, c *config.Config) {
		h := bare(t, c)
		before := h.rows()
		try(h, h.firstForm())
		h.checkUnchanged("first", before)
	})
}
