package mailer_test

import (
	"strings"
	"testing"

	"olivebranch/pkg/outbox"
)

func TestAMailNobodyAskedForCanBeStoppedWithOneClick(t *testing.T) {
	eachDatabase(t, func(h *house) {
		p := post{}
		p.open(h.t)
		for _, kind := range outbox.Kinds() {
			h.enqueue(h.mail(kind, strings.ReplaceAll(string(kind), "_", "-")+"@example.org"))
		}
		h.deliver(h.mailer(h.smtp("smtp://" + p.addr)))
		seen := map[string]string{}
		for _, raw := range p.letters() {
			head, body := parts(h.t, raw)
			kind := outbox.Kind(strings.ReplaceAll(strings.Trim(strings.Split(head.Get("To"), "@")[0], "<"), "-", "_"))
			link, oneClick := head.Get("List-Unsubscribe"), head.Get("List-Unsubscribe-Post")
			if !kind.Stoppable() {
				if link != "" || oneClick != "" || strings.Contains(body["text/plain"], "/unsubscribe/") {
					h.t.Errorf("%s: %q %q", kind, link, oneClick)
				}
				continue
			}
			url := strings.Trim(link, "<>")
			if link != "<"+url+">" || !strings.HasPrefix(url, "https://appeal.example.org/en/unsubscribe/") || oneClick != "List-Unsubscribe=One-Click" || seen[url] != "" {
				h.t.Errorf("%s: %q %q", kind, link, oneClick)
			}
			if !strings.Contains(body["text/plain"], "mail.stop\n"+url+"\n") || !strings.Contains(body["text/html"], `<a href="`+url+`">`) {
				h.t.Errorf("%s does not say how to stop it:\n%s\n%s", kind, body["text/plain"], body["text/html"])
			}
			s, err := h.Subscription(url[strings.LastIndexByte(url, '/')+1:])
			if err != nil || s.Kind != kind {
				h.t.Errorf("%s: the link is for %v, %v", kind, s, err)
			}
			seen[url] = string(kind)
		}
		if len(seen) != 4 || len(p.letters()) != len(outbox.Kinds()) {
			h.t.Errorf("%d of %d letters can be stopped: %v", len(seen), len(p.letters()), seen)
		}
	})
}
