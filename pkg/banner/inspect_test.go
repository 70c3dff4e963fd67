package banner_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"olivebranch/pkg/banner"
)

const home = "https://appeal.example.org"

func TestAPageIsSeenAsItsVisitorsSeeIt(t *testing.T) {
	t.Parallel()
	code := banner.Codes(banner.Spot{Base: home, Slug: "acme"}, english{}, peace)
	element, script, _ := strings.Cut(code.Live, "\n")
	ways := func(w ...banner.Way) []banner.Way { return w }
	policy := func(p string) http.Header { return http.Header{"Content-Security-Policy": {p}} }
	for name, c := range map[string]struct {
		page     string
		header   http.Header
		ways     []banner.Way
		troubles []banner.Trouble
	}{
		"the live banner":                {page: code.Live, ways: ways(banner.WayLive)},
		"under its former slug":          {page: strings.ReplaceAll(code.Live, "acme", "acme-old"), ways: ways(banner.WayLive)},
		"a frame and a picture":          {page: code.Picture + code.Frame, ways: ways(banner.WayFrame, banner.WayPicture, banner.WayLink)},
		"a link":                         {page: `<p><a href=" https://appeal.example.org/p/acme ">sign</a>`, ways: ways(banner.WayLink)},
		"nothing":                        {page: "<p>Welcome", troubles: []banner.Trouble{{Fault: banner.NothingThere}}},
		"an empty page":                  {troubles: []banner.Trouble{{Fault: banner.NothingThere}}},
		"another partner":                {page: strings.ReplaceAll(code.Frame, "acme", "other"), troubles: []banner.Trouble{{banner.AnotherSlug, "other"}}},
		"another site's frame":           {page: `<iframe src="https://appeal.example.org.evil.test/embed/acme">`, troubles: []banner.Trouble{{Fault: banner.NothingThere}}},
		"an editor took the script away": {page: element, ways: ways(banner.WayLive), troubles: []banner.Trouble{{Fault: banner.NoScript}}},
		"an editor took the element":     {page: script, troubles: []banner.Trouble{{Fault: banner.NoElement}}},
		"an editor shows the code":       {page: "<p>" + banner.Escape(code.Live), troubles: []banner.Trouble{{Fault: banner.AsText}}},
		"the code in a text field":       {page: "<textarea>" + code.Live + "</textarea>", troubles: []banner.Trouble{{Fault: banner.NothingThere}}},
		"a hash on what moves": {page: strings.Replace(code.Live, `v1.js"`, `v1.js" integrity="sha256-x"`, 1), ways: ways(banner.WayLive),
			troubles: []banner.Trouble{{Fault: banner.MovingHash}}},
		"without TLS": {page: strings.Replace(code.Frame, "https:", "http:", 1), ways: ways(banner.WayFrame), troubles: []banner.Trouble{{Fault: banner.NotHTTPS}}},
		"a sandbox":   {page: strings.Replace(code.Frame, "<iframe", `<iframe sandbox=""`, 1), ways: ways(banner.WayFrame), troubles: []banner.Trouble{{Fault: banner.SandboxTight}}},
		"a policy that forbids all": {page: code.Live, header: policy("default-src 'self'"), ways: ways(banner.WayLive),
			troubles: []banner.Trouble{{banner.PolicyScript, "script-src " + home}, {banner.PolicyFrame, "frame-src " + home}}},
		"a policy of one directive": {page: code.Live, header: policy("default-src *; frame-src 'none'; frame-src *"), ways: ways(banner.WayLive),
			troubles: []banner.Trouble{{banner.PolicyFrame, "frame-src " + home}}},
		"two policies, one of them tight": {page: code.Picture, header: http.Header{"Content-Security-Policy": {"img-src *, img-src 'self'"}},
			ways: ways(banner.WayPicture, banner.WayLink), troubles: []banner.Trouble{{banner.PolicyPicture, "img-src " + home}}},
		"a policy that names us":    {page: code.Live, header: policy("script-src appeal.example.org; child-src https://*.example.org"), ways: ways(banner.WayLive)},
		"a nonce":                   {page: strings.Replace(code.Live, "<script", `<script nonce="x"`, 1), header: policy("script-src 'nonce-x'"), ways: ways(banner.WayLive)},
		"a policy in the page":      {page: `<meta http-equiv="content-security-policy" content="frame-src https:">` + code.Frame, ways: ways(banner.WayFrame)},
		"a policy for another port": {page: `<meta http-equiv="content-security-policy" content="frame-src https://appeal.example.org:8443">` + code.Frame, ways: ways(banner.WayFrame), troubles: []banner.Trouble{{banner.PolicyFrame, "frame-src " + home}}},
	} {
		got := banner.Inspect([]byte(c.page), c.header, home, []string{"acme", "acme-old"})
		if !reflect.DeepEqual(got.Ways, c.ways) && len(got.Ways)+len(c.ways) > 0 || !reflect.DeepEqual(got.Troubles, c.troubles) {
			t.Errorf("%s: %v %v, want %v %v", name, got.Ways, got.Troubles, c.ways, c.troubles)
		}
	}
}
