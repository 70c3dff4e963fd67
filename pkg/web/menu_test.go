package web_test

import (
	"strings"
	"testing"

	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// Who looks up in the console sees where they are: the group, and in it the
// room, also on pages that only belong to the room. What they may not open is
// not in the menu.
func TestTheMenuSaysWhereOneIs(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	for path, want := range map[string][]string{
		"/console":          {`<a href="/console" aria-current="true">Applications`, `<a href="/console" aria-current="page">Inbox`},
		"/console/phrases":  {`<a href="/console" aria-current="true">Applications`, `<a href="/console/phrases" aria-current="page">`},
		"/console/spam":     {`<a href="/console" aria-current="true">Inbox`},
		"/console/held/one": {`<a href="/console/held" aria-current="true">Signatures`, `<a href="/console/held" aria-current="true">Held signatures`},
		"/console/partners": {`<a href="/console/partners" aria-current="page">Register`},
		"/console/audit":    {`<a href="/console/mail" aria-current="true">Office`, `<a href="/console/audit" aria-current="page">`},
		"/console/account":  {`<a href="/console/account" aria-current="page">`},
	} {
		page := h.get(path, h.asStaff(staff.Admin)...)
		for _, link := range want {
			if !strings.Contains(page.body, link) {
				t.Errorf("%s lacks %s", path, link)
			}
		}
	}
	if page := h.get("/console/mail", h.asStaff(staff.Observer)...); strings.Contains(page.body, `href="/console/accounts"`) || !strings.Contains(page.body, ">Office") {
		t.Error("an observer's menu is not what an observer may see")
	}
	if page := h.get("/portal/poster", h.asPartner()...); !strings.Contains(page.body, `href="/portal/embed" aria-current="true"`) {
		t.Error("a poster belongs to no room of the portal")
	}
	if page := h.get("/portal", h.asPartner()...); strings.Count(page.body, "aria-current") != 1 || !strings.Contains(page.body, `href="/portal" aria-current="page"`) {
		t.Error("the portal does not say where one is")
	}
}

// A new partner reads first what to do first, and no longer when it is done.
func TestThePortalBeginsWithTheFirstSteps(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	page := h.get("/portal", h.asPartner()...)
	words := h.Catalogues.For("en")
	for _, step := range []string{"heading", "mail", "logo", "seen", "signature"} {
		if !strings.Contains(page.body, words.T("portal.first."+step)) {
			t.Errorf("the steps lack %s", step)
		}
	}
	if strings.Index(page.body, words.T("portal.first.heading")) > strings.Index(page.body, words.T("portal.brought")) {
		t.Error("the figures stand before the first steps")
	}
}
