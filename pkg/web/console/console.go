// Package console is the rooms of the campaign's staff: signing in, the inbox
// of applications, messages waiting to be shown, and the texts of the appeal.
package console

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/design"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/placement"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/report"
	"olivebranch/pkg/scrutiny"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/texts"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

const cookie = "staff"

// Console has what the console needs.
type Console struct {
	*web.Server
	Keys       *seal.Keys
	Staff      *staff.Staff
	Passkeys   *staff.Passkeys // nil where the site's address allows none
	Registry   *registry.Registry
	Phrases    *registry.Phrases
	Register   *registry.Register
	Places     *placement.Places
	Appeal     *appeal.Appeal
	Texts      texts.Archive
	Tally      *appeal.Tally
	Statements *appeal.Statements
	Designs    *design.Designs
	Embed      banner.Appeal
	Messages   *appeal.Messages
	Reports    *report.Reports
	Sweeps     *appeal.Sweeps
	Scrutiny   *scrutiny.Scrutiny
	Trail      audit.Trail
	Press      Press
	Post       Post
	NoMail     bool // no mail server is set: mail waits until one is
	Now        func() time.Time

	rights map[string]staff.Role // the least that may read a path
}

// handler is a page for a member of staff.
type handler func(c echo.Context, who *staff.Account) error

// route is a row of the table of rights.
type route struct {
	Method, Path string
	Role         staff.Role // the least that may
	handle       handler
}

// routes is the one table of what each role may see and do.
func (o *Console) routes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/console", staff.Observer, o.showInbox},
		{get, livePath, staff.Observer, o.showLive},
		{get, "/console/applications/:id", staff.Observer, o.showApplication},
		{get, "/console/applications/:id/logo", staff.Observer, o.showLogo},
		{get, "/console/logos/:id", staff.Observer, o.showPicture},
		{post, "/console/applications/:id/claim", staff.Reviewer, button(o.claim)},
		{post, "/console/applications/:id/take-over", staff.Reviewer, button(o.takeOver)},
		{post, "/console/applications/:id/release", staff.Reviewer, button(o.release)},
		{post, "/console/applications/:id/go-on", staff.Reviewer, button(o.goOn)},
		{get, "/console/applications/:id/approve", staff.Reviewer, o.showDecide(registry.Admit)},
		{post, "/console/applications/:id/approve", staff.Reviewer, o.decide(registry.Admit)},
		{get, "/console/applications/:id/ask", staff.Reviewer, o.showDecide(registry.Ask)},
		{post, "/console/applications/:id/ask", staff.Reviewer, o.decide(registry.Ask)},
		{get, "/console/applications/:id/decline", staff.Reviewer, o.showDecide(registry.Refuse)},
		{post, "/console/applications/:id/decline", staff.Reviewer, o.decide(registry.Refuse)},
		{post, "/console/decisions/:id/undo", staff.Reviewer, button(o.undo)},
		{get, "/console/spam", staff.Reviewer, o.showSpam},
		{post, "/console/spam", staff.Reviewer, o.declineSpam},
		{get, "/console/phrases", staff.Observer, o.showPhrases},
		{get, "/console/phrases/:key", staff.Reviewer, o.showPhrase},
		{post, "/console/phrases/:key", staff.Reviewer, o.savePhrase},
		{post, "/console/applications/:id/proof", staff.Reviewer, o.checkProof},
		{post, "/console/applications/:id/vouch", staff.Reviewer, o.askPartner},
		{post, "/console/vouches/:id/withdraw", staff.Reviewer, button(o.withdrawVouch)},
		{get, "/console/partners", staff.Observer, o.showPartners},
		{get, "/console/partners.csv", staff.Observer, o.exportPartners},
		{get, "/console/partners/import", staff.Admin, o.showImport},
		{post, "/console/partners/import", staff.Admin, o.importPartners},
		{get, "/console/partners/:id", staff.Observer, o.showPartner},
		{get, "/console/partners/:id/edit", staff.Reviewer, o.showPartnerEdit},
		{post, "/console/partners/:id/edit", staff.Reviewer, o.editPartner},
		{get, "/console/partners/:id/state", staff.Reviewer, o.showPartnerState},
		{post, "/console/partners/:id/state", staff.Reviewer, o.movePartner},
		{post, "/console/partners/:id/rename", staff.Reviewer, o.renamePartner},
		{get, placesPath, staff.Observer, o.showPlaces},
		{post, placesPath + "/hosts", staff.Reviewer, o.giveHost},
		{get, "/console/changes", staff.Observer, o.showChanges},
		{get, "/console/changes/:id", staff.Observer, o.showChanges},
		{get, "/console/changes/:id/publish", staff.Reviewer, o.showChangeDecision(publishing)},
		{post, "/console/changes/:id/publish", staff.Reviewer, o.decideChange(publishing)},
		{get, "/console/changes/:id/refuse", staff.Reviewer, o.showChangeDecision(refusing)},
		{post, "/console/changes/:id/refuse", staff.Reviewer, o.decideChange(refusing)},
		{post, "/console/applications/:id/notes", staff.Reviewer, o.addNote(registry.OfApplication)},
		{post, "/console/partners/:id/notes", staff.Reviewer, o.addNote(registry.OfPartner)},
		{get, "/console/applications/:id/letters/:letter", staff.Reviewer, o.showLetter(registry.OfApplication)},
		{get, "/console/partners/:id/letters/:letter", staff.Reviewer, o.showLetter(registry.OfPartner)},
		{post, "/console/applications/:id/readings", staff.Reviewer, button(o.lendOut)},
		{post, "/console/applications/:id/readings/:reading/end", staff.Reviewer, button(o.takeBack)},
		{get, "/console/audit", staff.Admin, o.showAudit},
		{get, "/console/audit.csv", staff.Admin, o.exportAudit},
		{get, "/console/figures", staff.Observer, o.showFigures},
		{get, "/console/mail", staff.Observer, o.showMail},
		{post, "/console/mail/free", staff.Reviewer, o.freeAddress},
		{get, "/console/settings", staff.Admin, o.showSettings},
		{post, "/console/settings", staff.Admin, o.saveSettings},
		{get, limitsPath, staff.Admin, o.showLimits},
		{post, limitsPath, staff.Admin, o.saveLimit},
		{post, limitsPath + "/:id/remove", staff.Admin, button(o.removeLimit)},
		{get, alarmsPath, staff.Observer, o.showAlarms},
		{post, alarmsPath + "/:id/done", staff.Reviewer, button(o.endAlarm)},
		{post, alarmsPath + "/:id/reopen", staff.Reviewer, button(o.reopenAlarm)},
		{post, "/console/holds/:id/end", staff.Reviewer, button(o.endHold)},
		{get, "/console/applications/:id/compare/:other", staff.Observer, o.compareApplications},
		{post, "/console/applications/:id/compare/:other/merge", staff.Reviewer, o.mergeApplications},
		{post, "/console/applications/:id/compare/:other/undo", staff.Reviewer, o.unmergeApplication},
		{get, "/console/partners/:id/compare/:other", staff.Observer, o.comparePartners},
		{post, "/console/partners/:id/compare/:other/merge", staff.Reviewer, o.mergePartners},
		{post, "/console/partners/:id/compare/:other/undo", staff.Reviewer, o.unmergePartner},
		{get, "/console/protected", staff.Observer, o.showProtected},
		{post, "/console/protected", staff.Reviewer, o.protect},
		{post, "/console/protected/:id/remove", staff.Reviewer, button(o.unprotect)},
		{get, messagesPath, staff.Observer, o.showMessages},
		{post, messagesPath + "/:id/show", staff.Moderator, o.ruleMessage(appeal.MessageShown)},
		{post, messagesPath + "/:id/refuse", staff.Moderator, o.ruleMessage(appeal.MessageRefused)},
		{post, messagesPath + "/:id/undo", staff.Moderator, o.undoMessage},
		{post, messagesPath + "/:id/translate", staff.Moderator, o.translateMessage},
		{get, reportsPath, staff.Observer, o.showReports},
		{post, reportsPath + "/:subject/:id/dismiss", staff.Moderator, o.decideReports(report.Dismissed)},
		{post, reportsPath + "/:subject/:id/uphold", staff.Moderator, o.decideReports(report.Upheld)},
		{post, reportsPath + "/message/:id/hide", staff.Moderator, o.hideReported},
		{post, reportsPath + "/:subject/:id/reopen", staff.Moderator, button(o.reopenReports)},
		{get, heldPath, staff.Observer, o.showHeld},
		{post, heldPath, staff.Moderator, o.decideHeld},
		{get, heldOnePath, staff.Moderator, o.showHeldOne},
		{post, heldOnePath, staff.Moderator, o.decideHeldOnes},
		{post, heldPath + "/undo/:id", staff.Moderator, button(o.undoHeld)},
		{get, sweepsPath, staff.Observer, o.showSweeps},
		{post, sweepsPath, staff.Reviewer, o.previewSweep},
		{get, sweepsPath + "/:id", staff.Observer, o.showSweep},
		{post, sweepsPath + "/:id/run", staff.Reviewer, button(o.turnSweep(o.Sweeps.Start))},
		{post, sweepsPath + "/:id/cancel", staff.Reviewer, button(o.turnSweep(o.Sweeps.Cancel))},
		{post, sweepsPath + "/:id/undo", staff.Reviewer, button(o.turnSweep(o.Sweeps.Undo))},
		{get, statementsPath, staff.Observer, o.showStatements},
		{post, statementsPath, staff.Admin, o.freeze},
		{get, "/console/appeal", staff.Observer, o.showTexts},
		{post, "/console/appeal", staff.Admin, o.saveTexts},
		{get, translatePath, staff.Observer, o.showTranslations},
		{get, translatePath + "/:text/:into", staff.Observer, o.showTranslation},
		{post, translatePath + "/:text/:into", staff.Reviewer, o.saveTranslation},
		{get, "/console/designs", staff.Observer, o.showDesigns},
		{get, "/console/designs/new", staff.Admin, o.showNewDesign},
		{post, "/console/designs/new", staff.Admin, o.createDesign},
		{get, "/console/designs/:id", staff.Observer, o.showDesign},
		{get, "/console/designs/:id/edit", staff.Admin, o.showDesignEdit},
		{post, "/console/designs/:id/edit", staff.Admin, o.editDesign},
		{post, "/console/designs/:id/publish", staff.Admin, o.publishDesign},
		{post, "/console/designs/:id/withdraw", staff.Admin, o.withdrawDesign},
		{get, "/console/designs/:id/pictures/:picture", staff.Observer, o.drawDesign},
		{get, "/console/account", staff.Observer, o.showAccount},
		{post, "/console/account", staff.Observer, o.saveAccount},
		{post, "/console/account/password", staff.Observer, o.changePassword},
		{post, "/console/account/sessions/end", staff.Observer, button(o.endOthers)},
		{post, "/console/account/sessions/:id/end", staff.Observer, button(o.endOne)},
		{post, "/console/factors/totp/remove", staff.Observer, button(o.removeTOTP)},
		{post, "/console/factors/passkeys/:id/label", staff.Observer, o.labelPasskey},
		{post, "/console/factors/passkeys/:id/remove", staff.Observer, button(o.removePasskey)},
		{get, "/console/factors/codes", staff.Observer, o.showCodes},
		{post, "/console/factors/codes", staff.Observer, button(o.makeCodes)},
		{get, "/console/accounts", staff.Admin, o.showAccounts},
		{post, "/console/accounts/invitations", staff.Admin, o.invite},
		{post, "/console/accounts/invitations/:id/resend", staff.Admin, button(o.resendInvitation)},
		{post, "/console/accounts/invitations/:id/revoke", staff.Admin, button(o.revokeInvitation)},
		{get, "/console/accounts/:id", staff.Admin, o.showMember},
		{post, "/console/accounts/:id/role", staff.Admin, o.setRole},
		{post, "/console/accounts/:id/disable", staff.Admin, button(o.disable)},
		{post, "/console/accounts/:id/enable", staff.Admin, button(o.enable)},
		{post, "/console/accounts/:id/reset", staff.Admin, button(o.resetFactors)},
	}
}

// button is web.Button behind the check of the role.
func button(next handler) handler {
	return func(c echo.Context, who *staff.Account) error {
		return web.Button(func(c echo.Context) error { return next(c, who) })(c)
	}
}

// Routes registers every page of the console.
func (o *Console) Routes() {
	o.rights = map[string]staff.Role{}
	for _, r := range o.routes() {
		if r.Method == http.MethodGet {
			o.rights[r.Path] = r.Role
		}
		o.open(r.Method, r.Path, o.signedIn(r.Role, r.handle))
	}
	for _, e := range o.entrances() {
		o.open(e.Method, e.Path, e.handle)
	}
}

// open registers one page; what is read may also be asked for its head.
func (o *Console) open(method, path string, handle echo.HandlerFunc) {
	methods := []string{method}
	if method == http.MethodGet {
		methods = append(methods, http.MethodHead)
	}
	o.Echo.Match(methods, path, handle, web.NoStore)
}

// base makes the base of a console page, in the language of who reads it.
func (o *Console) base(c echo.Context, who *staff.Account, title string) view.Page {
	lang := o.lang(who.Lang)
	p := o.Base(c, "console", lang, o.Catalogues.For(lang).T(title))
	whole := o.Staff.Whole(session(c))
	p.Staff = &view.Person{Name: who.Name, May: func(role string) bool { return whole && who.Role.Covers(staff.Role(role)) }}
	p.Staff.Menu = o.menu(c, p, p.Staff.May)
	return p
}

// lang is the language a member of staff reads the console in: the member's
// own if the console speaks it, else English.
func (o *Console) lang(own string) string {
	if slices.ContainsFunc(o.Catalogues.Console(), func(l locale.Language) bool { return l.Code == own }) {
		return own
	}
	return locale.Default
}

func by(who *staff.Account) audit.Actor { return audit.Actor{Kind: audit.Staff, ID: who.ID} }
