package appeal_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/testkit"
)

// spoke is somebody who signed and wrote a message that is shown.
func spoke(t *testing.T, i int, lang, country string, partner int64) appeal.Entry {
	t.Helper()
	e := entry(t, fmt.Sprintf("speaker-%d@example.org", i))
	e.Country, e.Spoken, e.PartnerID, e.Shown, e.Consents = country, lang, partner, true, appeal.ConsentShowName
	e.Message, e.Confirmed = fmt.Sprintf("Peace, says number %d.", i), testkit.Start.Add(time.Duration(i/3)*time.Second)
	return e
}

// put adds signers with messages, and lets the wall see them.
func put(t *testing.T, a *testkit.App, entries ...appeal.Entry) {
	t.Helper()
	for part := range slices.Chunk(entries, 1000) {
		_, err := a.Signatures.Add(t.Context(), a.Appeal.Current(), part)
		must(t, err)
	}
	must(t, a.Messages.Reload(t.Context()))
}

func bodies(list []appeal.Message) []string {
	var all []string
	for _, m := range list {
		all = append(all, m.Body)
	}
	return all
}

func everybody(int64) bool { return true }

func TestTheWallIsTurnedByKeyInBothDirections(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		var entries []appeal.Entry
		for i := range 107 { // three share each moment
			entries = append(entries, spoke(t, i, "en", "KR", 0))
		}
		put(t, a, entries...)
		all := a.Messages.Select(appeal.WallQuery{})
		most := appeal.Bounds{Messages: 10, Bytes: 1 << 20}
		var forth, back []string
		page, err := a.Messages.After(t.Context(), all, appeal.MessageKey{}, most)
		must(t, err)
		if page.Newer != nil {
			t.Error("there is something before the first page")
		}
		for {
			forth = append(forth, bodies(page.Messages)...)
			if page.Older == nil {
				break
			}
			page, err = a.Messages.After(t.Context(), all, *page.Older, most)
			must(t, err)
		}
		for {
			back = append(bodies(page.Messages), back...)
			if page.Newer == nil {
				break
			}
			page, err = a.Messages.Before(t.Context(), all, *page.Newer, most)
			must(t, err)
			if len(page.Messages) != 10 {
				t.Fatalf("a page of %d on the way back", len(page.Messages))
			}
		}
		if len(forth) != 107 || len(slices.Compact(slices.Sorted(slices.Values(forth)))) != 107 {
			t.Errorf("%d messages forth, some twice or not at all", len(forth))
		}
		// The first page is whole, so the way back ends with what the first page has again.
		if len(back) < 107 || !slices.Equal(back[len(back)-97:], forth[10:]) {
			t.Errorf("the way back has %d messages in another order", len(back))
		}
		// Long words make a shorter page, and one message always fits.
		page, err = a.Messages.After(t.Context(), all, appeal.MessageKey{}, appeal.Bounds{Messages: 10, Bytes: 1})
		must(t, err)
		if len(page.Messages) != 1 {
			t.Errorf("%d messages in one byte", len(page.Messages))
		}
	})
}

func TestTheWallIsNarrowedAndCounted(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		choir := a.AddPartner("Harbour Choir", "harbour-choir").ID
		must(t, a.Store.Exec(t.Context(), "UPDATE partners SET message = 'We sing for peace.' WHERE id = ?", choir))
		must(t, a.Register.Reload(t.Context()))
		must(t, a.Messages.Follow(t.Context()))
		put(t, a, spoke(t, 0, "en", "KR", 0), spoke(t, 1, "ko", "KR", choir), spoke(t, 2, "ko", "JP", choir), spoke(t, 3, "ar", "EG", 0))
		all := a.Messages.Select(appeal.WallQuery{Listed: everybody})
		if all.Len() != 5 || all.Langs["ko"] != 2 || all.Langs["en"] != 2 || all.Countries["KR"] != 3 || all.Partners[choir] != 3 {
			t.Errorf("all: %d, %v, %v, %v", all.Len(), all.Langs, all.Countries, all.Partners)
		}
		// A count is of the rest of the query: what the reader would get by choosing it.
		korean := a.Messages.Select(appeal.WallQuery{Lang: "ko", Listed: everybody})
		if korean.Len() != 2 || korean.Langs["en"] != 2 || korean.Countries["KR"] != 1 || korean.Countries["EG"] != 0 || korean.Partners[choir] != 2 {
			t.Errorf("in Korean: %d, %v, %v, %v", korean.Len(), korean.Langs, korean.Countries, korean.Partners)
		}
		// Where the number of a partner's people is not told, they are not listed under it.
		few := a.Messages.Select(appeal.WallQuery{Partners: []int64{choir}, Listed: func(int64) bool { return false }})
		page, err := a.Messages.After(t.Context(), few, appeal.MessageKey{}, appeal.Bounds{Messages: 9, Bytes: 1 << 20})
		must(t, err)
		if few.Len() != 1 || few.Partners[choir] != 1 || len(page.Messages) != 1 || !page.Messages[0].Own {
			t.Errorf("of a small partner: %d, %v, %+v", few.Len(), few.Partners, page.Messages)
		}
		// A partner that is not shown any more takes its words along.
		must(t, a.Store.Exec(t.Context(), "UPDATE partners SET state = 'suspended' WHERE id = ?", choir))
		must(t, a.Register.Reload(t.Context()))
		must(t, a.Messages.Follow(t.Context()))
		if n := a.Messages.Select(appeal.WallQuery{}).Len(); n != 4 {
			t.Errorf("%d messages without the partner, want 4", n)
		}
	})
}

func TestADecisionIsAboutWhatWasSeenAndCanBeTakenBackForAMinute(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		ctx, minji, jun := t.Context(), audit.Actor{Kind: audit.Staff, ID: 7}, audit.Actor{Kind: audit.Staff, ID: 8}
		f := form("mina@example.org")
		f.Message, f.Consents = "Peace to all of you.", f.Consents|appeal.ConsentShowName
		row := signatures(t, a, f)[0]
		list := func(name string) []appeal.Message {
			t.Helper()
			rows, _, err := a.Messages.Desk(ctx, name, appeal.MessageKey{}, 9)
			must(t, err)
			return rows
		}
		seen := list(appeal.ListWaiting)[0]
		show := appeal.Ruling{Message: seen.ID, Version: seen.Version, State: appeal.MessageShown}
		// The person corrects the name while the moderator reads.
		must(t, a.Signatures.Rename(ctx, row, "Mina Corrected"))
		if err := a.Messages.Decide(ctx, show, minji); !errors.Is(err, appeal.ErrMessageMoved) {
			t.Errorf("shown beside a name nobody saw: %v", err)
		}
		show.Version = list(appeal.ListWaiting)[0].Version
		must(t, a.Messages.Decide(ctx, show, minji))
		// A colleague's page is from before.
		refuse := appeal.Ruling{Message: seen.ID, Version: show.Version, State: appeal.MessageRefused, Reason: "insult"}
		if err := a.Messages.Decide(ctx, refuse, jun); !errors.Is(err, appeal.ErrMessageMoved) {
			t.Errorf("a colleague's decision is overruled unseen: %v", err)
		}
		if err := a.Messages.Undo(ctx, seen.ID, jun); !errors.Is(err, appeal.ErrMessageKept) {
			t.Errorf("somebody else takes it back: %v", err)
		}
		must(t, a.Messages.Undo(ctx, seen.ID, minji))
		if len(list(appeal.ListWaiting)) != 1 || len(a.Messages.Shown()) != 0 {
			t.Error("it does not wait again")
		}
		refuse.Version, refuse.Reason = list(appeal.ListWaiting)[0].Version, ""
		if err := a.Messages.Decide(ctx, refuse, jun); fault.KindOf(err) != fault.Invalid {
			t.Errorf("refused without a reason: %v", err)
		}
		refuse.Reason = "insult"
		must(t, a.Messages.Decide(ctx, refuse, jun))
		if refused := list(appeal.ListRefused); len(refused) != 1 || refused[0].Reason != "insult" {
			t.Errorf("refused are %+v", refused)
		}
		a.Clock.Advance(time.Minute)
		if err := a.Messages.Undo(ctx, seen.ID, jun); !errors.Is(err, appeal.ErrMessageKept) {
			t.Errorf("after a minute: %v", err)
		}
		// What was refused can still be shown.
		must(t, a.Messages.Decide(ctx, appeal.Ruling{Message: seen.ID, Version: list(appeal.ListRefused)[0].Version, State: appeal.MessageShown}, jun))
		// Back from a refusal of what was shown under another name, it waits to be looked at.
		must(t, a.Signatures.Rename(ctx, row, "Mina Third"))
		if shown := a.Messages.Shown(); len(shown) != 1 || shown[0].Person != "" {
			t.Errorf("a name that nobody looked at stands on the wall: %+v", shown)
		}
		again := list(appeal.ListWaiting)[0]
		must(t, a.Messages.Decide(ctx, appeal.Ruling{Message: seen.ID, Version: again.Version, State: appeal.MessageRefused, Reason: "unclear"}, jun))
		must(t, a.Messages.Undo(ctx, seen.ID, jun))
		if back := list(appeal.ListWaiting); len(back) != 1 || !back[0].Renamed || len(a.Messages.Shown()) != 1 {
			t.Errorf("back are %+v", back)
		}
		entries, _, err := a.Trail.Newest(ctx, "message", seen.ID, 9)
		must(t, err)
		if len(entries) != 6 || !strings.Contains(entries[2].After, "insult") {
			t.Errorf("%d entries: %+v", len(entries), entries)
		}
	})
}

func TestATranslationIsOfTheseWordsAndGoesWithThem(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		ctx, by := t.Context(), audit.Actor{Kind: audit.Staff, ID: 7}
		choir := a.AddPartner("Harbour Choir", "harbour-choir").ID
		words := func(text string) {
			t.Helper()
			must(t, a.Store.Exec(ctx, "UPDATE partners SET message = ? WHERE id = ?", text, choir))
			must(t, a.Register.Reload(ctx))
			must(t, a.Messages.Follow(ctx))
		}
		words("We sing for peace.")
		put(t, a, spoke(t, 0, "en", "KR", 0))
		into := func(id, version int64, body string) error {
			return a.Messages.Translate(ctx, appeal.Rendering{Message: id, Lang: "ko", Version: version, Body: body}, by)
		}
		said := func(id int64) string {
			t.Helper()
			m, err := a.Messages.OnWall(ctx, id)
			must(t, err)
			if tr := m.In("ko"); tr != nil {
				return tr.Body
			}
			return ""
		}
		var person appeal.Message
		for _, m := range a.Messages.Shown() {
			if !m.Own {
				person = m
			}
		}
		must(t, into(person.ID, 0, "평화"))
		if err := into(person.ID, 0, "평화를"); !errors.Is(err, appeal.ErrMessageMoved) {
			t.Errorf("a colleague's translation is overwritten: %v", err)
		}
		must(t, into(person.ID, 1, "평화를"))
		must(t, into(person.ID, 2, "평화를")) // nothing new
		if said(person.ID) != "평화를" {
			t.Errorf("it says %q", said(person.ID))
		}
		must(t, into(person.ID, 2, ""))
		if said(person.ID) != "" {
			t.Error("a translation that was taken away is shown")
		}
		must(t, into(person.ID, 3, "평화를 빕니다"))
		must(t, into(choir, 0, "평화를 노래합니다"))
		if said(choir) == "" {
			t.Error("the partner's words are not translated")
		}
		words("We march for peace.")
		if got := said(choir); got != "" {
			t.Errorf("the translation of other words is shown: %q", got)
		}
		must(t, a.Signatures.Forget(ctx, person.SignatureID))
		var left int64
		must(t, a.Store.Read(ctx).Table("texts").Where("kind = 'message' AND owner_id = ?", person.ID).Count(&left).Error)
		if left != 0 {
			t.Errorf("%d versions of what a person said, in another language, are left", left)
		}
		a.MustVerify()
	})
}

func TestContactDataAndLanguageAreNotedBeforeSomebodyReads(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		ctx := t.Context()
		var forms []appeal.Form
		for i, text := range []string{"메일 mina 골뱅이 naver 점 com", "Peace to all of you.", "평화를 빕니다. 010-1234-5678 또는 www.lamps.com"} {
			f := form(address(i + 1))
			f.Message, f.Lang = text, "ar"
			forms = append(forms, f)
		}
		signatures(t, a, forms...)
		a.Until("all to be marked", func() bool {
			n, err := a.Messages.Mark(ctx)
			return n == 0 && err == nil
		})
		marked, _, err := a.Messages.Desk(ctx, appeal.ListMarked, appeal.MessageKey{}, 9)
		must(t, err)
		var got []string
		for _, m := range marked {
			got = append(got, m.Lang+" "+m.Marks)
		}
		slices.Sort(got)
		if want := []string{"ko link phone", "ko mail"}; !slices.Equal(got, want) {
			t.Errorf("marked are %q, want %q", got, want)
		}
		if n, err := a.Messages.Waits(ctx, appeal.ListWaiting); n != 3 || err != nil {
			t.Errorf("%d wait, %v", n, err)
		}
	})
}

func TestTheLanguageOfAMessageIsItsOwn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"평화를":           {"en", "ko"},
		"Peace":         {"ko", "en"},
		"La paix":       {"fr", "fr"},
		"和平":            {"en", "zh"},
		"平和を願います":       {"zh", "ja"},
		"平和":            {"ja", "ja"},
		"السلام":        {"en", "ar"},
		"صلح":           {"fa", "fa"},
		"Мир":           {"en", "ru"},
		"Мир вам":       {"uk", "uk"},
		"♥":             {"ko", "ko"},
		"평화 peace 평화를요": {"en", "ko"},
	} {
		if got := appeal.SpokenIn(text, want[0]); got != want[1] {
			t.Errorf("%q in a form in %s: %s, want %s", text, want[0], got, want[1])
		}
	}
}

// Many people who erase their messages at once wait for one or two looks at
// the wall, not for one each.
func TestThoseWhoWaitForTheWallShareALook(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		var looks atomic.Int64
		gate := make(chan struct{})
		wall, err := appeal.LoadMessages(t.Context(), a.Store, a.Keys, func() []appeal.Message {
			if looks.Add(1) == 2 {
				<-gate
			}
			return nil
		})
		must(t, err)
		var all, ready sync.WaitGroup
		ready.Add(40)
		for range 40 {
			all.Go(func() {
				ready.Done()
				if err := wall.Reload(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		ready.Wait()
		close(gate)
		all.Wait()
		if n := looks.Load(); n > 20 {
			t.Errorf("%d looks for 40 who waited", n)
		}
		// What is asked for later is not answered by an earlier look.
		put(t, a, spoke(t, 0, "en", "KR", 0))
		must(t, wall.Reload(t.Context()))
		if len(wall.Shown()) != 1 {
			t.Error("a look is missing")
		}
	})
}
