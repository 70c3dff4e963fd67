package registry

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"
	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
)

// ProtectedName is a name, or a host, that others like to pass for. Staff keep
// the list.
type ProtectedName struct {
	ID        int64
	Name      string
	Skeleton  string
	StaffID   int64
	CreatedAt int64
}

// TableName names GORM's table.
func (ProtectedName) TableName() string { return "protected_names" }

// ErrNoProtectedName answers for one that is not on the list.
var ErrNoProtectedName = fault.New(fault.NotFound, "protected.gone")

// ProtectedNames lists them, newest first.
func (r *Registry) ProtectedNames(ctx context.Context) ([]ProtectedName, error) {
	var rows []ProtectedName
	if err := r.Store.Read(ctx).Order("id DESC").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list protected names: %w", err)
	}
	return rows, nil
}

// Protect adds a name or a host to the list. Invalid for what is no name, and
// for what looks like one that is there.
func (r *Registry) Protect(ctx context.Context, name string, by audit.Actor) error {
	refused := fault.Fields{}
	name, err := plaintext.Name(name, plaintext.OrganizationName)
	refused.Add("name", err)
	row := ProtectedName{ID: r.Store.NewID(), Name: name, Skeleton: plaintext.Skeleton(name), StaffID: by.ID, CreatedAt: r.Now().UnixMilli()}
	if row.Skeleton == "" {
		refused.Add("name", fault.New(fault.Invalid, "text.required"))
	}
	if err := refused.Err(); err != nil {
		return err
	}
	err = r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return r.Trail.Note(tx, by, audit.Deed{Action: "protected.added", Subject: "protected", SubjectID: row.ID, After: map[string]any{"name": name}})
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		refused.Add("name", fault.New(fault.Invalid, "protected.taken"))
		return refused.Err()
	}
	if err != nil {
		return fmt.Errorf("protect a name: %w", err)
	}
	return nil
}

// Unprotect takes a name from the list. ErrNoProtectedName.
func (r *Registry) Unprotect(ctx context.Context, id int64, by audit.Actor) error {
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var row ProtectedName
		err := tx.Where("id = ?", id).Take(&row).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return ErrNoProtectedName
		}
		if err != nil {
			return err
		}
		if err := tx.Where("id = ?", id).Delete(&ProtectedName{}).Error; err != nil {
			return err
		}
		return r.Trail.Note(tx, by, audit.Deed{Action: "protected.removed", Subject: "protected", SubjectID: id, Before: map[string]any{"name": row.Name}})
	})
	if err != nil {
		return fmt.Errorf("take protected name %s from the list: %w", strconv.FormatInt(id, 10), err)
	}
	return nil
}

// Flag is something about an application that staff should look at twice. It
// is no reason to decline: honest organizations have these properties too.
type Flag struct {
	Kind FlagKind
	Text string // what it is about: a host as DNS has it, a word, a protected name
}

// FlagKind names a flag. Each has a message twins.flag.<kind> with the
// placeholder Text.
type FlagKind string

// The kinds, the gravest first.
const (
	FlagProtectedName FlagKind = "protected_name"       // the name looks like a protected one, or holds it
	FlagProtectedHost FlagKind = "protected_host"       // the address does
	FlagLookalikeHost FlagKind = "lookalike_host"       // letters that all look Latin and are not
	FlagMixedHost     FlagKind = "mixed_scripts_host"   // letters of several scripts in one word of the address
	FlagMixedName     FlagKind = "mixed_scripts_name"   // the same in the name
	FlagPunycode      FlagKind = "international_domain" // an address that people read otherwise than DNS
)

// FlagKinds are all of them.
var FlagKinds = []FlagKind{FlagProtectedName, FlagProtectedHost, FlagLookalikeHost, FlagMixedHost, FlagMixedName, FlagPunycode}

// Flags says what about some applications staff should look at twice, by
// their ids; one look into the list of protected names serves all.
func (r *Registry) Flags(ctx context.Context, page ...Application) (map[int64][]Flag, error) {
	list, err := r.ProtectedNames(ctx)
	if err != nil {
		return nil, err
	}
	all := map[int64][]Flag{}
	for i := range page {
		if flags := page[i].flags(list); len(flags) > 0 {
			all[page[i].ID] = flags
		}
	}
	return all, nil
}

func (a *Application) flags(protected []ProtectedName) []Flag {
	var flags []Flag
	site, err := address.ParseWebsite(a.Website)
	hosts := []string{}
	if err == nil {
		hosts = hostSkeletons(site.HostUnicode)
	}
	for _, p := range protected {
		switch {
		case passesFor(p, a.Skeleton, a.LatinSkeleton):
			flags = append(flags, Flag{FlagProtectedName, p.Name})
		case err == nil && passesFor(p, hosts...):
			flags = append(flags, Flag{FlagProtectedHost, p.Name})
		}
	}
	for _, f := range site.Flags {
		flags = append(flags, Flag{map[address.Flag]FlagKind{address.Lookalike: FlagLookalikeHost, address.MixedScripts: FlagMixedHost}[f], site.Host})
	}
	if word := address.MixedWord(a.Name + " " + a.NameLatin); word != "" {
		flags = append(flags, Flag{FlagMixedName, word})
	}
	if len(site.Flags) == 0 && site.Host != site.HostUnicode {
		flags = append(flags, Flag{FlagPunycode, site.Host})
	}
	return flags
}

// passesFor: looks the same, or holds the whole name, unless that is so short
// that it stands in any word.
func passesFor(p ProtectedName, looks ...string) bool {
	short := 6
	if strings.ContainsFunc(p.Skeleton, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
	}) {
		short = 3
	}
	for _, look := range looks {
		if look == p.Skeleton || len([]rune(p.Skeleton)) >= short && strings.Contains(look, p.Skeleton) {
			return true
		}
	}
	return false
}

// hostSkeletons are the looks of what somebody registered: with and without
// the ending that cannot be chosen.
func hostSkeletons(host string) []string {
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		domain = host
	}
	name, _, _ := strings.Cut(domain, ".")
	return []string{plaintext.Skeleton(domain), plaintext.Skeleton(name)}
}
