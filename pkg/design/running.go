package design

import (
	"sync"
	"sync/atomic"
	"time"

	"olivebranch/pkg/banner"
)

// Drawn is the design as package banner draws it.
func (d *Design) Drawn() *banner.Design {
	drawn := &banner.Design{Code: d.Code, Button: d.Button, Figure: d.Figure, Slogans: map[string]string{}, Buttons: map[string]string{}}
	for lang, t := range d.Texts {
		drawn.Slogans[lang], drawn.Buttons[lang] = t.Slogan, t.Label
	}
	// Both were checked when they were written; what is none is no bound.
	drawn.Starts, _ = time.Parse(time.DateOnly, d.FirstDay)
	if last, err := time.Parse(time.DateOnly, d.LastDay); err == nil {
		drawn.Ends = last.AddDate(0, 0, 1)
	}
	return drawn
}

// window is the set that shows now and until when it does.
type window struct {
	current atomic.Pointer[running]
	mu      sync.Mutex // of those who make the next one
}

type running struct {
	of    *state
	set   *banner.Designs
	until time.Time // zero: until something changes
}

// fits says whether the set is still right. Time that goes back a little, as
// between two requests, changes nothing.
func (r *running) fits(of *state, now time.Time) bool {
	return r != nil && r.of == of && (r.until.IsZero() || now.Before(r.until))
}

// Running are the published designs that show now, the preferred one first. It
// is the same set until staff change something or one of them starts or ends.
// It reads memory only.
func (d *Designs) Running(now time.Time) *banner.Designs {
	if r := d.window.current.Load(); r.fits(d.now.Load(), now) {
		return r.set
	}
	d.window.mu.Lock()
	defer d.window.mu.Unlock()
	of := d.now.Load()
	if r := d.window.current.Load(); r.fits(of, now) {
		return r.set
	}
	next := &running{of: of, set: banner.NewDesigns(of.published, now), until: of.nextTurn(now)}
	d.window.current.Store(next)
	return next.set
}

// nextTurn is when the next design starts or ends; zero when none will.
func (s *state) nextTurn(now time.Time) time.Time {
	var next time.Time
	for _, one := range s.published {
		for _, turn := range []time.Time{one.Starts, one.Ends} {
			if turn.After(now) && (next.IsZero() || turn.Before(next)) {
				next = turn
			}
		}
	}
	return next
}

// Offered says whether a partner may choose the design with a code: it shows
// now.
func (d *Designs) Offered(code string, now time.Time) bool {
	for _, one := range d.Running(now).All() {
		if one.Code == code && code != "" {
			return true
		}
	}
	return false
}
