// Command gen makes the outline of the land and the centres of countries from the npm packages world-atlas, which holds
// the maps of Natural Earth, and cldr-core, which has the numbers of countries.
//
//	npm install --prefix DIR world-atlas@2 cldr-core
//	ATLAS=DIR/node_modules go generate ./pkg/worldmap
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: gen <folder with world-atlas and cldr-core> <land.svg to write> <centres.json to write>")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// meridian is in the middle of the map: the edge then runs through the Bering Strait, and cuts no land and no island.
const meridian = 11.5

// southernmost leaves out Antarctica, where nobody lives.
const southernmost = -57.0

// width is that of the map, in the units of both files.
const width = 1000

// point is in degrees, east and north, or on the map, right and down.
type point struct{ x, y float64 }

// project is Equal Earth (Šavrič, Patterson, Jenny 2018), in which a country is as large as it is. Units are radii.
func project(p point) point {
	const a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
	m := math.Sqrt(3) / 2
	east := p.x - meridian
	if east < -180 {
		east += 360
	}
	t := math.Asin(m * math.Sin(p.y*math.Pi/180))
	t2 := t * t
	t6 := t2 * t2 * t2
	x := east * math.Pi / 180 * math.Cos(t) / (m * (a1 + 3*a2*t2 + t6*(7*a3+9*a4*t2)))
	return point{x, -t * (a1 + a2*t2 + t6*(a3+a4*t2))}
}

// frame brings what is projected onto the sheet.
type frame struct{ scale, left, top, height float64 }

func newFrame() frame {
	right, top, bottom := project(point{meridian + 180, 0}).x, project(point{meridian, 84}).y, project(point{meridian, southernmost}).y
	s := width / (2 * right)
	return frame{s, -right, top, math.Ceil((bottom - top) * s)}
}

func (f frame) place(p point) point {
	q := project(p)
	return point{(q.x - f.left) * f.scale, (q.y - f.top) * f.scale}
}

// topology is what we read of TopoJSON: arcs that are shared, written as steps.
type topology struct {
	Transform struct{ Scale, Translate [2]float64 }
	Arcs      [][][2]float64
	Objects   map[string]struct{ Geometries []geometry }
}

type geometry struct {
	Type       string
	ID         string
	Arcs       json.RawMessage
	Properties struct{ Name string }
}

func read(path string, into any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// rings are the outer ones of a geometry; lakes and enclaves are left out.
func (t *topology) rings(g geometry) ([][]point, error) {
	var many [][][]int
	var err error
	if g.Type == "Polygon" {
		many = make([][][]int, 1)
		err = json.Unmarshal(g.Arcs, &many[0])
	} else if g.Type == "MultiPolygon" {
		err = json.Unmarshal(g.Arcs, &many)
	}
	if err != nil {
		return nil, err
	}
	var out [][]point
	for _, polygon := range many {
		out = append(out, t.ring(polygon[0]))
	}
	return out, nil
}

func (t *topology) ring(arcs []int) (ring []point) {
	for _, n := range arcs {
		back := n < 0
		if back {
			n = ^n
		}
		var line []point
		var x, y float64
		for _, step := range t.Arcs[n] {
			x, y = x+step[0], y+step[1]
			line = append(line, point{x*t.Transform.Scale[0] + t.Transform.Translate[0], y*t.Transform.Scale[1] + t.Transform.Translate[1]})
		}
		if back {
			slices.Reverse(line)
		}
		if len(ring) > 0 {
			line = line[1:] // it begins where the one before ends
		}
		ring = append(ring, line...)
	}
	return ring
}

func generate(from, land, centres string) error {
	f := newFrame()
	if err := writeLand(f, filepath.Join(from, "world-atlas", "land-110m.json"), land); err != nil {
		return err
	}
	places, err := allCentres(f, from)
	if err != nil {
		return err
	}
	b, err := json.Marshal(struct {
		Width   float64               `json:"width"`
		Height  float64               `json:"height"`
		Centres map[string][2]float64 `json:"centres"`
	}{width, f.height, places})
	if err != nil {
		return err
	}
	return os.WriteFile(centres, append([]byte(strings.ReplaceAll(string(b), "],", "],\n")), '\n'), 0o644)
}

func writeLand(f frame, from, to string) error {
	var t topology
	if err := read(from, &t); err != nil {
		return err
	}
	var d strings.Builder
	for _, g := range t.Objects["land"].Geometries {
		rings, err := t.rings(g)
		if err != nil {
			return err
		}
		for _, ring := range rings {
			if !slices.ContainsFunc(ring, func(p point) bool { return p.y < -63 }) {
				draw(&d, f, ring)
			}
		}
	}
	// The page gives it its colour: it is used there, not shown as a picture.
	return os.WriteFile(to, fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %g"><path id="land" d="%s"/></svg>`+"\n", width, f.height, d.String()), 0o644)
}

// draw writes a ring in steps of a fifth of a unit, which nobody sees.
func draw(d *strings.Builder, f frame, ring []point) {
	const fine = 5
	var x, y int
	for i, p := range ring[:len(ring)-1] {
		q := f.place(p)
		nx, ny := int(math.Round(q.x*fine)), int(math.Round(q.y*fine))
		switch {
		case i == 0:
			fmt.Fprintf(d, "M%s %s", number(float64(nx)/fine), number(float64(ny)/fine))
		case nx == x && ny == y:
			continue
		default:
			fmt.Fprintf(d, "l%s %s", number(float64(nx-x)/fine), number(float64(ny-y)/fine))
		}
		x, y = nx, ny
	}
	d.WriteByte('z')
}

func number(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if bare, ok := strings.CutPrefix(s, "0."); ok {
		return "." + bare
	}
	if bare, ok := strings.CutPrefix(s, "-0."); ok {
		return "-." + bare
	}
	return s
}

// elsewhere are the places of countries that Natural Earth draws within another, or not at all: east and north, in degrees.
var elsewhere = map[string]point{
	"BQ": {-68.26, 12.18}, "BV": {3.36, -54.42}, "CC": {96.84, -12.17}, "CX": {105.65, -10.49}, "GF": {-53.13, 3.93},
	"GP": {-61.55, 16.25}, "MQ": {-61.02, 14.64}, "RE": {55.53, -21.12}, "SJ": {16.5, 78.6}, "TK": {-171.85, -9.17},
	"UM": {-166.6, 19.28}, "YT": {45.15, -12.82}, "VA": {12.45, 41.9}, "AQ": {meridian, southernmost},
}

func allCentres(f frame, from string) (map[string][2]float64, error) {
	codes, err := numbers(from)
	if err != nil {
		return nil, err
	}
	var t topology
	if err := read(filepath.Join(from, "world-atlas", "countries-10m.json"), &t); err != nil {
		return nil, err
	}
	out := map[string][2]float64{}
	put := func(code string, p point) {
		out[code] = [2]float64{math.Round(p.x*10) / 10, math.Round(p.y*10) / 10}
	}
	largest := map[string]float64{} // Natural Earth counts some islands as countries that share a number
	for _, g := range t.Objects["countries"].Geometries {
		code := codes[g.ID]
		if g.Properties.Name == "Kosovo" {
			code = "XK"
		}
		if code == "" {
			continue
		}
		rings, err := t.rings(g)
		if err != nil {
			return nil, err
		}
		for _, ring := range rings {
			for i, p := range ring {
				ring[i] = f.place(p)
			}
			if size, middle := centroid(ring); size > largest[code] {
				largest[code] = size
				put(code, inside(ring, middle))
			}
		}
	}
	for code, p := range elsewhere {
		put(code, f.place(p))
	}
	return out, nil
}

// numbers gives the code of each number of ISO 3166-1.
func numbers(from string) (map[string]string, error) {
	var file struct {
		Supplemental struct {
			CodeMappings map[string]struct {
				Numeric string `json:"_numeric"`
			}
		}
	}
	if err := read(filepath.Join(from, "cldr-core", "supplemental", "codeMappings.json"), &file); err != nil {
		return nil, err
	}
	codes := map[string]string{}
	for code, m := range file.Supplemental.CodeMappings {
		if n, err := strconv.Atoi(m.Numeric); len(code) == 2 && err == nil && n < 900 {
			codes[m.Numeric] = code
		}
	}
	return codes, nil
}

// centroid is the middle of a ring by area.
func centroid(ring []point) (size float64, middle point) {
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		cross := a.x*b.y - b.x*a.y
		size += cross
		middle.x += (a.x + b.x) * cross
		middle.y += (a.y + b.y) * cross
	}
	if size == 0 {
		return 0, ring[0]
	}
	return math.Abs(size / 2), point{middle.x / (3 * size), middle.y / (3 * size)}
}

// inside is the middle of a ring, or, where that lies beyond its coast or its neighbour's border or close to it, the
// place farthest from both.
func inside(ring []point, middle point) point {
	far := distance(ring, middle)
	lo, hi := ring[0], ring[0]
	for _, p := range ring {
		lo, hi = point{min(lo.x, p.x), min(lo.y, p.y)}, point{max(hi.x, p.x), max(hi.y, p.y)}
	}
	const steps = 48
	deepest, depth := middle, far
	for i := range steps {
		for j := range steps {
			p := point{lo.x + (hi.x-lo.x)*(float64(i)+.5)/steps, lo.y + (hi.y-lo.y)*(float64(j)+.5)/steps}
			if d := distance(ring, p); d > depth {
				deepest, depth = p, d
			}
		}
	}
	if far < depth/3 {
		return deepest
	}
	return middle
}

// distance to the ring from within, negative from without.
func distance(ring []point, p point) float64 {
	least, in := math.Inf(1), false
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		if (a.y > p.y) != (b.y > p.y) && p.x < (b.x-a.x)*(p.y-a.y)/(b.y-a.y)+a.x {
			in = !in
		}
		dx, dy := b.x-a.x, b.y-a.y
		along := 0.0
		if l := dx*dx + dy*dy; l > 0 {
			along = max(0, min(1, ((p.x-a.x)*dx+(p.y-a.y)*dy)/l))
		}
		least = min(least, math.Hypot(p.x-a.x-along*dx, p.y-a.y-along*dy))
	}
	if in {
		return least
	}
	return -least
}
