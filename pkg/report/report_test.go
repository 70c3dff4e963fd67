package report_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/report"
	"olivebranch/pkg/testkit"
)

var minji = audit.Actor{Kind: audit.Staff, ID: 7}

func about(id int64) report.Form {
	return report.Form{Subject: report.OfMessage, SubjectID: id, Reason: "insult", Words: "It is not kind.", Lang: "en"}
}

func TestReportsBecomeACaseThatIsDecidedAsItWasRead(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a, ctx := testkit.Run(t, c), t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		cases := func(state string) []report.Case {
			t.Helper()
			list, err := a.Reports.Cases(ctx, state)
			must(err)
			return list
		}
		must(a.Reports.File(ctx, about(11)))
		a.Clock.Advance(time.Second)
		must(a.Reports.File(ctx, about(12)))
		must(a.Reports.File(ctx, about(11)))
		open := cases(report.Open)
		if len(open) != 2 || open[0].SubjectID != 11 || open[0].N != 2 {
			t.Fatalf("open are %+v", open)
		}
		// One comes while a moderator reads; it is not decided unread.
		a.Clock.Advance(time.Second)
		must(a.Reports.File(ctx, about(11)))
		read := report.Verdict{Subject: report.OfMessage, SubjectID: 11, Last: open[0].Last, State: report.Dismissed}
		must(a.Reports.Decide(ctx, read, minji))
		if now := cases(report.Open); len(now) != 2 || now[1].SubjectID != 11 || now[1].N != 1 {
			t.Errorf("open are %+v", now)
		}
		if err := a.Reports.Decide(ctx, read, minji); !errors.Is(err, report.ErrMoved) {
			t.Errorf("decided twice: %v", err)
		}
		if n, err := a.Reports.Waiting(ctx); n != 2 || err != nil {
			t.Errorf("%d wait, %v", n, err)
		}
		must(a.Reports.Reopen(ctx, report.OfMessage, 11, minji))
		if now := cases(report.Open); now[0].N != 3 || len(cases(report.Dismissed)) != 0 {
			t.Errorf("open again are %+v", now)
		}
		read.Last, read.State = cases(report.Open)[0].Last, report.Upheld
		must(a.Reports.Decide(ctx, read, minji))
		a.Clock.Advance(report.Kept - time.Minute)
		if n, err := a.Reports.Forget(ctx); n != 0 || err != nil {
			t.Errorf("%d forgotten early, %v", n, err)
		}
		a.Clock.Advance(2 * time.Minute)
		if n, err := a.Reports.Forget(ctx); n != 3 || err != nil || len(cases(report.Open)) != 1 {
			t.Errorf("%d forgotten, %v", n, err)
		}
	})
}

func TestAReportNeedsAReasonOfItsKindAndBoundsItsWords(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	for _, bad := range []report.Form{
		{Subject: report.OfMessage, SubjectID: 1, Reason: "impostor"},
		{Subject: report.OfPartner, SubjectID: 1, Reason: ""},
		{Subject: "signature", SubjectID: 1, Reason: "insult"},
		{Subject: report.OfMessage, SubjectID: 1, Reason: "insult", Words: strings.Repeat("가", 501)},
		{Subject: report.OfMessage, SubjectID: 1, Reason: "insult", Words: "a\u202eb"},
	} {
		if err := a.Reports.File(t.Context(), bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	for range 60 { // whoever sends the same all day fills nothing
		if err := a.Reports.File(t.Context(), about(1)); err != nil {
			t.Fatal(err)
		}
	}
	if rows, err := a.Reports.Of(t.Context(), report.OfMessage, 1, report.Open); len(rows) != 50 || err != nil {
		t.Errorf("%d are kept, %v", len(rows), err)
	}
}
