package appeal

import (
	"time"

	"olivebranch/pkg/address"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/seal"
)

// Bounds of a sign request. How long it waits is Retention.RequestLife.
const (
	// MailPause is the least time between two mails for one request.
	MailPause = 10 * time.Minute
	// MostMails is how many mails one request sends in all.
	MostMails = 5
	// MostCodeTries is how often a wrong code may be entered for one request.
	MostCodeTries = 5
)

// States of a sign request.
const (
	pending = "pending"
	done    = "done"
)

// Form is the sign form as sent in: people's own words, not yet checked.
type Form struct {
	Name, Email, Country, Message string
	Consents                      Consents
	PartnerID                     int64 // the partner it came through, 0 for none
	PlacementID                   int64 // the page whose banner led here, 0 if unknown
	Lang                          string
	TermsID                       int64  // the terms that stood on the page, 0 if it named none
	Range                         string // address range of the sender, as a prefix
	Doubt                         string // why its signature will be held; "" to count it
}

// checked is a form whose every value is good.
type checked struct {
	Form
	mail address.Mail
}

// isCountry is set by the caller of check, because names of countries live in
// package locale.
type isCountry func(code string) bool

// check returns the cleaned form, or a fault with one sentence for each
// refused field.
func (f Form) check(known isCountry) (checked, error) {
	refused := fault.Fields{}
	c := checked{Form: f}
	var err error
	c.Name, err = plaintext.Name(f.Name, plaintext.PersonName)
	refused.Add("name", err)
	c.mail, err = address.ParseMail(f.Email)
	refused.Add("email", err)
	c.Message, err = plaintext.Clean(f.Message, plaintext.Message)
	refused.Add("message", err)
	switch {
	case f.Country == "":
		refused.Add("country", fault.New(fault.Invalid, "country.required"))
	case !known(f.Country):
		refused.Add("country", fault.New(fault.Invalid, "country.bad"))
	}
	if !f.Consents.Has(ConsentCount) {
		refused.Add("consent", fault.New(fault.Invalid, "sign.consent_required"))
	}
	return c, refused.Err()
}

// request is a row of sign_requests. Name and Email are sealed under the
// signature's columns, because confirming copies them there and a signature
// keeps its request's id.
type request struct {
	ID          int64
	AppealID    int64
	EmailKey    []byte
	PartnerID   int64
	PlacementID int64
	Country     string
	Lang        string
	State       string
	SignatureID int64
	Consents    Consents
	TermsID     int64
	Name        []byte
	Email       []byte
	Message     string
	DomainKey   []byte
	RangeKey    []byte
	Mails       int64
	MailedAt    int64
	CodeTries   int64
	CreatedAt   int64
	DoneAt      int64
	RemindedAt  int64
	Doubt       string // why its signature will be held; "" to count it
	SentAt      int64  // when the mail server took the first mail
}

func (request) TableName() string { return "sign_requests" }

// Columns under which package seal binds what people said of themselves.
const (
	sealedName  = "signatures.name"
	sealedEmail = "signatures.email"
)

// SealedNames are the columns under which names and addresses are bound, both of
// requests and of signatures.
func SealedNames() (name, email string) { return sealedName, sealedEmail }

// SealedColumns lists the sealed columns of this package's tables.
func SealedColumns() []seal.Column {
	return []seal.Column{
		{Table: "signatures", Name: "name", Binding: sealedName}, {Table: "signatures", Name: "email", Binding: sealedEmail},
		{Table: "sign_requests", Name: "name", Binding: sealedName}, {Table: "sign_requests", Name: "email", Binding: sealedEmail},
		{Table: "sweeps", Name: "terms", Binding: sealedTerms},
	}
}
