package design_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/config"
	"olivebranch/pkg/design"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/testkit"
)

// house is a campaign without its web.
type house struct {
	*app.Core
	t     *testing.T
	conf  *config.Config
	clock *testkit.Clock
}

var admin = audit.Actor{Kind: audit.Staff, ID: 7}

func onEach(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := &house{t: t, conf: c, clock: testkit.NewClock()}
		if err := app.Migrate(t.Context(), c, h.clock.Now); err != nil {
			t.Fatal(err)
		}
		h.Core = h.open()
		test(t, h)
	})
}

// open makes one more copy of the program.
func (h *house) open() *app.Core {
	h.t.Helper()
	core, err := app.OpenCore(h.t.Context(), h.conf, h.clock.Now)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = core.Close() })
	return core
}

func dawn(change ...func(*design.Design)) design.Design {
	d := design.Design{Code: "dawn", Button: "#9C3D12", Figure: "#8a3b12", Position: 10,
		Texts: map[string]design.Text{"en": {Slogan: "  Long   enough. ", Label: "Join"}, "ko": {Slogan: "이제 평화로"}}}
	for _, c := range change {
		c(&d)
	}
	return d
}

func code(s string) func(*design.Design)    { return func(d *design.Design) { d.Code = s } }
func position(n int64) func(*design.Design) { return func(d *design.Design) { d.Position = n } }
func days(first, last string) func(*design.Design) {
	return func(d *design.Design) { d.FirstDay, d.LastDay = first, last }
}

func (h *house) create(change ...func(*design.Design)) *design.Design {
	h.t.Helper()
	made, err := h.Designs.Create(h.t.Context(), dawn(change...), admin)
	if err != nil {
		h.t.Fatal(err)
	}
	return made
}

func (h *house) publish(change ...func(*design.Design)) *design.Design {
	h.t.Helper()
	made := h.create(change...)
	if err := h.Designs.Publish(h.t.Context(), made.ID, made.Version, admin); err != nil {
		h.t.Fatal(err)
	}
	return h.stored(made.ID)
}

func (h *house) stored(id int64) *design.Design {
	h.t.Helper()
	d, err := h.Designs.ByID(id)
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

// running are the codes of those that show now.
func (h *house) running() string {
	var codes []string
	for _, d := range h.Designs.Running(h.clock.Now()).All() {
		codes = append(codes, d.Code)
	}
	return strings.Join(codes, " ")
}

func fields(err error) []string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return nil
	}
	return f.Fields.Names()
}

func TestADesignShowsFromPublishingToWithdrawing(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		d := h.create()
		if h.running() != "" || h.Designs.Offered("dawn", h.clock.Now()) || h.Designs.Offered("", h.clock.Now()) {
			t.Errorf("a draft shows: %q", h.running())
		}
		if got := h.stored(d.ID); got.Button != "#9c3d12" || got.Texts["en"].Slogan != "Long enough." || got.State != design.Draft || got.Version != 1 {
			t.Errorf("stored: %+v", got)
		}
		if err := h.Designs.Publish(ctx, d.ID, 1, admin); err != nil {
			t.Fatal(err)
		}
		if h.running() != "dawn" || !h.Designs.Offered("dawn", h.clock.Now()) {
			t.Errorf("published, and shows %q", h.running())
		}
		changed := *h.stored(d.ID)
		changed.Code, changed.Texts = "other", map[string]design.Text{"en": {Slogan: "Enough.", Label: "Join"}, "ko": {Slogan: "이제 평화로"}}
		if err := h.Designs.Change(ctx, changed, admin); err != nil {
			t.Fatal(err)
		}
		shown := h.Designs.Running(h.clock.Now()).All()[0]
		if shown.Code != "dawn" || shown.Slogans["en"] != "Enough." || shown.Slogans["ko"] != "이제 평화로" || h.stored(d.ID).Version != 3 {
			t.Errorf("changed: %+v", shown)
		}
		if err := h.Designs.Change(ctx, *h.stored(d.ID), admin); err != nil || h.stored(d.ID).Version != 3 {
			t.Errorf("nothing was changed: %v, version %d", err, h.stored(d.ID).Version)
		}
		if err := h.Designs.Withdraw(ctx, d.ID, 3, admin); err != nil || h.running() != "" {
			t.Errorf("withdrawn: %v, shows %q", err, h.running())
		}
		if err := h.Designs.Publish(ctx, d.ID, 4, admin); err != nil || h.running() != "dawn" {
			t.Errorf("published again: %v, shows %q", err, h.running())
		}
		entries, _, err := h.Trail.Newest(ctx, design.Subject, d.ID, 10)
		var did []string
		for _, e := range entries {
			did = append(did, e.Action)
		}
		if want := []string{"design.created", "design.published", "design.changed", "design.withdrawn", "design.published"}; err != nil || !slices.Equal(did, want) {
			t.Fatalf("trail %v, %v", did, err)
		}
		if e := entries[2]; e.Before != `{"slogan":{"en":"Long enough."}}` || e.After != `{"slogan":{"en":"Enough."}}` || e.ActorID != admin.ID {
			t.Errorf("the change in the trail: %+v", e)
		}
	})
}

func TestWhoComesTooLateIsTold(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		d := h.publish()
		for what, err := range map[string]error{
			"publish twice": h.Designs.Publish(ctx, d.ID, d.Version, admin),
			"an old page":   h.Designs.Withdraw(ctx, d.ID, d.Version-1, admin),
			"an old form":   h.Designs.Change(ctx, design.Design{ID: d.ID, Version: 1}, admin),
		} {
			if fault.KindOf(err) != fault.Conflict {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := h.Designs.Publish(ctx, 42, 1, admin); !errors.Is(err, design.ErrNone) {
			t.Errorf("no such design: %v", err)
		}
		if _, err := h.Designs.Create(ctx, dawn(), admin); !slices.Equal(fields(err), []string{"code"}) {
			t.Errorf("the code is taken: %v", err)
		}
		var wait sync.WaitGroup
		won := make(chan error, 4)
		for i := range 4 {
			want := *d
			want.Position = int64(20 + i)
			wait.Go(func() { won <- h.Designs.Change(ctx, want, admin) })
		}
		wait.Wait()
		close(won)
		n := 0
		for err := range won {
			if err == nil {
				n++
			} else if fault.KindOf(err) != fault.Conflict {
				t.Error(err)
			}
		}
		if n != 1 || h.stored(d.ID).Version != d.Version+1 {
			t.Errorf("%d of four changes at once were made, version %d", n, h.stored(d.ID).Version)
		}
	})
}

func TestWhatADesignMayNotBe(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for _, c := range []struct {
			change func(*design.Design)
			want   string
		}{
			{code(""), "code"}, {code("my-banner"), "code"}, {code("728x90"), "code"}, {code("new"), "code"}, {code("any"), "code"}, {code("../x"), "code"},
			{position(-1), "position"}, {position(10_000), "position"},
			{days("2026-02-30", ""), "first_day"}, {days("", "soon"), "last_day"}, {days("2026-02-02", "2026-02-01"), "last_day"},
			{func(d *design.Design) { d.Button = "" }, "button"},
			{func(d *design.Design) { d.Figure = "red" }, "figure"},
			{func(d *design.Design) { d.Figure = `#000"/><script>` }, "figure"},
			{func(d *design.Design) { d.Texts["ko"] = design.Text{Slogan: strings.Repeat("각", 36)} }, "slogan_ko"},
			{func(d *design.Design) { d.Texts["ar"] = design.Text{Label: strings.Repeat("ب", 21)} }, "label_ar"},
			{func(d *design.Design) { d.Texts["en"] = design.Text{Slogan: "a\u202eb"} }, "slogan_en"},
		} {
			if _, err := h.Designs.Create(t.Context(), dawn(c.change), admin); !slices.Equal(fields(err), []string{c.want}) {
				t.Errorf("refused for %v, want %s: %v", fields(err), c.want, err)
			}
		}
		if len(h.Designs.All()) > 0 {
			t.Errorf("made: %v", h.Designs.All())
		}
	})
}

func TestColoursThatCannotBeReadAreRefusedWithTheirContrast(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for _, c := range []struct{ button, figure, field, key, have, need string }{
			{"#1b64a7", "#777777", "figure", "designs.figure_faint", "4.28", "4.50"},
			{"#f2c200", "#55722f", "button", "designs.edge_faint", "1.60", "3.00"},
			// Too dark for dark words and too light for light ones.
			{"#7a7a7a", "#55722f", "button", "designs.label_faint", "4.29", "4.50"},
		} {
			_, err := h.Designs.Create(t.Context(), dawn(func(d *design.Design) { d.Button, d.Figure = c.button, c.figure }), admin)
			var f *fault.Error
			if !errors.As(err, &f) || len(f.Fields) != 1 || f.Fields[c.field] == nil {
				t.Fatalf("%s %s: %v", c.button, c.figure, err)
			}
			if got := f.Fields[c.field]; got.Key != c.key || got.Args["Have"] != c.have || got.Args["Need"] != c.need {
				t.Errorf("%s %s: %s %v", c.button, c.figure, got.Key, got.Args)
			}
		}
		button, figure := banner.BuiltIn()
		h.create(func(d *design.Design) { d.Button, d.Figure = button, figure })
	})
}

func TestDesignsComeAndGoWithTheirDays(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		today := h.clock.Now().UTC().Truncate(24 * time.Hour)
		day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
		h.publish(code("always"), position(20))
		h.publish(code("soon"), position(10), days(day(1), day(2)))
		h.publish(code("past"), position(5), days("", day(-1)))
		h.publish(code("today"), position(30), days(day(0), day(0)))
		for _, c := range []struct {
			at   time.Duration
			want string
		}{
			{0, "always today"}, {24*time.Hour - time.Millisecond, "always today"}, {24 * time.Hour, "soon always"},
			{72*time.Hour - time.Millisecond, "soon always"}, {72 * time.Hour, "always"}, {1000 * time.Hour, "always"},
		} {
			if at := today.Add(c.at); at.After(h.clock.Now()) {
				h.clock.Advance(at.Sub(h.clock.Now()))
			}
			if got := h.running(); got != c.want {
				t.Errorf("after %v: %q, want %q", c.at, got, c.want)
			}
			if set := h.Designs.Running(h.clock.Now()); set != h.Designs.Running(h.clock.Now()) {
				t.Errorf("after %v: another set though nothing changed", c.at)
			}
		}
	})
}

func TestOneSetForAllWhoAskAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.publish()
		for range 20 { // the first ones to ask after a change are those in danger
			if err := h.Designs.Reload(t.Context()); err != nil {
				t.Fatal(err)
			}
			sets, start := make([]*banner.Designs, 20), make(chan struct{})
			var wait sync.WaitGroup
			for i := range sets {
				wait.Go(func() {
					<-start
					sets[i] = h.Designs.Running(h.clock.Now())
				})
			}
			close(start)
			wait.Wait()
			for _, s := range sets {
				if s != sets[0] {
					t.Fatal("two sets at one time")
				}
			}
		}
	})
}

func TestAnotherCopyReadsWhatChanged(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		other := h.open()
		h.publish()
		if other.Designs.Version() == h.Designs.Version() {
			t.Error("the change counter stands still")
		}
		if err := other.Designs.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !other.Designs.Offered("dawn", h.clock.Now()) || other.Designs.Version() != h.Designs.Version() {
			t.Error("the other copy does not show it")
		}
	})
}
