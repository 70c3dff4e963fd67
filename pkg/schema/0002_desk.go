package schema

import "gorm.io/gorm"

// 0002 is the life of a partner, from a form half filled to a partner that
// left: what the desk needs to know about applications and partners, what
// staff decide and write, and how staff sign in.

type application0002 struct {
	// The index has all that the inbox counts and sorts by, so that neither
	// reads the rows. WaitingSince is when it became staff's turn.
	ID           int64  `gorm:"index:applications_inbox,priority:8"`
	State        string `gorm:"index:applications_inbox,priority:1"`
	Country      string `gorm:"index:applications_inbox,priority:4"`
	Kind         string `gorm:"index:applications_inbox,priority:5"`
	MailLang     string `gorm:"index:applications_inbox,priority:6"`
	WaitingSince int64  `gorm:"not null;default:0;index:applications_inbox,priority:3"`
	Reminders    int64  `gorm:"not null;default:0"`
	ClaimedBy    int64  `gorm:"not null;default:0;index:applications_inbox,priority:7"`
	ClaimedAt    int64  `gorm:"not null;default:0"`
	// Folded, the skeletons of both names and SiteKey are made of the profile
	// by the rules of version Folding, to search by and to find duplicates by.
	Folded        string `gorm:"not null;default:''"`
	Skeleton      string `gorm:"not null;default:'';index:applications_skeleton"`
	LatinSkeleton string `gorm:"not null;default:'';index:applications_latin_skeleton"`
	SiteKey       string `gorm:"not null;default:'';index:applications_site"`
	Folding       int64  `gorm:"not null;default:0"`
	MergedInto    int64  `gorm:"not null;default:0;index:applications_inbox,priority:2;index:applications_merged"`
	Links         string `gorm:"not null;default:''"`
	Draft         []byte
	SpeakerName   []byte
	SpeakerEmail  []byte
	SpeakerKey    []byte
	SpeakerAt     int64  `gorm:"not null;default:0"`
	LogoID        int64  `gorm:"not null;default:0"`
	LogoAlt       string `gorm:"not null;default:''"`
	WordsLang     string `gorm:"not null;default:''"`
}

type partner0002 struct {
	Skeleton      string `gorm:"not null;default:'';index:partners_skeleton"`
	LatinSkeleton string `gorm:"not null;default:'';index:partners_latin_skeleton"`
	SiteKey       string `gorm:"not null;default:'';index:partners_site"`
	Folding       int64  `gorm:"not null;default:0"`
	MergedInto    int64  `gorm:"not null;default:0"`
	LogoID        int64  `gorm:"not null;default:0"`
	LogoAlt       string `gorm:"not null;default:''"`
}

type staffAccount0002 struct {
	TOTPSecret []byte `gorm:"column:totp_secret"`
	TOTPStep   int64  `gorm:"column:totp_step;not null;default:0"`
}

type session0002 struct {
	Factor string `gorm:"not null;default:''"`
	Agent  string `gorm:"not null;default:''"`
}

type audit0002 struct {
	At        int64  `gorm:"index:audit_entries_at"`
	ActorKind string `gorm:"index:audit_entries_actor,priority:1"`
	ActorID   int64  `gorm:"index:audit_entries_actor,priority:2"`
}

// decision0002 is what staff decided. For a minute it is pending and can be
// taken back; only one may be pending for an application.
type decision0002 struct {
	ID            int64  `gorm:"primaryKey;autoIncrement:false"`
	BatchID       int64  `gorm:"not null;index:decisions_batch"`
	ApplicationID int64  `gorm:"not null;uniqueIndex:decisions_pending,where:state = 'pending';index:decisions_application"`
	State         string `gorm:"not null"`
	Kind          string `gorm:"not null"`
	Version       int64  `gorm:"not null"`
	Slug          string `gorm:"not null"`
	Reason        string `gorm:"not null"`
	Questions     string `gorm:"not null"`
	Words         string `gorm:"not null"`
	WordsLang     string `gorm:"not null"`
	StaffID       int64  `gorm:"not null"`
	DueAt         int64  `gorm:"not null;index:decisions_due,where:state = 'pending'"`
	SettledAt     int64  `gorm:"not null"`
	CreatedAt     int64  `gorm:"not null;autoCreateTime:false"`
}

// phrase0002 is a reason or a question that staff keep in every language.
type phrase0002 struct {
	Key       string `gorm:"primaryKey"`
	Kind      string `gorm:"not null"`
	Position  int64  `gorm:"not null"`
	Retired   bool   `gorm:"not null"`
	CreatedAt int64  `gorm:"not null;autoCreateTime:false"`
}

type phraseText0002 struct {
	PhraseKey string `gorm:"primaryKey"`
	Lang      string `gorm:"primaryKey"`
	Body      string `gorm:"not null"`
}

type note0002 struct {
	ID         int64  `gorm:"primaryKey;autoIncrement:false"`
	Subject    string `gorm:"not null;index:notes_subject,priority:1"`
	SubjectID  int64  `gorm:"not null;index:notes_subject,priority:2"`
	AuthorKind string `gorm:"not null"`
	AuthorID   int64  `gorm:"not null"`
	Author     []byte
	Body       string `gorm:"not null"`
	Lang       string `gorm:"not null"`
	CreatedAt  int64  `gorm:"not null;autoCreateTime:false"`
}

// reading0002 is a link with which a trusted reader sees an application
// without its contacts.
type reading0002 struct {
	ID            int64 `gorm:"primaryKey;autoIncrement:false"`
	ApplicationID int64 `gorm:"not null;index:readings_application"`
	StaffID       int64 `gorm:"not null"`
	ExpiresAt     int64 `gorm:"not null"`
	EndedAt       int64 `gorm:"not null"`
	CreatedAt     int64 `gorm:"not null;autoCreateTime:false"`
}

// letter0002 is a letter that was written to an applicant or a partner, so
// that it can be read again in any language.
type letter0002 struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	Subject   string `gorm:"not null;index:letters_subject,priority:1"`
	SubjectID int64  `gorm:"not null;index:letters_subject,priority:2"`
	Kind      string `gorm:"not null"`
	Lang      string `gorm:"not null"`
	Args      []byte
	CreatedAt int64 `gorm:"not null;autoCreateTime:false"`
}

type profileVersion0002 struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	Subject   string `gorm:"not null;uniqueIndex:profile_versions_version,priority:1"`
	SubjectID int64  `gorm:"not null;uniqueIndex:profile_versions_version,priority:2"`
	Version   int64  `gorm:"not null;uniqueIndex:profile_versions_version,priority:3"`
	Profile   string `gorm:"not null"`
	ActorKind string `gorm:"not null"`
	ActorID   int64  `gorm:"not null"`
	CreatedAt int64  `gorm:"not null;autoCreateTime:false"`
}

// partnerChange0002 is what a partner wants to change in public.
type partnerChange0002 struct {
	ID               int64  `gorm:"primaryKey;autoIncrement:false"`
	PartnerID        int64  `gorm:"not null;index:partner_changes_partner"`
	State            string `gorm:"not null;index:partner_changes_state,priority:1"`
	Version          int64  `gorm:"not null"`
	Profile          string `gorm:"not null"`
	RepresentativeID int64  `gorm:"not null"`
	Reason           string `gorm:"not null"`
	StaffID          int64  `gorm:"not null"`
	CreatedAt        int64  `gorm:"not null;autoCreateTime:false;index:partner_changes_state,priority:2"`
	DecidedAt        int64  `gorm:"not null"`
}

type image0002 struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	Owner     string `gorm:"not null;index:images_owner,priority:1"`
	OwnerID   int64  `gorm:"not null;index:images_owner,priority:2"`
	Type      string `gorm:"not null"`
	Width     int64  `gorm:"not null"`
	Height    int64  `gorm:"not null"`
	Hash      string `gorm:"not null"`
	Body      []byte `gorm:"not null"`
	CreatedAt int64  `gorm:"not null;autoCreateTime:false"`
}

// proof0002 is a sign that an applicant controls the address it names.
type proof0002 struct {
	ID            int64  `gorm:"primaryKey;autoIncrement:false"`
	ApplicationID int64  `gorm:"not null;uniqueIndex:proofs_kind,priority:1"`
	Kind          string `gorm:"not null;uniqueIndex:proofs_kind,priority:2"`
	Target        string `gorm:"not null"`
	State         string `gorm:"not null"`
	Detail        string `gorm:"not null"`
	FoundAt       int64  `gorm:"not null"`
	CheckedAt     int64  `gorm:"not null"`
	NextAt        int64  `gorm:"not null;index:proofs_next"`
	CreatedAt     int64  `gorm:"not null;autoCreateTime:false"`
}

type vouch0002 struct {
	ID            int64  `gorm:"primaryKey;autoIncrement:false"`
	ApplicationID int64  `gorm:"not null;uniqueIndex:vouches_partner,priority:1"`
	PartnerID     int64  `gorm:"not null;uniqueIndex:vouches_partner,priority:2"`
	State         string `gorm:"not null"`
	Words         string `gorm:"not null"`
	StaffID       int64  `gorm:"not null"`
	Counter       int64  `gorm:"not null"`
	CreatedAt     int64  `gorm:"not null;autoCreateTime:false"`
	AnsweredAt    int64  `gorm:"not null"`
}

type protectedName0002 struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	Name      string `gorm:"not null"`
	Skeleton  string `gorm:"not null;uniqueIndex:protected_names_skeleton"`
	StaffID   int64  `gorm:"not null"`
	CreatedAt int64  `gorm:"not null;autoCreateTime:false"`
}

type setting0002 struct {
	Key   string `gorm:"primaryKey"`
	Value string `gorm:"not null"`
}

type passkey0002 struct {
	ID           int64  `gorm:"primaryKey;autoIncrement:false"`
	StaffID      int64  `gorm:"not null;index:passkeys_staff"`
	CredentialID []byte `gorm:"not null;uniqueIndex:passkeys_credential"`
	Credential   string `gorm:"not null"`
	Label        string `gorm:"not null"`
	CreatedAt    int64  `gorm:"not null;autoCreateTime:false"`
	UsedAt       int64  `gorm:"not null"`
}

type recoveryCode0002 struct {
	ID      int64  `gorm:"primaryKey;autoIncrement:false"`
	StaffID int64  `gorm:"not null;index:recovery_codes_staff"`
	Hash    []byte `gorm:"not null"`
	UsedAt  int64  `gorm:"not null"`
}

// ceremony0002 is a passkey ceremony under way: what the server asked.
type ceremony0002 struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	Kind      string `gorm:"not null"`
	StaffID   int64  `gorm:"not null"`
	Data      string `gorm:"not null"`
	ExpiresAt int64  `gorm:"not null"`
}

type invitation0002 struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	Email     string `gorm:"not null"`
	Role      string `gorm:"not null"`
	Lang      string `gorm:"not null"`
	StaffID   int64  `gorm:"not null"`
	Counter   int64  `gorm:"not null"`
	ExpiresAt int64  `gorm:"not null"`
	UsedAt    int64  `gorm:"not null"`
	CreatedAt int64  `gorm:"not null;autoCreateTime:false"`
}

// added are the columns and indexes of tables that were there already.
var added0002 = []struct {
	table   string
	row     any
	columns []string
	indexes []string
}{
	{"applications", &application0002{},
		[]string{"WaitingSince", "Reminders", "ClaimedBy", "ClaimedAt", "Folded", "Skeleton", "LatinSkeleton", "SiteKey", "Folding", "MergedInto", "Links", "Draft",
			"SpeakerName", "SpeakerEmail", "SpeakerKey", "SpeakerAt", "LogoID", "LogoAlt", "WordsLang"},
		[]string{"applications_inbox", "applications_skeleton", "applications_latin_skeleton", "applications_site", "applications_merged"}},
	{"partners", &partner0002{}, []string{"Skeleton", "LatinSkeleton", "SiteKey", "Folding", "MergedInto", "LogoID", "LogoAlt"},
		[]string{"partners_skeleton", "partners_latin_skeleton", "partners_site"}},
	{"staff_accounts", &staffAccount0002{}, []string{"TOTPSecret", "TOTPStep"}, nil},
	{"sessions", &session0002{}, []string{"Factor", "Agent"}, nil},
	{"audit_entries", &audit0002{}, nil, []string{"audit_entries_at", "audit_entries_actor"}},
}

func migrate0002(tx *gorm.DB) error {
	for name, table := range map[string]any{
		"decisions": &decision0002{}, "phrases": &phrase0002{}, "phrase_texts": &phraseText0002{}, "notes": &note0002{},
		"readings": &reading0002{}, "letters": &letter0002{}, "profile_versions": &profileVersion0002{},
		"partner_changes": &partnerChange0002{}, "images": &image0002{}, "proofs": &proof0002{}, "vouches": &vouch0002{},
		"protected_names": &protectedName0002{}, "settings": &setting0002{}, "passkeys": &passkey0002{},
		"recovery_codes": &recoveryCode0002{}, "ceremonies": &ceremony0002{}, "invitations": &invitation0002{},
	} {
		if err := tx.Table(name).Migrator().CreateTable(table); err != nil {
			return err
		}
	}
	for _, a := range added0002 {
		m := tx.Table(a.table).Migrator()
		for _, c := range a.columns {
			if err := m.AddColumn(a.row, c); err != nil {
				return err
			}
		}
		for _, i := range a.indexes {
			if err := m.CreateIndex(a.row, i); err != nil {
				return err
			}
		}
	}
	if err := appendOnly0002(tx); err != nil {
		return err
	}
	return tx.Exec("UPDATE applications SET waiting_since = verified_at").Error
}
