package banner

import "strings"

// Of the bar's picture, in pixels.
const (
	barWidth, barHeight = 720, 96
	barEdge             = 20 // at both ends
	barGap              = 20 // between the columns
	barButton           = 44 // its height
)

// drawBar sets campaign and slogan beside the number and the partner's name, and the button at the end.
func drawBar(c cast) scene {
	label := c.label
	button := min(200, max(104, width(label)*bold*15+32))
	left := barWidth - barEdge - button
	rest := left - barEdge - 2*barGap
	first := rest * 0.51
	second := rest - first
	x := barEdge + first + barGap

	s := scene{width: barWidth, height: barHeight}
	s.boxes = []box{
		{x: 0.5, y: 0.5, width: barWidth - 1, height: barHeight - 1, radius: 6, fill: c.paint.paper, stroke: c.paint.line},
		{x: left, y: (barHeight - barButton) / 2, width: button, height: barButton, radius: 6, fill: c.paint.button},
	}
	s.lines = []text{
		fixed(c.campaign, 17, 11, text{x: barEdge, y: 43, room: first, bold: true, fill: c.paint.ink}),
		fixed(c.slogan, 14.5, 10, text{x: barEdge, y: 66, room: first, fill: c.paint.ink}),
		fixed(label, 15, 10, text{x: left + button/2, y: 53, middle: true, room: button - 20, bold: true, fill: c.paint.label}),
	}
	people := text{x: x, y: 43, room: second, size: 14.5, fill: c.paint.ink, runs: phraseRuns}
	if !c.variant.Named() {
		people.y = 54
		s.lines = append(s.lines, people)
		return s
	}
	before, after, _ := strings.Cut(c.words.T("embed.with", "Name", Name.Mark()), Name.Mark())
	with := text{x: x, y: 66, room: second, size: 13, fill: c.paint.quiet, runs: []run{{words: before}, {slot: Name}, {words: after}}}
	s.lines = append(s.lines, people, with)
	return s
}

var phraseRuns = []run{{slot: Before}, {slot: Number}, {slot: After}}
