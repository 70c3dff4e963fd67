package appeal

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
)

// settingRow is a setting of the campaign. One that was never changed has none.
type settingRow struct{ Key, Value string }

func (settingRow) TableName() string { return "settings" }

// The settings that end an appeal, and what comes after. Moments are Unix
// milliseconds.
const (
	keyLastDay       = "last_day"
	keySunset        = "sunset"         // since when
	keyDelivered     = "delivered_on"   // a day
	keyErasedAfter   = "erased_after"   // the delivery after which all addresses due were erased
	keyKeysDestroyed = "keys_destroyed" // since when
)

// ending says when an appeal ends, and what came after.
type ending struct {
	// LastDay is the last on which people can sign, as 2006-01-02, "" for
	// none: the day lasts until midnight UTC.
	LastDay string
	// Sunset says that the operator ended it at once, whatever the day.
	Sunset bool
	// Delivered is the day on which signatures were handed over, as
	// 2006-01-02, "" if they were not.
	Delivered string
	// KeysDestroyed is since when nobody can tell who has signed, in Unix
	// milliseconds; 0 while it can be told. The appeal stays closed then.
	KeysDestroyed int64

	over        int64 // when the last day is, in Unix milliseconds; 0 without one
	sunsetAt    int64
	deliveredBy int64 // when the day of the delivery is over; 0 without one
	erasedAfter string
}

// Ended says whether the appeal takes no signatures any more; all banners then
// say thanks. Who signed in time can still confirm.
func (c *Current) Ended(now time.Time) bool {
	return c.State != Open || c.Sunset || c.KeysDestroyed != 0 || c.over != 0 && now.UnixMilli() >= c.over
}

// LastMoment is when the appeal took signatures last, in Unix milliseconds; 0
// while it takes some, and when it is not known.
func (c *Current) LastMoment(now time.Time) int64 {
	if at := c.closed(c.Row, now.UnixMilli()); at != 0 {
		return at - 1
	}
	return 0
}

// closed is since when the appeal takes no signatures, in Unix milliseconds; 0
// while it takes some, and when it is not known.
func (e ending) closed(appeal Row, now int64) int64 {
	first := int64(0)
	for _, at := range []int64{e.over, e.sunsetAt, appeal.ClosedAt} {
		if at != 0 && at <= now && (first == 0 || at < first) {
			first = at
		}
	}
	return first
}

func readEnding(db *gorm.DB) (ending, error) {
	var e ending
	var rows []settingRow
	if err := db.Where("key IN ?", []string{keyLastDay, keySunset, keyDelivered, keyErasedAfter, keyKeysDestroyed}).Find(&rows).Error; err != nil {
		return e, fmt.Errorf("read the end of the appeal: %w", err)
	}
	for _, row := range rows {
		e = e.with(row.Key, row.Value)
	}
	return e, nil
}

// with is e with one of its settings changed.
func (e ending) with(key, value string) ending {
	moment, _ := strconv.ParseInt(value, 10, 64) // what is none, is 0
	switch key {
	case keyLastDay:
		e.LastDay, e.over = day(value)
	case keySunset:
		e.Sunset, e.sunsetAt = value != "", moment
	case keyDelivered:
		e.Delivered, e.deliveredBy = day(value)
	case keyErasedAfter:
		e.erasedAfter = value
	case keyKeysDestroyed:
		e.KeysDestroyed = moment
	}
	return e
}

// day reads a day as 2006-01-02, and when it is over.
func day(value string) (string, int64) {
	parsed, err := time.Parse(time.DateOnly, value)
	if err != nil {
		return "", 0
	}
	return value, parsed.AddDate(0, 0, 1).UnixMilli()
}

// ErrKeysDestroyed answers who wants to open an appeal again that nobody can
// sign once any more.
var ErrKeysDestroyed = fault.New(fault.Conflict, "console.keys_destroyed")

// CheckLastDay refuses what is no day as 2006-01-02, nor empty for none, and a
// day that is over unless it stands so already: a slip of the year would end
// the campaign. Invalid, or ErrKeysDestroyed.
func (c *Current) CheckLastDay(day string, now time.Time) error {
	if day == c.LastDay {
		return nil
	}
	if c.KeysDestroyed != 0 {
		return ErrKeysDestroyed
	}
	if day == "" {
		return nil
	}
	parsed, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return fault.New(fault.Invalid, "console.last_day_bad").Because(err)
	}
	if !now.Before(parsed.AddDate(0, 0, 1)) {
		return fault.New(fault.Invalid, "console.last_day_over")
	}
	return nil
}

// SetLastDay sets the last day on which people can sign, "" for none. An appeal
// that has ended opens again with a later day, unless its keys are destroyed.
// Invalid names the field last_day.
func (a *Appeal) SetLastDay(ctx context.Context, day string, by audit.Actor) error {
	refused := fault.Fields{}
	refused.Add("last_day", a.Current().CheckLastDay(day, a.store.Read(ctx).NowFunc()))
	if err := refused.Err(); err != nil {
		return err
	}
	return a.set(ctx, keyLastDay, day, by, func(e ending) any { return e.LastDay })
}

// SetSunset ends the appeal at once, or takes that back: ErrKeysDestroyed when
// it is too late for that.
func (a *Appeal) SetSunset(ctx context.Context, on bool, by audit.Actor) error {
	value := ""
	if on {
		value = strconv.FormatInt(a.store.Read(ctx).NowFunc().UnixMilli(), 10)
	}
	return a.set(ctx, keySunset, value, by, func(e ending) any { return e.Sunset })
}

// CheckDelivered refuses what is no day as 2006-01-02, nor empty for none, and
// a day that is still to come. Invalid.
func (c *Current) CheckDelivered(day string, now time.Time) error {
	if day == "" || day == c.Delivered {
		return nil
	}
	parsed, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return fault.New(fault.Invalid, "console.delivered_bad").Because(err)
	}
	if now.Before(parsed) {
		return fault.New(fault.Invalid, "console.delivered_early")
	}
	return nil
}

// SetDelivered sets the day on which the signatures were handed over, "" for
// none: from then on the addresses of who signed until that day are kept only
// as long as Retention.Delivered says. Invalid names the field delivered_on.
func (a *Appeal) SetDelivered(ctx context.Context, day string, by audit.Actor) error {
	refused := fault.Fields{}
	refused.Add("delivered_on", a.Current().CheckDelivered(day, a.store.Read(ctx).NowFunc()))
	if err := refused.Err(); err != nil {
		return err
	}
	return a.set(ctx, keyDelivered, day, by, func(e ending) any { return e.Delivered })
}

// set saves one of the settings and notes what it was and is; shown is how the
// audit trail tells it. Nothing happens when it is so already: an appeal that
// is ended twice has ended the first time.
func (a *Appeal) set(ctx context.Context, key, value string, by audit.Actor, shown func(ending) any) error {
	changed := false
	err := a.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		before, err := a.lockEnding(tx)
		if err != nil {
			return err
		}
		after := before.with(key, value)
		if changed = shown(before) != shown(after); !changed {
			return nil
		}
		if before.KeysDestroyed != 0 && (key == keyLastDay || key == keySunset && !after.Sunset) {
			return ErrKeysDestroyed
		}
		if err := saveSetting(tx, key, value); err != nil {
			return err
		}
		err = audit.Trail{Store: a.store}.Note(tx, by, audit.Deed{Action: "settings.changed", Subject: "settings",
			Before: map[string]any{key: shown(before)}, After: map[string]any{key: shown(after)}})
		if err != nil {
			return err
		}
		_, err = store.Bump(tx, store.TopicAppeal)
		return err
	})
	if err != nil || !changed {
		return err
	}
	return a.Reload(ctx)
}

// lockEnding reads the ending so that nobody changes it before the transaction
// is over: nobody may open an appeal while its keys are destroyed.
func (a *Appeal) lockEnding(tx *gorm.DB) (ending, error) {
	if a.store.Postgres() {
		if err := tx.Exec("SELECT id FROM appeals WHERE id = ? FOR UPDATE", a.Current().ID).Error; err != nil {
			return ending{}, fmt.Errorf("lock the appeal: %w", err)
		}
	}
	return readEnding(tx)
}
