package registry

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/text/language"
	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/store"
)

// AnyVersion is for who did not look before, such as the operator.
const AnyVersion int64 = -1

// ErrPartnerMoved answers when a partner is not as the caller saw it any
// more, or cannot make this move from where it stands.
var ErrPartnerMoved = fault.New(fault.Conflict, "partner.moved")

// Public is what visitors may see of the partner.
func (p *Partner) Public() Public {
	return Public{Profile: p.Profile, Message: p.Message, Logo: logoName(p.LogoID), LogoAlt: p.LogoAlt, Line: p.Line, LineLang: p.LineLang,
		Others: p.Others, Networks: p.Networks}
}

func (p *Partner) setPublic(public Public) {
	p.Profile, p.Message, p.LogoID, p.LogoAlt = public.Profile, public.Message, public.logoID(), public.LogoAlt
	p.Line, p.LineLang, p.Others, p.Networks = public.Line, public.LineLang, public.Others, public.Networks
}

// profileColumns are all columns that a new profile fills.
func profileColumns(p *Partner) map[string]any {
	columns := p.Refold()
	maps.Copy(columns, map[string]any{
		"name": p.Name, "name_latin": p.NameLatin, "website": p.Website, "website_host": p.WebsiteHost, "country": p.Country,
		"kind": p.Kind, "about": p.About, "reach": p.Reach, "placement": p.Placement, "lang": p.Lang, "message": p.Message,
		"logo_id": p.LogoID, "logo_alt": p.LogoAlt, "line": p.Line, "line_lang": p.LineLang,
		"others": p.Others, "networks": p.Networks,
	})
	return columns
}

// check returns what is said, cleaned, and notes a fault for each field that
// cannot stay.
func (p Public) check(known Known, refused fault.Fields) Public {
	text := func(field string, to *string, clean func(string, plaintext.Limit) (string, error), limit plaintext.Limit) {
		s, err := clean(*to, limit)
		refused.Add(field, err)
		if err == nil {
			*to = s
		}
	}
	text("name", &p.Name, plaintext.Name, plaintext.OrganizationName)
	text("name_latin", &p.NameLatin, optionalName, plaintext.OrganizationName)
	text("about", &p.About, plaintext.Required, plaintext.About)
	text("placement", &p.Placement, plaintext.Required, plaintext.Line)
	text("message", &p.Message, plaintext.Clean, plaintext.Message)
	text("line", &p.Line, plaintext.Clean, bannerLine)
	if p.Logo != "" {
		text("logo_alt", &p.LogoAlt, plaintext.Required, plaintext.Line)
	} else {
		text("logo_alt", &p.LogoAlt, plaintext.Clean, plaintext.Line)
		p.LogoAlt = ""
	}
	site, err := address.ParseWebsite(p.Website)
	refused.Add("website", err)
	if err == nil {
		p.Website, p.WebsiteHost = site.URL, site.Host
	}
	refused.Add("country", chosen(p.Country, known.Country, "country"))
	refused.Add("kind", chosen(p.Kind, func(k string) bool { return slices.Contains(Kinds, k) }, "kind"))
	refused.Add("reach", chosen(p.Reach, func(r string) bool { return slices.Contains(Reaches, r) }, "reach"))
	return p
}

// checked is check for who may also change the language of the texts, any
// language there is a BCP 47 tag for.
func (p Public) checked(known Known) (Public, error) {
	refused := fault.Fields{}
	p = p.check(known, refused)
	refused.Add("lang", goodLang(&p.Lang))
	switch {
	case p.Line == "":
		p.LineLang = ""
	case p.LineLang == "":
		p.LineLang = p.Lang
	default:
		refused.Add("line_lang", goodLang(&p.LineLang))
	}
	p.Others = checkOthers(p.Others, p.Lang, refused)
	p.Networks = checkNetworks(p.Networks, known, refused)
	return p, refused.Err()
}

// goodLang writes a tag of BCP 47 as it is usual.
func goodLang(lang *string) error {
	tag, err := language.Parse(*lang)
	if err != nil || *lang == "" || len(*lang) > 35 {
		return fault.New(fault.Invalid, "profile.lang_bad")
	}
	*lang = tag.String()
	return nil
}

// changePartner runs one deed on a partner, in one transaction. version is
// that which the doer saw. ErrNoPartner, ErrPartnerMoved.
func (r *Registry) changePartner(ctx context.Context, id, version int64, do func(tx *gorm.DB, p *Partner) error) (*Partner, error) {
	var p Partner
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		err := tx.Where("id = ?", id).Take(&p).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return ErrNoPartner
		}
		if err != nil {
			return err
		}
		if version != AnyVersion && version != p.Version {
			return ErrPartnerMoved
		}
		if err := do(tx, &p); err != nil {
			return err
		}
		_, err = store.Bump(tx, store.TopicRegister)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("change partner %d: %w", id, err)
	}
	r.Changed()
	r.Mailed()
	return &p, nil
}

// save writes columns of a partner as read in this transaction and raises its
// version. Of two at once one wins, the other gets ErrPartnerMoved.
func save(tx *gorm.DB, p *Partner, columns map[string]any) error {
	columns["version"] = p.Version + 1
	res := tx.Model(&Partner{}).Where("id = ? AND version = ?", p.ID, p.Version).Updates(columns)
	if res.Error != nil {
		return res.Error
	}
	if res.RowsAffected == 0 {
		return ErrPartnerMoved
	}
	p.Version++
	return nil
}

// publish makes what is said the partner's public profile.
func (r *Registry) publish(tx *gorm.DB, p *Partner, public Public, author audit.Actor, more map[string]any) error {
	before := p.Public()
	p.setPublic(public)
	columns := profileColumns(p)
	for name, value := range more {
		columns[name] = value
	}
	if err := save(tx, p, columns); err != nil {
		return err
	}
	// Partners that were there before versions were kept have none yet.
	if err := r.keepVersion(tx, OfPartner, p.ID, before, audit.Actor{Kind: audit.Program}); err != nil {
		return err
	}
	return r.keepVersion(tx, OfPartner, p.ID, public, author)
}

// Edit is a partner as staff want it to be.
type Edit struct {
	Partner int64
	Version int64 // of the partner that was seen
	Public
	NewLogo        LogoWish
	ShowSignatures bool
	By             audit.Actor
}

// EditPartner changes what is public at once; the logo of the partner that was
// seen stays unless another is wished for. Invalid with a sentence for each
// refused field, ErrPartnerMoved, ErrNoPartner.
func (r *Registry) EditPartner(ctx context.Context, e Edit) (*Partner, error) {
	public, picture, err := r.checkedWish(ctx, e.Public, e.NewLogo)
	if err != nil {
		return nil, err
	}
	return r.changePartner(ctx, e.Partner, e.Version, func(tx *gorm.DB, p *Partner) error {
		if picture == nil && !e.NewLogo.Remove {
			public.Logo = logoName(p.LogoID)
		}
		changed := []string{}
		for _, d := range Differences(p.Public(), public) {
			changed = append(changed, d.Field)
		}
		if p.ShowSignatures != e.ShowSignatures {
			changed = append(changed, "show_signatures")
		}
		if len(changed) == 0 {
			return nil
		}
		p.ShowSignatures = e.ShowSignatures
		if picture != nil {
			if err := picture.store(tx, ownerPartner, p.ID); err != nil {
				return err
			}
		}
		if err := r.publish(tx, p, public, e.By, map[string]any{"show_signatures": e.ShowSignatures}); err != nil {
			return err
		}
		return r.Trail.Note(tx, e.By, audit.Deed{Action: "partner.edited", Subject: OfPartner, SubjectID: p.ID, After: map[string]any{"fields": changed}})
	})
}

// ShowSignatures says whether visitors see how many signatures the partner
// brought. It holds at once.
func (r *Registry) ShowSignatures(ctx context.Context, partner int64, show bool, by audit.Actor) error {
	_, err := r.changePartner(ctx, partner, AnyVersion, func(tx *gorm.DB, p *Partner) error {
		if p.ShowSignatures == show {
			return nil
		}
		if err := save(tx, p, map[string]any{"show_signatures": show}); err != nil {
			return err
		}
		return r.Trail.Note(tx, by, audit.Deed{Action: "partner.edited", Subject: OfPartner, SubjectID: p.ID, After: map[string]any{"fields": []string{"show_signatures"}}})
	})
	return err
}

// errDesign answers for a design that a partner cannot have.
var errDesign = fault.New(fault.Invalid, "look.design_gone")

// ChooseDesign lets a partner's banner show in a design, "" for whichever staff
// prefer. It holds at once. Invalid naming design.
func (r *Registry) ChooseDesign(ctx context.Context, partner int64, code string, by audit.Actor) error {
	if code != "" && !r.Known.Design(code) {
		return refusedField("design", errDesign)
	}
	_, err := r.changePartner(ctx, partner, AnyVersion, func(tx *gorm.DB, p *Partner) error {
		was := p.Design
		if was == code {
			return nil
		}
		if err := save(tx, p, map[string]any{"design": code}); err != nil {
			return err
		}
		return r.Trail.Note(tx, by, audit.Deed{Action: "partner.design_chosen", Subject: OfPartner, SubjectID: p.ID,
			Before: map[string]any{"design": was}, After: map[string]any{"design": code}})
	})
	return err
}

// Rename gives a partner another slug. The old one leads to it for ever and
// is nobody else's; the partner may have it back. Invalid for the field slug,
// ErrPartnerMoved, ErrNoPartner.
func (r *Registry) Rename(ctx context.Context, partner, version int64, slug string, by audit.Actor) (*Partner, error) {
	if err := goodSlug(&slug); err != nil {
		return nil, err
	}
	return r.changePartner(ctx, partner, version, func(tx *gorm.DB, p *Partner) error {
		taken, err := r.takeSlug(tx, slug, p.ID)
		if err != nil || taken == p.Slug {
			return err
		}
		was := p.Slug
		p.Slug = taken
		if err := save(tx, p, map[string]any{"slug": taken}); err != nil {
			return err
		}
		return r.Trail.Note(tx, by, audit.Deed{Action: "partner.renamed", Subject: OfPartner, SubjectID: p.ID,
			Before: map[string]any{"slug": was}, After: map[string]any{"slug": taken}})
	})
}
