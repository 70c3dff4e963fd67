package banner

// Label draws the text badge for README files and mail signatures: the campaign beside the number of signatures,
// 20 pixels high and as wide as its words. The number is in it; it has no slots.
func Label(d *Design, t Theme, w Words, a Appeal, n int64) *Skeleton {
	const height, size, pad, radius = 20.0, 11.0, 7.0, 3.0
	p := d.paint(t.Drawn())
	ground, ink := p.ink, p.paper
	if t.Drawn() == Dark {
		ground, ink = p.line, p.ink
	}
	campaign, signatures := shortened(tame(a.Campaign(w.Lang())), 36), Signatures(w, n)
	words, number := width(campaign)*size, weighted(width(signatures), true)*size
	first, second := whole(words+2*pad), whole(number+2*pad)
	s := &scene{width: first + second, height: height, boxes: []box{
		{width: first + second, height: height, radius: radius, fill: p.olive},
		{width: first, height: height, radius: radius, fill: ground},
		{x: first - radius, width: radius, height: height, fill: ground},
	}}
	s.lines = []line{
		{x: first / 2, y: 14, middle: true, room: first - pad, fill: ink, lang: otherThan(w.Lang(), a.Langs(w.Lang()).Campaign), spans: []span{{words: campaign, size: size, alien: true}}},
		{x: first + second/2, y: 14, middle: true, room: second - pad, fill: mustColour(p.olive).label().String(), spans: []span{{words: signatures, size: size, bold: true, alien: true}}},
	}
	return skeletonOf(s, w, w.T("embed.picture", "Campaign", campaign, "Signed", signatures))
}

// Signatures says how many there are, as shortly as a language does.
func Signatures(w Words, n int64) string { return w.T("embed.signatures", "N", max(0, n)) }

// FigureColour is the colour of the number as RRGGBB.
func (d *Design) FigureColour() string { return d.paint(Light).olive[1:] }

func whole(f float64) float64 { return float64(int(f + 0.999)) }
