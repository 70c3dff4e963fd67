package testkit

import (
	"slices"
	"strings"

	"olivebranch/pkg/registry"
)

// ApplicationForm is a filled application, as pairs for Submit.
func ApplicationForm(name, email string) []string {
	return []string{
		"name", name, "name_latin", "", "website", "https://harbour-choir.example", "country", "KR", "kind", "peace",
		"about", "We sing for peace in the harbour.", "reach", "100_999", "contact_name", "Mina Example", "contact_role", "Chair",
		"email", email, "mail_lang", "en", "placement", "https://harbour-choir.example/peace", "pledge", "1", "consent", "1", "authorised", "1",
	}
}

// SignForm is a filled sign form, as pairs for Submit.
func SignForm(name, email string) []string {
	return []string{"name", name, "email", email, "country", "KR", "message", "", "consent", "1"}
}

// Link waits for a link that holds part, in a letter to an address whose
// subject holds the words, and returns that of the newest one.
func (a *App) Link(to, subject, part string) (link string) {
	a.t.Helper()
	a.Until("a link with "+part+" to "+to, func() bool {
		for _, l := range a.Mail.Letters() {
			at := slices.IndexFunc(l.Links, func(link string) bool { return strings.Contains(link, part) })
			if at >= 0 && l.To == to && strings.Contains(l.Subject, subject) {
				link = l.Links[at]
				return true
			}
		}
		return false
	})
	return link
}

// AddPartner lets an organization apply, confirm and be approved.
func (a *App) AddPartner(name, slug string) *registry.Partner {
	a.t.Helper()
	mail := "contact@" + slug + ".test"
	page := a.Client().Get("/en/join").Submit("/en/join", ApplicationForm(name, mail)...)
	if page.Status != 200 {
		a.t.Fatalf("apply: status %d: %s", page.Status, page.Text())
	}
	a.Client().Get(a.Link(mail, "confirm", "/confirm")).Submit("/confirm")
	waiting, err := a.Registry.Inbox(a.t.Context(), registry.InboxQuery{States: []registry.State{registry.Verified}, Most: 1})
	if err != nil || len(waiting) == 0 {
		a.t.Fatalf("no application waits: %v", err)
	}
	p, err := a.Registry.Approve(a.t.Context(), registry.Decision{Application: waiting[0].ID, Slug: slug})
	if err != nil {
		a.t.Fatalf("approve: %v", err)
	}
	return p
}

// Settle lets the time pass in which decisions can be taken back, and carries
// them out.
func (a *App) Settle() {
	a.t.Helper()
	a.Clock.Advance(registry.UndoTime)
	if _, err := a.Registry.Settle(a.t.Context()); err != nil {
		a.t.Fatalf("settle: %v", err)
	}
}

// Sign signs the appeal in the language and returns the confirmation link.
// path is where the form is opened, such as /en/sign?via=acme.
func (a *App) Sign(path, name, email string) string {
	a.t.Helper()
	lang := strings.Split(path, "/")[1]
	page := a.Client().Get(path).Submit("/"+lang+"/sign", SignForm(name, email)...)
	if page.Status != 200 {
		a.t.Fatalf("sign: status %d: %s", page.Status, page.Text())
	}
	return a.Link(email, "", "/confirm/")
}
