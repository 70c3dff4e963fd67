// Package worldmap is a quiet map of the world: the land without borders, and one disc at the centre of each country,
// as large as what is counted there. It knows no people and no pages; the outline of the land is the static file
// land.svg, which pages show behind the discs.
package worldmap

//go:generate go run ./gen $ATLAS ../../static/img/land.svg centres.json

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"math"
	"slices"
	"sync"
)

// Land is the name of the static file; its outline has the id "land".
const Land = "land.svg"

//go:embed centres.json
var centres []byte

// sheet is the file: places are in its units, from the top left.
type sheet struct {
	Width, Height float64
	Centres       map[string][2]float64
}

var read = sync.OnceValue(func() sheet {
	var s sheet
	if err := json.Unmarshal(centres, &s); err != nil {
		panic(err) // it is part of the program
	}
	return s
})

// Map is a map to be drawn. Its units are those of the land.
type Map struct {
	Width, Height float64
	Discs         []Disc // the largest first, so that none hides a smaller one
}

// Disc is a country on it.
type Disc struct {
	Country string
	N       int
	X, Y, R float64
}

// Radii of discs, in units of the map.
const (
	smallest = 4.0
	largest  = 30.0
)

// Draw makes the map of how many there are in each country. The area of a disc
// grows with its number; the largest on the map is as large as discs get, and
// no disc is so small that it is not seen. What is no country is left out.
func Draw(counts map[string]int) Map {
	s := read()
	m := Map{Width: s.Width, Height: s.Height}
	most := 0
	for code, n := range counts {
		if _, known := s.Centres[code]; known {
			most = max(most, n)
		}
	}
	for code, n := range counts {
		at, known := s.Centres[code]
		if !known || n <= 0 {
			continue
		}
		// Few in all are small discs: one partner in the only country is no great thing.
		r := smallest + (largest-smallest)*math.Sqrt(float64(n)/float64(max(most, 25)))
		m.Discs = append(m.Discs, Disc{code, n, at[0], at[1], math.Round(r*10) / 10})
	}
	slices.SortFunc(m.Discs, func(a, b Disc) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Country, b.Country)) })
	return m
}
