package registry

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/logo"
	"olivebranch/pkg/outbound"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

// Application is a row: an organization's request to become a partner.
// ContactName and ContactEmail are sealed. Times are Unix milliseconds, 0 for
// never.
type Application struct {
	ID           int64
	Reference    string
	State        State
	Profile      `gorm:"embedded"`
	ContactName  []byte
	ContactRole  string
	ContactEmail []byte
	EmailKey     []byte
	EmailDomain  string
	MailLang     string
	Message      string
	Consents     int64
	Version      int64
	Counter      int64
	PartnerID    int64
	Reason       string
	ReasonWords  string
	CreatedAt    int64
	SubmittedAt  int64
	VerifiedAt   int64
	DecidedAt    int64
	DecidedBy    int64

	WaitingSince  int64 // when it became staff's turn
	Reminders     int64 // how many reminders to confirm the address were sent
	ClaimedBy     int64 // staff account that reads it now, 0 for nobody
	ClaimedAt     int64
	Folded        string // what searches compare
	Skeleton      string // of the name, by which look-alikes are found
	LatinSkeleton string // of the name in Latin letters, if there is one
	SiteKey       string // what two applications for one site share
	Folding       int64  // version of the rules that made these four
	MergedInto    int64  // the application that stands for this one, 0 for none
	Links         string // independent pages about the organization, one on each line
	Draft         []byte // sealed: a form half filled
	SpeakerName   []byte // sealed: who may speak for the organization, if somebody else
	SpeakerEmail  []byte // sealed
	SpeakerKey    []byte
	SpeakerAt     int64 // when the speaker confirmed
	LogoID        int64
	LogoAlt       string
	WordsLang     string // of ReasonWords
}

const (
	sealedContactName  = "applications.contact_name"
	sealedContactEmail = "applications.contact_email"
)

// Open says that the application is with staff: the address is confirmed and
// nothing is decided, so that the applicant may still add to it.
func (a *Application) Open() bool {
	return a.State == Verified || a.State == InReview || a.State == NeedsInfo
}

// Why there is no application to show.
var (
	// ErrNoApplication answers for an application that does not exist.
	ErrNoApplication = fault.New(fault.NotFound, "application.gone")
	// ErrForgotten answers for a link that was ours and leads to nothing: what
	// is not confirmed in time is forgotten, and no other row is ever deleted.
	ErrForgotten = fault.New(fault.Gone, "application.forgotten")
	// ErrTakenBack answers the same when its applicant took it back.
	ErrTakenBack = fault.New(fault.Gone, "application.taken_back")
	// ErrReplaced answers for a link made before the address was corrected.
	ErrReplaced = fault.New(fault.Gone, "application.replaced")
)

// Registry applies the rules of the register. Safe for concurrent use.
type Registry struct {
	Store   *store.Store
	Keys    *seal.Keys
	Outbox  Enqueuer
	Trail   audit.Trail
	Phrases *Phrases
	Logos   *logo.Reader
	Known   Known
	Now     func() time.Time
	// Outside looks at the sites of applicants, and HasBanner says whether a
	// page shows the banner of the partner with these slugs. Commands have
	// neither: they check no proofs.
	Outside   Outside
	HasBanner func(page outbound.Page, slugs []string) bool
	// Changed is called after a commit that changed what the public register
	// shows; Mailed after one that put a mail in the outbox.
	Changed, Mailed func()

	names nearNames
}

// Enqueuer writes mails into the outbox within a transaction, and takes those
// out that wait there and need not be sent any more.
type Enqueuer interface {
	Enqueue(tx *gorm.DB, mails ...outbox.Mail) error
	Discard(tx *gorm.DB, recipient []byte, which func(outbox.Envelope) bool) error
}

// Application reads one. ErrNoApplication.
func (r *Registry) Application(ctx context.Context, id int64) (*Application, error) {
	var a Application
	err := r.Store.Read(ctx).Where("id = ?", id).Take(&a).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrNoApplication
	}
	if err != nil {
		return nil, fmt.Errorf("read application %d: %w", id, err)
	}
	return &a, nil
}

// Linked reads the application a mailed link is for. ErrForgotten,
// ErrTakenBack, ErrReplaced.
func (r *Registry) Linked(ctx context.Context, t seal.Token) (*Application, error) {
	a, err := r.Application(ctx, t.Row)
	if errors.Is(err, ErrNoApplication) {
		return nil, r.whyGone(ctx, t.Row)
	}
	if err == nil && uint16(a.Counter) != t.Counter {
		return nil, ErrReplaced
	}
	return a, err
}

// lastDeeds are enough entries of an application to find how it ended.
const lastDeeds = 20

// whyGone is why an application is not there any more: of one that is erased
// the trail still tells what became of it.
func (r *Registry) whyGone(ctx context.Context, id int64) error {
	deeds, _, err := r.Trail.Newest(ctx, OfApplication, id, lastDeeds)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(deeds, func(e audit.Entry) bool { return e.Action == "application."+string(WithdrawnByOrigin) }) {
		return ErrTakenBack
	}
	return ErrForgotten
}

// Link is what a link to the application carries, besides its purpose.
func (a *Application) Link() seal.Token { return seal.Token{Row: a.ID, Counter: uint16(a.Counter)} }

// ByReference reads the application people quote so. ErrNoApplication.
func (r *Registry) ByReference(ctx context.Context, reference string) (*Application, error) {
	var a Application
	err := r.Store.Read(ctx).Where("reference = ?", reference).Take(&a).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrNoApplication
	}
	if err != nil {
		return nil, fmt.Errorf("read application %s: %w", reference, err)
	}
	return &a, nil
}

// Names are those of applications, by id.
func (r *Registry) Names(ctx context.Context, ids []int64) (map[int64]string, error) {
	var rows []struct {
		ID   int64
		Name string
	}
	if err := r.Store.Read(ctx).Model(&Application{}).Select("id, name").Where("id IN ?", ids).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the names of applications: %w", err)
	}
	out := map[int64]string{}
	for _, row := range rows {
		out[row.ID] = row.Name
	}
	return out, nil
}

// Contact unseals who applies for the organization. Of a draft there is no
// name, and of an application that ended long ago nothing.
func (r *Registry) Contact(a *Application) (Contact, error) {
	name, err := r.open(sealedContactName, a, a.ContactName)
	if err != nil {
		return Contact{}, err
	}
	mail, err := r.open(sealedContactEmail, a, a.ContactEmail)
	if err != nil {
		return Contact{}, err
	}
	return Contact{Name: name, Role: a.ContactRole, Email: mail, Lang: a.MailLang}, nil
}

// open unseals a column; "" when nothing is in it.
func (r *Registry) open(column string, a *Application, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := r.Keys.Open(column, a.ID, sealed)
	return string(plain), err
}

// write puts a letter to the applicant in the outbox, in their language, and
// keeps what it says.
func (r *Registry) write(tx *gorm.DB, a *Application, kind outbox.Kind, action string, args map[string]string) error {
	c, err := r.Contact(a)
	if err != nil {
		return err
	}
	all := a.LetterArgs(c)
	maps.Copy(all, args)
	m := outbox.Mail{Kind: kind, Lang: a.MailLang, To: c.Email, ToKey: a.EmailKey, Args: all, Action: action, Manage: r.StatusLink(a)}
	if err := r.Outbox.Enqueue(tx, m); err != nil {
		return err
	}
	return r.keepLetter(tx, About{OfApplication, a.ID}, m)
}

// LetterArgs are what every letter to the applicant may say.
func (a *Application) LetterArgs(c Contact) map[string]string {
	return map[string]string{outbox.ArgName: c.Name, outbox.ArgOrganization: a.Name, outbox.ArgReference: a.Reference}
}

// StatusLink is the path of the page where the applicant sees how the
// application stands. It is good for ever, or until the address is corrected.
func (r *Registry) StatusLink(a *Application) string {
	return "/" + a.MailLang + "/application/" + r.Keys.Token(seal.Token{Purpose: seal.ViewApplication, Row: a.ID, Counter: uint16(a.Counter)})
}

// newReference is what people quote on the telephone: the year and six
// characters that are hard to mistake (32^6, and a unique index).
func newReference(now time.Time) string {
	const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	b := make([]byte, 6)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	return fmt.Sprintf("OB-%d-%s", now.UTC().Year(), b)
}
