package banner

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// Inspection is what somebody who knows the codes sees on a page: the banner
// in its ways, and what keeps it from showing.
type Inspection struct {
	Ways     []Way     // found for the partner, each once
	Troubles []Trouble // what to mend, each once
}

// Way is how a banner stands on a page.
type Way string

// The ways. Each has a message inspect.found.<way>.
const (
	WayLive    Way = "live"
	WayFrame   Way = "frame"
	WayPicture Way = "picture"
	WayLink    Way = "link"
)

// Ways are all of them, the fullest first.
var Ways = []Way{WayLive, WayFrame, WayPicture, WayLink}

// Fault is what can be wrong with a page. Each has a message
// inspect.fault.<fault>, with What.
type Fault string

// The faults.
const (
	NothingThere  Fault = "nothing"        // no sign of a banner
	AnotherSlug   Fault = "other_partner"  // What: the slug that stands there
	NoScript      Fault = "script_missing" // the element stands there without the loader
	NoElement     Fault = "element_missing"
	AsText        Fault = "shown_as_text" // visitors read the code
	MovingHash    Fault = "moving_hash"   // integrity on the address that moves
	NotHTTPS      Fault = "not_https"     // asked for without TLS
	SandboxTight  Fault = "sandbox"       // without allow-scripts
	PolicyScript  Fault = "policy_script" // What: the line to add to the page's policy
	PolicyFrame   Fault = "policy_frame"
	PolicyPicture Fault = "policy_picture"
	CutOff        Fault = "cut" // the page was not read to its end: for who fetched it to say
)

// Faults are all of them.
var Faults = []Fault{NothingThere, AnotherSlug, NoScript, NoElement, AsText, MovingHash, NotHTTPS, SandboxTight, PolicyScript, PolicyFrame, PolicyPicture, CutOff}

// Trouble is a fault of this page.
type Trouble struct {
	Fault Fault
	What  string
}

// Inspect reads a page for the banner of a partner, by its present and former
// slugs. base is the program's public address.
func Inspect(page []byte, header http.Header, base string, slugs []string) Inspection {
	home, err := url.Parse(base)
	if err != nil {
		return Inspection{}
	}
	page = inUTF8(page, header.Get("Content-Type"))
	i := &inspector{home: home, slugs: slugs, policies: policies(header["Content-Security-Policy"])}
	tags := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch tags.Next() {
		case html.ErrorToken:
			return i.conclude()
		case html.StartTagToken, html.SelfClosingTagToken:
			t := tags.Token()
			i.tag(t)
			// What stands in these is no text for readers; a template's is not shown.
			if slices.Contains([]string{"script", "style", "textarea", "title"}, t.Data) {
				i.mute = true
			}
		case html.EndTagToken:
			i.mute = false
		case html.TextToken:
			if text := tags.Token().Data; !i.mute && strings.Contains(text, "<olive-embed") {
				i.blame(AsText, "")
			}
		}
	}
}

// inUTF8 decodes a page as browsers do, by its mark, its type or what it says of
// itself.
func inUTF8(page []byte, contentType string) []byte {
	encoding, name, _ := charset.DetermineEncoding(page, contentType)
	if name == "utf-8" {
		return page
	}
	decoded, err := encoding.NewDecoder().Bytes(page)
	if err != nil {
		return page
	}
	return decoded
}

type inspector struct {
	home            *url.URL
	slugs           []string
	policies        []policy
	found           Inspection
	element, script bool
	mute            bool
}

func (i *inspector) blame(f Fault, what string) {
	if t := (Trouble{f, what}); !slices.Contains(i.found.Troubles, t) {
		i.found.Troubles = append(i.found.Troubles, t)
	}
}

// see notes a way, if it is for one of the slugs.
func (i *inspector) see(w Way, slug string) {
	if !slices.Contains(i.slugs, slug) {
		i.blame(AnotherSlug, slug)
		return
	}
	if !slices.Contains(i.found.Ways, w) {
		i.found.Ways = append(i.found.Ways, w)
	}
}

func (i *inspector) tag(t html.Token) {
	switch t.Data {
	case "olive-embed":
		i.element = true
		i.see(WayLive, attr(t, "partner"))
	case "script":
		if place, ours := i.ours(attr(t, "src")); ours && strings.HasPrefix(place, "/embed/v1.") {
			i.script = true
			if place == "/embed/v1.js" && attr(t, "integrity") != "" {
				i.blame(MovingHash, "")
			}
			if attr(t, "nonce") == "" {
				i.allowed(PolicyScript, "script-src", "script-src-elem", "script-src", "default-src")
			}
		}
	case "iframe":
		if slug, ours := i.slugOf(attr(t, "src")); ours {
			i.see(WayFrame, slug)
			i.allowed(PolicyFrame, "frame-src", "frame-src", "child-src", "default-src")
			if box, boxed := attribute(t, "sandbox"); boxed && !slices.Contains(strings.Fields(box), "allow-scripts") {
				i.blame(SandboxTight, "")
			}
		}
	case "img":
		if slug, ours := i.slugOf(attr(t, "src")); ours {
			i.see(WayPicture, slug)
			i.allowed(PolicyPicture, "img-src", "img-src", "default-src")
		}
	case "a":
		if place, ours := i.ours(attr(t, "href")); ours {
			if slug, short := strings.CutPrefix(place, "/p/"); short {
				i.see(WayLink, slug)
			}
		}
	case "meta":
		if strings.EqualFold(attr(t, "http-equiv"), "Content-Security-Policy") {
			i.policies = append(i.policies, policies([]string{attr(t, "content")})...)
		}
	}
}

func (i *inspector) conclude() Inspection {
	switch {
	case i.element && !i.script:
		i.blame(NoScript, "")
	case i.script && !i.element:
		i.blame(NoElement, "")
	case i.element:
		i.allowed(PolicyFrame, "frame-src", "frame-src", "child-src", "default-src")
	}
	// The link inside the element is the live banner's own.
	if slices.Contains(i.found.Ways, WayLive) {
		i.found.Ways = slices.DeleteFunc(i.found.Ways, func(w Way) bool { return w == WayLink })
	}
	slices.SortFunc(i.found.Ways, func(a, b Way) int { return slices.Index(Ways, a) - slices.Index(Ways, b) })
	if len(i.found.Ways) == 0 && len(i.found.Troubles) == 0 {
		i.blame(NothingThere, "")
	}
	return i.found
}

// ours is the path of an address that leads to the program.
func (i *inspector) ours(to string) (path string, ours bool) {
	u, err := url.Parse(strings.TrimSpace(to))
	if err != nil || u.Host != i.home.Host {
		return "", false
	}
	if i.home.Scheme == "https" && u.Scheme == "http" {
		i.blame(NotHTTPS, "")
	}
	return u.EscapedPath(), true
}

// slugOf is the partner whose frame or picture an address is.
func (i *inspector) slugOf(to string) (slug string, ours bool) {
	place, ours := i.ours(to)
	rest, embed := strings.CutPrefix(place, "/embed/")
	if !ours || !embed {
		return "", false
	}
	slug, _, _ = strings.Cut(rest, "/")
	return slug, true
}

// allowed blames the page's policies that keep our host out; line is the
// directive to mend, and then come those that decide, the first that is there.
func (i *inspector) allowed(f Fault, line string, directives ...string) {
	for _, p := range i.policies {
		if !p.allows(i.home, directives...) {
			i.blame(f, line+" "+i.home.Scheme+"://"+i.home.Host)
			return
		}
	}
}

// policy is a Content-Security-Policy: the sources of each directive.
type policy map[string][]string

// policies reads header lines; a line may hold several.
func policies(lines []string) []policy {
	var all []policy
	for _, line := range lines {
		for one := range strings.SplitSeq(line, ",") {
			p := policy{}
			for directive := range strings.SplitSeq(one, ";") {
				words := strings.Fields(strings.ToLower(directive))
				if len(words) == 0 || p[words[0]] != nil {
					continue // the first of a name counts (CSP Level 3, 2.2.1)
				}
				p[words[0]] = append([]string{}, words[1:]...)
			}
			if len(p) > 0 {
				all = append(all, p)
			}
		}
	}
	return all
}

// allows says whether an address of home may be loaded, by the first of the
// directives that is there.
func (p policy) allows(home *url.URL, directives ...string) bool {
	for _, d := range directives {
		if sources, there := p[d]; there {
			return slices.ContainsFunc(sources, func(s string) bool { return matchesSource(s, home) })
		}
	}
	return true
}

// matchesSource by CSP Level 3, 6.7.2.8, but for paths: a source with a path
// is taken to allow what it names.
func matchesSource(source string, home *url.URL) bool {
	if source == "*" || source == home.Scheme+":" || source == "http:" && home.Scheme == "https" {
		return true
	}
	if strings.HasPrefix(source, "'") {
		return false
	}
	scheme, rest, found := strings.Cut(source, "://")
	if !found {
		scheme, rest = home.Scheme, source
	}
	host, _, _ := strings.Cut(rest, "/")
	if scheme != home.Scheme && !(scheme == "http" && home.Scheme == "https") {
		return false
	}
	if below, any := strings.CutPrefix(host, "*."); any {
		return strings.HasSuffix(home.Host, "."+below)
	}
	return host == home.Host || host == home.Hostname()+":*"
}

func attr(t html.Token, name string) string {
	value, _ := attribute(t, name)
	return value
}

func attribute(t html.Token, name string) (value string, there bool) {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}
