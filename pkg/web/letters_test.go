package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// sheets are the languages of the letters a page shows, in their order, each
// with whether staff's own words in it say that they are Korean.
func sheets(body string) (langs []string, own int) {
	for _, part := range strings.Split(body, `<div class="sheet">`)[1:] {
		_, rest, _ := strings.Cut(part, `<div lang="`)
		lang, _, _ := strings.Cut(rest, `"`)
		langs = append(langs, lang)
	}
	return langs, strings.Count(body, `<p lang="ko" dir="auto"><bdi>안녕하십니까?</bdi></p>`)
}

// inArabic lets who acts for a partner read Arabic.
func (h *house) inArabic(p *registry.Partner) {
	h.t.Helper()
	h.must(h.Store.Exec(h.t.Context(), "UPDATE representatives SET lang = 'ar' WHERE partner_id = ?", p.ID))
}

func TestALetterToAPartnerIsShownBesideItsTwinBeforeItIsSent(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		h.inArabic(h.partner)
		h.inArabic(h.other)
		reviewer := h.asStaff(staff.Reviewer)
		typed := "words=" + url.QueryEscape("안녕하십니까?") + "&words_lang=ko"
		partner := "/console/partners/" + strconv.FormatInt(h.partner.ID, 10)
		change := "/console/changes/" + strconv.FormatInt(h.change, 10)
		before := h.rows()
		for path, subject := range map[string]string{
			partner + "/state?to=paused&":    "Your partnership is paused: Olivebranch",
			partner + "/state?to=suspended&": "Your partnership is suspended: Olivebranch",
			partner + "/state?to=left&":      "Your partnership has ended: Olivebranch",
			change + "/publish?":             "Your change is published: Olivebranch",
			change + "/refuse?":              "About the change of your profile: Olivebranch",
		} {
			a := h.get(path+typed, reviewer...)
			langs, own := sheets(a.body)
			if a.status != http.StatusOK || strings.Join(langs, " ") != "ar en" || own != 2 || !strings.Contains(a.text(), subject) {
				t.Errorf("%s: status %d, letters in %v, own words in %d of them: %s", path, a.status, langs, own, a.text())
			}
			if !strings.Contains(a.body, `<option value="ko" lang="ko" selected>`) {
				t.Errorf("%s: the language of the words is forgotten", path)
			}
		}
		if a := h.get(partner+"/state", reviewer...); a.status != http.StatusOK || strings.Contains(a.body, `class="sheet"`) {
			t.Errorf("nothing is chosen, and a letter is shown: status %d", a.status)
		}
		h.checkUnchanged("looking at letters", before)

		version, _ := h.get(partner+"/state", reviewer...).field("version")
		sent := encode("version", version, "to", "suspended", "words", "안녕하십니까?", "words_lang", "ko")
		if a := h.post(partner+"/state", sent, reviewer...); a.status != http.StatusSeeOther || a.header.Get("Location") != partner {
			t.Fatalf("status %d: %s", a.status, a.text())
		}
		refused := h.post(partner+"/state", encode("version", version, "to", "left", "words", "안녕하십니까?", "words_lang", "ko"), reviewer...)
		if langs, own := sheets(refused.body); refused.status != http.StatusConflict || len(langs) != 2 || own != 2 {
			t.Errorf("who was too late gets status %d and letters in %v, own words in %d", refused.status, langs, own)
		}
		h.rows() // waits until all is sent
		letter := h.LetterTo("contact@harbour-choir.test", "")
		if letter.Lang != "ar" || !strings.Contains(letter.HTML, `<p lang="ko" dir="auto"`) {
			t.Errorf("sent in %s: %s", letter.Lang, letter.HTML)
		}
		told, _, err := h.Registry.Told(t.Context(), h.partner.ID, outbox.PartnerSuspended)
		if err != nil || told.Lang != "ko" {
			t.Errorf("kept %+v, %v", told, err)
		}
		version, _ = h.get(change+"/refuse", reviewer...).field("version")
		if a := h.post(change+"/refuse", encode("version", version, "words", "안녕하십니까?", "words_lang", "ko"), reviewer...); a.status != http.StatusSeeOther {
			t.Fatalf("refuse: status %d: %s", a.status, a.text())
		}
		own := []string{"Cookie", "__Host-portal=" + h.session(staff.PortalSession, h.stranger.ID)}
		if a := h.get("/portal/profile", own...); !strings.Contains(a.body, `<blockquote lang="ko" dir="auto" translate="no"><p class="text">안녕하십니까?</p>`) {
			t.Errorf("the partner reads, without the language of the words: %s", a.text())
		}
	})
}

func TestWithNobodyToReadItNoLetterIsShown(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	h.must(h.Store.Exec(t.Context(), "DELETE FROM representatives WHERE partner_id = ?", h.partner.ID))
	a := h.get("/console/partners/"+strconv.FormatInt(h.partner.ID, 10)+"/state?to=paused", h.asStaff(staff.Reviewer)...)
	if a.status != http.StatusOK || strings.Contains(a.body, `class="sheet"`) || !strings.Contains(a.text(), "no letter goes out") {
		t.Errorf("status %d: %s", a.status, a.text())
	}
}

func TestTheLettersOfAMergeAreShownBeforeItIsMadeAndUndone(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	h.inArabic(h.partner)
	reviewer := h.asStaff(staff.Reviewer)
	id := func(n int64) string { return strconv.FormatInt(n, 10) }
	at := "/console/partners/" + id(h.partner.ID) + "/compare/" + id(h.other.ID)
	shown := h.get(at, reviewer...)
	if langs, _ := sheets(shown.body); strings.Join(langs, " ") != "ar en en" || !strings.Contains(shown.text(), "The pages of another partner are merged with yours") {
		t.Errorf("before: letters in %v: %s", langs, shown.text())
	}
	if a := h.get(at, h.asStaff(staff.Observer)...); strings.Contains(a.body, `class="sheet"`) {
		t.Error("an observer reads letters")
	}
	version, _ := shown.field("version")
	other, _ := shown.field("other_version")
	if a := h.post(at+"/merge", encode("version", version, "other_version", other), reviewer...); a.status != http.StatusSeeOther {
		t.Fatalf("merge: status %d: %s", a.status, a.text())
	}
	if langs, _ := sheets(h.get(at, reviewer...).body); strings.Join(langs, " ") != "ar en en" {
		t.Errorf("merged: letters in %v", langs)
	}
	h.rows() // waits until all is sent
	if l := h.LetterTo("cedar@example.org", ""); !strings.Contains(l.Text, "Harbour Choir and Cedar Circle seem to be one organization") {
		t.Errorf("the other partner reads %s", l.Text)
	}
	joined := "/console/applications/" + id(h.asked.ID) + "/compare/" + id(h.received.ID)
	if langs, _ := sheets(h.get(joined, reviewer...).body); strings.Join(langs, " ") != "en" {
		t.Errorf("of applications: letters in %v", langs)
	}
}

func TestAMergedApplicantReadsWhatBecameOfTheOtherAndNoMore(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		ctx := t.Context()
		other, err := h.Registry.ConfirmAddress(ctx, h.apply("Riverside School", "secret@example.org").ID)
		h.must(err)
		received, err := h.Registry.Application(ctx, h.received.ID)
		h.must(err)
		by := audit.Actor{Kind: audit.Staff}
		h.must(h.Registry.MergeApplications(ctx, registry.Merge{From: received.ID, Into: other.ID, FromVersion: received.Version, IntoVersion: other.Version, By: by}))
		reads := func(want string) {
			t.Helper()
			a := h.get(h.Registry.StatusLink(received))
			if a.status != http.StatusOK || !strings.Contains(a.text(), other.Reference) || !strings.Contains(a.text(), want) {
				t.Errorf("status %d, and not %q: %s", a.status, want, a.text())
			}
			for _, stranger := range []string{"Riverside", "secret@", "riverside", "What is it"} {
				if strings.Contains(a.body, stranger) {
					t.Errorf("the page tells %q of the other", stranger)
				}
			}
		}
		reads("That application waits for people of the campaign to read it.")
		h.must(h.Registry.Review(ctx, other.ID, by))
		reads("People of the campaign are reading that application.")
		h.must(h.Registry.AskBack(ctx, registry.Decision{Application: other.ID, By: by, Words: "What is it?"}))
		reads("have a question about that application")
		_, err = h.Registry.Approve(ctx, registry.Decision{Application: other.ID, By: by, Slug: "riverside"})
		h.must(err)
		reads("That application is accepted")
	})
}

func TestWhatWasWrittenToOthersStandsInTheTimelineForWhoMayReadIt(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	at := func(a *registry.Application) string { return "/console/applications/" + strconv.FormatInt(a.ID, 10) }
	for _, c := range []struct {
		of      *registry.Application
		subject string
	}{{h.spoken, "Do you speak for this organization? Olivebranch"}, {h.received, "Do you know this organization? Olivebranch"}} {
		page := h.get(at(c.of), h.asStaff(staff.Reviewer)...)
		_, before, _ := strings.Cut(page.body, `<ol class="trail">`)
		link, _, found := strings.Cut(before, `" translate="no">`+c.subject)
		if link = link[strings.LastIndex(link, `href="`)+6:]; !found {
			t.Fatalf("the timeline does not tell of %q: %s", c.subject, page.text())
		}
		if a := h.get(link, h.asStaff(staff.Reviewer)...); a.status != http.StatusOK || !strings.Contains(a.text(), c.subject) || strings.Contains(a.body, person) || strings.Contains(a.body, "@example.org") {
			t.Errorf("%s: status %d, or it names whom it went to: %s", link, a.status, a.text())
		}
		observer := h.get(at(c.of), h.asStaff(staff.Observer)...)
		if !strings.Contains(observer.text(), c.subject) || strings.Contains(observer.body, "/letters/") || strings.Contains(observer.body, person) {
			t.Errorf("an observer reads: %s", observer.text())
		}
	}
}
