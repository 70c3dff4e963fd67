package texts_test

import (
	"testing"

	"olivebranch/pkg/texts"
)

// wording makes one of its versions.
func wording(versions ...texts.Version) texts.Wording {
	w := texts.Wording{}
	for _, v := range versions {
		w[v.Lang] = v
	}
	return w
}

func TestATextIsReadInTheNearestLanguageThereIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		of         texts.Wording
		lang, want string
	}{
		"its own":                   {wording(texts.Version{Lang: "en", Body: "a"}, texts.Version{Lang: "ko", Body: "b"}), "ko", "ko"},
		"English":                   {wording(texts.Version{Lang: "en", Body: "a"}, texts.Version{Lang: "ar", Body: "b"}), "ko", "en"},
		"English for an empty one":  {wording(texts.Version{Lang: "en", Body: "a"}, texts.Version{Lang: "ko"}), "ko", "en"},
		"the first without English": {wording(texts.Version{Lang: "ko", Body: "a"}, texts.Version{Lang: "ja", Body: "b"}), "fr", "ja"},
		"none":                      {nil, "en", ""},
	} {
		if got := c.of.In(c.lang).Lang; got != c.want {
			t.Errorf("%s: read in %q, want %q", name, got, c.want)
		}
	}
}

func TestATranslationKnowsWhatItWasMadeFrom(t *testing.T) {
	t.Parallel()
	en := func(version int64) texts.Version { return texts.Version{Lang: "en", Version: version, Body: "peace"} }
	of := func(lang string, base int64) texts.Version {
		return texts.Version{Lang: lang, Version: 3, BaseLang: "en", BaseVersion: base, Body: "평화"}
	}
	korean := texts.Version{Lang: "ko", Version: 2, Body: "평화"}
	for name, c := range map[string]struct {
		of   texts.Wording
		lang string
		base string
		at   int64
		seen int64
		now  texts.Standing
	}{
		"a first translation":           {wording(en(4)), "ko", "en", 4, 0, texts.Missing},
		"a newer one":                   {wording(en(4), of("ko", 4)), "ko", "en", 4, 3, texts.Current},
		"one behind its original":       {wording(en(5), of("ko", 4)), "ko", "en", 5, 3, texts.Outdated},
		"the original":                  {wording(en(5), of("ko", 4)), "en", "", 0, 5, texts.Current},
		"another original":              {wording(en(5), korean), "ko", "", 0, 2, texts.Current},
		"one from Korean":               {wording(korean), "fr", "ko", 2, 0, texts.Missing},
		"English where Korean is first": {wording(korean), "en", "", 0, 0, texts.Missing},
		"the first of all":              {nil, "fr", "", 0, 0, texts.Missing},
		"one taken out again":           {wording(en(4), texts.Version{Lang: "ko", Version: 7, BaseLang: "en", BaseVersion: 4}), "ko", "en", 4, 7, texts.Missing},
	} {
		d := c.of.Draft(texts.Of{}, c.lang, "x")
		if d.BaseLang != c.base || d.BaseVersion != c.at || d.Seen != c.seen {
			t.Errorf("%s: from %q version %d, after %d; want %q %d %d", name, d.BaseLang, d.BaseVersion, d.Seen, c.base, c.at, c.seen)
		}
		if got := c.of.Standing(c.lang); got != c.now {
			t.Errorf("%s is %s, want %s", name, got, c.now)
		}
	}
}
