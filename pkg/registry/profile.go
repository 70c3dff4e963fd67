// Package registry is the register of partner organizations: applications and
// how they are decided, partners and their states, and the representatives
// who act for them. It leaves the words of letters to the mailer and the
// counting of signatures to package appeal.
package registry

import (
	"olivebranch/pkg/address"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
)

// Kinds of organizations, in the order they are offered. Each has a message
// registry.kind.<kind>.
var Kinds = []string{
	"peace", "faith", "labour", "women", "youth", "veterans",
	"academic", "humanitarian", "culture", "community", "network",
}

// KindNetwork is that of a partner to which others belong.
const KindNetwork = "network"

// Reaches are how many people an organization reaches, in the order they are
// offered. Each has a message registry.reach.<reach>.
var Reaches = []string{"under_100", "100_999", "1000_9999", "10000_99999", "100000_up"}

// Profile is what an organization says about itself; all of it may become
// public.
type Profile struct {
	Name        string // in its own script
	NameLatin   string // "" when Name is in Latin letters
	Website     string // or a public page
	WebsiteHost string // punycode, lower case
	Country     string
	Kind        string
	About       string
	Reach       string
	Placement   string // where it will show the banner, in its own words
	Lang        string // of the texts above
}

// Contact is who applies for the organization.
type Contact struct {
	Name, Role, Email, Lang string
}

// Consents of an application, as bits.
const (
	ConsentPledge     int64 = 1 << iota // we support the demands, circulate the appeal, show the banner
	ConsentContact                      // use these data to decide and to write to me
	ConsentAuthorised                   // optional: I may speak for the organization
)

// Form is the application form as sent in: people's own words, not checked.
type Form struct {
	Profile
	Contact  Contact
	Consents int64
	Range    string // address range of the sender, as a prefix
}

// Known are the tables a form is checked against.
type Known struct {
	Country  func(code string) bool
	Language func(code string) bool
	Design   func(code string) bool // that a partner may choose for its banner
	Network  func(slug string) bool // that a partner may belong to
}

// checkedForm is a form whose every value is good.
type checkedForm struct {
	Form
	mail address.Mail
}

// Check returns the cleaned form, or a fault with one sentence for each
// refused field.
func (f Form) check(known Known) (checkedForm, error) {
	c, refused := f.look(known)
	return c, refused.Err()
}

// look checks field by field.
func (f Form) look(known Known) (checkedForm, fault.Fields) {
	refused := fault.Fields{}
	c := checkedForm{Form: f}
	c.Profile = Public{Profile: c.Profile}.check(known, refused).Profile
	c.Contact = c.Contact.check(known, refused)
	var err error
	c.mail, err = address.ParseMail(f.Contact.Email)
	refused.Add("email", err)
	if f.Consents&ConsentPledge == 0 {
		refused.Add("pledge", fault.New(fault.Invalid, "join.pledge_required"))
	}
	if f.Consents&ConsentContact == 0 {
		refused.Add("consent", fault.New(fault.Invalid, "join.consent_required"))
	}
	return c, refused
}

func optionalName(s string, l plaintext.Limit) (string, error) {
	s, err := plaintext.Clean(s, l)
	if s == "" || err != nil {
		return s, err
	}
	return plaintext.Name(s, l)
}

// chosen refuses an empty choice and one that was not offered.
func chosen(value string, offered func(string) bool, field string) error {
	switch {
	case value == "":
		return fault.New(fault.Invalid, field+".required")
	case !offered(value):
		return fault.New(fault.Invalid, field+".bad")
	}
	return nil
}
