package appeal_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	mailaddress "olivebranch/pkg/address"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/testkit"
)

const day = 24 * time.Hour

var admin = audit.Actor{Kind: audit.Staff, ID: 7}

func night(t *testing.T, a *testkit.App) appeal.Erased {
	t.Helper()
	n, err := custody(a).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a.MustVerify()
	return n
}

func custody(a *testkit.App) *appeal.Custody {
	return &appeal.Custody{Store: a.Store, Appeal: a.Appeal, Now: a.Clock.Now}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// signWith is somebody who ticked these boxes besides the first, and confirmed.
func signWith(t *testing.T, a *testkit.App, mail string, ticks appeal.Consents) int64 {
	t.Helper()
	f := form(mail)
	f.Consents |= ticks
	row := request(t, a, f)
	confirm(t, a, row, appeal.OutcomeConfirmed)
	return row
}

// left says what is kept of a person: n for the name, a for the address, d for
// its domain, r for the address range, k for the coded address.
func left(t *testing.T, a *testkit.App, row int64) string {
	t.Helper()
	var s appeal.Signature
	must(t, a.Store.Read(t.Context()).Where("id = ?", row).Take(&s).Error)
	out := ""
	for _, c := range []struct {
		sign  string
		bytes []byte
	}{{"n", s.Name}, {"a", s.Email}, {"d", s.DomainKey}, {"r", s.RangeKey}, {"k", s.EmailKey}} {
		if c.bytes != nil {
			out += c.sign
		}
	}
	return out
}

func wantLeft(t *testing.T, a *testkit.App, want map[int64]string) {
	t.Helper()
	for row, w := range want {
		if got := left(t, a, row); got != w {
			t.Errorf("%s: of the signature with %04b %q is left, want %q", a.Clock.Now(), ticksOf(t, a, row), got, w)
		}
	}
}

func ticksOf(t *testing.T, a *testkit.App, row int64) (ticks int64) {
	t.Helper()
	must(t, a.Store.Read(t.Context()).Raw("SELECT consents FROM signatures WHERE id = ?", row).Scan(&ticks).Error)
	return ticks
}

func TestAddressesAreKeptAsLongAsTheirOwnersAndTheSettingsSay(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		neither, shown := signWith(t, a, address(1), 0), signWith(t, a, address(2), appeal.ConsentShowName)
		updates := signWith(t, a, address(3), appeal.ConsentUpdates)
		handover := signWith(t, a, address(4), appeal.ConsentHandover|appeal.ConsentShowName)
		a.Clock.Advance(30*day - time.Second)
		if n := night(t, a); n != (appeal.Erased{}) {
			t.Errorf("a second early: %s", n)
		}
		wantLeft(t, a, map[int64]string{neither: "nadrk", shown: "nadrk", updates: "nadrk", handover: "nadrk"})
		a.Clock.Advance(2 * time.Second) // each batch of forms has a millisecond of its own
		if n := night(t, a); n != (appeal.Erased{Ranges: 4}) {
			t.Errorf("after 30 days: %s", n)
		}
		wantLeft(t, a, map[int64]string{neither: "nadk", shown: "nadk", updates: "nadk", handover: "nadk"})

		a.Clock.Advance(60*day - 2*time.Second)
		if n := night(t, a); n != (appeal.Erased{}) {
			t.Errorf("a second early: %s", n)
		}
		a.Clock.Advance(2 * time.Second)
		if n := night(t, a); n != (appeal.Erased{Addresses: 2}) {
			t.Errorf("after 90 days: %s", n)
		}
		wantLeft(t, a, map[int64]string{neither: "k", shown: "nk", updates: "nadk", handover: "nadk"})
		if n := night(t, a); n != (appeal.Erased{}) {
			t.Errorf("done twice: %s", n)
		}
		page, err := a.Signatures.Find(t.Context(), neither)
		if err != nil || !page.AddressErased() || page.State != appeal.Counted {
			t.Errorf("their page: %+v, %v", page, err)
		}

		// Handed over on the day on which it is May 30; a later signature stays,
		// and so does that of who was not handed over and has 90 days.
		soon := signWith(t, a, address(6), 0)
		must(t, a.Appeal.SetDelivered(t.Context(), "2026-05-30", admin))
		a.Clock.Advance(24 * time.Hour)
		late := signWith(t, a, address(5), appeal.ConsentHandover)
		a.Clock.Advance(time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC).Sub(a.Clock.Now()) - time.Second)
		if n := night(t, a); n != (appeal.Erased{Ranges: 1}) {
			t.Errorf("a second early: %s", n)
		}
		a.Clock.Advance(time.Second)
		if n := night(t, a); n != (appeal.Erased{Delivered: 2}) {
			t.Errorf("30 days after the delivery: %s", n)
		}
		wantLeft(t, a, map[int64]string{neither: "k", shown: "nk", updates: "k", handover: "nk", late: "nadrk", soon: "nadk"})
		if n := night(t, a); n != (appeal.Erased{}) {
			t.Errorf("done twice: %s", n)
		}
		if a.Tally.Total() != 6 {
			t.Errorf("%d counted, want 6", a.Tally.Total())
		}
		// Who signed can still change their mind.
		must(t, a.Signatures.Withdraw(t.Context(), neither))
		must(t, a.Signatures.Forget(t.Context(), handover))
		wantLeft(t, a, map[int64]string{neither: "", handover: "k"})
		confirm(t, a, request(t, a, form(address(3))), appeal.OutcomeAlready)
	})
}

func TestANameThatIsNotShownAnyMoreGoesWhereTheAddressWent(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		row := signWith(t, a, address(1), appeal.ConsentShowName)
		a.Clock.Advance(90 * day)
		night(t, a)
		wantLeft(t, a, map[int64]string{row: "nk"})
		must(t, a.Store.Exec(t.Context(), "UPDATE signatures SET consents = 1 WHERE id = ?", row))
		if n := night(t, a); n.Addresses != 1 {
			t.Error(n)
		}
		wantLeft(t, a, map[int64]string{row: "k"})
	})
}

func TestRequestsThatWaitLoseTheirAddressRangeToo(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		keep := a.Appeal.Current().Retention
		keep.Ranges, keep.Unconfirmed = 2, 5
		must(t, a.Appeal.SetRetention(t.Context(), keep, admin))
		row := request(t, a, form(address(1)))
		a.Clock.Advance(2 * day)
		if n := night(t, a); n.Ranges != 1 {
			t.Error(n)
		}
		confirm(t, a, row, appeal.OutcomeConfirmed)
		wantLeft(t, a, map[int64]string{row: "nadk"})
		late := request(t, a, form(address(2)))
		a.Clock.Advance(5 * day)
		confirm(t, a, late, appeal.OutcomeExpired)
		if n, err := a.Intake.Purge(t.Context()); err != nil || n != 2 {
			t.Errorf("purged %d, %v; want 2", n, err)
		}
	})
}

// 2,500 are more than two batches; the first run is stopped between its rules.
func TestANightThatIsCutShortIsFinishedByTheNext(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		const many = 2500
		for at := 0; at < many; at += 500 {
			var entries []appeal.Entry
			for i := range 500 {
				entries = append(entries, appeal.Entry{Name: "Mina Example", Mail: mail(t, address(at+i)), Country: "KR", Lang: "en",
					Origin: appeal.Online, Confirmed: a.Clock.Now()})
			}
			if n, err := a.Signatures.Add(t.Context(), a.Appeal.Current(), entries); err != nil || n != 500 {
				t.Fatalf("added %d, %v", n, err)
			}
		}
		must(t, a.Store.Exec(t.Context(), "UPDATE signatures SET range_key = email_key"))
		a.Clock.Advance(100 * day)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		asked := 0
		c := custody(a)
		c.Now = func() time.Time {
			if asked++; asked == 3 { // for the closing, for the ranges, for the addresses
				stop()
			}
			return a.Clock.Now()
		}
		n, err := c.Run(ctx)
		if !errors.Is(err, context.Canceled) || n.Ranges != many || n.Addresses != 0 {
			t.Fatalf("cut short: %s, %v", n, err)
		}
		if n := night(t, a); n != (appeal.Erased{Addresses: many}) {
			t.Errorf("the next night: %s", n)
		}
	})
}

func TestCodedAddressesAreDestroyedAfterTheCloseAndTheAppealStaysClosed(t *testing.T) {
	for name, closing := range map[string]func(t *testing.T, a *testkit.App){
		"last day": func(t *testing.T, a *testkit.App) {
			must(t, a.Appeal.SetLastDay(t.Context(), "2026-03-01", admin))
			a.Clock.Advance(12 * time.Hour) // until midnight
		},
		"sunset": func(t *testing.T, a *testkit.App) {
			must(t, a.Appeal.SetSunset(t.Context(), true, admin))
		},
		"sunset before a last day": func(t *testing.T, a *testkit.App) {
			must(t, a.Appeal.SetLastDay(t.Context(), "2026-03-20", admin))
			must(t, a.Appeal.SetSunset(t.Context(), true, admin))
		},
		"state": func(t *testing.T, a *testkit.App) {
			must(t, a.Store.Exec(t.Context(), "UPDATE appeals SET state = 'closed'"))
			night(t, a)
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, a *testkit.App) {
				first, forgotten := signWith(t, a, address(1), 0), signWith(t, a, address(2), 0)
				must(t, a.Signatures.Forget(t.Context(), forgotten))
				closing(t, a)
				request(t, a, form(address(3))) // of a form that was open when it closed
				a.Clock.Advance(30*day - time.Millisecond)
				if n := night(t, a); n.Keys != 0 || a.Appeal.Current().KeysDestroyed != 0 {
					t.Errorf("a millisecond early: %s", n)
				}
				a.Clock.Advance(time.Millisecond)
				if n := night(t, a); n.Keys != 2 || a.Appeal.Current().KeysDestroyed != a.Clock.Now().UnixMilli() {
					t.Errorf("after 30 days: %s, since %d", n, a.Appeal.Current().KeysDestroyed)
				}
				wantLeft(t, a, map[int64]string{first: "na", forgotten: ""})
				if n := night(t, a); n != (appeal.Erased{}) {
					t.Errorf("done twice: %s", n)
				}
				var waiting int64
				must(t, a.Store.Read(t.Context()).Table("sign_requests").Where("email_key IS NOT NULL").Count(&waiting).Error)
				if waiting != 0 || a.Tally.Total() != 2 {
					t.Errorf("%d requests keep a code, %d are counted", waiting, a.Tally.Total())
				}

				for _, day := range []string{"2027-01-01", ""} {
					if day == a.Appeal.Current().LastDay {
						continue
					}
					if err := a.Appeal.SetLastDay(t.Context(), day, admin); fieldKey(err, "last_day") != appeal.ErrKeysDestroyed.Key {
						t.Errorf("opened again until %q: %v", day, err)
					}
				}
				if a.Appeal.Current().Sunset {
					if err := a.Appeal.SetSunset(t.Context(), false, admin); !errors.Is(err, appeal.ErrKeysDestroyed) {
						t.Errorf("the sunset taken back: %v", err)
					}
				}
				must(t, a.Store.Exec(t.Context(), "DELETE FROM settings WHERE key IN ('last_day', 'sunset')"))
				must(t, a.Store.Exec(t.Context(), "UPDATE appeals SET state = 'open'"))
				must(t, a.Appeal.Reload(t.Context()))
				if !a.Appeal.Current().Ended(a.Clock.Now()) {
					t.Error("it takes signatures again, of people who may have signed")
				}
			})
		})
	}
}

func fieldKey(err error, field string) string {
	var f *fault.Error
	if errors.As(err, &f) && f.Fields[field] != nil {
		return f.Fields[field].Key
	}
	return ""
}

func TestAnAppealOpenedAgainStopsTheClockOfItsKeys(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		ctx := t.Context()
		row := signWith(t, a, address(1), 0)
		must(t, a.Appeal.SetSunset(ctx, true, admin))
		a.Clock.Advance(29 * day)
		must(t, a.Appeal.SetSunset(ctx, true, admin)) // ended twice: it ended the first time
		must(t, a.Appeal.SetSunset(ctx, false, admin))
		a.Clock.Advance(2 * day)
		night(t, a)
		must(t, a.Appeal.SetSunset(ctx, true, admin))
		a.Clock.Advance(29 * day)
		night(t, a)
		wantLeft(t, a, map[int64]string{row: "nadk"})
		must(t, a.Appeal.SetSunset(ctx, true, admin))
		a.Clock.Advance(day)
		if n := night(t, a); n.Keys != 1 {
			t.Errorf("30 days after it ended for good: %s", n)
		}
	})
}

func TestPeriodsHaveBoundsAndAreInTheTrail(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		ctx, usual := t.Context(), a.Appeal.Current().Retention
		if usual != (appeal.Retention{Unconfirmed: 7, Ranges: 30, Addresses: 90, Delivered: 30, Keys: 30, Held: 7}) {
			t.Fatalf("without settings: %+v", usual)
		}
		for _, p := range appeal.Periods {
			for _, days := range []int{p.Least - 1, p.Most + 1, 0, -1} {
				keep := usual
				p.Set(&keep, days)
				if err := a.Appeal.SetRetention(ctx, keep, admin); fieldKey(err, p.Key) != "settings.days_bad" {
					t.Errorf("%s %d: %v", p.Key, days, err)
				}
			}
			for _, days := range []int{p.Least, p.Most} {
				keep := usual
				p.Set(&keep, days)
				must(t, a.Appeal.SetRetention(ctx, keep, admin))
				if got := a.Appeal.Current().Retention; got != keep {
					t.Errorf("%s %d: %+v", p.Key, days, got)
				}
			}
			must(t, a.Appeal.SetRetention(ctx, usual, admin))
			must(t, a.Appeal.SetRetention(ctx, usual, admin)) // changes nothing
		}
		var noted []string
		must(t, a.Store.Read(ctx).Model(&audit.Entry{}).Where("action = 'settings.changed' AND actor_kind = 'staff' AND actor_id = 7").Order("id").Pluck("after", &noted).Error)
		var want []string
		for _, p := range appeal.Periods {
			for _, days := range []int{p.Least, p.Most, p.Default} {
				want = append(want, fmt.Sprintf(`{"%s":%d}`, p.Key, days))
			}
		}
		if !reflect.DeepEqual(noted, want) {
			t.Errorf("noted %v, want %v", noted, want)
		}
	})
}

func TestADeliveryIsADayThatHasCome(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		for _, day := range []string{"2026-03-02", "2026-02-30", "yesterday", "2026-3-1", "\x00"} {
			if err := a.Appeal.SetDelivered(t.Context(), day, admin); fieldKey(err, "delivered_on") == "" || a.Appeal.Current().Delivered != "" {
				t.Errorf("%q: %v", day, err)
			}
		}
		for _, day := range []string{"2026-03-01", "2025-12-31", ""} {
			must(t, a.Appeal.SetDelivered(t.Context(), day, admin))
			if got := a.Appeal.Current().Delivered; got != day {
				t.Errorf("%q, want %q", got, day)
			}
		}
	})
}

func mail(t *testing.T, s string) mailaddress.Mail {
	t.Helper()
	m, err := mailaddress.ParseMail(s)
	must(t, err)
	return m
}
