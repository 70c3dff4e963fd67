package browsertest

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/address"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/registry"
)

// TestADoubleIsFoundComparedMergedAndUndone follows an organization that
// applies although it is a partner: as an application, and as a partner when
// somebody let it in all the same.
func TestADoubleIsFoundComparedMergedAndUndone(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	partner, _ := d.app.Register.BySlug("handeul-peace-yard")
	own, err := d.app.Registry.Application(t.Context(), partner.ApplicationID)
	if err != nil {
		t.Fatal(err)
	}
	status, a := d.applies("사단법인 "+partner.Name, "second@second-yard.test", "en")

	d.me.open(path(a.ID))
	d.me.reads(d.say("twins.heading"), partner.Name, d.say("twins.reason.same_name"))
	d.looksAt("an application with a double")
	d.me.press(".likenesses a", partner.Name)
	d.me.isAt(path(a.ID) + "/compare/" + strconv.FormatInt(partner.ID, 10))
	d.me.reads(d.say("twins.compare"), partner.Website, a.Website, "second@second-yard.test", d.say("twins.differs"), d.say("twins.same"))
	d.me.pick("summary", own.Reference)
	d.me.reads(d.say("twins.preview"), d.say("twins.preview_contact"), d.say("twins.preview_undo"))
	d.looksAt("two side by side, with what a merge does")
	d.me.press("main form button", d.say("twins.merge", "Label", own.Reference))
	d.me.reads(d.say("twins.is_merged", "Label", own.Reference), d.say("console.did.application.merged"))
	if d.waits(a.ID) {
		t.Error("the merged application is still in the inbox")
	}
	visitor := d.browser.person()
	visitor.open(status)
	visitor.reads(d.say("together.applicant", "Reference", own.Reference), d.say("together.fate.approved"))
	if text := visitor.text(); strings.Contains(text, own.EmailDomain) {
		t.Errorf("the status page tells about the other's contact: %s", text)
	}
	visitor.audit("a merged application's status")
	d.me.pick("summary", d.say("twins.undo_summary"))
	d.me.press("main form button", d.say("twins.undo"))
	if !d.waits(a.ID) {
		t.Error("after the undo the application is not back in the inbox")
	}

	double, err := d.app.Registry.Approve(t.Context(), registry.Decision{Application: a.ID, By: audit.Actor{Kind: audit.Program}, Slug: "second-yard"})
	if err != nil {
		t.Fatal(err)
	}
	d.brings(double.ID, 12)
	before := d.app.Tally.PartnerSignatures(partner.ID)
	d.me.open(path(a.ID))
	d.me.press(".likenesses a", partner.Name)
	d.me.isAt("/console/partners/" + strconv.FormatInt(double.ID, 10) + "/compare/")
	d.me.pick("summary", partner.Slug)
	sum := d.app.Catalogues.For("en").Number(before + 12)
	d.me.reads(d.say("twins.preview_counts", "Sum", sum))
	d.me.press("main form button", d.say("twins.merge", "Label", partner.Slug))
	visitor.open("/en/partners/second-yard")
	visitor.isAt("/en/partners/handeul-peace-yard")
	visitor.reads(sum)
	visitor.open("/p/second-yard?lang=en")
	visitor.isAt("/en/sign")
	visitor.reads(partner.Name)
	d.me.pick("summary", d.say("twins.undo_summary"))
	d.me.press("main form button", d.say("twins.undo"))
	visitor.open("/en/partners/second-yard")
	visitor.isAt("/en/partners/second-yard")
	visitor.reads("사단법인", d.app.Catalogues.For("en").Number(12))

	d.me.open("/console/protected")
	d.me.fill("name", "Olive 0rchard")
	d.me.press("main form button", d.say("protected.add"))
	d.me.reads("Olive 0rchard")
	d.looksAt("the list of protected names")
	d.app.MustVerify()
}

// waits says whether the inbox has an application.
func (d *desk) waits(id int64) bool {
	d.Helper()
	list, err := d.app.Registry.Inbox(d.Context(), registry.InboxQuery{States: registry.Waiting, Most: 200})
	if err != nil {
		d.Fatal(err)
	}
	for _, a := range list {
		if a.ID == id {
			return true
		}
	}
	return false
}

// looksAt checks the page on a phone and a wide screen, light and dark.
func (d *desk) looksAt(name string) {
	d.Helper()
	d.me.audit(name)
	for _, width := range []int64{360, 1280} {
		d.me.screen(width, "dark")
		d.me.noSideways(fmt.Sprintf("%s, %d px wide", name, width))
	}
	d.me.auditColours(name + " in dark")
	d.me.screen(1280, "light")
}

// brings lets a partner bring signatures.
func (d *desk) brings(partner int64, n int) {
	d.Helper()
	var entries []appeal.Entry
	for i := range n {
		mail, err := address.ParseMail(fmt.Sprintf("brought-%d@example.test", i))
		if err != nil {
			d.Fatal(err)
		}
		entries = append(entries, appeal.Entry{Name: "Brought Example", Mail: mail, Country: "KR", Lang: "en", Origin: appeal.Online, PartnerID: partner, Confirmed: d.app.Clock.Now().Add(-time.Hour)})
	}
	if _, err := d.app.Signatures.Add(d.Context(), d.app.Appeal.Current(), entries); err != nil {
		d.Fatal(err)
	}
}
