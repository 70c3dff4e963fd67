package mailer_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"olivebranch/pkg/mailer"
	"olivebranch/pkg/outbox"
)

// print enqueues one mail and returns it as it is sent.
func (h *house) print(m outbox.Mail) mailer.Letter {
	h.t.Helper()
	var s script
	h.enqueue(m)
	h.deliver(h.mailer(&s))
	l := s.letters()
	if len(l) != 1 {
		h.t.Fatalf("%d letters, want 1", len(l))
	}
	return l[0]
}

func TestNoArgumentReachesAHeaderOrBecomesMarkup(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	for _, nasty := range []string{"\r\nBcc: x@example.org", "\nBcc: x", "\rBcc: x", "\u2028Bcc: x", "\u2029Bcc", "\u0085Bcc", "\x00", "\u202eevil", "<script>alert(1)</script>", "</p><a href=//evil>", "{{.Campaign}}", "&lt;b&gt;", "\u2069\u2066"} {
		for _, arg := range []string{"Name", "Code", "Reference", "Organization", "Reason", "Words", "Campaign", "Unknown"} {
			m := h.mail(outbox.ApplicationDeclined, "a@example.org")
			m.Args = map[string]string{arg: "x" + nasty}
			l := h.print(m)
			if strings.ContainsFunc(l.Subject, func(r rune) bool { return r < ' ' || r == 0x85 || r == '\u2028' || r == '\u2029' }) {
				t.Errorf("%s %q reaches the subject %q", arg, nasty, l.Subject)
			}
			for _, bad := range []string{"<script", "</p><a", "<a href=//evil", "\u202e", "\x00", "\u2028"} {
				if strings.Contains(l.HTML, bad) {
					t.Errorf("%s %q is in the HTML", arg, nasty)
				}
			}
			if strings.Contains(l.Text, "\u202e") || strings.Contains(l.Text, "\r") || strings.Contains(l.Text, "\u2069") {
				t.Errorf("%s %q is in the text", arg, nasty)
			}
		}
	}
}

func TestAMailThatAStrangerAsksForHoldsOnlyAFirstName(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	for i, kind := range []outbox.Kind{outbox.SignConfirm, outbox.ApplicationConfirm, outbox.PortalLink, outbox.ApplicationReceived} {
		m := h.mail(kind, string(rune('a'+i))+"@example.org")
		m.Args = map[string]string{"Name": "Min-ji Pleasebuy", "Organization": "Buy Pills", "Reason": "Buy Pills", "Words": "Buy Pills", "Campaign": "Buy Pills", "Reference": "Buy Pills"}
		l := h.print(m)
		if all := l.Subject + l.Text + l.HTML; strings.Contains(all, "Pills") || strings.Contains(all, "Pleasebuy") || !strings.Contains(l.Text, "Hello Min-ji,") {
			t.Errorf("%s: %q %s", kind, l.Subject, l.Text)
		}
	}
}

func TestALetterByStaffKeepsItsLines(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	m := h.mail(outbox.ApplicationDeclined, "a@example.org")
	m.Args = map[string]string{"Organization": "한국 <평화> & Co", "Reason": "not_verifiable", "Words": "One.\r\nTwo.\n\nThree."}
	l := h.print(m)
	want := "Hello,\n\nTo Peace.\n\n한국 <평화> & Co\n\nregistry.reason.not_verifiable\n\nOne.\nTwo.\n\nThree.\n\nEnd.\n\nmail.application_declined.action\nhttps://appeal.example.org/en/confirm/token\n"
	if !strings.HasPrefix(l.Text, want) {
		t.Errorf("text:\n%s\nwant:\n%s", l.Text, want)
	}
	for _, part := range []string{"<bdi>한국 &lt;평화&gt; &amp; Co</bdi>", "<bdi>One.</bdi><br><bdi>Two.</bdi></p>", `<a href="https://appeal.example.org/en/confirm/token"`} {
		if !strings.Contains(l.HTML, part) {
			t.Errorf("no %s in\n%s", part, l.HTML)
		}
	}
	if want := []string{"https://appeal.example.org/en/confirm/token", "https://appeal.example.org/en/signature/token"}; !slices.Equal(l.Links, want) {
		t.Errorf("links %q", l.Links)
	}
}

func TestALetterSaysItsLanguageAndDirection(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	m := h.mail(outbox.SignConfirm, "a@example.org")
	m.Lang = "ar"
	m.Args["Name"] = "محمد علي"
	l := h.print(m)
	if l.Lang != "ar" || !strings.Contains(l.HTML, `<html lang="ar" dir="rtl">`) || !strings.Contains(l.HTML, "مرحبا <bdi>محمد</bdi>،") {
		t.Errorf("%s\n%s", l.Lang, l.HTML)
	}
	if !strings.Contains(l.Text, "مرحبا \u2068محمد\u2069،") || !strings.Contains(l.Text, "\n    042017\n") {
		t.Errorf("text %s", l.Text)
	}
	if strings.ContainsAny(l.Subject, "\u2068\u2069") || !strings.Contains(l.Subject, "نداء السلام") {
		t.Errorf("subject %q", l.Subject)
	}
}

func TestALetterWatchesNobody(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	l := h.print(h.mail(outbox.SignConfirm, "a@example.org"))
	if regexp.MustCompile(`(?i)<img|url\(|<link|<script|<iframe|@import|background=`).MatchString(l.HTML) {
		t.Errorf("something is loaded: %s", l.HTML)
	}
	for _, link := range regexp.MustCompile(`https?://[^"<\s]+`).FindAllString(l.HTML+l.Text, -1) {
		if !slices.Contains(l.Links, link) {
			t.Errorf("a link of nobody's: %s", link)
		}
	}
}

func TestAMailWithoutLinksHasNone(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	m := h.mail(outbox.ApplicationReceived, "a@example.org")
	m.Action, m.Manage, m.Args = "", "", nil
	l := h.print(m)
	if len(l.Links) != 0 || strings.Contains(l.HTML, "href") || strings.Contains(l.Text, "://") {
		t.Errorf("links %q in\n%s", l.Links, l.Text)
	}
}
