package web_test

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
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
		"about", "We sing.", "reach", "100_999", "placement", "Our page", "lang", "en", "message", "Peace.", "logo_alt", ""}
	profileTexts := []string{"name", "name_latin", "about", "placement", "message", "logo_alt"}
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
		{name: "phrase", path: "/console/phrases/who_leads", good: []string{"position", "10", "text_en", "Who?", "text_ko", "누구?", "text_ar", "من؟"},
			required: []string{"position", "text_ar", "text_en", "text_ko"}, texts: []string{"text_en", "text_ko", "text_ar"}, header: admin, speaks: own},
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
		{name: "settings", path: "/console/settings", good: []string{"overdue_days", "9", "keep_unconfirmed", "8", "keep_ranges", "20", "keep_addresses", "60", "keep_delivered", "40", "keep_keys", "50", "decide_held", "5"}, required: []string{"overdue_days"}, header: admin, speaks: own},
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

func (h *house) checkUnchanged(what string, before map[string]string) {
	h.t.Helper()
	if tables := changed(before, h.rows()); len(tables) > 0 {
		h.t.Fatalf("%s: changed %v", what, tables)
	}
}

// checkRefused checks that a form came back refused, on its own page, in the
// language of who sent it.
func (h *house) checkRefused(what string, f form, a answer, lang string, status int) {
	h.t.Helper()
	h.checkUsual(a)
	if a.status != status {
		h.t.Errorf("%s: %s: status %d, want %d: %s", f.name, what, a.status, status, a.text())
	}
	if got := a.lang(); got != f.lang(lang) && status != http.StatusSeeOther {
		h.t.Errorf("%s: %s: the page is in %q, want %q", f.name, what, got, f.lang(lang))
	}
}

// checkError checks that the error page came, in the visitor's language.
func (h *house) checkError(what string, f form, a answer, lang string, statuses ...int) {
	h.t.Helper()
	h.checkUsual(a)
	if !slices.Contains(statuses, a.status) {
		h.t.Errorf("%s: %s: status %d, want %v: %s", f.name, what, a.status, statuses, a.text())
	}
	if got := a.lang(); got != lang {
		h.t.Errorf("%s: %s: the error page is in %q, want %q", f.name, what, got, lang)
	}
}

var languages = []string{"en", "ko", "ar"}

func (f form) by(lang string) []string { return append([]string{"Accept-Language", lang}, f.header...) }

func TestAnEmptyFormIsRefusedWithASentenceForEachField(t *testing.T) {
	onEachForm(t, func(h *house, f form) {
		if f.button() {
			return
		}
		for _, lang := range languages {
			for _, kind := range []string{urlencoded, ""} {
				a := h.inTime(func() answer { return h.ask(http.MethodPost, f.at(lang), kind, nil, f.by(lang)...) })
				h.checkRefused("empty", f, a, lang, cmp.Or(f.empty, 422))
				if got := a.refused(); !slices.Equal(got, f.required) && len(got)+len(f.required) > 0 {
					h.t.Errorf("%s: refused for %v, want %v", f.name, got, f.required)
				}
			}
		}
	})
}

func TestAFormOfTheWrongShapeIsRefused(t *testing.T) {
	onEachForm(t, func(h *house, f form) {
		if f.button() {
			return
		}
		refuse := func(what, path, body string, status int) answer {
			h.t.Helper()
			a := h.inTime(func() answer { return h.post(path, body, f.by("ko")...) })
			h.checkRefused(what, f, a, "ko", status)
			return a
		}
		for i := 0; i < len(f.good); i += 2 {
			field := f.good[i]
			a := refuse(field+" twice", f.at("ko"), encode(append(f.good, field, "other")...), 422)
			if _, visible := a.field(field); visible && !slices.Contains(a.refused(), field) {
				h.t.Errorf("%s: %s came twice, refused for %v", f.name, field, a.refused())
			}
			refuse(field+" twice and empty", f.at("ko"), encode(append([]string{field, ""}, f.good...)...), 422)
		}
		refuse("all in the query", f.asking("ko"), "", cmp.Or(f.empty, 422))
		for _, field := range f.required {
			if !slices.Contains(f.good, field) {
				continue // a group of boxes, none of which is needed by itself
			}
			brackets := slices.Clone(f.good)
			brackets[slices.Index(brackets, field)] = field + "[]"
			refuse(field+"[]", f.at("ko"), encode(brackets...), 422)
			lost := with(f.good, field, "")
			refuse(field+" in the query", f.asking("ko"), encode(lost...), 422)
		}
	})
}

func TestABodyThatIsNoFormIsRefused(t *testing.T) {
	many := strings.Repeat("a=1&", 10_000) + "b=1"
	cases := []struct {
		what, kind, body string
		statuses         []int
	}{
		{"ten thousand values", urlencoded, many, []int{400, 413}},
		{"70 KB", urlencoded, "name=" + strings.Repeat("a", 70<<10), []int{413}},
		{"256 KB of address", urlencoded, "email=" + strings.Repeat("a", 256<<10) + "%40example.org", []int{413}},
		{"JSON", "application/json", `{"name":"a","email":"a@example.org","consent":true}`, []int{415}},
		{"JSON that calls itself nothing", "", `{"name":"a"}`, []int{415}},
		{"plain text", "text/plain", "name=a", []int{415}},
		{"XML", "application/xml", `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`, []int{415}},
		{"a type that does not parse", "application/x-www-form-urlencoded; =", "name=a", []int{415}},
		{"multipart without boundary", "multipart/form-data", "name=a", []int{400}},
		{"multipart with an empty boundary", "multipart/form-data; boundary=", "name=a", []int{400, 415}},
		{"multipart cut short", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nAd", []int{400, 415}},
		{"a broken escape", urlencoded, "name=%zz", []int{400}},
		{"a semicolon", urlencoded, "name=a;email=b", []int{400}},
	}
	onEachForm(t, func(h *house, f form) {
		for i, c := range cases {
			lang := languages[i%len(languages)]
			a := h.inTime(func() answer {
				return h.ask(http.MethodPost, f.at(lang), c.kind, strings.NewReader(c.body), f.by(lang)...)
			})
			h.checkError(c.what, f, a, lang, c.statuses...)
		}
	})
}

func TestALargeBodyIsRefusedBeforeItIsRead(t *testing.T) {
	onEachForm(t, func(h *house, f form) {
		head := func(lines ...string) string {
			lines = append(lines, "Content-Type: "+urlencoded, "Accept-Language: ar")
			for i := 0; i+1 < len(f.header); i += 2 {
				lines = append(lines, f.header[i]+": "+f.header[i+1])
			}
			return h.head("POST", f.at("ar"), lines...)
		}
		// Neither sends its end: only a server that does not wait for it answers.
		a := h.inTime(func() answer { return h.wire(head("Content-Length: 104857600")) })
		h.checkError("100 MB announced", f, a, "ar", http.StatusRequestEntityTooLarge)
		a = h.inTime(func() answer { return h.wire(head("Content-Length: 104857600", "Expect: 100-continue")) })
		h.checkError("100 MB announced, asking first", f, a, "ar", http.StatusRequestEntityTooLarge)
		a = h.inTime(func() answer {
			return h.wire(head("Transfer-Encoding: chunked"), "18000\r\n", strings.Repeat("a", 0x18000)+"\r\n")
		})
		h.checkError("96 KB in chunks", f, a, "ar", http.StatusRequestEntityTooLarge)
	})
}

func TestAClientThatIsGoneInMidUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		list := h.forms()
		before := h.rows()
		for _, f := range list {
			body := encode(f.good...)
			if f.button() {
				body = "a=1"
			}
			lines := []string{"Content-Type: " + urlencoded, "Content-Length: " + strconv.Itoa(len(body)+1)}
			for i := 0; i+1 < len(f.header); i += 2 {
				lines = append(lines, f.header[i]+": "+f.header[i+1])
			}
			h.hangUp(h.head("POST", f.at("en"), lines...) + body)
		}
		h.checkUnchanged("gone in mid-upload", before)
	})
}

// Unknown fields change nothing of what is stored: what they try to set is
// read back from the row.
func TestUnknownFieldsAreIgnored(t *testing.T) {
	t.Parallel()
	extra := []string{"status", "approved", "state", "approved", "role", "admin", "signatures", "999", "id", "1", "partner_id", "1",
		"version", "99", "counter", "7", "origin", "paper", "email_key", "x", "appeal_id", "2", "verified_at", "1", "Name", "Other"}
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		db := h.Store.Read(t.Context())
		sent := func(path string, good []string, header ...string) answer {
			a := h.post(path, encode(append(slices.Clone(good), extra...)...), header...)
			h.checkUsual(a)
			if a.status != http.StatusSeeOther {
				t.Fatalf("%s: status %d: %s", path, a.status, a.text())
			}
			return a
		}
		sent("/ko/sign", testkit.SignForm(person+" Signer", "extra@example.org"))
		var r struct {
			AppealID, PartnerID, SignatureID, Consents int64
			State, Lang, Country                       string
		}
		h.must(db.Table("sign_requests").Order("id DESC").Limit(1).Take(&r).Error)
		if r.AppealID != h.Appeal.Current().ID || r.PartnerID != 0 || r.SignatureID != 0 || r.Consents != int64(appeal.ConsentCount) ||
			r.State != "pending" || r.Lang != "ko" || r.Country != "KR" {
			t.Errorf("stored sign request %+v", r)
		}
		sent("/en/join", append(testkit.ApplicationForm("Bridge Builders", "bridge@example.org"), "message", "Peace."))
		var a registry.Application
		h.must(db.Order("id DESC").Limit(1).Take(&a).Error)
		if a.State != registry.Submitted || a.Name != "Bridge Builders" || a.Message != "" || a.PartnerID != 0 || a.VerifiedAt != 0 || a.Counter != 0 {
			t.Errorf("stored application %+v", a)
		}
		sent("/portal/enter", []string{"email", "contact@harbour-choir.test"})
		sent("/en/signature/"+h.token(seal.ViewSignature, h.signed)+"/forget", nil)
		if n := h.Tally.Total(); n != 2 {
			t.Errorf("%d signatures are counted, want 2", n)
		}
		observer := h.member(staff.Observer)
		in := h.post("/console/sign-in", encode("email", observer.Email, "password", testkit.Password, "role", "admin", "id", "1"))
		if in.status != http.StatusSeeOther {
			t.Errorf("sign in: status %d", in.status)
		}
		now, err := h.Staff.Account(t.Context(), observer.ID)
		h.must(err)
		if now.Role != staff.Observer {
			t.Errorf("the observer became %s", now.Role)
		}
		h.MustVerify()
	})
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := bare(t, c)
		f := h.firstForm()
		h.post(f.path, encode(append(f.good, "role", "observer", "state", "disabled", "id", "1", "lang", "xx")...))
		accounts, err := h.Staff.List(t.Context())
		h.must(err)
		if len(accounts) != 1 || accounts[0].Role != staff.Admin || !accounts[0].Active() || accounts[0].ID == 1 || accounts[0].Lang != "en" {
			t.Errorf("stored accounts %+v", accounts)
		}
	})
}

// hostileWords cannot stand in any text. Kept are those a page can show
// again as they were typed.
var hostileWords = []struct {
	what, words string
	kept        bool
}{
	{"invalid UTF-8", "Ada\xff", false},
	{"UTF-8 cut short", "Ada\xe2\x82", false},
	{"Latin-1", "Andr\xe9", false},
	{"NUL", "Ada\x00Lovelace", false},
	{"an overlong slash", "Ada\xc0\xaf", false},
	{"an overlong NUL", "Ada\xc0\x80", false},
	{"a lone high surrogate", "Ada\xed\xa0\x80", false},
	{"a lone low surrogate", "Ada\xed\xbf\xbf", false},
	{"a surrogate pair in UTF-8", "\xed\xa0\xbd\xed\xb8\x80", false},
	{"beyond Unicode", "Ada\xf4\x90\x80\x80", false},
	{"a noncharacter", "Ada\ufffe", true},
	{"a replacement character", "Ada\ufffd", true},
	{"a right-to-left override", "Ada\u202eecalevoL", true},
	{"a left-to-right embedding", "Ada\u202aLovelace", true},
	{"an isolate", "Ada\u2066Lovelace", true},
	{"a C0 control", "Ada\x1bLovelace", true},
	{"a C1 control", "Ada\u0085Lovelace", true},
	{"DEL", "Ada\x7f", true},
	{"a byte order mark", "Ada\ufeffLovelace", true},
	{"tag characters", "Ada\U000E0041\U000E0042", true},
	{"an interlinear annotation", "Ada\ufff9Lovelace\ufffb", true},
	{"two hundred marks", "A" + strings.Repeat("\u0301", 200) + "da", true},
}

func TestHostileWordsAreRefusedAndKeptInTheForm(t *testing.T) {
	onEachForm(t, func(h *house, f form) {
		for i, c := range hostileWords {
			for _, field := range f.texts {
				lang := languages[i%len(languages)]
				body := encode(with(f.good, field, c.words)...)
				a := h.inTime(func() answer { return h.post(f.at(lang), body, f.by(lang)...) })
				what := c.what + " in " + field
				h.checkRefused(what, f, a, lang, 422)
				if got := a.refused(); !slices.Equal(got, []string{field}) {
					h.t.Errorf("%s: %s: refused for %v", f.name, what, got)
				}
				if got, _ := a.field(field); c.kept && got != c.words {
					h.t.Errorf("%s: %s: the form now holds %q", f.name, what, got)
				}
				for j := 0; j < len(f.good); j += 2 {
					if got, ok := a.field(f.good[j]); ok && f.good[j] != field && f.good[j] != "password" && got != f.good[j+1] {
						h.t.Errorf("%s: %s: %s now holds %q, was %q", f.name, what, f.good[j], got, f.good[j+1])
					}
				}
			}
		}
	})
}

// hostileMail reaches nobody.
var hostileMail = []string{
	"a@b", "Bob <a@b.com>", `"a b"@x.com`, `"t@e.com> ORCPT=x@y"@e.com`, "a@[127.0.0.1]", "a(comment)@b.com", "a@b.com,c@d.com",
	"a@b.com c@d.com", "a@b.com;c@d.com", "a@b.com\r\nBcc: c@d.com", "a@b.com\n", "\ra@b.com", "a@b.com%0d%0aBcc:c@d.com",
	strings.Repeat("a", 65) + "@example.org", "a@localhost", "a\u202e@example.org", "a@exa\u200bmple.org", "\ufeffa@example.org",
	"a@example..org", ".a@example.org", "a..b@example.org", "@example.org", "a@", "a", "a@@example.org", "a@b@example.org",
	"a@-example.org", "a@example.org.", "a@.example.org", "<a@example.org>", "mailto:a@example.org", "a@example.org\x00", "a\xff@example.org",
	"a%b@example.org", "a!b@example.org", "=?utf-8?q?a?=@example.org", "a@127.0.0.1", "a@" + strings.Repeat("b", 64) + ".org",
	"a@" + strings.Repeat("b.", 126) + "org", "ä@example.org", "a@exam ple.org", "a@example.org\t", " ", "\u200b",
}

func TestHostileAddressesGetNoMail(t *testing.T) {
	onEachForm(t, func(h *house, f form) {
		if f.mail == "" {
			return
		}
		letters := len(h.Mail.Letters())
		for i, address := range hostileMail {
			lang := languages[i%len(languages)]
			body := encode(with(f.good, f.mail, address)...)
			a := h.inTime(func() answer { return h.post(f.at(lang), body, f.by(lang)...) })
			h.checkRefused("address "+strconv.Quote(address), f, a, lang, 422)
		}
		var waiting int64
		h.must(h.Store.Read(h.t.Context()).Model(&outbox.Row{}).Where("state = ?", outbox.Waiting).Count(&waiting).Error)
		if n := len(h.Mail.Letters()); n != letters || waiting != 0 {
			h.t.Errorf("%s: %d letters more, %d waiting", f.name, n-letters, waiting)
		}
	})
}
