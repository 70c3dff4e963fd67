package schema

import "gorm.io/gorm"

// Every id is made by store.NewID before the insert. Times are Unix
// milliseconds, 0 for never; days are UTC as 2006-01-02. Columns typed []byte
// are sealed or keyed hashes; NULL where there is none.

type appeal0001 struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	Slug      string `gorm:"not null;uniqueIndex:appeals_slug"`
	Goal      int64  `gorm:"not null"`
	State     string `gorm:"not null"`
	CreatedAt int64  `gorm:"not null;autoCreateTime:false"`
}

type text0001 struct {
	ID          int64  `gorm:"primaryKey;autoIncrement:false"`
	Kind        string `gorm:"not null;uniqueIndex:texts_version,priority:1"`
	OwnerID     int64  `gorm:"not null;uniqueIndex:texts_version,priority:2"`
	Field       string `gorm:"not null;uniqueIndex:texts_version,priority:3"`
	Lang        string `gorm:"not null;uniqueIndex:texts_version,priority:4"`
	Version     int64  `gorm:"not null;uniqueIndex:texts_version,priority:5"`
	BaseVersion int64  `gorm:"not null"`
	Body        string `gorm:"not null"`
	StaffID     int64  `gorm:"not null"`
	CreatedAt   int64  `gorm:"not null;autoCreateTime:false"`
}

type signRequest0001 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement:false"`
	AppealID       int64  `gorm:"not null;uniqueIndex:sign_requests_pending,priority:1"`
	EmailKey       []byte `gorm:"uniqueIndex:sign_requests_pending,priority:2"`
	PartnerID      int64  `gorm:"not null"`
	Country        string `gorm:"not null"`
	Lang           string `gorm:"not null"`
	State          string `gorm:"not null;index:sign_requests_state,priority:1"`
	SignatureID    int64  `gorm:"not null"`
	Consents       int64  `gorm:"not null"`
	TextVersion    int64  `gorm:"not null"`
	ConsentVersion int64  `gorm:"not null"`
	Name           []byte
	Email          []byte
	Message        string `gorm:"not null"`
	DomainKey      []byte
	RangeKey       []byte
	Mails          int64 `gorm:"not null"`
	MailedAt       int64 `gorm:"not null"`
	CodeTries      int64 `gorm:"not null"`
	CreatedAt      int64 `gorm:"not null;autoCreateTime:false;index:sign_requests_state,priority:2"`
	DoneAt         int64 `gorm:"not null"`
}

type signature0001 struct {
	ID             int64  `gorm:"primaryKey;autoIncrement:false"`
	AppealID       int64  `gorm:"not null;uniqueIndex:signatures_once,priority:1"`
	EmailKey       []byte `gorm:"uniqueIndex:signatures_once,priority:2"`
	PartnerID      int64  `gorm:"not null"`
	Country        string `gorm:"not null"`
	Lang           string `gorm:"not null"`
	Origin         string `gorm:"not null"`
	State          string `gorm:"not null"`
	Day            string `gorm:"not null"`
	Name           []byte
	Email          []byte
	Consents       int64 `gorm:"not null"`
	TextVersion    int64 `gorm:"not null"`
	ConsentVersion int64 `gorm:"not null"`
	DomainKey      []byte
	RangeKey       []byte
	Counter        int64 `gorm:"not null"`
	CreatedAt      int64 `gorm:"not null;autoCreateTime:false"`
	ConfirmedAt    int64 `gorm:"not null;index:signatures_confirmed"`
	ForgottenAt    int64 `gorm:"not null"`
	WithdrawnAt    int64 `gorm:"not null"`
}

type message0001 struct {
	ID          int64  `gorm:"primaryKey;autoIncrement:false"`
	AppealID    int64  `gorm:"not null"`
	SignatureID int64  `gorm:"not null;index:messages_signature"`
	PartnerID   int64  `gorm:"not null"`
	Country     string `gorm:"not null"`
	Lang        string `gorm:"not null"`
	Body        string `gorm:"not null"`
	State       string `gorm:"not null;index:messages_state,priority:1"`
	CreatedAt   int64  `gorm:"not null;autoCreateTime:false;index:messages_state,priority:2"`
	DecidedAt   int64  `gorm:"not null"`
	DecidedBy   int64  `gorm:"not null"`
}

type tally0001 struct {
	AppealID int64  `gorm:"primaryKey;autoIncrement:false"`
	Kind     string `gorm:"primaryKey"`
	Key      string `gorm:"primaryKey"`
	N        int64  `gorm:"not null"`
}

type change0001 struct {
	Topic string `gorm:"primaryKey"`
	N     int64  `gorm:"not null"`
	At    int64  `gorm:"not null"`
}

// profile0001 is what an organization says about itself.
type profile0001 struct {
	Name        string `gorm:"not null"`
	NameLatin   string `gorm:"not null"`
	Website     string `gorm:"not null"`
	WebsiteHost string `gorm:"not null"`
	Country     string `gorm:"not null"`
	Kind        string `gorm:"not null"`
	About       string `gorm:"not null"`
	Reach       string `gorm:"not null"`
	Placement   string `gorm:"not null"`
	Lang        string `gorm:"not null"`
}

type application0001 struct {
	ID           int64       `gorm:"primaryKey;autoIncrement:false"`
	Reference    string      `gorm:"not null;uniqueIndex:applications_reference"`
	State        string      `gorm:"not null;index:applications_state,priority:1"`
	Profile      profile0001 `gorm:"embedded"`
	ContactName  []byte
	ContactRole  string `gorm:"not null"`
	ContactEmail []byte
	EmailKey     []byte `gorm:"index:applications_email"`
	EmailDomain  string `gorm:"not null"`
	MailLang     string `gorm:"not null"`
	Message      string `gorm:"not null"`
	Consents     int64  `gorm:"not null"`
	Version      int64  `gorm:"not null"`
	Counter      int64  `gorm:"not null"`
	PartnerID    int64  `gorm:"not null"`
	Reason       string `gorm:"not null"`
	ReasonWords  string `gorm:"not null"`
	CreatedAt    int64  `gorm:"not null;autoCreateTime:false"`
	SubmittedAt  int64  `gorm:"not null;index:applications_state,priority:2"`
	VerifiedAt   int64  `gorm:"not null"`
	DecidedAt    int64  `gorm:"not null"`
	DecidedBy    int64  `gorm:"not null"`
}

type partner0001 struct {
	ID             int64       `gorm:"primaryKey;autoIncrement:false"`
	Slug           string      `gorm:"not null;uniqueIndex:partners_slug"`
	State          string      `gorm:"not null"`
	Profile        profile0001 `gorm:"embedded"`
	NameFolded     string      `gorm:"not null"`
	Message        string      `gorm:"not null"`
	ApplicationID  int64       `gorm:"not null"`
	ShowSignatures bool        `gorm:"not null"`
	Version        int64       `gorm:"not null"`
	Since          int64       `gorm:"not null"`
	CreatedAt      int64       `gorm:"not null;autoCreateTime:false"`
}

// slug0001 is every slug a partner ever had, so that old ones redirect.
type slug0001 struct {
	Slug      string `gorm:"primaryKey"`
	PartnerID int64  `gorm:"not null"`
}

type representative0001 struct {
	ID        int64 `gorm:"primaryKey;autoIncrement:false"`
	PartnerID int64 `gorm:"not null;uniqueIndex:representatives_email,priority:2"`
	Name      []byte
	Role      string `gorm:"not null"`
	Email     []byte
	EmailKey  []byte `gorm:"uniqueIndex:representatives_email,priority:1"`
	Lang      string `gorm:"not null"`
	Counter   int64  `gorm:"not null"`
	CreatedAt int64  `gorm:"not null;autoCreateTime:false"`
}

type staffAccount0001 struct {
	ID           int64  `gorm:"primaryKey;autoIncrement:false"`
	Email        string `gorm:"not null;uniqueIndex:staff_accounts_email"`
	Name         string `gorm:"not null"`
	Role         string `gorm:"not null"`
	Lang         string `gorm:"not null"`
	PasswordHash string `gorm:"not null"`
	State        string `gorm:"not null"`
	Failures     int64  `gorm:"not null"`
	LockedUntil  int64  `gorm:"not null"`
	CreatedAt    int64  `gorm:"not null;autoCreateTime:false"`
}

type session0001 struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	TokenHash []byte `gorm:"not null;uniqueIndex:sessions_token"`
	Kind      string `gorm:"not null"`
	OwnerID   int64  `gorm:"not null;index:sessions_owner"`
	CreatedAt int64  `gorm:"not null;autoCreateTime:false"`
	SeenAt    int64  `gorm:"not null"`
	ExpiresAt int64  `gorm:"not null"`
}

type audit0001 struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	At        int64  `gorm:"not null"`
	ActorKind string `gorm:"not null"`
	ActorID   int64  `gorm:"not null"`
	Action    string `gorm:"not null"`
	Subject   string `gorm:"not null;index:audit_entries_subject,priority:1"`
	SubjectID int64  `gorm:"not null;index:audit_entries_subject,priority:2"`
	Before    string `gorm:"not null"`
	After     string `gorm:"not null"`
}

type outbox0001 struct {
	ID           int64  `gorm:"primaryKey;autoIncrement:false"`
	Kind         string `gorm:"not null"`
	Lang         string `gorm:"not null"`
	State        string `gorm:"not null;index:outbox_due,priority:1"`
	Urgency      int64  `gorm:"not null;index:outbox_due,priority:2"`
	NotBefore    int64  `gorm:"not null;index:outbox_due,priority:3"`
	RecipientKey []byte `gorm:"not null;index:outbox_recipient,priority:1"`
	Envelope     []byte
	Tries        int64  `gorm:"not null"`
	LeaseUntil   int64  `gorm:"not null"`
	LastError    string `gorm:"not null"`
	CreatedAt    int64  `gorm:"not null;autoCreateTime:false;index:outbox_recipient,priority:2"`
	DoneAt       int64  `gorm:"not null"`
}

type job0001 struct {
	Name       string `gorm:"primaryKey"`
	NextAt     int64  `gorm:"not null"`
	LeaseUntil int64  `gorm:"not null"`
	LastAt     int64  `gorm:"not null"`
	LastResult string `gorm:"not null"`
}

// canary0001 holds sealed words that exist nowhere in the clear; verify looks
// for them in the bytes of the database.
type canary0001 struct {
	ID     int64 `gorm:"primaryKey;autoIncrement:false"`
	Sealed []byte
}

func migrate0001(tx *gorm.DB) error {
	for name, table := range map[string]any{
		"appeals": &appeal0001{}, "texts": &text0001{}, "sign_requests": &signRequest0001{},
		"signatures": &signature0001{}, "messages": &message0001{}, "tallies": &tally0001{},
		"changes": &change0001{}, "applications": &application0001{}, "partners": &partner0001{},
		"partner_slugs": &slug0001{}, "representatives": &representative0001{},
		"staff_accounts": &staffAccount0001{}, "sessions": &session0001{}, "audit_entries": &audit0001{},
		"outbox": &outbox0001{}, "jobs": &job0001{}, "canaries": &canary0001{},
	} {
		if err := tx.Table(name).Migrator().CreateTable(table); err != nil {
			return err
		}
	}
	return nil
}
