package portal

import (
	"github.com/labstack/echo/v4"

	"olivebranch/pkg/placement"
	"olivebranch/pkg/registry"
)

// step is one of the first things a new partner does, and where that is done.
type step struct {
	Name string // its message is portal.first.NAME
	At   string // "" for what comes by itself
	Done bool
}

// firstSteps are shown until all are done. Whoever reads them came through a
// mailed link, so the first one is.
func (p *Portal) firstSteps(c echo.Context, partner *registry.Partner, signatures int64) ([]step, error) {
	seen, _, err := p.Places.List(c.Request().Context(), placement.Query{Partner: partner.ID, Most: 1})
	if err != nil {
		return nil, err
	}
	steps := []step{
		{"mail", "", true},
		{"logo", "/portal/profile", partner.LogoID != 0},
		{"seen", "/portal/embed", len(seen) > 0},
		{"signature", "", signatures > 0},
	}
	for _, s := range steps {
		if !s.Done {
			return steps, nil
		}
	}
	return nil, nil
}
