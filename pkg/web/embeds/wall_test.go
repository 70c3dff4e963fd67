package embeds_test

import (
	"strings"
	"sync"
	"testing"

	"olivebranch/pkg/web/embeds"
)

// wall is what a test puts there.
type wall struct {
	mu     sync.Mutex
	serial int64
	list   []embeds.Saying
	looks  int
}

func (w *wall) put(list ...embeds.Saying) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = list
	w.serial++
}

func (w *wall) Serial() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.serial
}

func (w *wall) Newest(string) []embeds.Saying {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks++
	return w.list
}

var peace = embeds.Saying{Body: "전쟁이 끝나기를.\n함께합니다.", Lang: "ko", Said: "May the war end.", By: "미나", Country: "KR"}

func TestTheWallShowsMessagesInTheirScriptWithTheirTranslation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if body := s.mustGet(t, "/embed/acme/messages"); !strings.Contains(body, "No message yet.") || !strings.Contains(body, base+"/p/acme\"") {
		t.Errorf("an empty wall:\n%s", body)
	}
	s.wall.put(peace)
	body := s.mustGet(t, "/embed/acme/messages?lang=en&theme=dark")
	for _, want := range []string{`<html lang="en" dir="ltr" data-theme="dark">`, `<blockquote lang="ko" dir="auto">전쟁이 끝나기를.`, "Translated for the campaign:", "May the war end.",
		"<bdi>미나</bdi> · South Korea", `with <bdi lang="en">ACME Foundation</bdi>`, base + "/en/messages", "<h1>Messages of solidarity</h1>", `<p class="slogan"><bdi>` + s.appeal.Campaign("en") + "</bdi></p>"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	if strings.Contains(body, "<script") {
		t.Error("there is a script")
	}
	if ar := s.mustGet(t, "/embed/acme/messages?lang=ar"); !strings.Contains(ar, `dir="rtl"`) || !strings.Contains(ar, "رسائل التضامن") {
		t.Error("not in Arabic")
	}
}

func TestTheWallFollowsItsMessagesAndLooksOnceForAll(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.wall.put(peace)
	for range 3 {
		s.mustGet(t, "/embed/acme/messages")
		s.mustGet(t, "/embed/small/messages")
	}
	if s.wall.looks != 1 {
		t.Errorf("%d looks for the same frame", s.wall.looks)
	}
	s.wall.put()
	if body := s.mustGet(t, "/embed/acme/messages"); strings.Contains(body, "미나") {
		t.Error("a message that was taken away is there")
	}
}

// The wall keeps the rules of the frame of a banner.
func TestTheWallOfStrangersOfTheEndAndOfOthersPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.wall.put(peace)
	for path, named := range map[string]bool{"/embed/acme/messages": true, "/embed/all/messages": false, "/embed/nobody/messages": false,
		"/embed/small/messages?at=acme.example%2Fpeace": false, "/embed/acme/messages?at=acme.example%2Fpeace": true} {
		if body := s.mustGet(t, path); strings.Contains(body, "/p/") != named || !strings.Contains(body, "Sign the appeal") {
			t.Errorf("%s: named %v, want %v", path, !named, named)
		}
	}
	s.end.Store(true)
	if body := s.mustGet(t, "/embed/acme/messages"); !strings.Contains(body, "Thank you to all who signed.") || strings.Contains(body, "Sign the appeal") {
		t.Error("after the end the wall does not give thanks")
	}
}

func TestHostileWordsOnTheWallAreOnlyWords(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.wall.put(embeds.Saying{Body: `</style><script>x</script>~olive~a~ & "`, Lang: `en" onload="x`, By: "~olive~c~<b>", Country: "KR"})
	body := s.mustGet(t, "/embed/acme/messages")
	for _, never := range []string{"<script", `onload="x"`, "<b>", "&amp;amp;"} {
		if strings.Contains(body, never) {
			t.Errorf("%s stands in\n%s", never, body)
		}
	}
	if n := strings.Count(body, "ACME Foundation"); n != 1 {
		t.Errorf("the partner is named %d times: a mark in a message was filled", n)
	}
}

// Half of the room is for those whom readers understand, however old.
func TestTheWallPrefersTheReadersLanguage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var list []embeds.Saying
	for range 20 {
		list = append(list, embeds.Saying{Body: "Paz.", Lang: "es", Country: "MX"})
	}
	list = append(list, peace, embeds.Saying{Body: "Peace at last.", Lang: "en", Country: "US"})
	s.wall.put(list...)
	body := s.mustGet(t, "/embed/acme/messages?lang=en")
	if n := strings.Count(body, "<li>"); n != 12 || !strings.Contains(body, "Peace at last.") || !strings.Contains(body, "May the war end.") || strings.Index(body, "Peace at last.") > strings.Index(body, "Paz.") {
		t.Errorf("%d messages:\n%s", n, body)
	}
	long := embeds.Saying{Body: strings.Repeat("word ", 400), Lang: "en"}
	s.wall.put(long, long, long, long, long, long, long)
	if n := len(s.mustGet(t, "/embed/acme/messages")); n > 24_000 {
		t.Errorf("the frame has %d bytes", n)
	}
}
