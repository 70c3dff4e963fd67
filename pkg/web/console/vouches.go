package console

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/web"
)

// askPartner mails a partner the question whether it knows an applicant.
func (o *Console) askPartner(c echo.Context, who *staff.Account) error {
	return o.onApplication(c, who, []string{"partner"}, func(page *applicationPage, v web.Values) error {
		partner, err := o.Register.Named(v.Get("partner"))
		if err != nil {
			refused := fault.Fields{}
			refused.Add("partner", err)
			return refused.Err()
		}
		_, err = o.Registry.AskPartner(c.Request().Context(), page.Application.ID, partner, by(who))
		return err
	})
}

// withdrawVouch takes the question back.
func (o *Console) withdrawVouch(c echo.Context, who *staff.Account) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return registry.ErrVouchOver
	}
	v, err := o.Registry.WithdrawVouch(c.Request().Context(), id, by(who))
	if err != nil {
		return err
	}
	return web.See(c, "/console/applications/"+strconv.FormatInt(v.ApplicationID, 10))
}
