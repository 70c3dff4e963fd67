package site

import (
	"fmt"
	"strings"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/locale"
)

// chart is a plot in a view box that is chartWidth wide and 100 high, with the
// words at its axes, which stand beside it so that they keep their size, and
// the same as a table. What is not drawn is empty.
type chart struct {
	Columns []column
	Line    string   // path of what grows, up to where Area goes on
	Area    string   // back to its beginning, below it
	Scale   []string // at the upright axis, from the top
	Times   []string // at the other, in the order of reading
	Table   []line   // newest first
}

// column is a bar of a chart.
type column struct{ X, Y, Width, Height int }

const chartWidth = 300

// daily draws the figures of days that follow each other.
func daily(l *locale.Locale, days []appeal.DayCount) *chart {
	top := ceiling(busiest(days))
	c := &chart{Scale: scale(l, top)}
	step := chartWidth / max(1, len(days))
	for i, d := range days {
		high := 0
		if d.N > 0 {
			high = max(1, int(d.N*100/top))
		}
		at := i
		if l.Dir() == "rtl" {
			at = len(days) - 1 - i
		}
		c.Columns = append(c.Columns, column{at * step, 100 - high, step - 2, high})
	}
	c.label(l, days)
	return c
}

// growing draws how the sum of days rose until the last of them. It has few
// enough points for a table to be read.
func growing(l *locale.Locale, days []appeal.DayCount, until string) *chart {
	points := rises(days, until)
	if len(points) == 0 {
		return nil
	}
	last := len(points) - 1
	top := ceiling(points[last].N)
	c := &chart{Scale: scale(l, top)}
	var path strings.Builder
	x := func(i int) int {
		at := i * chartWidth / last
		if l.Dir() == "rtl" {
			return chartWidth - at
		}
		return at
	}
	for i, p := range points {
		fmt.Fprintf(&path, "%c%d %.1f", "ML"[min(i, 1)], x(i), 100-float64(p.N)*100/float64(top))
	}
	c.Line, c.Area = path.String(), fmt.Sprintf("V100H%dz", x(0))
	c.label(l, points)
	return c
}

// label writes the table and the words below the plot.
func (c *chart) label(l *locale.Locale, days []appeal.DayCount) {
	for i := len(days) - 1; i >= 0; i-- {
		c.Table = append(c.Table, line{Label: l.Day(days[i].Day), Figure: disclosure.Figure{N: days[i].N, Telling: disclosure.Told}})
	}
	for _, i := range []int{0, len(days) / 2, len(days) - 1} {
		c.Times = append(c.Times, l.Day(days[i].Day))
	}
}

// scale is the top, half of it, and nothing.
func scale(l *locale.Locale, top int64) []string {
	return []string{l.Number(top), l.Number(top / 2), l.Number(0)}
}

// busiest is the most on one day.
func busiest(days []appeal.DayCount) (most int64) {
	for _, d := range days {
		most = max(most, d.N)
	}
	return most
}

// ceiling is an even and round figure that is not below n.
func ceiling(n int64) int64 {
	for ten := int64(1); ; ten *= 10 {
		for _, step := range []int64{2, 3, 4, 5, 6, 8, 10} {
			if top := step * ten; top >= n && top%2 == 0 {
				return top
			}
		}
	}
}

// mostRises is how many points the growth has at most.
const mostRises = 13

// rises are sums of days at moments that lie about equally far from each other,
// from the eve of the first day, when there was nothing, until the last. nil if
// there is no day.
func rises(days []appeal.DayCount, until string) []appeal.DayCount {
	if len(days) == 0 {
		return nil
	}
	first, err := time.Parse(time.DateOnly, days[0].Day)
	if err != nil {
		return nil
	}
	end, err := time.Parse(time.DateOnly, until)
	if err != nil || end.Before(first) {
		return nil
	}
	eve := first.AddDate(0, 0, -1)
	span := int(end.Sub(eve).Hours() / 24)
	parts := min(span, mostRises-1)
	out := make([]appeal.DayCount, parts+1)
	var sum int64
	for i := range out {
		day := eve.AddDate(0, 0, span*i/parts).Format(time.DateOnly)
		for ; len(days) > 0 && days[0].Day <= day; days = days[1:] {
			sum += days[0].N
		}
		out[i] = appeal.DayCount{Day: day, N: sum}
	}
	return out
}
