package appeal_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/testkit"
)

func TestASignatureCountsOnceItIsConfirmed(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		row := request(t, a, form("mina@example.org"))
		if n := a.Tally.Total(); n != 0 {
			t.Fatalf("counted before confirming: %d", n)
		}
		confirm(t, a, row, appeal.OutcomeConfirmed)
		confirm(t, a, row, appeal.OutcomeRepeated)
		if n := a.Tally.Total(); n != 1 {
			t.Errorf("total %d, want 1", n)
		}
		for kind, key := range map[string]string{
			appeal.ByPartner: appeal.Direct, appeal.ByCountry: "KR", appeal.ByLanguage: "en", appeal.ByOrigin: appeal.Online,
			appeal.ByDay: "2026-03-01", appeal.ByState: appeal.Counted,
		} {
			if n := a.Tally.Get(kind, key); n != 1 {
				t.Errorf("tally %s %s is %d, want 1", kind, key, n)
			}
		}
		a.MustVerify()
	})
}

func TestTwoHundredConfirmationsOfOneRequestCountOnce(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		row := request(t, a, form("mina@example.org"))
		var confirmed atomic.Int64
		var group sync.WaitGroup
		for range 200 {
			group.Go(func() {
				outcome, err := a.Intake.Confirm(context.Background(), row)
				if err != nil {
					t.Errorf("confirm: %v", err)
				}
				if outcome == appeal.OutcomeConfirmed {
					confirmed.Add(1)
				}
			})
		}
		group.Wait()
		if confirmed.Load() != 1 || a.Tally.Total() != 1 {
			t.Errorf("%d were told confirmed, total %d, want 1 and 1", confirmed.Load(), a.Tally.Total())
		}
		a.MustVerify()
	})
}

func TestOneAddressThroughFivePartnersAtOnceCountsOnce(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		var group sync.WaitGroup
		for i := range 5 {
			group.Go(func() {
				f := form("mina+" + string(rune('a'+i)) + "@example.org") // aliases of one mailbox
				f.PartnerID = int64(1000 + i)
				row, err := a.Intake.Request(context.Background(), f)
				if err != nil {
					t.Errorf("request: %v", err)
					return
				}
				if _, err := a.Intake.Confirm(context.Background(), row); err != nil {
					t.Errorf("confirm: %v", err)
				}
			})
		}
		group.Wait()
		if a.Tally.Total() != 1 || len(a.Tally.Keys(appeal.ByPartner)) != 1 {
			t.Errorf("total %d for partners %v, want one of each", a.Tally.Total(), a.Tally.Keys(appeal.ByPartner))
		}
		a.MustVerify()
	})
}

func TestASecondRequestOfAnAddressThatSignedIsToldSoOnConfirming(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		confirm(t, a, request(t, a, form("mina@example.org")), appeal.OutcomeConfirmed)
		second := request(t, a, form("MINA@example.org"))
		confirm(t, a, second, appeal.OutcomeAlready)
		confirm(t, a, second, appeal.OutcomeAlready)
		if n := a.Tally.Total(); n != 1 {
			t.Errorf("total %d, want 1", n)
		}
		a.MustVerify()
	})
}

func TestAWaitingAddressKeepsItsFirstRequestAndOneMailInTenMinutes(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		first := request(t, a, form("mina@example.org"))
		again := form("mina@example.org")
		again.Name, again.Country = "Somebody Else", "FR"
		if row := request(t, a, again); row != first {
			t.Errorf("the second form made another request")
		}
		a.LetterTo("mina@example.org", "")
		a.Until("the outbox is empty", func() bool { n, err := a.Outbox.Waiting(t.Context()); return err == nil && n == 0 })
		if n := len(a.Mail.Letters()); n != 1 {
			t.Errorf("%d mails within ten minutes, want 1", n)
		}
		a.Clock.Advance(appeal.MailPause)
		request(t, a, form("mina@example.org"))
		a.Until("the second mail", func() bool { return len(a.Mail.Letters()) == 2 })
		letters := a.Mail.Letters()
		if letters[0].Links[0] != letters[1].Links[0] {
			t.Errorf("the second mail leads elsewhere: %v, %v", letters[0].Links, letters[1].Links)
		}
		confirm(t, a, first, appeal.OutcomeConfirmed)
		if a.Tally.Get(appeal.ByCountry, "KR") != 1 {
			t.Errorf("what was confirmed is not what the first form said")
		}
	})
}

func TestARequestExpiresAfterSevenDays(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		row := request(t, a, form("mina@example.org"))
		a.Clock.Advance(a.Appeal.Current().Retention.RequestLife())
		confirm(t, a, row, appeal.OutcomeExpired)
		if n := a.Tally.Total(); n != 0 {
			t.Errorf("total %d, want 0", n)
		}
		if n, err := a.Intake.Purge(t.Context()); err != nil || n != 1 {
			t.Errorf("purge: %d rows, %v, want 1", n, err)
		}
		confirm(t, a, row, appeal.OutcomeGone)
	})
}

func TestTheSixDigitCodeConfirmsAndWrongOnesRunOut(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		ctx := context.Background()
		row := request(t, a, form("mina@example.org"))
		if outcome, err := a.Intake.EnterCode(ctx, row, a.Keys.Code(row)); err != nil || outcome != appeal.OutcomeConfirmed {
			t.Fatalf("the right code: %v, %v", outcome, err)
		}
		other := request(t, a, form("other@example.org"))
		for range appeal.MostCodeTries {
			if _, err := a.Intake.EnterCode(ctx, other, "wrong"); !errors.Is(err, appeal.ErrCode) {
				t.Fatalf("a wrong code: %v", err)
			}
		}
		if _, err := a.Intake.EnterCode(ctx, other, a.Keys.Code(other)); !errors.Is(err, appeal.ErrCodeTries) {
			t.Errorf("the right code after too many wrong ones: %v", err)
		}
		confirm(t, a, other, appeal.OutcomeConfirmed) // the link still works
	})
}

func TestWithdrawAndForget(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		ctx := context.Background()
		leaves, stays := request(t, a, form("leaves@example.org")), request(t, a, form("stays@example.org"))
		confirm(t, a, leaves, appeal.OutcomeConfirmed)
		confirm(t, a, stays, appeal.OutcomeConfirmed)
		for range 2 { // twice is as good as once
			if err := a.Signatures.Withdraw(ctx, leaves); err != nil {
				t.Fatal(err)
			}
			if err := a.Signatures.Forget(ctx, stays); err != nil {
				t.Fatal(err)
			}
		}
		if a.Tally.Total() != 1 || a.Tally.Get(appeal.ByState, appeal.Withdrawn) != 1 {
			t.Errorf("total %d, withdrawn %d, want 1 and 1", a.Tally.Total(), a.Tally.Get(appeal.ByState, appeal.Withdrawn))
		}
		gone, err := a.Signatures.Find(ctx, leaves)
		if err != nil || gone.State != appeal.Withdrawn || gone.Person != "" || gone.Mail != "" || gone.EmailKey != nil {
			t.Errorf("after withdrawing: %+v, %v", gone, err)
		}
		kept, err := a.Signatures.Find(ctx, stays)
		if err != nil || kept.State != appeal.Counted || kept.Person != "" || kept.Mail != "" || kept.EmailKey == nil {
			t.Errorf("after forgetting: %+v, %v", kept, err)
		}
		confirm(t, a, leaves, appeal.OutcomeWithdrawn)
		confirm(t, a, request(t, a, form("leaves@example.org")), appeal.OutcomeConfirmed)
		confirm(t, a, request(t, a, form("stays@example.org")), appeal.OutcomeAlready)
		if a.Tally.Total() != 2 {
			t.Errorf("total %d, want 2", a.Tally.Total())
		}
		a.MustVerify()
	})
}

func TestWithdrawingARequestLeavesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		row := request(t, a, form("mina@example.org"))
		if err := a.Signatures.Withdraw(context.Background(), row); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Signatures.Find(context.Background(), row); !errors.Is(err, appeal.ErrNoSignature) {
			t.Errorf("after withdrawing a request: %v", err)
		}
		confirm(t, a, row, appeal.OutcomeGone)
	})
}

func TestEachRefusedFieldHasItsSentence(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	_, err := a.Intake.Request(context.Background(), appeal.Form{Lang: "en"})
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		t.Fatalf("an empty form: %v", err)
	}
	for _, field := range []string{"name", "email", "country", "consent"} {
		if f.Fields[field] == nil {
			t.Errorf("no sentence for %s", field)
		}
	}
	if len(f.Fields) != 4 {
		t.Errorf("refused %v", f.Fields.Names())
	}
}

func TestOneSpoiledItemDoesNotSpoilItsBatch(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		// A trigger makes the database refuse one request of many at once.
		spoil(t, a)
		var group sync.WaitGroup
		var stored, refused atomic.Int64
		for i := range 50 {
			group.Go(func() {
				f := form(address(i))
				if i == 25 {
					f.Country = "XK"
				}
				if _, err := a.Intake.Request(context.Background(), f); err != nil {
					refused.Add(1)
					return
				}
				stored.Add(1)
			})
		}
		group.Wait()
		if stored.Load() != 49 || refused.Load() != 1 {
			t.Errorf("%d stored, %d refused, want 49 and 1", stored.Load(), refused.Load())
		}
	})
}

func spoil(t *testing.T, a *testkit.App) {
	t.Helper()
	statements := []string{"CREATE TRIGGER spoil BEFORE INSERT ON sign_requests WHEN NEW.country = 'XK' BEGIN SELECT RAISE(ABORT, 'spoiled'); END"}
	if a.Store.Postgres() {
		statements = []string{
			"CREATE FUNCTION spoil() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''spoiled''; END' LANGUAGE plpgsql",
			"CREATE TRIGGER spoil BEFORE INSERT ON sign_requests FOR EACH ROW WHEN (NEW.country = 'XK') EXECUTE FUNCTION spoil()",
		}
	}
	for _, sql := range statements {
		if err := a.Store.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAClosedIntakeRefusesBeforeAnythingIsWritten(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	a.Intake.Close()
	if _, err := a.Intake.Request(context.Background(), form("mina@example.org")); !errors.Is(err, appeal.ErrBusy) {
		t.Fatalf("after the end: %v", err)
	}
	err := a.Store.InTx(context.Background(), func(_ context.Context, tx *gorm.DB) error {
		var n int64
		if err := tx.Table("sign_requests").Count(&n).Error; err != nil || n != 0 {
			t.Errorf("%d rows, %v", n, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestANestedWriteWithAnotherContextWaitsForItself(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	err := a.Store.InTx(context.Background(), func(ctx context.Context, tx *gorm.DB) error {
		if err := a.Store.InTx(ctx, func(context.Context, *gorm.DB) error { return nil }); err != nil {
			t.Errorf("a nested write that takes part: %v", err)
		}
		other, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		if err := a.Store.InTx(other, func(context.Context, *gorm.DB) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a nested write on its own got through: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
