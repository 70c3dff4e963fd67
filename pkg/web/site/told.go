package site

import (
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/locale"
)

// tell puts a figure, or why it is kept back, into words.
func tell(l *locale.Locale, f disclosure.Figure) string {
	switch f.Telling {
	case disclosure.Told:
		return l.Number(f.N)
	case disclosure.Few:
		return l.T("partner.under_ten")
	}
	return l.T("partner.covered")
}

// Tell does that for the partner's figure.
func (p *partnerPage) Tell(f disclosure.Figure) string { return tell(p.Locale, f) }
