package web

import (
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/locale"
)

// NumberWords say what the number means, in one language: on the page about it
// as of now, and in a statement for good.
func NumberWords(l *locale.Locale, current *appeal.Current, n appeal.Number) appeal.NumberWords {
	asOf, title := l.DateTime(n.At), current.Text(appeal.Title, l.Lang())
	out := appeal.NumberWords{
		Title: title.Body, Lang: title.Lang,
		Heading: l.T("number.heading", "AsOf", asOf), Total: l.Number(n.Total), Unit: l.T("progress.signatures", "N", n.Total),
		Sentence: l.T("meaning.counted", "N", n.Online, "AsOf", asOf),
		Left:     l.T("number.left"), Checks: l.T("number.how"), How: []string{l.T("number.once"), l.T("bulletin.how_checked"), l.T("number.taken_back")},
	}
	out.Beside = besides(l, n)
	told := n.Day != ""
	if told {
		out.Left = l.T("number.left_on", "Day", l.Day(n.Day))
	}
	for _, kind := range []struct {
		label string
		n     int64
	}{{"bulletin.waiting", n.Waiting}, {"bulletin.held", n.Held}, {"bulletin.invalid", n.Invalid}, {"bulletin.withdrawn", n.Withdrawn}} {
		row := appeal.ExcludedWords{Label: l.T(kind.label)}
		if told {
			row.N = l.Number(kind.n)
		}
		out.Excluded = append(out.Excluded, row)
	}
	return out
}

// besides are the sentences about what else there is.
func besides(l *locale.Locale, n appeal.Number) []string {
	var out []string
	if n.Countries > 0 {
		out = append(out, l.T("number.countries", "N", n.Countries, "Day", l.Day(n.Day)))
	}
	if n.Partners > 0 {
		out = append(out, l.T("number.partners", "N", n.Partners))
	}
	if n.Imported > 0 {
		out = append(out, l.T("number.imported", "N", n.Imported))
	}
	if n.Paper > 0 {
		return append(out, l.T("number.paper", "N", n.Paper))
	}
	return append(out, l.T("meaning.paper"))
}
