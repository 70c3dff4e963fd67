package scrutiny

import (
	"context"
)

// Shares of a country's people. The largest petitions there were had one in
// twenty or thirty of a country's people; one in ten of a state, by mail, is
// no petition any more. A few hundred can come from abroad to any.
const (
	alarmShare  = .03
	holdShare   = .10
	fewestAlarm = 50
	fewestHold  = 100
)

// countPeople holds a country's signatures from where they are more than its
// people make likely, and raises an alarm long before.
func (s *Scrutiny) countPeople(ctx context.Context, x *examination) (int, error) {
	opened := 0
	for country, rows := range by(x.live, countryOf) {
		people := s.Population(country)
		if people == 0 {
			continue
		}
		n, share := s.Counted(country), 0.0
		if share = float64(n) / float64(people); n < fewestAlarm || share < alarmShare {
			continue
		}
		e := []Evidence{{Kind: People, Points: HoldAt, N: people, Share: share}}
		if n >= fewestHold && share >= holdShare {
			c := &candidate{kind: GroupPeople, group: &group{country: country}, rows: rows, evidence: e}
			if err := s.hold(ctx, x, c); err != nil {
				return opened, err
			}
			opened++
			continue
		}
		if err := s.raiseAgain(ctx, x, AlarmCountry, country, Figures{N: n, Country: country, Evidence: e}); err != nil {
			return opened, err
		}
	}
	return opened, nil
}
