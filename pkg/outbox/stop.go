package outbox

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
)

// StopReason is why nothing is mailed to an address. It is stored.
type StopReason string

// The reasons.
const (
	StopNobody StopReason = "nobody" // there is no such address
	StopFull   StopReason = "full"   // its mailbox takes nothing
)

// StoppedLongest is the longest that an address stays stopped, as the page on
// privacy says.
const StoppedLongest = 180 * 24 * time.Hour

// stopFor is how long an address stays stopped. People get a mailbox anew, and
// addresses that were given up are given to others; a full one is emptied.
var stopFor = map[StopReason]time.Duration{StopNobody: StoppedLongest, StopFull: 7 * 24 * time.Hour}

// StopIn stops an address, in the caller's transaction: what waits for it is
// given up, and nothing is taken in for it any more.
func StopIn(tx *gorm.DB, recipient []byte, why StopReason, now time.Time) error {
	ms := now.UnixMilli()
	err := tx.Exec("INSERT INTO mail_stops (reason, recipient_key, stopped_at, until) VALUES (?, ?, ?, ?)"+
		" ON CONFLICT (recipient_key) DO UPDATE SET reason = excluded.reason, stopped_at = excluded.stopped_at, until = excluded.until WHERE excluded.until > mail_stops.until",
		why, recipient, ms, now.Add(stopFor[why]).UnixMilli()).Error
	if err != nil {
		return fmt.Errorf("stop an address: %w", err)
	}
	which := "SELECT id FROM outbox WHERE recipient_key = ? AND state = 'waiting' AND lease_until <= ?"
	if tx.Name() == "postgres" {
		which += " FOR UPDATE SKIP LOCKED" // what another is about to send arrives or is refused
	}
	err = tx.Exec("UPDATE outbox SET state = 'failed', envelope = NULL, done_at = ?, last_error = ? WHERE id IN ("+which+")",
		ms, "the address is stopped", recipient, ms).Error
	if err != nil {
		return fmt.Errorf("give up what waits for a stopped address: %w", err)
	}
	return nil
}

// stopped are those of the recipients that nothing is mailed to.
func stopped(tx *gorm.DB, recipients [][]byte, now int64) (map[string]bool, error) {
	var found [][]byte
	if err := tx.Raw("SELECT recipient_key FROM mail_stops WHERE recipient_key IN ? AND until > ?", recipients, now).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("look for stopped addresses: %w", err)
	}
	out := make(map[string]bool, len(found))
	for _, k := range found {
		out[string(k)] = true
	}
	return out, nil
}

// ErrNotStopped answers for an address that nothing keeps mail from.
var ErrNotStopped = fault.New(fault.Invalid, "mailroom.free.not_stopped")

// Free lets mail go to an address again. ErrNotStopped; Invalid for what is no
// address. The trail does not have the address.
func (o *Outbox) Free(ctx context.Context, email string, by audit.Actor) error {
	to, err := address.ParseMail(email)
	if err != nil {
		return err
	}
	return o.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		freed := tx.Exec("DELETE FROM mail_stops WHERE recipient_key = ? AND until > ?", o.Keys.MailKey(0, to.Folded()), o.Now().UnixMilli())
		if freed.Error != nil {
			return fmt.Errorf("free an address: %w", freed.Error)
		}
		if freed.RowsAffected == 0 {
			return ErrNotStopped
		}
		return audit.Trail{Store: o.Store}.Note(tx, by, audit.Deed{Action: "mail.freed", Subject: "mail"})
	})
}
