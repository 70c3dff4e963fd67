package locale

import (
	"strings"
	"time"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/ar"
	"github.com/go-playground/locales/de"
	"github.com/go-playground/locales/en"
	"github.com/go-playground/locales/es"
	"github.com/go-playground/locales/fr"
	"github.com/go-playground/locales/id"
	"github.com/go-playground/locales/ja"
	"github.com/go-playground/locales/ko"
	"github.com/go-playground/locales/ru"
	"github.com/go-playground/locales/zh"
)

// dates is how a language writes them. Times are on the 24-hour clock: all our languages read it,
// and the library's Korean has its halves of the day in English.
type dates struct {
	long  locales.Translator // nil where the library's dates are not wanted: 2026-01-31
	join  string             // between date and time, from CLDR's dateTimeFormat-medium
	clock string             // layout of a time
}

func datesOf(code string) dates {
	switch code {
	case "en":
		return dates{en.New(), ", ", "15:04"}
	case "ko":
		return dates{ko.New(), " ", "15:04"}
	case "ar":
		return dates{ar.New(), "، ", "15:04"}
	case "fr":
		return dates{fr.New(), ", ", "15:04"}
	case "es":
		return dates{es.New(), ", ", "15:04"}
	case "de":
		return dates{de.New(), ", ", "15:04"}
	case "ru":
		return dates{ru.New(), ", ", "15:04"}
	case "zh":
		return dates{zh.New(), " ", "15:04"}
	case "ja":
		return dates{ja.New(), " ", "15:04"}
	case "id":
		return dates{id.New(), " ", "15.04"}
	}
	return dates{nil, " ", "15:04"}
}

// Date writes the day, in UTC, of ms, which are Unix milliseconds: "January 31, 2026".
func (l *Locale) Date(ms int64) string {
	return l.mark.wrap(l.date(utc(ms)))
}

// DateTime writes Unix milliseconds to the minute: "January 31, 2026, 14:05 UTC".
func (l *Locale) DateTime(ms int64) string {
	t := utc(ms)
	return l.mark.wrap(l.date(t) + l.dates.join + l.localDigits(t.Format(l.dates.clock)) + " UTC")
}

// Clock writes Unix milliseconds as a time of the day to the second: "14:05:09 UTC".
func (l *Locale) Clock(ms int64) string {
	separator := l.dates.clock[2:3]
	return l.mark.wrap(l.localDigits(utc(ms).Format(l.dates.clock+separator+"05")) + " UTC")
}

// Day writes a day that is stored as "2026-01-31". What is no such day comes back as it is.
func (l *Locale) Day(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return l.mark.wrap(l.date(t))
}

func (l *Locale) date(t time.Time) string {
	if l.dates.long == nil {
		return l.localDigits(t.Format(time.DateOnly))
	}
	long := strings.TrimSpace(l.dates.long.FmtDateLong(t))
	if l.code == "fr" && t.Day() == 1 {
		long = strings.Replace(long, "1 ", "1er ", 1) // which CLDR leaves out
	}
	return l.localDigits(long)
}

func utc(ms int64) time.Time {
	return time.UnixMilli(ms).UTC()
}
