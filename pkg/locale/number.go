package locale

import (
	"math"
	"strings"

	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// Number writes n with the language's digits and grouping.
func (l *Locale) Number(n int64) string {
	return l.decimal(n)
}

func (l *Locale) decimal(n any) string {
	return l.printer.Sprint(number.Decimal(n))
}

// Percent writes a share, 1 being all: in whole per cent from 10 % on, with one decimal place below.
// It rounds towards zero, so that a goal missed by one signature does not read as reached.
// A share of nothing (NaN or an infinity) reads as 0 %.
func (l *Locale) Percent(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		f = 0
	}
	steps := 100.0
	if math.Abs(f) < 0.1 {
		steps = 1000
	}
	// 0.29*100 is a hair under 29.
	cut := math.Trunc(f*steps+math.Copysign(1e-9, f)) / steps
	return l.printer.Sprint(number.Percent(cut, number.MaxFractionDigits(1)))
}

// digitsOf turns ASCII digits into those x/text writes numbers with, so that dates, which come from another library
// and in ASCII, agree with numbers and percents by construction. Arabic thereby reads ٠١٢٣ everywhere,
// the digits CLDR gives for "ar" without a country. It is nil where the digits are the same.
func digitsOf(p *message.Printer) *strings.Replacer {
	var pairs []string
	for d := range 10 {
		ascii := string(rune('0' + d))
		if own := p.Sprint(number.Decimal(d)); own != ascii {
			pairs = append(pairs, ascii, own)
		}
	}
	if pairs == nil {
		return nil
	}
	return strings.NewReplacer(pairs...)
}

func (l *Locale) localDigits(text string) string {
	if l.digits == nil {
		return text
	}
	return l.digits.Replace(text)
}
