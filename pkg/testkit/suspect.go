package testkit

import (
	"encoding/json"
	"strconv"

	"olivebranch/pkg/scrutiny"
)

// Suspect puts a group of each kind under hold and raises an alarm of each, with
// every piece of evidence. It returns the ids of one alarm and of its hold.
func (a *App) Suspect(partner int64) (alarm, hold int64) {
	a.t.Helper()
	ctx, now := a.t.Context(), a.Now().UnixMilli()
	f := scrutiny.Figures{N: 1234, Partner: partner, Country: "FR", Domain: "throw-away.example", From: now - 7_200_000, Until: now}
	for i, kind := range scrutiny.EvidenceKinds() {
		f.Evidence = append(f.Evidence, scrutiny.Evidence{Kind: kind, Points: 1 + i%3, N: 321, Share: .87, Middle: 12, Upper: 31})
	}
	text, err := json.Marshal(f)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, kind := range scrutiny.GroupKinds() {
		hold = a.Store.NewID()
		err := a.Store.Exec(ctx, "INSERT INTO holds (id, kind, rule, reason, figures, since, opened_at, seen_at, ended_at, by_kind, by_id, cleared) VALUES (?, ?, ?, 'alike', ?, ?, ?, ?, 0, '', 0, ?)",
			hold, kind, `{"country":"AQ"}`, string(text), now, now, now, false)
		if err != nil {
			a.t.Fatal(err)
		}
		if err := a.Scrutiny.Alarm(ctx, scrutiny.AlarmGroup, strconv.FormatInt(hold, 10), f); err != nil {
			a.t.Fatal(err)
		}
	}
	for _, kind := range append(scrutiny.AlarmKinds()[1:], "unknown") {
		if err := a.Scrutiny.Alarm(ctx, kind, "1", f); err != nil {
			a.t.Fatal(err)
		}
	}
	if err := a.Scrutiny.Alarm(ctx, "held_overdue", "", map[string]any{"overdue": 12}); err != nil {
		a.t.Fatal(err)
	}
	open, err := a.Scrutiny.Alarms(ctx, false)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, one := range open {
		if one.Key == strconv.FormatInt(hold, 10) {
			alarm = one.ID
		}
	}
	return alarm, hold
}
