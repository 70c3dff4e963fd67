package demo

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

func loaded(t *testing.T) *content {
	t.Helper()
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheDemoWorldIsAsLargeAsPromised(t *testing.T) {
	t.Parallel()
	c := loaded(t)
	for what, n := range map[string][2]int{
		"partners":      {len(c.Partners), 64},
		"countries":     {len(c.Countries), 80},
		"messages":      {len(c.Messages), 70},
		"names":         {len(c.Names), 30},
		"appeal texts":  {len(c.Appeal.Texts), len(languages)},
		"goal":          {int(c.Appeal.Goal), 100_000_000},
		"country total": {totalWeight(c.Countries), 25_000},
	} {
		if n[0] != n[1] {
			t.Errorf("%s: %d, want %d", what, n[0], n[1])
		}
	}
	if c.Countries[0].Code != "KR" || !slices.IsSortedFunc(c.Countries, func(a, b country) int { return b.Weight - a.Weight }) {
		t.Error("countries do not begin with KR and go down by weight")
	}
}

func totalWeight(countries []country) (sum int) {
	for _, c := range countries {
		sum += c.Weight
	}
	return sum
}

func TestEveryStateAPartnerOrApplicationWaitsInIsShown(t *testing.T) {
	t.Parallel()
	n := map[string]int{}
	var waiting []int
	for _, p := range loaded(t).Partners {
		n[p.State]++
		if p.State == "verified" {
			waiting = append(waiting, p.AgeDays)
		}
		if p.State == "active" && p.Weight == 0 {
			t.Errorf("%s is active and brought nobody", p.Slug)
		}
	}
	for _, state := range slices.Concat(partnerStates, applicationStates) {
		if n[state] == 0 {
			t.Errorf("no example of %s", state)
		}
	}
	if n["active"] < 40 {
		t.Errorf("%d active partners, want 40 or more", n["active"])
	}
	if len(waiting) < 3 || slices.Min(waiting) != 0 || slices.Max(waiting) != 21 {
		t.Errorf("verified applications wait %v days, want several from 0 to 21", waiting)
	}
}

func TestPartnersAreNamedInManyScripts(t *testing.T) {
	t.Parallel()
	scripts := []string{
		"Latin", "Hangul", "Han", "Hiragana", "Cyrillic", "Greek", "Arabic", "Hebrew", "Devanagari", "Thai", "Bengali",
		"Tamil", "Telugu", "Georgian", "Armenian", "Ethiopic", "Khmer", "Sinhala", "Myanmar", "Gurmukhi",
	}
	seen := map[string]bool{}
	for _, p := range loaded(t).Partners {
		latin := true
		for _, r := range p.Name {
			for _, s := range scripts {
				seen[s] = seen[s] || unicode.Is(unicode.Scripts[s], r)
			}
			latin = latin && (!unicode.IsLetter(r) || unicode.Is(unicode.Latin, r))
		}
		if latin != (p.NameLatin == "") {
			t.Errorf("%s: name %q with Latin name %q", p.Slug, p.Name, p.NameLatin)
		}
	}
	for _, s := range scripts {
		if !seen[s] {
			t.Errorf("no partner is named in %s", s)
		}
	}
	if !slices.ContainsFunc(loaded(t).Partners, func(p partner) bool { return strings.ContainsRune(p.Name, '\u200c') }) {
		t.Error("no name has the non-joiner that Persian is written with")
	}
}

// Blockers of advertisements hide addresses with these words.
var refusedInSlugs = []string{
	"banner", "ad", "ads", "promo", "affiliate", "sponsor", "track", "tracker", "count", "counter", "beacon", "pixel",
	"leaderboard", "ref", "utm",
}

func TestNoSlugHoldsAWordThatBlockersLookFor(t *testing.T) {
	t.Parallel()
	size := regexp.MustCompile(`\d+x\d+`)
	for _, p := range loaded(t).Partners {
		for _, token := range strings.Split(p.Slug, "-") {
			if slices.Contains(refusedInSlugs, token) || size.MatchString(token) {
				t.Errorf("slug %s holds %q", p.Slug, token)
			}
		}
	}
}

func TestLanguagesAndCountriesExist(t *testing.T) {
	t.Parallel()
	c := loaded(t)
	lang := func(s string) {
		if tag, err := language.Parse(s); err != nil || tag.String() != s {
			t.Errorf("language %q: %v %v", s, tag, err)
		}
	}
	region := func(s string) {
		if r, err := language.ParseRegion(s); err != nil || !r.IsCountry() {
			t.Errorf("country %q: %v", s, err)
		}
	}
	for _, p := range c.Partners {
		lang(p.Lang)
		region(p.Country)
	}
	for _, n := range c.Countries {
		region(n.Code)
	}
	spoken := map[string]bool{}
	for _, m := range c.Messages {
		lang(m.Lang)
		region(m.Country)
		spoken[m.Lang] = true
	}
	if len(spoken) < 25 {
		t.Errorf("messages in %d languages, want 25 or more", len(spoken))
	}
}

func TestMessagesAreShortPlainAndDifferent(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, m := range loaded(t).Messages {
		if n := utf8.RuneCountInString(m.Body); n > 500 {
			t.Errorf("%d characters: %s", n, m.Body)
		}
		if strings.Contains(m.Body, "://") || strings.Contains(m.Body, "www.") {
			t.Errorf("holds an address: %s", m.Body)
		}
		if seen[m.Body] || seen[m.Name] {
			t.Errorf("twice: %s: %s", m.Name, m.Body)
		}
		seen[m.Body], seen[m.Name] = true, true
	}
}

func TestTheAppealFitsItsPlaces(t *testing.T) {
	t.Parallel()
	for lang, text := range loaded(t).Appeal.Texts {
		if n := utf8.RuneCountInString(text.Slogan); n > 60 {
			t.Errorf("%s: slogan of %d characters", lang, n)
		}
		if n := len(strings.Split(text.Body, "\n\n")); n < 4 || n > 6 {
			t.Errorf("%s: body of %d paragraphs", lang, n)
		}
	}
}

func TestEveryTextIsNFCAndHasNoStrayCharacters(t *testing.T) {
	t.Parallel()
	paths, err := fs.Glob(files, "data/*.toml")
	if err != nil || len(paths) != 6 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		b, err := fs.ReadFile(files, path)
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(b) {
			t.Errorf("%s is not UTF-8", path)
		}
		for i, line := range strings.Split(string(b), "\n") {
			if !norm.NFC.IsNormalString(line) {
				t.Errorf("%s:%d is not NFC", path, i+1)
			}
			stray := func(r rune) bool {
				return r == utf8.RuneError || unicode.IsControl(r) || (unicode.Is(unicode.Cf, r) && r != '\u200c')
			}
			if strings.ContainsFunc(line, stray) {
				t.Errorf("%s:%d holds a control or format character", path, i+1)
			}
		}
	}
}

func TestNamesAreWrittenAsIsUsualInTheirCountry(t *testing.T) {
	t.Parallel()
	c := loaded(t)
	of := func(code string) names {
		return c.Names[slices.IndexFunc(c.Names, func(n names) bool { return n.Country == code })]
	}
	for code, want := range map[string]string{"KR": "김서윤", "JP": "佐藤 陽子", "VN": "Nguyễn Hương", "EG": "فاطمة عبدالرحمن"} {
		if got := of(code).full(0, 8); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
	for _, n := range c.Names {
		if len(n.Given) != 8 || len(n.Family) != 8 {
			t.Errorf("%s: %d given and %d family names, want 8 of each", n.Country, len(n.Given), len(n.Family))
		}
	}
}

func TestBrokenDataIsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*content){
		"a language of the appeal is missing":  func(c *content) { delete(c.Appeal.Texts, "ko") },
		"no goal":                              func(c *content) { c.Appeal.Goal = 0 },
		"two partners share a slug":            func(c *content) { c.Partners[1].Slug = c.Partners[0].Slug },
		"slug with a capital":                  func(c *content) { c.Partners[0].Slug = "Acme" },
		"website under a real domain":          func(c *content) { c.Partners[0].Website = "https://acme.org" },
		"unknown kind":                         func(c *content) { c.Partners[0].Kind = "club" },
		"unknown reach":                        func(c *content) { c.Partners[0].Reach = "many" },
		"unknown state":                        func(c *content) { c.Partners[0].State = "lost" },
		"mail in a language without catalogue": func(c *content) { c.Partners[0].MailLang = "xx" },
		"partner admitted yesterday":           func(c *content) { c.Partners[0].AgeDays = 1 },
		"application that brought signatures":  func(c *content) { c.Partners[len(c.Partners)-1].Weight = 1 },
		"about without English":                func(c *content) { c.Partners[0].AboutEN = "" },
		"country twice":                        func(c *content) { c.Countries[1].Code = c.Countries[0].Code },
		"country nobody signs from":            func(c *content) { c.Countries[0].Weight = 0 },
		"deed on nobody":                       func(c *content) { c.Deeds[0].On = "nobody" },
		"deed nobody can do":                   func(c *content) { c.Deeds[0].What = "shrug" },
		"message without a name":               func(c *content) { c.Messages[0].Name = "" },
		"names in an unknown order":            func(c *content) { c.Names[0].Order = "family" },
		"country without family names":         func(c *content) { c.Names[0].Family = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := loaded(t)
			spoil(c)
			if c.check() == nil {
				t.Error("accepted")
			}
		})
	}
}
