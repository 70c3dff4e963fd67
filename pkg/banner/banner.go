// Package banner knows what an embed looks like: its layouts, themes and colours, the sentence with the number,
// the drawing of pictures, and the codes that site owners copy.
//
// What does not change between partners is made once, as a Skeleton, and people's words and numbers are spliced
// into it, so that memory does not grow with partners. The frame's HTML, and everything about HTTP, is left to
// package web/embeds.
package banner

// Words speaks one language; *locale.Locale does. Its texts are plain text.
type Words interface {
	T(id string, pairs ...any) string
	Number(n int64) string
	Lang() string
	Dir() string
}

// Appeal is what people are asked to sign. Its texts are plain text, and come in another language
// when there is none in the one asked for.
type Appeal interface {
	Slug() string
	Title(lang string) string
	Campaign(lang string) string
	Slogan(lang string) string
	// Langs are the languages these really come in.
	Langs(lang string) Langs
	Version() int64 // another one after any change of the texts
}

// Langs are those of an appeal's texts.
type Langs struct{ Title, Campaign, Slogan string }

// Own is the word that stands in place of a partner's slug for the campaign's own banner.
const Own = "all"

// Theme is a choice of colours.
type Theme uint8

// The themes. The zero value is what an unknown name gets: a banner looks to visitors as it looked
// to the one who put it there, unless that one chose otherwise.
const (
	Light Theme = iota
	Dark        //
	Auto        // as the visitor's system; a picture is light then, for it cannot know
	themes
)

// NumThemes is how many there are.
const NumThemes = int(themes)

var themeNames = [themes]string{Light: "light", Dark: "dark", Auto: "auto"}

// ThemeOf returns the theme with a name, or Light.
func ThemeOf(name string) Theme {
	for t := range themes {
		if themeNames[t] == name {
			return t
		}
	}
	return Light
}

func (t Theme) String() string { return themeNames[t] }

// Themes returns all of them.
func Themes() []Theme { return []Theme{Light, Dark, Auto} }
