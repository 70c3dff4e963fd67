package web

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/address"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/placement"
	"olivebranch/pkg/registry"
)

// PlacesOnPage is how many placements one page lists.
const PlacesOnPage = 50

// Place is a placement as the portal and the console list it.
type Place struct {
	placement.Placement
	Standing   registry.Standing
	Layouts    []string
	Signatures int64
	Few        bool // too few signatures to say how many
	Claimable  bool // its website can be said to be somebody's
}

// NewPlace makes one with the signatures that came from it.
func NewPlace(r *registry.Register, p placement.Placement, signatures int64) Place {
	place := Place{Placement: p, Standing: r.Standing(p.PartnerID, p.Host), Signatures: signatures, Few: signatures < disclosure.Smallest,
		Claimable: p.Host != "" && !address.Anybodys(p.Host)}
	for _, l := range banner.Layouts() {
		if p.Layouts&(1<<l) != 0 {
			place.Layouts = append(place.Layouts, l.String())
		}
	}
	return place
}

// PlacesAfter reads where a page of the list begins; what makes no sense is
// the beginning.
func PlacesAfter(c echo.Context) placement.Key {
	seen, id, _ := strings.Cut(c.QueryParam("after"), ".")
	k := placement.Key{}
	var err error
	if k.LastSeen, err = strconv.ParseInt(seen, 10, 64); err != nil {
		return placement.Key{}
	}
	if k.ID, err = strconv.ParseInt(id, 10, 64); err != nil {
		return placement.Key{}
	}
	return k
}

// AfterPlaces is that as a query says it, "" for none.
func AfterPlaces(k placement.Key) string {
	if k == (placement.Key{}) {
		return ""
	}
	return strconv.FormatInt(k.LastSeen, 10) + "." + strconv.FormatInt(k.ID, 10)
}
