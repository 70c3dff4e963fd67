package worldmap_test

import (
	"math"
	"testing"

	"olivebranch/pkg/locale"
	"olivebranch/pkg/worldmap"
)

func TestEveryCountryHasItsPlace(t *testing.T) {
	t.Parallel()
	counts := map[string]int{"ZZ": 5, "": 1}
	for _, code := range locale.Countries() {
		counts[code] = 1
	}
	m := worldmap.Draw(counts)
	if len(m.Discs) != len(locale.Countries()) {
		t.Errorf("%d discs for %d countries", len(m.Discs), len(locale.Countries()))
	}
	at := map[string]worldmap.Disc{}
	for _, d := range m.Discs {
		at[d.Country] = d
		if d.X < 0 || d.X > m.Width || d.Y < 0 || d.Y > m.Height {
			t.Errorf("%s is off the map: %+v", d.Country, d)
		}
	}
	// Who lies west of whom, and north.
	for _, pair := range [][2]string{{"CA", "KR"}, {"US", "FR"}, {"PT", "ES"}, {"KR", "JP"}, {"CL", "AR"}, {"FJ", "WS"}, {"AU", "NZ"}, {"HR", "RS"}} {
		if at[pair[0]].X >= at[pair[1]].X {
			t.Errorf("%s is not west of %s", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"KP", "KR"}, {"NO", "DK"}, {"VN", "ID"}, {"SN", "GM"}, {"TV", "FJ"}} {
		if at[pair[0]].Y >= at[pair[1]].Y {
			t.Errorf("%s is not north of %s", pair[0], pair[1])
		}
	}
}

func TestADiscIsAsLargeAsItsNumber(t *testing.T) {
	t.Parallel()
	m := worldmap.Draw(map[string]int{"KR": 400, "JP": 100, "TV": 1, "DE": 0})
	if len(m.Discs) != 3 || m.Discs[0].Country != "KR" || m.Discs[2].Country != "TV" {
		t.Fatalf("discs: %+v", m.Discs)
	}
	large, middle, small := m.Discs[0].R, m.Discs[1].R, m.Discs[2].R
	if small < 4 || math.Abs((large-4)/(middle-4)-2) > 0.02 {
		t.Errorf("radii %v, %v, %v: four times as many are twice as wide", large, middle, small)
	}
	if few := worldmap.Draw(map[string]int{"KR": 1}).Discs[0].R; few > 12 {
		t.Errorf("one in the only country is %v wide", few)
	}
}
