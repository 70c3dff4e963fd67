package banner

import (
	"slices"
	"time"
)

// Design is what staff make of a banner: its words and its two colours. It is
// never changed once it is in use; a change makes another one.
type Design struct {
	Code    string            // its name in addresses: small letters, digits and hyphens; "" for the built-in one
	Slogans map[string]string // by language; where there is none the appeal's stands
	Buttons map[string]string // what the button says, by language; where there is none the catalogue's
	Button  string            // colour of the button as #rrggbb; "" for the built-in one
	Figure  string            // colour of the number, likewise
	Starts  time.Time         // zero: always
	Ends    time.Time         // zero: never; the design does not show from then on
}

// Designs are those staff have published, in their order of preference. A
// change makes another set; compare sets by their address.
type Designs struct {
	all []*Design
}

// NewDesigns makes a set of those that show now. Where there is none the
// built-in design is the only one.
func NewDesigns(published []*Design, now time.Time) *Designs {
	var d Designs
	for _, one := range published {
		if !now.Before(one.Starts) && (one.Ends.IsZero() || now.Before(one.Ends)) {
			d.all = append(d.all, one)
		}
	}
	if len(d.all) == 0 {
		d.all = []*Design{{}}
	}
	return &d
}

// All are those of the set, the preferred one first; there is at least one.
func (d *Designs) All() []*Design { return d.all }

// Index finds the first of some codes that is in the set, or the preferred
// design.
func (d *Designs) Index(codes ...string) int {
	for _, code := range codes {
		if code == "" {
			continue
		}
		if i := slices.IndexFunc(d.all, func(one *Design) bool { return one.Code == code }); i >= 0 {
			return i
		}
	}
	return 0
}

// Slogan is what the banner says under the campaign's name.
func (d *Design) Slogan(lang string, a Appeal) string {
	if s := d.Slogans[lang]; s != "" {
		return s
	}
	return a.Slogan(lang)
}

// SloganLang is the language that Slogan comes in.
func (d *Design) SloganLang(lang string, a Appeal) string {
	if d.Slogans[lang] != "" {
		return lang
	}
	return a.Langs(lang).Slogan
}

// Label is what the button says.
func (d *Design) Label(w Words) string {
	if s := d.Buttons[w.Lang()]; s != "" {
		return s
	}
	return w.T("embed.sign")
}
