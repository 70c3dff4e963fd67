package staff

import "strings"

// agents are parts of User-Agent headers and what people call them; the first
// that is found counts, since every browser also claims to be others.
var (
	browsers = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chromium/", "Chromium"}, {"HeadlessChrome/", "Chromium"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}}
	systems = [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"},
		{"Mac OS X", "macOS"}, {"Linux", "Linux"}}
)

// agentWords is browser and system in a few words that are the same in all
// languages, "" for a program nobody knows. Nothing of the header itself is
// kept.
func agentWords(header string) string {
	var words []string
	for _, names := range [][][2]string{browsers, systems} {
		for _, n := range names {
			if strings.Contains(header, n[0]) {
				words = append(words, n[1])
				break
			}
		}
	}
	return strings.Join(words, " · ")
}
