package locale

import "golang.org/x/text/language"

// OpenGraph names a language as Open Graph does, always with a country, as
// ko_KR. It is the one where most who speak the language live, but for Arabic:
// there consumers know only ar_AR.
func OpenGraph(code string) string {
	tag := language.Make(code)
	base, _ := tag.Base()
	region, _ := tag.Region()
	if base.String() == "ar" {
		return "ar_AR"
	}
	return base.String() + "_" + region.String()
}
