package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/design"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/report"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// house is a running campaign with one of everything a form can act on.
type house struct {
	*testkit.App
	t        *testing.T
	http     *http.Client
	staff    map[staff.Role]*staff.Account
	partner  *registry.Partner
	rep      registry.Representative
	other    *registry.Partner       // one more
	stranger registry.Representative // of that one
	change   int64                   // that it wants
	design   *design.Design          // published
	wished   string                  // id of the logo of that change
	dumps    map[string]string       // statements that read all of a table, by its name

	pending, signed int64                 // sign request, signature
	sent, received  *registry.Application // before and after the address was confirmed
	asked           *registry.Application // its applicant is asked a question
	message         int64                 // one that waits
	reported        int64                 // a report about the partner
	doubted, sweep  int64                 // a held signature, a decision about it that was undone
	began, spoken   *registry.Application // half filled; for it somebody else must speak, and it has a logo
	speaker         string                // the path of the question to who must
	question        *registry.Vouch       // to the partner, about the application received
	letter          int64                 // the first to whom was received
	lent            *registry.Reading     // a link to that, opened
	alarm, hold     int64                 // open; the hold it is about
}

// bare is a campaign where nothing has happened yet.
func bare(t *testing.T, c *config.Config) *house {
	t.Helper()
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &house{App: testkit.Run(t, c), t: t, http: &http.Client{CheckRedirect: stay, Transport: transport}, staff: map[staff.Role]*staff.Account{}}
}

func furnished(t *testing.T, c *config.Config) *house {
	t.Helper()
	h := bare(t, c)
	ctx := t.Context()
	h.partner = h.AddPartner("Harbour Choir", "harbour-choir")
	h.must(h.Store.Read(ctx).Take(&h.rep).Error)
	h.second()
	h.design = h.publishDesign()
	h.pending = h.request("waiting@example.org", "")
	h.signed = h.request("signed@example.org", "")
	h.confirm(h.signed)
	h.confirm(h.request("wrote@example.org", "Peace to all of you."))
	h.must(h.Store.Read(ctx).Model(&appeal.Message{}).Where("state = ?", appeal.MessageWaiting).Pluck("id", &h.message).Error)
	_, err := h.Messages.Mark(ctx) // not while a test compares rows
	h.must(err)
	h.must(h.Reports.File(ctx, report.Form{Subject: report.OfPartner, SubjectID: h.partner.ID, Reason: "wrong", Lang: "en"}))
	h.must(h.Store.Read(ctx).Model(&report.Report{}).Pluck("id", &h.reported).Error)
	h.doubts()
	h.sent = h.apply("Lantern House", "lantern@example.org")
	h.asked = h.apply("Valley Library", "valley@example.org")
	_, err = h.Registry.ConfirmAddress(ctx, h.asked.ID)
	h.must(err)
	h.must(h.Registry.AskBack(ctx, registry.Decision{Application: h.asked.ID, Words: "Who are you?"}))
	h.received = h.apply("River School", "river@example.org")
	_, err = h.Registry.ConfirmAddress(ctx, h.received.ID)
	h.must(err)
	h.received, err = h.Registry.SetLogo(ctx, h.received.Link(), testkit.Picture(t), "A river")
	h.must(err)
	h.speaks()
	h.question, err = h.Registry.AskPartner(ctx, h.received.ID, h.partner, audit.Actor{Kind: audit.Staff})
	h.must(err)
	h.must(h.Store.Read(ctx).Model(&registry.Letter{}).Where("subject_id = ?", h.received.ID).Order("id").Limit(1).Pluck("id", &h.letter).Error)
	h.lent, err = h.Registry.LendOut(ctx, h.received.ID, audit.Actor{Kind: audit.Program})
	h.must(err)
	h.must(h.Registry.Open(ctx, h.lent.ID))
	h.alarm, h.hold = h.Suspect(h.partner.ID)
	return h
}

// publishDesign makes a design that partners can choose.
func (h *house) publishDesign() *design.Design {
	h.t.Helper()
	by := audit.Actor{Kind: audit.Program}
	d, err := h.Designs.Create(h.t.Context(), design.Design{Code: "dawn", Button: "#9c3d12", Figure: "#8a3b12", Position: 10}, by)
	h.must(err)
	h.must(h.Designs.Publish(h.t.Context(), d.ID, d.Version, by))
	d, err = h.Designs.ByID(d.ID)
	h.must(err)
	return d
}

// speaks adds a draft, and an application that another than its applicant
// must speak for.
func (h *house) speaks() {
	h.t.Helper()
	ctx := h.t.Context()
	var err error
	h.began, err = h.Registry.SaveDraft(ctx, registry.Form{Contact: registry.Contact{Email: "began@example.org", Lang: "en"}})
	h.must(err)
	h.spoken = h.apply("Meadow Club", "meadow@example.org", registry.ConsentAuthorised)
	_, err = h.Registry.ConfirmAddress(ctx, h.spoken.ID)
	h.must(err)
	_, err = h.Registry.NameSpeaker(ctx, h.spoken.Link(), person+" Speaker", "speaker@example.org")
	h.must(err)
	h.spoken, err = h.Registry.SetLogo(ctx, h.spoken.Link(), testkit.Picture(h.t), "A meadow")
	h.must(err)
	letter := h.LetterTo("speaker@example.org", "")
	_, path, _ := strings.Cut(letter.Links[0], h.BaseURL.Host+"/en")
	h.speaker = "/{lang}" + path
}

// doubts adds a held signature; a decision about it was taken back.
func (h *house) doubts() {
	h.t.Helper()
	ctx := h.t.Context()
	row, err := h.Intake.Request(ctx, appeal.Form{Name: person + " Doubt", Email: "doubted@example.org", Country: "KR", Lang: "en",
		Consents: appeal.ConsentCount, Range: "192.0.2.0/24", Doubt: appeal.ReasonQuick})
	h.must(err)
	h.confirm(row)
	h.doubted = row
	h.sweep, err = h.Sweeps.Apply(ctx, appeal.Order{IDs: []int64{row}, From: appeal.Held, To: appeal.Mark{State: appeal.Counted}, By: audit.Actor{Kind: audit.Program}})
	h.must(err)
	h.must(h.Sweeps.Undo(ctx, h.sweep, audit.Actor{Kind: audit.Program}))
	_, err = h.Sweeps.Await(ctx, h.sweep, time.Minute)
	h.must(err)
}

// onStatus is the path of a form on an application's status page.
func (h *house) onStatus(a *registry.Application, form string) string {
	return strings.Replace(h.Registry.StatusLink(a), "/en/", "/{lang}/", 1) + form
}

// second makes one more partner, which wants to change its profile.
func (h *house) second() {
	h.t.Helper()
	ctx := h.t.Context()
	a, err := h.Registry.ConfirmAddress(ctx, h.apply("Cedar Circle", "cedar@example.org").ID)
	h.must(err)
	h.other, err = h.Registry.Approve(ctx, registry.Decision{Application: a.ID, Version: a.Version, Slug: "cedar-circle"})
	h.must(err)
	reps, err := h.Registry.Representatives(ctx, h.other.ID)
	h.must(err)
	h.stranger = reps[0]
	wish := h.other.Public()
	wish.About, wish.LogoAlt = "We plant cedars.", "A cedar"
	h.must(h.Registry.Propose(ctx, &h.stranger, registry.Proposal{Base: 1, Public: wish, NewLogo: registry.LogoWish{File: testkit.Picture(h.t)}}))
	changes, _, err := h.Registry.ChangesWaiting(ctx, 1)
	h.must(err)
	h.change = changes[0].ID
	wish, err = changes[0].Wish()
	h.must(err)
	h.wished = wish.Logo
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) request(email, message string) int64 {
	h.t.Helper()
	row, err := h.Intake.Request(h.t.Context(), appeal.Form{Name: person + " Example", Email: email, Country: "KR", Message: message,
		Lang: "en", Consents: appeal.ConsentCount, Range: "192.0.2.0/24"})
	h.must(err)
	return row
}

func (h *house) confirm(row int64) {
	h.t.Helper()
	if outcome, err := h.Intake.Confirm(h.t.Context(), row); err != nil || outcome != appeal.OutcomeConfirmed {
		h.t.Fatalf("confirm: %v %v", outcome, err)
	}
}

// apply sends an application in; without is a consent that is not given.
func (h *house) apply(name, email string, without ...int64) *registry.Application {
	h.t.Helper()
	consents := registry.ConsentPledge | registry.ConsentContact | registry.ConsentAuthorised
	for _, c := range without {
		consents &^= c
	}
	a, err := h.Registry.Apply(h.t.Context(), registry.Form{
		Profile: registry.Profile{Name: name, Website: "https://harbour-choir.example", Country: "KR", Kind: "peace", About: "We sing.",
			Reach: "100_999", Placement: "Our page", Lang: "en"},
		Contact:  registry.Contact{Name: person + " Contact", Role: "Chair", Email: email, Lang: "en"},
		Consents: consents,
	})
	h.must(err)
	return a
}

// member is the account of a role, made when it is first asked for.
func (h *house) member(role staff.Role) *staff.Account {
	h.t.Helper()
	if h.staff[role] == nil {
		h.staff[role] = h.AddStaff(string(role)+"@example.org", role)
	}
	return h.staff[role]
}

// session is one of a representative, or one of staff with both steps taken.
func (h *house) session(kind string, owner int64) string {
	h.t.Helper()
	if kind == staff.PortalSession {
		return h.half(kind, owner)
	}
	token, err := h.Staff.BeginWhole(h.t.Context(), owner, staff.ByTOTP, "")
	h.must(err)
	return token
}

// half is a session as it is after the password.
func (h *house) half(kind string, owner int64) string {
	h.t.Helper()
	token, err := h.Staff.Begin(h.t.Context(), kind, owner, "")
	h.must(err)
	return token
}

// enrol gives an account an authenticator app.
func (h *house) enrol(who *staff.Account) testkit.Authenticator {
	h.t.Helper()
	ctx := h.t.Context()
	offer, err := h.Staff.NewOffer(who, "Our Appeal")
	h.must(err)
	phone := testkit.Authenticator{App: h.App, Secret: offer.Secret}
	session, err := h.Staff.Session(ctx, staff.StaffSession, h.session(staff.StaffSession, who.ID))
	h.must(err)
	_, err = h.Staff.EnrolTOTP(ctx, session, offer.Sealed, phone.Code(-1))
	h.must(err)
	return phone
}

// asStaff and asPartner are the header of somebody signed in anew.
func (h *house) asStaff(role staff.Role) []string {
	h.t.Helper()
	return []string{"Cookie", "__Host-staff=" + h.session(staff.StaffSession, h.member(role).ID)}
}

func (h *house) asPartner() []string {
	h.t.Helper()
	return []string{"Cookie", "__Host-portal=" + h.session(staff.PortalSession, h.rep.ID)}
}

func (h *house) token(purpose seal.Purpose, row int64) string {
	t := seal.Token{Purpose: purpose, Row: row}
	if purpose != seal.ViewSignature && purpose != seal.ViewApplication {
		t.Expires = h.Clock.Now().Add(time.Hour)
	}
	return h.Keys.Token(t)
}
