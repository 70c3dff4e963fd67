package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
)

// Public is what visitors may see of an organization; each version of it is
// kept. Line is its own on the banner, in LineLang; both may be empty.
type Public struct {
	Profile
	Message  string
	Logo     string `json:",omitempty"` // the id of its picture, "" for none
	LogoAlt  string `json:",omitempty"` // what it shows, for those who do not see it
	Line     string `json:",omitempty"` // versions of before have none
	LineLang string `json:",omitempty"`

	Others   Statements `json:",omitempty"`
	Networks string     `json:",omitempty"`
}

// Version is a profile as it once stood. N counts from 1 for each subject.
type Version struct {
	N         int64
	Public    Public
	ActorKind string
	ActorID   int64
	CreatedAt int64
}

// versionRow is a row; Profile is JSON.
type versionRow struct {
	ID        int64
	Subject   string
	SubjectID int64
	Version   int64
	Profile   string
	ActorKind string
	ActorID   int64
	CreatedAt int64
}

func (versionRow) TableName() string { return "profile_versions" }

// ErrNoVersion answers for a version there never was.
var ErrNoVersion = fault.New(fault.NotFound, "versions.gone")

// keepVersion keeps what an organization says of itself, if that is not what
// the newest version says already. Call it behind the update of the row whose
// profile it is: that makes two writers wait for each other.
func (r *Registry) keepVersion(tx *gorm.DB, subject string, id int64, public Public, by audit.Actor) error {
	var newest versionRow
	err := tx.Where("subject = ? AND subject_id = ?", subject, id).Order("version DESC").Limit(1).Find(&newest).Error
	if err != nil {
		return err
	}
	row, err := r.version(subject, id, newest.Version+1, public, by)
	if err != nil || row.Profile == newest.Profile {
		return err
	}
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("keep version %d of %s %d: %w", row.Version, subject, id, err)
	}
	return nil
}

// version makes the row of a version.
func (r *Registry) version(subject string, id, n int64, public Public, by audit.Actor) (versionRow, error) {
	profile, err := json.Marshal(public)
	if err != nil {
		return versionRow{}, fmt.Errorf("write a version: %w", err)
	}
	return versionRow{ID: r.Store.NewID(), Subject: subject, SubjectID: id, Version: n, Profile: string(profile),
		ActorKind: by.Kind, ActorID: by.ID, CreatedAt: r.Now().UnixMilli()}, nil
}

func (v versionRow) read() (Version, error) {
	out := Version{N: v.Version, ActorKind: v.ActorKind, ActorID: v.ActorID, CreatedAt: v.CreatedAt}
	if err := json.Unmarshal([]byte(v.Profile), &out.Public); err != nil {
		return out, fmt.Errorf("read version %d of %s %d: %w", v.Version, v.Subject, v.SubjectID, err)
	}
	return out, nil
}

// mostVersions bounds the history that is listed.
const mostVersions = 100

// PartnerVersions lists the newest versions of a partner's profile, newest
// first.
func (r *Registry) PartnerVersions(ctx context.Context, partner int64) ([]Version, error) {
	return r.versions(ctx, OfPartner, partner)
}

// ApplicationVersions does the same for an application.
func (r *Registry) ApplicationVersions(ctx context.Context, application int64) ([]Version, error) {
	return r.versions(ctx, OfApplication, application)
}

func (r *Registry) versions(ctx context.Context, subject string, id int64) ([]Version, error) {
	var rows []versionRow
	err := r.Store.Read(ctx).Where("subject = ? AND subject_id = ?", subject, id).Order("version DESC").Limit(mostVersions).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list versions of %s %d: %w", subject, id, err)
	}
	out := make([]Version, len(rows))
	for i, row := range rows {
		if out[i], err = row.read(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// partnerVersion reads one version of a partner's profile. ErrNoVersion.
func (r *Registry) partnerVersion(ctx context.Context, partner, n int64) (Version, error) {
	var row versionRow
	err := r.Store.Read(ctx).Where("subject = ? AND subject_id = ? AND version = ?", OfPartner, partner, n).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Version{}, ErrNoVersion
	}
	if err != nil {
		return Version{}, fmt.Errorf("read version %d of partner %d: %w", n, partner, err)
	}
	return row.read()
}

// Difference is a field of Public with two values. Lang is set when it is of
// what the partner says in another language than its own.
type Difference struct{ Field, Before, After, Lang string }

// publicFields are the fields of Public, in the order of the form. The host
// follows from the website.
var publicFields = []struct {
	name string
	of   func(*Public) *string
}{
	{"name", func(p *Public) *string { return &p.Name }},
	{"name_latin", func(p *Public) *string { return &p.NameLatin }},
	{"website", func(p *Public) *string { return &p.Website }},
	{"country", func(p *Public) *string { return &p.Country }},
	{"kind", func(p *Public) *string { return &p.Kind }},
	{"about", func(p *Public) *string { return &p.About }},
	{"reach", func(p *Public) *string { return &p.Reach }},
	{"placement", func(p *Public) *string { return &p.Placement }},
	{"message", func(p *Public) *string { return &p.Message }},
	{"lang", func(p *Public) *string { return &p.Lang }},
	{"logo", func(p *Public) *string { return &p.Logo }},
	{"logo_alt", func(p *Public) *string { return &p.LogoAlt }},
	{"line", func(p *Public) *string { return &p.Line }},
	{"line_lang", func(p *Public) *string { return &p.LineLang }},
	{"networks", func(p *Public) *string { return &p.Networks }},
}

// Differences lists what is not the same in two versions.
func Differences(before, after Public) []Difference {
	var out []Difference
	for _, f := range publicFields {
		if a, b := *f.of(&before), *f.of(&after); a != b {
			out = append(out, Difference{Field: f.name, Before: a, After: b})
		}
	}
	for _, lang := range otherLanguages(before.Others, after.Others) {
		a, b := before.Others.in(lang), after.Others.in(lang)
		if a.About != b.About {
			out = append(out, Difference{"about", a.About, b.About, lang})
		}
		if a.Message != b.Message {
			out = append(out, Difference{"message", a.Message, b.Message, lang})
		}
	}
	return out
}

// rebase carries a wish, made when base stood, over to what stands now:
// fields the wish leaves alone stay as they are now. conflicts are the fields
// that both changed, each in its own way; there the wish is taken.
func rebase(base, wish, now Public) (merged Public, conflicts []string) {
	merged = wish
	for _, f := range publicFields {
		was, wanted, is := *f.of(&base), *f.of(&wish), *f.of(&now)
		switch {
		case wanted == was:
			*f.of(&merged) = is
		case is != was && is != wanted:
			conflicts = append(conflicts, f.name)
		}
	}
	if wish.Line != base.Line || wish.LineLang != base.LineLang { // the line and its language go together
		merged.Line, merged.LineLang = wish.Line, wish.LineLang
	}
	for _, lang := range otherLanguages(base.Others, slices.Concat(wish.Others, now.Others)) { // the words in a language, too
		was, wanted, is := base.Others.in(lang), wish.Others.in(lang), now.Others.in(lang)
		switch {
		case wanted == was:
			merged.Others = merged.Others.put(is)
		case is != was && is != wanted:
			conflicts = append(conflicts, "about "+lang, "message "+lang)
		}
	}
	return merged, conflicts
}
