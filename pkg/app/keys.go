package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/schedule"
	"olivebranch/pkg/seal"
)

// Why a key was not retired.
var (
	// ErrKeyUsed: rows could never be opened again.
	ErrKeyUsed = errors.New("rows are still sealed with this key; a running server seals them anew")
	// ErrKeyFresh: a program that has not seen the newer key yet may be using it.
	ErrKeyFresh = errors.New("the keys changed less than a minute ago")
)

// keyRest is how long after a change of its ring no key is retired: many times
// what a running program needs to notice a newer one, and to commit what it
// had sealed before.
const keyRest = time.Minute

// KeyUse is a key and how many sealed values need it; Values is -1 for keys
// whose use is not stored.
type KeyUse struct {
	Ring    string
	Version int
	Newest  bool
	Values  int64
}

// KeyUses lists all keys. It reads every sealed column once.
func (o *Core) KeyUses(ctx context.Context) ([]KeyUse, error) {
	sealed := map[int]int64{}
	for _, c := range sealedColumns() {
		var counts []struct {
			Version string
			N       int64
		}
		err := o.Store.Read(ctx).Raw("SELECT " + o.sealedWith(c) + " AS version, count(*) AS n FROM " + c.Table +
			" WHERE " + c.Name + " IS NOT NULL GROUP BY 1").Scan(&counts).Error
		if err != nil {
			return nil, fmt.Errorf("count by which keys %s.%s is sealed: %w", c.Table, c.Name, err)
		}
		for _, n := range counts {
			v, err := strconv.ParseUint(n.Version, 16, 8)
			if err != nil {
				return nil, fmt.Errorf("%s.%s is sealed with no key: %w", c.Table, c.Name, err)
			}
			sealed[int(v)] += n.N
		}
	}
	var all []KeyUse
	for _, ring := range []string{seal.SealRing, seal.TokenRing, seal.MailRing} {
		for _, v := range o.Keys.Versions(ring) {
			use := KeyUse{Ring: ring, Version: v, Newest: v == o.Keys.Newest(ring), Values: -1}
			if ring == seal.SealRing {
				use.Values = sealed[v]
			}
			all = append(all, use)
		}
	}
	return all, nil
}

// sealedWith is SQL for the version of the key that a value is sealed with,
// which is its first byte, as two hexadecimal digits.
func (o *Core) sealedWith(c seal.Column) string {
	if o.Store.Postgres() {
		return "encode(substring(" + c.Name + " from 1 for 1), 'hex')"
	}
	return "lower(hex(substr(" + c.Name + ", 1, 1)))"
}

// RotateKeys gives the ring a new key and returns its version. Programs that
// run notice within a second; what is sealed with older keys is sealed anew by
// one of them.
func (o *Core) RotateKeys(ctx context.Context, ring string, by audit.Actor) (int, error) {
	version, err := o.Keys.Rotate(ring)
	if err != nil {
		return 0, err
	}
	err = tx(ctx, o.Store, func(tx *gorm.DB) error {
		if ring == seal.SealRing {
			if err := schedule.Hasten(tx, jobReseal); err != nil {
				return err
			}
		}
		return o.Trail.Note(tx, by, audit.Deed{Action: "keys.rotated", Subject: "keys", After: map[string]any{"ring": ring, "version": version}})
	})
	return version, err
}

// RetireKey removes a key that is not the newest and that no row needs.
// ErrKeyFresh, ErrKeyUsed, seal.ErrNewest, seal.ErrUnknown.
func (o *Core) RetireKey(ctx context.Context, ring string, version int, by audit.Actor) error {
	changed, err := o.Keys.Changed(ring)
	if err != nil {
		return err
	}
	if ring == seal.SealRing && version != o.Keys.Newest(ring) {
		if o.Now().Sub(changed) < keyRest {
			return ErrKeyFresh
		}
		uses, err := o.KeyUses(ctx)
		if err != nil {
			return err
		}
		for _, u := range uses {
			if u.Ring == ring && u.Version == version && u.Values > 0 {
				return fmt.Errorf("%w: %d values", ErrKeyUsed, u.Values)
			}
		}
	}
	if err := o.Keys.Retire(ring, version); err != nil {
		return err
	}
	return tx(ctx, o.Store, func(tx *gorm.DB) error {
		return o.Trail.Note(tx, by, audit.Deed{Action: "keys.retired", Subject: "keys", Before: map[string]any{"ring": ring, "version": version}})
	})
}

// followKeys takes over what another process changed in the folder of the keys.
func (a *App) followKeys() error {
	changed, err := a.Keys.Refresh()
	if changed {
		slog.Info("the keys were changed", "sealing", a.Keys.Newest(seal.SealRing), "tokens", a.Keys.Newest(seal.TokenRing))
	}
	return err
}

const jobReseal = "reseal"

// resealJob seals anew what an older key sealed. The job belongs to one of the
// programs at a time; were two at it, nothing would come to harm.
func (a *App) resealJob(ctx context.Context) (string, error) {
	if err := a.followKeys(); err != nil {
		return "", err
	}
	if len(a.Keys.Versions(seal.SealRing)) == 1 {
		return "one key, nothing to do", nil
	}
	n, err := a.Reseal(ctx)
	if n > 0 {
		slog.Info("older values were sealed anew", "values", n)
	}
	return fmt.Sprintf("%d values sealed anew", n), err
}
