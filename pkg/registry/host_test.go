package registry_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
)

func withSite(website string) func(*registry.Form) {
	return func(f *registry.Form) { f.Website = website }
}

func refusedHost(err error) string {
	var f *fault.Error
	if err == nil || !errors.As(err, &f) {
		return fmt.Sprint(err)
	}
	if host, ok := f.Fields["host"]; ok {
		return host.Key
	}
	return f.Key
}

func TestAHostIsOwnUnknownOrAnothers(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		choir := h.partner("harbour-choir", withSite("https://www.choir.example/en"))
		school := h.partner("river-school", withSite("https://school.example"), named("River School", ""))
		blog := h.partner("shared-blog", withSite("https://blog.naver.com/peace"), named("Shared Blog", ""))
		by := audit.Actor{Kind: audit.Representative, ID: 5}
		if err := h.Registry.ListHost(t.Context(), choir.ID, " https://www.Songs.example/now ", by); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			who  *registry.Partner
			host string
			want registry.Standing
		}{
			{choir, "choir.example", registry.HostOwn}, {choir, "blog.choir.example", registry.HostOwn}, {choir, "songs.example", registry.HostOwn},
			{school, "choir.example", registry.HostForeign}, {school, "songs.example", registry.HostForeign}, {school, "school.example", registry.HostOwn},
			{choir, "notchoir.example", registry.HostUnknown}, {choir, "example", registry.HostUnknown}, {choir, "", registry.HostUnknown},
			{choir, "blog.naver.com", registry.HostUnknown}, {blog, "blog.naver.com", registry.HostUnknown},
		} {
			if got := h.Register.Standing(c.who.ID, c.host); got != c.want {
				t.Errorf("%s at %s: %s, want %s", c.who.Slug, c.host, got, c.want)
			}
		}
		want := `representative partner.host_added  {"host":"songs.example"}`
		if trail := h.trail(registry.OfPartner, choir.ID); !slices.Contains(trail, want) {
			t.Errorf("the trail is\n%s", strings.Join(trail, "\n"))
		}

		// A partner that left has no hosts; who has them otherwise may then list them.
		_, err := h.Registry.SetState(t.Context(), registry.PartnerMove{Partner: choir.ID, Version: registry.AnyVersion, To: registry.Left, By: reviewer})
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Register.Standing(school.ID, "songs.example"); got != registry.HostUnknown {
			t.Errorf("the host of who left is %s", got)
		}
	})
}

func TestWhatIsAnothersIsForStaffToMove(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		choir := h.partner("harbour-choir", withSite("https://choir.example"))
		school := h.partner("river-school", withSite("https://school.example"), named("River School", ""))
		ctx, by := t.Context(), audit.Actor{Kind: audit.Representative, ID: 5}
		if err := h.Registry.ListHost(ctx, choir.ID, "songs.example", by); err != nil {
			t.Fatal(err)
		}
		entries := h.count("audit_entries")
		if err := h.Registry.ListHost(ctx, choir.ID, "songs.example", by); err != nil {
			t.Fatal(err)
		}
		if n := h.count("audit_entries"); n != entries {
			t.Error("listing a host twice was noted twice")
		}
		for host, want := range map[string]string{
			"choir.example": "hosts.foreign", "deep.choir.example": "hosts.foreign", "songs.example": "hosts.foreign",
			"": "hosts.bad", "localhost": "hosts.bad", "10.0.0.1": "hosts.bad", "co.uk": "hosts.bad", "<b>": "hosts.bad", "wixsite.com": "hosts.bad", "acme.wixsite.com": "hosts.shared", "1-atari-embeds.googleusercontent.com": "hosts.shared", "blog.naver.com": "hosts.shared", "facebook.com": "hosts.shared",
		} {
			if got := refusedHost(h.Registry.ListHost(ctx, school.ID, host, by)); got != want {
				t.Errorf("%q: %s, want %s", host, got, want)
			}
		}
		if got := refusedHost(h.Registry.MoveHost(ctx, school.ID, "choir.example", reviewer)); got != "hosts.website" {
			t.Errorf("moving the host of a website: %s", got)
		}
		if err := h.Registry.MoveHost(ctx, school.ID, "songs.example", reviewer); err != nil {
			t.Fatal(err)
		}
		if h.Register.Standing(choir.ID, "songs.example") != registry.HostForeign || h.Register.Standing(school.ID, "songs.example") != registry.HostOwn {
			t.Error("the host was not moved")
		}
		if err := h.Registry.DropHost(ctx, school.ID, "songs.example", by); err != nil {
			t.Fatal(err)
		}
		if h.Register.Standing(choir.ID, "songs.example") != registry.HostUnknown || len(h.Register.Hosts(school.ID)) != 0 {
			t.Error("the host is still somebody's")
		}
		for i := range registry.MostHosts {
			if err := h.Registry.ListHost(ctx, school.ID, fmt.Sprintf("h%d.example", i), by); err != nil {
				t.Fatal(err)
			}
		}
		if got := refusedHost(h.Registry.ListHost(ctx, school.ID, "more.example", by)); got != "hosts.most" {
			t.Errorf("one more than can be listed: %s", got)
		}
	})
}

func TestAMissedBannerIsWrittenAboutOnce(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		choir := h.partner("harbour-choir")
		ctx := t.Context()
		miss := func(since string, want bool) {
			t.Helper()
			if did, err := h.Registry.Miss(ctx, choir.ID, since); err != nil || did != want {
				t.Errorf("missed since %s: %v %v", since, did, err)
			}
		}
		miss("2026-01-10", true)
		kind, lang, e := h.letter()
		if kind != outbox.BannerMissed || lang != "ko" || e.Action != registry.PlacesPath || e.Args[outbox.ArgOrganization] != "Harbour Choir" {
			t.Errorf("the letter is %s %s %+v", kind, lang, e)
		}
		miss("2026-01-10", false)
		miss("2026-03-01", true) // it was seen again in between
		_, err := h.Registry.SetState(ctx, registry.PartnerMove{Partner: choir.ID, Version: registry.AnyVersion, To: registry.Paused, By: reviewer})
		if err != nil {
			t.Fatal(err)
		}
		miss("2026-04-01", false)
	})
}
