package mailer_test

import (
	"reflect"
	"strings"
	"testing"

	"olivebranch/pkg/mailer"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/view"
)

// spell is a sheet's paragraphs as text, each with the language it is marked
// with.
func spell(s view.Sheet) []string {
	var out []string
	for _, p := range s.Body {
		var lines []string
		for _, l := range p.Lines {
			lines = append(lines, view.DropIsolates(string(l)))
		}
		out = append(out, strings.TrimSpace(p.Lang+" "+strings.Join(lines, "/")))
	}
	return out
}

func TestAPreviewSaysWhatTheMailWillSay(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	m := h.mail(outbox.ApplicationDeclined, "a@example.org")
	m.Args = map[string]string{"Name": "Min-ji Kim", "Organization": "Harbour Choir", "Reference": "OB-2026-ABCDEF",
		"Reason": "incomplete", "Words": "하나.\n둘.\n\n셋.", "WordsLang": "ko", "Code": "042017"}
	sent := h.print(m)
	p := h.mailer(&script{}).Preview(m.Kind, m.Lang, m.Args)
	if p.Subject != sent.Subject || p.Lang != "en" || p.Dir != "ltr" || p.Action.Text == "" {
		t.Errorf("previewed %+v", p)
	}
	if p.Action.URL != "" || p.Manage.URL != "" || p.Code != "" {
		t.Errorf("the preview leads somewhere: %+v", p)
	}
	want := []string{"To Peace.", "Harbour Choir OB-2026-ABCDEF", "registry.reason.incomplete", "ko 하나./둘.", "ko 셋.", "End."}
	if got := spell(p); !reflect.DeepEqual(got, want) {
		t.Errorf("previewed %q, want %q", got, want)
	}
	for _, line := range []string{view.DropIsolates(string(p.Greeting)), "Harbour Choir OB-2026-ABCDEF", "registry.reason.incomplete", "하나.", "셋."} {
		if !strings.Contains(sent.Text, line) {
			t.Errorf("the mail does not say %q:\n%s", line, sent.Text)
		}
	}
	if len(h.rows()) != 1 {
		t.Error("the preview was sent")
	}
}

func TestThePreviewSpeaksTheLanguageAskedFor(t *testing.T) {
	t.Parallel()
	m := sqliteHouse(t).mailer(&script{})
	for lang, want := range map[string][2]string{"ko": {"ltr", "서명을 확인해 주세요"}, "ar": {"rtl", "يرجى تأكيد توقيعك"}} {
		p := m.Preview(outbox.SignConfirm, lang, map[string]string{"Name": "Mina"})
		if p.Lang != lang || p.Dir != want[0] || !strings.HasPrefix(p.Subject, want[1]) {
			t.Errorf("in %s: %+v", lang, p)
		}
	}
}

func TestStaffsOwnWordsCarryTheirLanguage(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	for _, c := range []struct{ words, lang, want string }{
		{"한국어로 씁니다.", "ko", `<p lang="ko" dir="auto" style="margin:0 0 16px"><bdi>한국어로 씁니다.</bdi></p>`},
		{"No language.", "", `<p style="margin:0 0 16px"><bdi>No language.</bdi></p>`},
		{"Hostile.", `en" onclick="x`, `<p style="margin:0 0 16px"><bdi>Hostile.</bdi></p>`},
		{"", "ko", `<p style="margin:0 0 16px">End.</p>`},
	} {
		m := h.mail(outbox.ApplicationApproved, "a@example.org")
		m.Args = map[string]string{"Words": c.words, "WordsLang": c.lang}
		l := newSent(h, m)
		if !strings.Contains(l.HTML, c.want) || strings.Count(l.HTML, ` dir="auto"`) > strings.Count(c.want, ` dir="auto"`) {
			t.Errorf("%q in %q: no %s in\n%s", c.words, c.lang, c.want, l.HTML)
		}
	}
}

// newSent is a mail as it is sent, in an outbox that may hold others.
func newSent(h *house, m outbox.Mail) mailer.Letter {
	h.t.Helper()
	var s script
	h.enqueue(m)
	h.deliver(h.mailer(&s))
	all := s.letters()
	return all[len(all)-1]
}
