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
	ownerPartner     = "partner" // the logo it has, and those it had
	ownerChange      = "change"  // that a partner wants, as long as it waits
)

// Image is a row: a picture as package logo made it. Width and Height are
// pixels, Hash is that of Body.
type Image struct {
	ID        int64
	Owner     string
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
		refused.Add("logo", errLogoRequired)
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
	if err := dropImages(tx, ownerApplication, a.ID); err != nil {
		return err
	}
	i := r.newImage(p)
	a.LogoID = i.ID
	return i.store(tx, ownerApplication, a.ID)
}

// newImage makes the row of a picture that is nobody's yet.
func (r *Registry) newImage(p logo.Picture) *Image {
	return &Image{ID: r.Store.NewID(), Type: "image/png", Width: int64(p.Width), Height: int64(p.Height), Hash: p.Hash, Body: p.PNG, CreatedAt: r.Now().UnixMilli()}
}

func (i *Image) store(tx *gorm.DB, owner string, id int64) error {
	i.Owner, i.OwnerID = owner, id
	if err := tx.Create(i).Error; err != nil {
		return fmt.Errorf("store the logo of %s %d: %w", owner, id, err)
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
		if err := dropImages(tx, ownerApplication, a.ID); err != nil {
			return err
		}
		if err := r.revise(tx, a, map[string]any{"logo_id": 0, "logo_alt": ""}); err != nil {
			return err
		}
		return r.deed(tx, a, applicant, "logo_removed", nil, nil)
	})
}

func dropImages(tx *gorm.DB, owner string, id int64) error {
	if err := tx.Where("owner = ? AND owner_id = ?", owner, id).Delete(&Image{}).Error; err != nil {
		return fmt.Errorf("delete the logo of %s %d: %w", owner, id, err)
	}
	return nil
}

// handOver makes the logo of an application, or of a change, the partner's.
func handOver(tx *gorm.DB, owner string, id, partner int64) error {
	err := tx.Model(&Image{}).Where("owner = ? AND owner_id = ?", owner, id).Updates(map[string]any{"owner": ownerPartner, "owner_id": partner}).Error
	if err != nil {
		return fmt.Errorf("hand over the logo of %s %d: %w", owner, id, err)
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
	return r.image(r.Store.Read(ctx).Where("id = ?", id))
}

func (r *Registry) image(found *gorm.DB) (*Image, error) {
	var i Image
	err := found.Take(&i).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrNoImage
	}
	if err != nil {
		return nil, fmt.Errorf("read an image: %w", err)
	}
	return &i, nil
}
