package registry_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
)

var words = registry.Words{Body: "They wrote to us before.", Lang: "en"}

func of(a *registry.Application) registry.About {
	return registry.About{Subject: registry.OfApplication, ID: a.ID}
}

// story is a timeline, one line for each event.
func (h *house) story(about registry.About) []string {
	h.t.Helper()
	events, _, err := h.Registry.Timeline(h.t.Context(), about, audit.Key{}, 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, e := range events {
		switch {
		case e.Deed != nil:
			out = append(out, e.Deed.Action)
		case e.Letter != nil:
			out = append(out, "letter "+string(e.Letter.Kind))
		case e.Note != nil:
			name, err := h.Registry.NoteAuthor(e.Note)
			if err != nil {
				h.t.Fatal(err)
			}
			out = append(out, strings.TrimSpace(fmt.Sprint("note ", e.Note.AuthorKind, " ", name)))
		}
	}
	return out
}

func TestTheTimelineTellsDeedsNotesAndLettersInOrder(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified()
		other := h.verified(func(f *registry.Form) { f.Contact.Email = "other@harbour-choir.example" })
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			h.clock.Advance(time.Hour)
		}
		h.clock.Advance(time.Hour)
		must(h.Registry.AddNote(t.Context(), of(a), words, reviewer))
		lent, err := h.Registry.LendOut(t.Context(), a.ID, reviewer)
		must(err)
		must(h.Registry.Open(t.Context(), lent.ID))
		must(h.Registry.Remark(t.Context(), lent.ID, "Zed Reader", registry.Words{Body: "저는 압니다.", Lang: "ko"}))
		must(h.Registry.EndReading(t.Context(), a.ID, lent.ID, reviewer))
		must(h.Registry.Review(t.Context(), a.ID, reviewer))
		p, err := h.Registry.Approve(t.Context(), registry.Decision{Application: a.ID, By: reviewer})
		must(err)
		_, err = h.Registry.SetState(t.Context(), registry.PartnerMove{Partner: p.ID, Version: registry.AnyVersion, To: registry.Paused, By: reviewer})
		must(err)
		want := []string{"application.submitted", "letter application_confirm", "application.verified", "letter application_received",
			"note staff", "reading.made", "reading.opened", "note reader Zed Reader", "reading.ended", "application.in_review", "letter application_in_review",
			"application.approved", "letter application_approved"}
		if got := h.story(of(a)); !reflect.DeepEqual(got, want) {
			t.Errorf("the story is\n%q, want\n%q", got, want)
		}
		if got := h.story(ofPartner(p)); !reflect.DeepEqual(got, []string{"partner.paused", "letter partner_paused"}) {
			t.Errorf("the partner's story is\n%q", got)
		}
		if got := h.story(of(other)); len(got) != 4 {
			t.Errorf("the other's story is %q", got)
		}
	})
}

func TestEachLetterCanBeReadAgainWithoutItsLinks(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a, other := h.verified(), h.verified(func(f *registry.Form) { f.Contact.Email = "other@harbour-choir.example" })
		err := h.Registry.Decline(t.Context(), registry.Decision{Application: a.ID, By: reviewer, Reason: "incomplete", Words: "Say more."})
		if err != nil {
			t.Fatal(err)
		}
		_, _, sent := h.letter()
		events, _, err := h.Registry.Timeline(t.Context(), of(a), audit.Key{}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		last := events[len(events)-1].Letter
		l, args, err := h.Registry.Letter(t.Context(), of(a), last.ID)
		if err != nil || l.Kind != outbox.ApplicationDeclined || l.Lang != "ko" || !reflect.DeepEqual(args, sent.Args) {
			t.Errorf("%+v says %v, %v; sent was %v", l, args, err, sent.Args)
		}
		for _, e := range events {
			if e.Letter == nil {
				continue
			}
			plain, err := h.Keys.Open("letters.args", e.Letter.ID, e.Letter.Args)
			if err != nil || strings.Contains(string(plain), "/application/") || strings.Contains(string(plain), "Code") {
				t.Errorf("%s keeps %s, %v", e.Letter.Kind, plain, err)
			}
		}
		_, _, foreign := h.Registry.Letter(t.Context(), of(other), last.ID)
		_, _, partners := h.Registry.Letter(t.Context(), registry.About{Subject: registry.OfPartner, ID: a.ID}, last.ID)
		if !errors.Is(foreign, registry.ErrNoLetter) || !errors.Is(partners, registry.ErrNoLetter) {
			t.Errorf("another's letter: %v and %v, want ErrNoLetter", foreign, partners)
		}
	})
}

func TestANoteIsRefusedFieldByField(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified()
		before := h.count("audit_entries")
		for _, c := range []struct {
			field, key string
			words      registry.Words
		}{
			{"note", "text.required", registry.Words{Body: " \u200b", Lang: "en"}},
			{"note", "text.long", registry.Words{Body: strings.Repeat("x", 501), Lang: "en"}},
			{"note", "text.control", registry.Words{Body: "a\u202eb", Lang: "en"}},
			{"note_lang", "mail_lang.required", registry.Words{Body: "a"}},
			{"note_lang", "mail_lang.bad", registry.Words{Body: "a", Lang: "../en"}},
		} {
			wantField(t, h.Registry.AddNote(t.Context(), of(a), c.words, reviewer), c.field, c.key)
		}
		if err := h.Registry.AddNote(t.Context(), registry.About{Subject: registry.OfApplication, ID: 1}, words, reviewer); !errors.Is(err, registry.ErrNoApplication) {
			t.Errorf("on nothing: %v", err)
		}
		if err := h.Registry.AddNote(t.Context(), registry.About{Subject: registry.OfPartner, ID: a.ID}, words, reviewer); !errors.Is(err, registry.ErrNoPartner) {
			t.Errorf("on no partner: %v", err)
		}
		if n := h.count("notes"); n != 0 || h.count("audit_entries") != before {
			t.Errorf("%d notes of refused forms", n)
		}
	})
}

func TestATrustedReaderComesAsLongAsTheLinkIsGood(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified()
		lend := func() *registry.Reading {
			t.Helper()
			lent, err := h.Registry.LendOut(t.Context(), a.ID, reviewer)
			if err != nil {
				t.Fatal(err)
			}
			return lent
		}
		all := func(id int64) (errs [3]error) {
			_, _, errs[0] = h.Registry.Reading(t.Context(), id)
			errs[1] = h.Registry.Open(t.Context(), id)
			errs[2] = h.Registry.Remark(t.Context(), id, "Zed", words)
			return errs
		}
		want := func(what string, id int64, want error) {
			t.Helper()
			before := h.count("notes") + h.count("audit_entries")
			for i, err := range all(id) {
				if !errors.Is(err, want) {
					t.Errorf("%s, %d: %v, want %v", what, i, err, want)
				}
			}
			if want != nil && h.count("notes")+h.count("audit_entries") != before {
				t.Errorf("%s: something was written", what)
			}
		}
		good, ended := lend(), lend()
		want("good", good.ID, nil)
		if err := h.Registry.EndReading(t.Context(), a.ID+1, ended.ID, reviewer); !errors.Is(err, registry.ErrNoApplication) {
			t.Errorf("through another application: %v", err)
		}
		for range 2 {
			if err := h.Registry.EndReading(t.Context(), a.ID, ended.ID, reviewer); err != nil {
				t.Fatal(err)
			}
		}
		want("ended", ended.ID, registry.ErrReadingEnded)
		want("unknown", 1, registry.ErrReadingEnded)
		if open, err := h.Registry.Readings(t.Context(), a.ID); err != nil || len(open) != 1 || open[0].ID != good.ID {
			t.Errorf("good are %+v, %v", open, err)
		}
		h.clock.Advance(registry.ReadingLife)
		want("expired", good.ID, registry.ErrReadingExpired)
		withdrawn := lend()
		if _, err := h.Registry.Withdraw(t.Context(), a.ID); err != nil {
			t.Fatal(err)
		}
		want("withdrawn", withdrawn.ID, registry.ErrReadingEnded)
		link := strings.TrimPrefix(h.Registry.ReadingLink(good, "ko"), "/ko/reading/")
		if tok, err := h.Keys.Parse(seal.ReadApplication, link, time.UnixMilli(good.CreatedAt)); err != nil || tok.Row != good.ID || tok.Expires.UnixMilli() != good.ExpiresAt {
			t.Errorf("the link says %+v, %v", tok, err)
		}
	})
}

func TestOpeningIsNotedOnceHoweverManyOpenAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified()
		lent, err := h.Registry.LendOut(t.Context(), a.ID, reviewer)
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if err := h.Registry.Open(context.Background(), lent.ID); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := strings.Count(strings.Join(h.story(of(a)), " "), "reading.opened"); n != 1 {
			t.Errorf("opening is noted %d times", n)
		}
		if opened, err := h.Registry.Opened(t.Context(), lent); err != nil || !opened {
			t.Errorf("opened: %v %v", opened, err)
		}
	})
}

func TestALinkTakesTwentyRemarksWhoeverSendsThem(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		lent, err := h.Registry.LendOut(t.Context(), h.verified().ID, reviewer)
		if err != nil {
			t.Fatal(err)
		}
		wantField(t, h.Registry.Remark(t.Context(), lent.ID, "=HYPERLINK(1)", words), "reader_name", "text.formula")
		var full, taken int
		var mu sync.Mutex
		var group sync.WaitGroup
		for range 24 {
			group.Go(func() {
				err := h.Registry.Remark(context.Background(), lent.ID, "Zed", words)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					taken++
				case errors.Is(err, registry.ErrReadingFull):
					full++
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if taken != 20 || full != 4 || h.count("notes") != 20 {
			t.Errorf("%d taken, %d refused, %d stored", taken, full, h.count("notes"))
		}
	})
}

func TestOnlyTheSitesOwnMailDomainIsShownToReaders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		host, domain string
		want         bool
	}{
		{"harbour-choir.example", "harbour-choir.example", true},
		{"www.harbour-choir.example", "harbour-choir.example", true},
		{"peace.harbour-choir.example", "harbour-choir.example", true},
		{"harbour-choir.example", "mina-kim.example", false},
		{"notharbour-choir.example", "harbour-choir.example", false},
		{"sites.example", "choir.sites.example", false},
		{"harbour-choir.example", "", false},
	} {
		a := registry.Application{EmailDomain: c.domain, Profile: registry.Profile{WebsiteHost: c.host}}
		if a.OwnMail() != c.want {
			t.Errorf("%s at %s: %v", c.domain, c.host, a.OwnMail())
		}
	}
}

func TestSettingsHaveBoundsAndTheirChangesAreNoted(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		read := func() int {
			t.Helper()
			s, err := h.Registry.Settings(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return s.OverdueDays
		}
		if read() != 7 {
			t.Errorf("at first %d", read())
		}
		for _, bad := range []int{0, -1, 91} {
			wantField(t, h.Registry.SaveSettings(t.Context(), registry.Settings{OverdueDays: bad}, reviewer), "overdue_days", "settings.overdue_bad")
		}
		for _, good := range []int{1, 90, 90, 14} {
			if err := h.Registry.SaveSettings(t.Context(), registry.Settings{OverdueDays: good}, reviewer); err != nil || read() != good {
				t.Errorf("%d: %v, now %d", good, err, read())
			}
		}
		want := []string{`staff settings.changed {"overdue_days":7} {"overdue_days":1}`, `staff settings.changed {"overdue_days":1} {"overdue_days":90}`,
			`staff settings.changed {"overdue_days":90} {"overdue_days":14}`}
		if got := h.trail("settings", 0); !reflect.DeepEqual(got, want) {
			t.Errorf("noted %q, want %q", got, want)
		}
		if err := h.Store.Exec(t.Context(), "UPDATE settings SET value = 'many'"); err != nil || read() != 7 {
			t.Errorf("what makes no sense reads as %d, %v", read(), err)
		}
	})
}

func TestWhoReadsAndWhoSaysIsNotInTheClear(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		lent, err := h.Registry.LendOut(t.Context(), h.verified().ID, reviewer)
		if err == nil {
			err = h.Registry.Remark(t.Context(), lent.ID, "Quaggamuffin Reader", words)
		}
		if err != nil {
			t.Fatal(err)
		}
		if stored := string(h.everything()); strings.Contains(stored, "Quaggamuffin") || strings.Contains(stored, "Zebulon") || !strings.Contains(stored, words.Body) {
			t.Error("a name is in the clear, or the words are not there")
		}
		found, err := h.Verify(t.Context())
		if err != nil || len(found) != 0 {
			t.Errorf("verify: %v %v", found, err)
		}
	})
}

// Many things happen in one moment, and of three kinds: the pages must still
// meet without a gap, and in the order of the whole.
func TestThePagesOfATimelineMeet(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.verified()
		for i := range 12 {
			if err := h.Registry.AddNote(t.Context(), of(a), words, reviewer); err != nil {
				t.Fatal(err)
			}
			if err := h.Registry.Claim(t.Context(), a.ID, true, audit.Actor{Kind: audit.Staff, ID: int64(i + 1)}); err != nil {
				t.Fatal(err)
			}
			if i%5 == 4 {
				h.clock.Advance(time.Minute)
			}
		}
		whole, more, err := h.Registry.Timeline(t.Context(), of(a), audit.Key{}, 1000)
		if err != nil || more || len(whole) < 26 {
			t.Fatalf("%d events, more %t, %v", len(whole), more, err)
		}
		var paged []registry.Event
		for before, pages := (audit.Key{}), 0; ; pages++ {
			events, more, err := h.Registry.Timeline(t.Context(), of(a), before, 4)
			if err != nil || pages > len(whole)/4+1 || len(events) > 4 || more && len(events) < 4 {
				t.Fatalf("page %d has %d events, more %t, %v", pages, len(events), more, err)
			}
			if paged = append(append([]registry.Event{}, events...), paged...); !more {
				break
			}
			before = events[0].Key()
		}
		if !reflect.DeepEqual(paged, whole) {
			t.Errorf("in pages there are %d events, in one %d, or in another order", len(paged), len(whole))
		}
	})
}
