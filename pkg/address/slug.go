package address

import (
	"regexp"
	"strings"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
)

// The length of a slug, in bytes.
const (
	minSlug = 2
	maxSlug = 60
)

// slugName is how much of a name Slug reads.
const slugName = 1024

// Slug proposes a slug for a name in Latin letters, "" when there is nothing
// in it that could be one. What it proposes passes ValidSlug, but may be taken.
func Slug(name string) string {
	if len(name) > slugName {
		name = name[:slugName]
	}
	name = strings.ReplaceAll(plaintext.Fold(name), "'", "")
	words := strings.FieldsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	slug := ""
	for _, word := range words {
		longer := strings.TrimPrefix(slug+"-"+word, "-")
		if len(longer) > maxSlug {
			if slug == "" {
				slug = longer[:maxSlug]
			}
			break
		}
		if deniedToken(longer) == "" {
			slug = longer
		}
	}
	if ValidSlug(slug) != nil {
		return ""
	}
	return slug
}

var slugPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// ValidSlug says whether s may name a partner in addresses.
//
// Faults: slug.bad{Min, Max} for its form; slug.reserved{Word} when it is, or
// holds, a word that has another meaning there.
func ValidSlug(s string) error {
	if len(s) < minSlug || len(s) > maxSlug || !slugPattern.MatchString(s) {
		return fault.New(fault.Invalid, "slug.bad", "Min", minSlug, "Max", maxSlug)
	}
	word := deniedToken(s)
	if reservedSlugs[s] {
		word = s
	}
	if word != "" {
		return fault.New(fault.Invalid, "slug.reserved", "Word", word)
	}
	return nil
}

// reservedSlugs have a meaning of their own: parts of routes, kinds of
// tallies, and words that programs write where there is no value.
var reservedSlugs = setOf(`
	admin api app application appeal appeals apply assets atom confirm console csv demo edit embed embeds
	export exports favicon feed feeds frame healthcheck healthz help index join json jpg js css svg png
	login logout mail media message messages metrics network networks new oauth oembed olivebranch
	p page pages partner partners portal preview privacy public readyz register robots search security
	settings sign signature signatures signin signout signup sitemap site source staff static status tally terms
	unsubscribe update updates upload uploads v1 v2 v3 v4 verify well-known www
	all any direct total other others unknown online paper imported counted held invalid withdrawn
	null nil none undefined true false nan self me you anonymous everyone everybody`)

// deniedTokens are what the lists of content blockers look for as a whole
// token in an address. A slug that held one would make its partner's banner
// vanish from many readers' pages.
var deniedTokens = setOf(`
	banner banners ad ads advert adverts advertising adserver promo promos promotion affiliate affiliates
	sponsor sponsors sponsored track tracker trackers tracking count counter counters beacon beacons
	pixel pixels leaderboard ref utm analytics doubleclick popup popups popunder`)

// pixelSize is the size of an advertisement, 728x90.
var pixelSize = regexp.MustCompile(`[0-9]{2,4}x[0-9]{2,4}`)

// deniedToken is the first denied token of s, between anything but letters;
// "" if there is none.
func deniedToken(s string) string {
	for _, token := range strings.FieldsFunc(s, func(r rune) bool { return r < 'a' || r > 'z' }) {
		if deniedTokens[token] {
			return token
		}
	}
	return pixelSize.FindString(s)
}

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}
