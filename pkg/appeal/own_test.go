package appeal_test

import (
	"errors"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/testkit"
)

// find is the page of a row.
func find(t *testing.T, a *testkit.App, row int64) appeal.Page {
	t.Helper()
	p, err := a.Signatures.Find(t.Context(), row)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// setTicks sends the form of the free ticks from an English page.
func setTicks(t *testing.T, a *testkit.App, row int64, given appeal.Consents) {
	t.Helper()
	if err := a.Signatures.SetTicks(t.Context(), row, appeal.TickForm{Consents: given, Lang: "en"}); err != nil {
		t.Fatal(err)
	}
}

// count is how many rows of a table are so.
func count(t *testing.T, a *testkit.App, table, where string, args ...any) int64 {
	t.Helper()
	var n int64
	if err := a.Store.Read(t.Context()).Table(table).Where(where, args...).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAMisspeltNameIsCorrectedBeforeAndAfterConfirming(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		row := request(t, a, form("mina@example.org"))
		rename := func(to string) {
			t.Helper()
			if err := a.Signatures.Rename(t.Context(), row, to); err != nil {
				t.Fatal(err)
			}
			if got := find(t, a, row).Person; got != "Mina "+to[5:] {
				t.Errorf("after correcting to %q the name is %q", to, got)
			}
		}
		rename("Mina First")
		confirm(t, a, row, appeal.OutcomeConfirmed)
		if got := find(t, a, row).Person; got != "Mina First" {
			t.Errorf("confirmed as %q", got)
		}
		rename("Mina Second")
		if err := a.Store.Exec(t.Context(), "UPDATE signatures SET state = ? WHERE id = ?", appeal.Held, row); err != nil {
			t.Fatal(err)
		}
		rename("Mina Third")
		for _, bad := range []string{"", "   ", "https://example.org", "=1+1", "a\u202Eb"} {
			err := a.Signatures.Rename(t.Context(), row, bad)
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Fields["name"] == nil {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if got := find(t, a, row).Person; got != "Mina Third" {
			t.Errorf("a refused name is stored: %q", got)
		}
	})
}

// A new name stands beside a message once a moderator has seen it; one that is
// taken back goes at once.
func TestAPublicMessageShowsANameOnceItWasSeen(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		by := audit.Actor{Kind: audit.Operator}
		f := form("mina@example.org")
		f.Message = "Peace to all of you."
		row := request(t, a, f)
		confirm(t, a, row, appeal.OutcomeConfirmed)
		queue := func() []appeal.Message {
			t.Helper()
			q, _, err := a.Messages.Desk(t.Context(), appeal.ListWaiting, appeal.MessageKey{}, 10)
			if err != nil {
				t.Fatal(err)
			}
			return q
		}
		show := func() {
			t.Helper()
			m := queue()[0]
			if err := a.Messages.Decide(t.Context(), appeal.Ruling{Message: m.ID, Version: m.Version, State: appeal.MessageShown}, by); err != nil {
				t.Fatal(err)
			}
		}
		show()
		expect := func(what, name string, looks int) {
			t.Helper()
			shown := a.Messages.Shown()
			if len(shown) != 1 || shown[0].Person != name {
				t.Errorf("%s: shown are %+v, want one by %q", what, shown, name)
			}
			if q := queue(); len(q) != looks {
				t.Errorf("%s: %d messages to look at, want %d", what, len(q), looks)
			}
		}
		expect("without the tick", "", 0)
		setTicks(t, a, row, appeal.ConsentUpdates)
		expect("after another tick", "", 0)
		setTicks(t, a, row, appeal.ConsentShowName)
		expect("after the tick", "", 1)
		show()
		expect("after a moderator looked", "Mina Example", 0)
		if err := a.Signatures.Rename(t.Context(), row, "Mina Corrected"); err != nil {
			t.Fatal(err)
		}
		expect("after correcting", "", 1)
		show()
		expect("after a moderator looked again", "Mina Corrected", 0)
		setTicks(t, a, row, 0)
		expect("after hiding", "", 0)
		if err := a.Signatures.Forget(t.Context(), row); err != nil {
			t.Fatal(err)
		}
		if shown := a.Messages.Shown(); len(shown) != 0 {
			t.Errorf("after forgetting: %+v", shown)
		}
		a.MustVerify()
	})
}

func TestWhatIsForgottenOrWithdrawnIsNotChanged(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		ctx := t.Context()
		forgotten, withdrawn, late := request(t, a, form("a@example.org")), request(t, a, form("b@example.org")), request(t, a, form("c@example.org"))
		confirm(t, a, forgotten, appeal.OutcomeConfirmed)
		confirm(t, a, withdrawn, appeal.OutcomeConfirmed)
		if err := errors.Join(a.Signatures.Forget(ctx, forgotten), a.Signatures.Withdraw(ctx, withdrawn)); err != nil {
			t.Fatal(err)
		}
		a.Clock.Advance(a.Appeal.Current().Retention.RequestLife() + time.Second)
		for row, want := range map[int64]error{forgotten: appeal.ErrForgotten, withdrawn: appeal.ErrWithdrawn, late: appeal.ErrNoSignature, 7: appeal.ErrNoSignature} {
			if err := a.Signatures.Rename(ctx, row, "Somebody"); !errors.Is(err, want) {
				t.Errorf("rename: %v, want %v", err, want)
			}
			if err := a.Signatures.SetTicks(ctx, row, appeal.TickForm{Consents: appeal.ConsentShowName, Lang: "en"}); !errors.Is(err, want) {
				t.Errorf("ticks: %v, want %v", err, want)
			}
		}
		if n := count(t, a, "signatures", "name IS NOT NULL"); n != 0 {
			t.Errorf("%d names are stored", n)
		}
		if n := count(t, a, "tick_changes", "1 = 1"); n != 0 {
			t.Errorf("%d changes of ticks are stored", n)
		}
	})
}

func TestEachTickIsKeptWithTheWordsThatWereRead(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		ctx := t.Context()
		write := func(lang, recipients string) {
			t.Helper()
			if err := a.Appeal.SaveText(ctx, appeal.Recipients, lang, recipients, 0); err != nil {
				t.Fatal(err)
			}
		}
		write("en", "The Secretary-General.")
		f := form("mina@example.org")
		f.Lang, f.Consents = "ko", appeal.ConsentCount|appeal.ConsentHandover
		row := request(t, a, f)
		signed := a.Clock.Now().UnixMilli()
		a.Clock.Advance(time.Hour)
		write("ko", "사무총장과 네 정부")
		write("en", "The Secretary-General and four governments.")
		confirm(t, a, row, appeal.OutcomeConfirmed)
		if n := count(t, a, "tick_changes", "1 = 1"); n != 0 {
			t.Errorf("signing wrote %d rows of changes", n)
		}
		wording := func(lang, id string) string { return a.Catalogues.For(lang).T("sign." + id) }
		expect := func(what string, want ...appeal.Tick) {
			t.Helper()
			for i, got := range find(t, a, row).Ticks {
				w := want[i]
				if got.Name != w.Name || got.Given != w.Given || got.Changed != w.Changed || w.At != 0 && got.At != w.At ||
					w.Wording.Body != "" && (got.Wording.Body != w.Wording.Body || got.Wording.Lang != w.Wording.Lang) ||
					w.Recipients.Body != "" && (got.Recipients.Body != w.Recipients.Body || got.Recipients.Lang != w.Recipients.Lang) {
					t.Errorf("%s: %+v, want %+v", what, got, w)
				}
			}
		}
		consent := appeal.Tick{Name: "consent", Given: true, At: signed, Wording: appeal.Text{Lang: "ko", Body: wording("ko", "consent")}}
		expect("as signed", consent, appeal.Tick{Name: "show_name"},
			appeal.Tick{Name: "handover", Given: true, At: signed, Wording: appeal.Text{Lang: "ko", Body: wording("ko", "handover")}, Recipients: appeal.Text{Lang: "en", Body: "The Secretary-General."}},
			appeal.Tick{Name: "updates"})

		// Taken back, and given again on an English page that named its texts.
		setTicks(t, a, row, 0)
		taken := a.Clock.Now().UnixMilli()
		expect("taken back", consent, appeal.Tick{Name: "show_name"}, appeal.Tick{Name: "handover", Changed: true, At: taken}, appeal.Tick{Name: "updates"})
		page := a.Appeal.Current().Terms("en").ID
		a.Clock.Advance(time.Hour)
		write("en", "Nobody yet.")
		given := a.Clock.Now().UnixMilli()
		again := appeal.TickForm{Consents: appeal.ConsentHandover | appeal.ConsentUpdates, Lang: "en", Terms: page}
		for range 2 { // twice is as good as once
			if err := a.Signatures.SetTicks(ctx, row, again); err != nil {
				t.Fatal(err)
			}
		}
		expect("given again", consent, appeal.Tick{Name: "show_name"},
			appeal.Tick{Name: "handover", Given: true, Changed: true, At: given, Wording: appeal.Text{Lang: "en", Body: wording("en", "handover")}, Recipients: appeal.Text{Lang: "en", Body: "The Secretary-General and four governments."}},
			appeal.Tick{Name: "updates", Given: true, Changed: true, At: given, Wording: appeal.Text{Lang: "en", Body: wording("en", "updates")}})
		if n := count(t, a, "tick_changes", "signature_id = ?", row); n != 3 {
			t.Errorf("%d changes are kept, want 3", n)
		}
		a.MustVerify()
		if err := a.Signatures.Forget(ctx, row); err != nil {
			t.Fatal(err)
		}
		if n := count(t, a, "tick_changes", "1 = 1"); n != 0 {
			t.Errorf("%d changes are left of a person who was forgotten", n)
		}
		expect("forgotten", consent, appeal.Tick{Name: "show_name"}, appeal.Tick{Name: "handover"}, appeal.Tick{Name: "updates"})
		a.MustVerify()
	})
}

func TestASignatureNamesTheTermsThatStoodOnItsPage(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		read := a.Appeal.Current().Terms("en").ID
		foreign := a.Appeal.Current().Terms("ko").ID
		if err := a.Appeal.SaveText(t.Context(), appeal.Body, "en", "Another appeal.", 0); err != nil {
			t.Fatal(err)
		}
		now := a.Appeal.Current().Terms("en").ID
		if read == now || read == 0 || foreign == 0 {
			t.Fatalf("terms %d, %d, %d", read, now, foreign)
		}
		for i, c := range []struct{ named, want int64 }{{read, read}, {now, now}, {0, now}, {foreign, now}, {77, now}, {-1, now}} {
			f := form(address(i))
			f.TermsID = c.named
			row := request(t, a, f)
			confirm(t, a, row, appeal.OutcomeConfirmed)
			if got := find(t, a, row).TermsID; got != c.want {
				t.Errorf("a page that named %d: stored %d, want %d", c.named, got, c.want)
			}
		}
		// The same texts make the same terms, whoever asks.
		before := count(t, a, "terms", "1 = 1")
		if err := a.Appeal.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		if after := count(t, a, "terms", "1 = 1"); after != before {
			t.Errorf("reading anew made %d terms", after-before)
		}
		a.MustVerify()
	})
}
