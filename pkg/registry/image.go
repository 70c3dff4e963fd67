package registry

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/logo"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/seal"
)

// Owners of images.
const (
	ownerApplication = "application"
	ownerPartner     = "partner"
)

// Image is a row: a picture as package logo made it. Width and Height are
// pixels, Hash is that of Body.
type Image struct {
	ID        int64
	Owner     string // application or partner
	OwnerID   int64
	Type      string
	Width     int64
	Height    int64
	Hash      string
	Body      []byte
	CreatedAt int64
}

// ErrNoImage answers for a picture that does not exist, or not for everybody.
var ErrNoImage = fault.New(fault.NotFound, "error.not_found")

// SetLogo gives an application a logo, instead of the one it had, and says
// what it shows. Without a file only those words change. Invalid naming logo
// or logo_alt; ErrMoved before the address is confirmed and after the
// decision; ErrForgotten, ErrReplaced.
func (r *Registry) SetLogo(ctx context.Context, t seal.Token, file []byte, alt string) (*Application, error) {
	seen, err := r.Linked(ctx, t)
	if err != nil {
		return nil, err
	}
	if !seen.Open() {
		return nil, ErrMoved // before any work is done for it
	}
	refused := fault.Fields{}
	alt, err = plaintext.Required(alt, plaintext.Line)
	refused.Add("logo_alt", err)
	var picture logo.Picture
	switch {
	case len(file) > 0:
		picture, err = r.Logos.Read(ctx, file)
		refused.Add("logo", err)
	case seen.LogoID == 0:
		refused.Add("logo", fault.New(fault.Invalid, "logo.required"))
	}
	if err := refused.Err(); err != nil {
		return nil, err
	}
	return r.changeLinked(ctx, t, func(tx *gorm.DB, a *Application) error {
		if !a.Open() {
			return ErrMoved
		}
		if len(file) > 0 {
			if err := r.replaceImage(tx, a, picture); err != nil {
				return err
			}
		}
		a.LogoAlt = alt
		if err := r.revise(tx, a, map[string]any{"logo_id": a.LogoID, "logo_alt": alt}); err != nil {
			return err
		}
		return r.deed(tx, a, applicant, "logo", nil, nil)
	})
}

func (r *Registry) replaceImage(tx *gorm.DB, a *Application, p logo.Picture) error {
	if err := dropImage(tx, a); err != nil {
		return err
	}
	a.LogoID = r.Store.NewID()
	err := tx.Create(&Image{ID: a.LogoID, Owner: ownerApplication, OwnerID: a.ID, Type: "image/png",
		Width: int64(p.Width), Height: int64(p.Height), Hash: p.Hash, Body: p.PNG, CreatedAt: r.Now().UnixMilli()}).Error
	if err != nil {
		return fmt.Errorf("store the logo of application %d: %w", a.ID, err)
	}
	return nil
}

// RemoveLogo takes an application's logo away. Faults as SetLogo.
func (r *Registry) RemoveLogo(ctx context.Context, t seal.Token) (*Application, error) {
	return r.changeLinked(ctx, t, func(tx *gorm.DB, a *Application) error {
		if a.LogoID == 0 {
			return nil
		}
		if !a.Open() {
			return ErrMoved
		}
		if err := dropImage(tx, a); err != nil {
			return err
		}
		if err := r.revise(tx, a, map[string]any{"logo_id": 0, "logo_alt": ""}); err != nil {
			return err
		}
		return r.deed(tx, a, applicant, "logo_removed", nil, nil)
	})
}

func dropImage(tx *gorm.DB, a *Application) error {
	if err := tx.Where("owner = ? AND owner_id = ?", ownerApplication, a.ID).Delete(&Image{}).Error; err != nil {
		return fmt.Errorf("delete the logo of application %d: %w", a.ID, err)
	}
	return nil
}

// handOverLogo makes an application's logo the new partner's.
func handOverLogo(tx *gorm.DB, a *Application, p *Partner) error {
	if a.LogoID == 0 {
		return nil
	}
	err := tx.Model(&Image{}).Where("id = ?", a.LogoID).Updates(map[string]any{"owner": ownerPartner, "owner_id": p.ID}).Error
	if err != nil {
		return fmt.Errorf("hand over the logo of application %d: %w", a.ID, err)
	}
	return nil
}

// Picture reads what a page must know of a logo. ErrNoImage.
func (r *Registry) Picture(ctx context.Context, id int64) (*Picture, error) {
	var p Picture
	err := r.Store.Read(ctx).Model(&Image{}).Where("id = ?", id).Take(&p).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrNoImage
	}
	if err != nil {
		return nil, fmt.Errorf("read picture %d: %w", id, err)
	}
	return &p, nil
}

// Image reads a picture, for those who may see it. ErrNoImage.
func (r *Registry) Image(ctx context.Context, id int64) (*Image, error) {
	var i Image
	err := r.Store.Read(ctx).Where("id = ?", id).Take(&i).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrNoImage
	}
	if err != nil {
		return nil, fmt.Errorf("read image %d: %w", id, err)
	}
	return &i, nil
}
