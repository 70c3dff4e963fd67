package console

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
)

// applicantPart is what the page of an application shows of what its
// applicant added: who speaks for the organization, and the logo.
type applicantPart struct {
	Speaker registry.Speaker
	Logo    *registry.Picture
}

func (o *Console) applicantPart(ctx context.Context, a *registry.Application) (part applicantPart, err error) {
	if part.Speaker, err = o.Registry.Speaker(ctx, a); err != nil || a.LogoID == 0 || a.State == registry.Approved {
		return part, err // a partner's logo may be another by now, and is on its own page
	}
	part.Logo, err = o.Registry.Picture(ctx, a.LogoID)
	return part, err
}

// showPicture shows staff a logo, of whomever it is.
func (o *Console) showPicture(c echo.Context, _ *staff.Account) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return registry.ErrNoImage
	}
	i, err := o.Registry.Image(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, i.Type, i.Body)
}

// showLogo shows staff the logo of an application.
func (o *Console) showLogo(c echo.Context, _ *staff.Account) error {
	a, err := o.application(c)
	if err != nil {
		return err
	}
	i, err := o.Registry.Image(c.Request().Context(), a.LogoID)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, i.Type, i.Body)
}
