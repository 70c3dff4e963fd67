package view_test

import (
	"net/url"
	"strings"
	"testing"

	"olivebranch/pkg/view"
)

// TestAPlaceGetsTheWordsAndTheAddressWhole: what others' programs read out of a
// link is what was put in, in any script.
func TestAPlaceGetsTheWordsAndTheAddressWhole(t *testing.T) {
	t.Parallel()
	const address = "https://appeal.example/p/acme?lang=ko&x=1"
	const sentence = "“평화 & 선언”: 100% + 함께? #지금"
	for _, lang := range []string{"en", "ko", "ja", "zh", "ru", "ar", "xx"} {
		links := view.NewShareLinks(lang, address, "Peace & quiet", sentence)
		if links.URL != address || len(links.Places) < 4 {
			t.Errorf("%s: %+v", lang, links)
		}
		seen := map[string]bool{}
		for i, p := range links.Places {
			u, err := url.Parse(p.URL)
			if err != nil || strings.ContainsAny(p.URL, " \n\"<>") {
				t.Errorf("%s is no address: %v", p.URL, err)
				continue
			}
			given := u.Query()
			if u.Fragment != "" { // read by a script at the other end
				if given, err = url.ParseQuery(u.EscapedFragment()); err != nil {
					t.Error(err)
				}
			}
			var got []string
			for _, v := range given {
				got = append(got, v...)
			}
			all := strings.Join(got, "\n")
			if !strings.Contains(all, address) {
				t.Errorf("%s %s does not get the address: %q", lang, p.Name, all)
			}
			takesWords := p.Name != "Facebook" && p.Name != "KakaoStory" // which read the page itself
			if strings.Contains(all, sentence) != takesWords {
				t.Errorf("%s %s gets the words %q", lang, p.Name, all)
			}
			if mail := i == 0; mail != (u.Scheme == "mailto" && p.Name == "") || !mail && u.Scheme != "https" {
				t.Errorf("%s is place %d", p.URL, i)
			}
			if seen[p.Name] {
				t.Errorf("%s: %s twice", lang, p.Name)
			}
			seen[p.Name] = true
		}
	}
}
