package appeal

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
)

// Outbox writes mails within a transaction, counts them and takes back those
// that wait; *outbox.Outbox does.
type Outbox interface {
	Enqueue(tx *gorm.DB, mails ...outbox.Mail) error
	Room(tx *gorm.DB, recipients ...[]byte) (map[string]int, error)
	DropDone(tx *gorm.DB, recipients [][]byte, kinds ...outbox.Kind) error
	ForgetStops(tx *gorm.DB, recipients [][]byte) error
	DiscardAll(tx *gorm.DB, recipients [][]byte, which func(outbox.Envelope) bool) error
}

// belongings is what hangs on sign requests and signatures in other tables,
// besides messages: changes of ticks, and mails that wait to be sent.
type belongings struct {
	keys   *seal.Keys
	outbox Outbox
	now    func() time.Time
}

// erase deletes what hangs on the row of a person who ends it: besides what
// remove does, which mails the person wanted no more.
func (b belongings) erase(tx *gorm.DB, row int64, sealed []byte) error {
	rows := map[int64][]byte{row: sealed}
	if err := b.remove(tx, rows); err != nil {
		return err
	}
	recipients, err := b.recipients(rows)
	if err != nil {
		return err
	}
	return b.outbox.ForgetStops(tx, recipients)
}

// recipients are the keys of those whose address is still known.
func (b belongings) recipients(rows map[int64][]byte) (keys [][]byte, err error) {
	for id, sealed := range rows {
		mail, err := mailOf(b.keys, id, sealed)
		if err != nil {
			return nil, err
		}
		if mail != (address.Mail{}) {
			keys = append(keys, b.keys.MailKey(0, mail.Folded()))
		}
	}
	return keys, nil
}

// remove deletes what hangs on rows, given with their sealed addresses.
func (b belongings) remove(tx *gorm.DB, rows map[int64][]byte) error {
	ids := slices.Sorted(maps.Keys(rows))
	recipients, err := b.recipients(rows)
	if err != nil {
		return err
	}
	if err := tx.Where("signature_id IN ?", ids).Delete(&tickChange{}).Error; err != nil {
		return fmt.Errorf("delete changes of ticks: %w", err)
	}
	var failed error
	err = b.outbox.DiscardAll(tx, recipients, func(e outbox.Envelope) bool {
		about, err := b.leadsTo(tx, e)
		if err != nil {
			failed = err
		}
		_, ours := rows[about]
		return ours
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	return b.outbox.DropDone(tx, recipients, outbox.SignConfirm, outbox.SignReminder, outbox.SignLink)
}

// leadsTo is the row whose page a mail leads to, 0 if none: its signature, or
// the request that waits.
func (b belongings) leadsTo(tx *gorm.DB, e outbox.Envelope) (int64, error) {
	row := rowOf(b.keys, e, b.now())
	if row == 0 {
		return 0, nil
	}
	// A request that another one's signature was found for leads to that.
	var confirmed []int64
	if err := tx.Model(&request{}).Where("id = ? AND state = ?", row, done).Pluck("signature_id", &confirmed).Error; err != nil {
		return 0, fmt.Errorf("find what a mail is about: %w", err)
	}
	if len(confirmed) > 0 && confirmed[0] != 0 {
		return confirmed[0], nil
	}
	return row, nil
}

// rowOf is the row in the link to a signature's own page that a mail has, 0 if
// it has none.
func rowOf(keys *seal.Keys, e outbox.Envelope, now time.Time) int64 {
	for _, link := range []string{e.Manage, e.Action} {
		token := link[strings.LastIndexByte(link, '/')+1:]
		if t, err := keys.Parse(seal.ViewSignature, token, now); err == nil {
			return t.Row
		}
	}
	return 0
}

// mailOf unseals the address of a request or a signature; zero when it was
// erased.
func mailOf(keys *seal.Keys, row int64, sealed []byte) (address.Mail, error) {
	plain, err := keys.Open(sealedEmail, row, sealed)
	if err != nil || len(plain) == 0 {
		return address.Mail{}, err
	}
	return address.ParseMail(string(plain))
}
