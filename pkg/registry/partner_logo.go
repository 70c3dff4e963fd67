package registry

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"olivebranch/pkg/fault"
)

// LogoWish is what shall become of a partner's logo: another picture, none,
// or, for the zero LogoWish, what it is.
type LogoWish struct {
	File   []byte // as it was sent; it goes before Remove
	Remove bool
}

var errLogoRequired = fault.New(fault.Invalid, "logo.required")

// logoName is an image as Public names it.
func logoName(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

func (p Public) logoID() int64 {
	id, _ := strconv.ParseInt(p.Logo, 10, 64) // nobody else writes it
	return id
}

// checkedWish is checked for a profile whose logo may become another; a new
// picture comes beside it, not stored yet. Invalid, naming also logo.
func (r *Registry) checkedWish(ctx context.Context, wish Public, logo LogoWish) (Public, *Image, error) {
	refused := fault.Fields{}
	wish, picture, err := r.withLogo(ctx, wish, logo)
	if err != nil && fault.KindOf(err) != fault.Invalid {
		return wish, nil, err
	}
	refused.Add("logo", err)
	words := strings.TrimSpace(wish.LogoAlt)
	wish, err = wish.checked(r.Known)
	addAll(refused, err, nil)
	if wish.Logo == "" && words != "" && refused["logo"] == nil && refused["logo_alt"] == nil {
		refused.Add("logo", errLogoRequired)
	}
	return wish, picture, refused.Err()
}

// withLogo gives a profile the logo that is wished for. The same picture once
// more is no other.
func (r *Registry) withLogo(ctx context.Context, p Public, wish LogoWish) (Public, *Image, error) {
	switch {
	case len(wish.File) > 0:
		read, err := r.Logos.Read(ctx, wish.File)
		if err != nil {
			return p, nil, err
		}
		if is, err := r.Picture(ctx, p.logoID()); err == nil && is.Hash == read.Hash {
			return p, nil, nil
		} else if err != nil && !errors.Is(err, ErrNoImage) {
			return p, nil, err
		}
		picture := r.newImage(read)
		p.Logo = logoName(picture.ID)
		return p, picture, nil
	case wish.Remove:
		p.Logo, p.LogoAlt = "", ""
	}
	return p, nil, nil
}

// bring stores a new picture with the change that wants it. One that waited
// with the change before comes along, and the partner's own stay where they
// are. ErrPartnerMoved for one that is gone.
func bring(tx *gorm.DB, wish Public, picture *Image, c *Change) error {
	if picture != nil {
		return picture.store(tx, ownerChange, c.ID)
	}
	if wish.Logo == "" {
		return nil
	}
	res := tx.Model(&Image{}).Where("id = ? AND owner = ? AND owner_id IN (?)", wish.logoID(), ownerChange, waitingOf(tx, c.PartnerID)).Update("owner_id", c.ID)
	if res.Error != nil || res.RowsAffected > 0 {
		return res.Error
	}
	var own int64
	err := tx.Model(&Image{}).Where("id = ? AND owner = ? AND owner_id = ?", wish.logoID(), ownerPartner, c.PartnerID).Count(&own).Error
	if err == nil && own == 0 {
		err = ErrPartnerMoved
	}
	return err
}

// waitingOf are the changes of a partner that wait.
func waitingOf(db *gorm.DB, partner int64) *gorm.DB {
	return db.Session(&gorm.Session{NewDB: true}).Model(&Change{}).Select("id").Where("partner_id = ? AND state = ?", partner, ChangeWaiting)
}

// PartnerImage reads a picture that a partner has, had, or waits for.
// ErrNoImage.
func (r *Registry) PartnerImage(ctx context.Context, partner, id int64) (*Image, error) {
	db := r.Store.Read(ctx)
	return r.image(db.Where("id = ?", id).Where("(owner = ? AND owner_id = ? OR owner = ? AND owner_id IN (?))",
		ownerPartner, partner, ownerChange, waitingOf(db, partner)))
}
