package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/address"
	"olivebranch/pkg/seal"
)

// stoppable says of every kind whether its reader may stop it (RFC 8058): what
// the program sends by itself, not in answer to something. The others answer a
// form that was sent a moment ago, tell what became of something the reader
// began, ask once whether the reader is willing, or warn the owner of an
// account; who stopped those would wait in vain, or be locked out unawares.
var stoppable = map[Kind]bool{
	SignReminder:        true,
	ApplicationReminder: true,
	BannerMissed:        true,
	VouchRequest:        true, // another organization's affair

	SignConfirm: false, SignLink: false, ApplicationConfirm: false, PortalLink: false, ApplicationDraft: false, // asked for a moment ago
	ApplicationReceived: false, ApplicationInReview: false, ApplicationNeedsInfo: false, ApplicationApproved: false, // on what they sent in
	ApplicationDeclined: false, ApplicationWithdrawn: false, ApplicationMerged: false, ApplicationUnmerged: false,
	PartnerActive: false, PartnerPaused: false, PartnerSuspended: false, PartnerLeft: false, // on where they stand
	PartnerMerged: false, PartnerJoined: false, PartnerUnmerged: false, ChangePublished: false, ChangeRefused: false,
	SpeakerConfirm: false, PortalInvited: false, StaffInvitation: false, // once, to who has to say yes
	StaffLocked: false,
}

// Stoppable says whether the reader of such mails may stop them.
func (k Kind) Stoppable() bool { return stoppable[k] }

// Subscription is the mails of one kind to one recipient, who is known by a
// key that stands nowhere else.
type Subscription struct {
	Key  []byte
	Kind Kind
}

const subscriptionKey = 16

// ErrSubscription says that a token stands for none.
var ErrSubscription = errors.New("no subscription")

// StopToken is what the links to stop a mail carry; the same whenever it is
// sent. It does not expire: who finds an old mail can stop the next one.
func StopToken(keys *seal.Keys, kind Kind, recipient []byte) string {
	return keys.Bound(seal.StopMail, append(keys.StopKey(recipient), kind...))
}

// Subscription reads such a token. ErrSubscription.
func (o *Outbox) Subscription(token string) (Subscription, error) {
	raw, err := o.Keys.ParseBound(seal.StopMail, token)
	if err != nil {
		return Subscription{}, fmt.Errorf("%w: %w", ErrSubscription, err)
	}
	if len(raw) <= subscriptionKey || !Kind(raw[subscriptionKey:]).Stoppable() {
		return Subscription{}, ErrSubscription
	}
	return Subscription{Key: raw[:subscriptionKey], Kind: Kind(raw[subscriptionKey:])}, nil
}

// stop is a row: mails that somebody wants no more. At is in Unix
// milliseconds.
type stop struct {
	Key  []byte
	Kind Kind
	At   int64
}

func (stop) TableName() string { return "unsubscribed" }

// Stop lets no more of these mails out; those that wait are left out when
// their turn comes. Doing it twice changes nothing.
func (o *Outbox) Stop(ctx context.Context, s Subscription) error {
	err := o.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "key"}, {Name: "kind"}}, DoNothing: true}).
			Create(&stop{Key: s.Key, Kind: s.Kind, At: o.Now().UnixMilli()}).Error
	})
	if err != nil {
		return fmt.Errorf("stop mails %s: %w", s.Kind, err)
	}
	return nil
}

// Resume takes a stop back.
func (o *Outbox) Resume(ctx context.Context, s Subscription) error {
	err := o.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Where("key = ? AND kind = ?", s.Key, s.Kind).Delete(&stop{}).Error
	})
	if err != nil {
		return fmt.Errorf("send mails %s again: %w", s.Kind, err)
	}
	o.Store.Erased()
	return nil
}

// Stopped says whether these mails were stopped, and when.
func (o *Outbox) Stopped(ctx context.Context, s Subscription) (time.Time, bool, error) {
	var rows []stop
	if err := o.Store.Read(ctx).Where("key = ? AND kind = ?", s.Key, s.Kind).Find(&rows).Error; err != nil {
		return time.Time{}, false, fmt.Errorf("look whether mails %s were stopped: %w", s.Kind, err)
	}
	if len(rows) == 0 {
		return time.Time{}, false, nil
	}
	return time.UnixMilli(rows[0].At), true, nil
}

// Unwanted says of a mail about to be sent that its reader has stopped such
// mails since it was written.
func (o *Outbox) Unwanted(ctx context.Context, kind Kind, e Envelope) (bool, error) {
	if !kind.Stoppable() {
		return false, nil
	}
	to, err := address.ParseMail(e.To)
	if err != nil {
		return false, fmt.Errorf("recipient: %w", err)
	}
	_, stopped, err := o.Stopped(ctx, Subscription{Key: o.Keys.StopKey(o.Keys.MailKey(0, to.Folded())), Kind: kind})
	return stopped, err
}

// wanted leaves out the mails that their readers have stopped, in one look for
// all.
func (o *Outbox) wanted(tx *gorm.DB, mails []Mail) ([]Mail, error) {
	var keys [][]byte
	for _, m := range mails {
		if m.Kind.Stoppable() {
			keys = append(keys, o.Keys.StopKey(m.ToKey))
		}
	}
	type one struct {
		key  string
		kind Kind
	}
	stopped := map[one]bool{}
	for some := range slices.Chunk(keys, insertRows) {
		var rows []stop
		if err := tx.Where("key IN ?", some).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("look which mails were stopped: %w", err)
		}
		for _, r := range rows {
			stopped[one{string(r.Key), r.Kind}] = true
		}
	}
	if len(stopped) == 0 {
		return mails, nil
	}
	return slices.DeleteFunc(slices.Clone(mails), func(m Mail) bool {
		return m.Kind.Stoppable() && stopped[one{string(o.Keys.StopKey(m.ToKey)), m.Kind}]
	}), nil
}

// ForgetStops erases, in the caller's transaction, what recipients stopped:
// what is left of a person who has the data erased.
func (o *Outbox) ForgetStops(tx *gorm.DB, recipients [][]byte) error {
	keys := make([][]byte, len(recipients))
	for i, r := range recipients {
		keys[i] = o.Keys.StopKey(r)
	}
	for some := range slices.Chunk(keys, insertRows) {
		if err := tx.Where("key IN ?", some).Delete(&stop{}).Error; err != nil {
			return fmt.Errorf("forget which mails were stopped: %w", err)
		}
	}
	return nil
}

// ForgetAllStops erases them for everybody, and says how many.
func (o *Outbox) ForgetAllStops(ctx context.Context) (n int64, err error) {
	err = o.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		res := tx.Where("1 = 1").Delete(&stop{})
		n = res.RowsAffected
		return res.Error
	})
	if err != nil {
		return 0, fmt.Errorf("forget which mails were stopped: %w", err)
	}
	if n > 0 {
		o.Store.Erased()
	}
	return n, nil
}
