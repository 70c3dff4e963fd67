package browsertest

import (
	"strings"
	"testing"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/banner"
)

// The frame of the wall is a guest: it stays as high as it was made, moves
// inside, sets no cookie, and its button leads to the form with the partner.
func TestTheWallStandsOnAPartnersPage(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	c := startChromium(t, w.stage, "en")
	words := w.app.Catalogues.For("en")
	spot := banner.Spot{Base: w.app.BaseURL.Scheme + "://" + w.app.BaseURL.Host, Slug: "handeul-peace-yard", Theme: banner.Auto}
	at := w.hosts.paste("/wall", "en", "ltr", spot.WallCode(words), "frame-src "+spot.Base+"; style-src 'unsafe-inline'")
	for _, colours := range []string{"light", "dark"} {
		b := c.person()
		b.screen(360, colours)
		b.open(at)
		f := b.frame("/embed/handeul-peace-yard/messages")
		f.reads(words.T("messages.heading"), "한들평화마당")
		if high := eval[int](b, `() => document.querySelector("iframe").offsetHeight`); high != banner.WallHeight {
			t.Errorf("the frame is %d high", high)
		}
		if fits := eval[bool](f, `() => document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth
			&& document.querySelector("section").scrollHeight > document.querySelector("section").clientHeight`); !fits {
			t.Error("the frame itself moves, or the messages do not")
		}
		f.audit("the wall in a frame, " + colours)
		if cookies := b.cookies(); len(cookies) > 0 {
			t.Errorf("cookies: %v", cookies)
		}
	}
}

// A moderator clears the queue with keys: the next message opens, and what was
// decided last can be taken back.
func TestMessagesAreModeratedWithKeys(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	list, _, err := d.app.Messages.Desk(t.Context(), appeal.ListWaiting, appeal.MessageKey{}, 9)
	if err != nil || len(list) < 3 {
		t.Fatalf("%d wait, %v", len(list), err)
	}
	open := func(m appeal.Message) {
		t.Helper()
		d.me.until("the message to be open", func() bool { return eval[string](d.me, `() => document.querySelector(".read").innerText`) == m.Body })
	}
	state := func(m appeal.Message) string {
		t.Helper()
		now, err := d.app.Messages.Find(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(now.State + " " + now.Reason)
	}
	d.me.open("/console/messages")
	open(list[0])
	d.me.audit("messages")
	d.me.screen(360, "light")
	d.me.noSideways("messages")
	d.me.screen(1280, "light")
	d.me.hit("j")
	open(list[1])
	d.me.hit("k")
	open(list[0])
	d.me.hit("a")
	open(list[1])
	d.me.reads(d.say("console.wall.done.shown"))
	d.me.tap("3")
	d.me.hit("\r")
	open(list[2])
	d.me.reads(d.say("console.wall.done.refused"))
	if got := state(list[0]) + ", " + state(list[1]); got != "shown, refused advert" {
		t.Errorf("they are %s", got)
	}
	d.me.hit("u")
	open(list[1])
	if got := state(list[1]); got != appeal.MessageWaiting {
		t.Errorf("taken back it is %s", got)
	}
	if entries, _, err := d.app.Trail.Newest(t.Context(), "message", list[1].ID, 9); err != nil || len(entries) != 2 || entries[0].ActorKind != audit.Staff {
		t.Errorf("noted are %+v, %v", entries, err)
	}
}
