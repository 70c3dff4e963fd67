package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// side is one of two organizations that are compared.
type side struct {
	Kind    string // application or partner
	ID      int64
	Label   string // a reference or a slug
	State   string // message id
	Since   int64
	Profile registry.Profile
	Contact []registry.Contact // empty for readers who may not see it
	Trail   []audit.Entry      // the newest
	Before  string             // page that tells what was before, "" when that is nothing

	application *registry.Application // of a partner, its own
	partner     *registry.Partner
}

// fact is a row of the comparison.
type fact struct {
	Label string // message id
	Cells [2]cell
	Same  bool
}

// cell is what one of the two says. Words are its own, and others are ours.
type cell struct {
	Words, Lang string
	Ours        string
	Link        string
}

// comparePage has two organizations side by side.
type comparePage struct {
	view.Page
	Sides    [2]side
	Facts    []fact
	Contacts bool   // the reader may see them
	Here     string // path of this page
	Swapped  string // path of the same two the other way round, "" if there is none
	MayMerge bool
	MayUndo  bool
	Refusal  string // why they cannot be merged, "" if they can or may not by this reader
	Target   string // reference or slug of what will stand for both
	Partners bool   // both are partners
	Together int64  // the signatures both brought
	Versions [2]int64
	Letters  []mergeLetter // that a merge, or undoing it, will send
}

// mergeLetter is one of them, as it will be sent.
type mergeLetter struct {
	To    string // a reference or a slug
	Draft draft
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// applicationSide reads an application for a comparison.
func (o *Console) applicationSide(c echo.Context, who *staff.Account, id int64) (s side, err error) {
	a, err := o.Registry.Application(c.Request().Context(), id)
	if err != nil {
		return s, err
	}
	s = side{Kind: "application", ID: a.ID, Label: a.Reference, State: "console.state." + string(a.State), Since: a.SubmittedAt, Profile: a.Profile, application: a}
	if who.Role.Covers(staff.Reviewer) {
		contact, err := o.Registry.Contact(a)
		if err != nil {
			return s, err
		}
		s.Contact = append(s.Contact, contact)
	}
	return s, o.recall(c.Request().Context(), &s, registry.OfApplication, a.ID)
}

// partnerSide reads a partner for a comparison.
func (o *Console) partnerSide(c echo.Context, who *staff.Account, id int64) (s side, err error) {
	ctx := c.Request().Context()
	p, ok := o.Register.ByID(id)
	if !ok {
		return s, registry.ErrNoPartner
	}
	s = side{Kind: "partner", ID: p.ID, Label: p.Slug, State: "twins.partner_state." + string(p.State), Since: p.Since, Profile: p.Profile, partner: p}
	if p.ApplicationID != 0 {
		if s.application, err = o.Registry.Application(ctx, p.ApplicationID); err != nil {
			return s, err
		}
	}
	if who.Role.Covers(staff.Reviewer) {
		if s.Contact, err = o.Registry.Contacts(ctx, p.ID); err != nil {
			return s, err
		}
	}
	if s.application != nil { // what happened before it was admitted
		if err := o.recall(ctx, &s, registry.OfApplication, s.application.ID); err != nil {
			return s, err
		}
	}
	return s, o.recall(ctx, &s, registry.OfPartner, p.ID)
}

// entriesBeside is how much of the trail of a row stands in a comparison.
const entriesBeside = 20

// recall adds what was done to a row last to a side of the comparison.
func (o *Console) recall(ctx context.Context, s *side, subject string, id int64) error {
	entries, more, err := o.Trail.Newest(ctx, subject, id, entriesBeside)
	s.Trail = append(s.Trail, entries...)
	if more {
		s.Before = pathOf(registry.About{Subject: subject, ID: id}) + "#trail"
	}
	return err
}

// newCompareApplications compares an application with another one or with a
// partner.
func (o *Console) newCompareApplications(c echo.Context, who *staff.Account) (*comparePage, error) {
	left, err := o.applicationSide(c, who, number(c.Param("id")))
	if err != nil {
		return nil, err
	}
	right, err := o.applicationSide(c, who, number(c.Param("other")))
	if errors.Is(err, registry.ErrNoApplication) {
		right, err = o.partnerSide(c, who, number(c.Param("other")))
	}
	if err != nil {
		return nil, err
	}
	page := o.newComparePage(c, who, "applications", left, right)
	from, into := left.application, right.application
	if into == nil {
		into = &registry.Application{} // a partner that never applied: there is nothing to merge into
	}
	page.merging(who, registry.MayMergeApplications(from, into), from.MergedInto != 0 && from.MergedInto == into.ID)
	page.Target, page.Versions = into.Reference, [2]int64{from.Version, into.Version}
	if right.partner != nil {
		page.Swapped = ""
	}
	return page, o.lettersToApplicant(page, from, into)
}

// lettersToApplicant lays out what the applicant will be told, if it is
// anything.
func (o *Console) lettersToApplicant(page *comparePage, from, into *registry.Application) error {
	kind, told := outbox.ApplicationMerged, from.VerifiedAt != 0
	if page.MayUndo {
		kind, told = outbox.ApplicationUnmerged, from.Open()
	}
	if !page.MayMerge && !page.MayUndo {
		return nil
	}
	contact, err := o.Registry.Contact(from)
	letter := mergeLetter{To: from.Reference, Draft: draft{Page: &page.Page}}
	if !told {
		letter.Draft.None = "twins.no_letter"
	}
	args := from.LetterArgs(contact)
	args[outbox.ArgOther] = into.Reference
	letter.Draft.Letter = o.twins(page.Page, kind, []string{from.MailLang}, args)
	page.Letters = []mergeLetter{letter}
	return err
}

// lettersToPartners lays out what those who act for the two will be told.
func (o *Console) lettersToPartners(ctx context.Context, page *comparePage, from, into *registry.Partner) error {
	kinds := [2]outbox.Kind{outbox.PartnerMerged, outbox.PartnerJoined}
	if page.MayUndo {
		kinds = [2]outbox.Kind{outbox.PartnerUnmerged, outbox.PartnerUnmerged}
	}
	if !page.MayMerge && !page.MayUndo {
		return nil
	}
	for i, pair := range [2][2]*registry.Partner{{from, into}, {into, from}} {
		letter := mergeLetter{To: pair[0].Slug, Draft: draft{Page: &page.Page}}
		if err := o.toPartner(ctx, &letter.Draft, pair[0], registry.Notice{Kind: kinds[i], Other: pair[1].Name}); err != nil {
			return err
		}
		page.Letters = append(page.Letters, letter)
	}
	return nil
}

// newComparePartners compares two partners.
func (o *Console) newComparePartners(c echo.Context, who *staff.Account) (*comparePage, error) {
	left, err := o.partnerSide(c, who, number(c.Param("id")))
	if err != nil {
		return nil, err
	}
	right, err := o.partnerSide(c, who, number(c.Param("other")))
	if err != nil {
		return nil, err
	}
	page := o.newComparePage(c, who, "partners", left, right)
	from, into := left.partner, right.partner
	page.merging(who, registry.MayMergePartners(from, into), from.MergedInto != 0 && from.MergedInto == into.ID)
	page.Target, page.Versions, page.Partners = into.Slug, [2]int64{from.Version, into.Version}, true
	page.Together = o.Tally.PartnerSignatures(from.ID) + o.Tally.PartnerSignatures(into.ID)
	return page, o.lettersToPartners(c.Request().Context(), page, from, into)
}

func (o *Console) newComparePage(c echo.Context, who *staff.Account, folder string, left, right side) *comparePage {
	path := func(a, b side) string {
		return "/console/" + folder + "/" + strconv.FormatInt(a.ID, 10) + "/compare/" + strconv.FormatInt(b.ID, 10)
	}
	page := &comparePage{Page: o.base(c, who, "twins.compare"), Sides: [2]side{left, right}, Here: path(left, right), Swapped: path(right, left),
		Contacts: who.Role.Covers(staff.Reviewer)}
	page.compare()
	return page
}

// merging says what the reader may do about the two.
func (p *comparePage) merging(who *staff.Account, refused error, merged bool) {
	reviewer := who.Role.Covers(staff.Reviewer)
	p.MayMerge, p.MayUndo = reviewer && refused == nil, reviewer && merged
	if reviewer && refused != nil && !merged {
		p.Refusal = "twins.no_merge"
		if errors.Is(refused, registry.ErrMerged) {
			p.Refusal = "twins.merged"
		}
	}
}

// compare fills the rows: what is the same though written otherwise counts as
// the same.
func (p *comparePage) compare() {
	a, b := p.Sides[0].Profile, p.Sides[1].Profile
	words := func(label, x, y string, same func(string) string) {
		p.Facts = append(p.Facts, fact{label, [2]cell{{Words: x, Lang: a.Lang}, {Words: y, Lang: b.Lang}}, same(x) == same(y)})
	}
	chosen := func(label, x, y string, say func(string) string) {
		p.Facts = append(p.Facts, fact{label, [2]cell{{Ours: say(x)}, {Ours: say(y)}}, x == y})
	}
	words("join.name", a.Name, b.Name, plaintext.SameName)
	words("join.name_latin", a.NameLatin, b.NameLatin, plaintext.SameName)
	words("join.website", a.Website, b.Website, address.SiteKey)
	site := &p.Facts[len(p.Facts)-1]
	site.Cells[0].Link, site.Cells[1].Link = a.Website, b.Website
	chosen("join.country", a.Country, b.Country, p.Country)
	chosen("join.kind", a.Kind, b.Kind, func(kind string) string { return p.T("registry.kind." + kind) })
	chosen("join.reach", a.Reach, b.Reach, func(reach string) string { return p.T("registry.reach." + reach) })
	words("join.about", a.About, b.About, plaintext.Fold)
	words("join.placement", a.Placement, b.Placement, plaintext.Fold)
}

// Did is the message of a deed in the history; a deed that has none is shown
// by its name.
func (p *comparePage) Did(action string) string {
	if id := "console.did." + action; p.Has(id) {
		return p.T(id)
	}
	return ""
}

func (o *Console) compareApplications(c echo.Context, who *staff.Account) error {
	return o.showComparison(c, who, o.newCompareApplications)
}

func (o *Console) comparePartners(c echo.Context, who *staff.Account) error {
	return o.showComparison(c, who, o.newComparePartners)
}

type newComparison func(c echo.Context, who *staff.Account) (*comparePage, error)

func (o *Console) showComparison(c echo.Context, who *staff.Account, make newComparison) error {
	page, err := make(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/compare", page)
}

func (o *Console) mergeApplications(c echo.Context, who *staff.Account) error {
	return o.decideTwins(c, who, o.newCompareApplications, func(page *comparePage, versions [2]int64) error {
		into := page.Sides[1].application
		if into == nil {
			return registry.ErrNoMerge
		}
		return o.Registry.MergeApplications(c.Request().Context(), registry.Merge{From: page.Sides[0].ID, Into: into.ID,
			FromVersion: versions[0], IntoVersion: versions[1], By: by(who)})
	})
}

func (o *Console) unmergeApplication(c echo.Context, who *staff.Account) error {
	return o.decideTwins(c, who, o.newCompareApplications, func(page *comparePage, versions [2]int64) error {
		return o.Registry.UnmergeApplication(c.Request().Context(), page.Sides[0].ID, versions[0], by(who))
	})
}

func (o *Console) mergePartners(c echo.Context, who *staff.Account) error {
	return o.decideTwins(c, who, o.newComparePartners, func(page *comparePage, versions [2]int64) error {
		return o.Registry.MergePartners(c.Request().Context(), registry.Merge{From: page.Sides[0].ID, Into: page.Sides[1].ID,
			FromVersion: versions[0], IntoVersion: versions[1], By: by(who)})
	})
}

func (o *Console) unmergePartner(c echo.Context, who *staff.Account) error {
	return o.decideTwins(c, who, o.newComparePartners, func(page *comparePage, versions [2]int64) error {
		return o.Registry.UnmergePartner(c.Request().Context(), page.Sides[0].ID, versions[0], by(who))
	})
}

// decideTwins merges or undoes a merge, of the rows as the form says they were
// seen, and shows the comparison again.
func (o *Console) decideTwins(c echo.Context, who *staff.Account, make newComparison, do func(page *comparePage, versions [2]int64) error) error {
	v, err := web.Form(c, "version", "other_version")
	page, pageErr := make(c, who)
	if pageErr != nil {
		return pageErr
	}
	if err == nil {
		err = do(page, [2]int64{number(v.Get("version")), number(v.Get("other_version"))})
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/compare", page) })
	}
	return web.See(c, page.Here)
}
