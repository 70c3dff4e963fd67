package embeds_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/web/embeds"
)

func TestTheFrameShowsCampaignSentenceNumberPartnerAndOneButton(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for path, wants := range map[string][]string{
		"/embed/acme": {
			`<html lang="en" dir="ltr" data-theme="light">`, `<body class="bar row">`, "Olivebranch Peace Appeal", "End the Korean War. Begin the peace.",
			"<strong>12,345</strong><span> people have signed</span>", `with <bdi lang="en" translate="no">ACME Foundation</bdi>`,
			`<a href="https://appeal.example.org/p/acme" target="_blank" rel="noopener">Sign the appeal</a>`,
		},
		"/embed/acme-old?layout=bar&lang=ko-KR&theme=auto": {
			`<html lang="ko" dir="ltr" data-theme="auto">`, "<strong>12,345</strong><span>명이 서명했습니다</span>", `href="https://appeal.example.org/p/acme"`,
		},
		"/embed/acme?lang=AR&theme=dark": {`<html lang="ar" dir="rtl" data-theme="dark">`, "<strong>١٢٬٣٤٥</strong>"},
		"/embed/all?lang=ko":             {`href="https://appeal.example.org/ko/"`},
	} {
		page := s.mustGet(t, path)
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %s in\n%s", path, want, page)
			}
		}
		if n := strings.Count(page, "<a "); n != 1 {
			t.Errorf("%s: %d links", path, n)
		}
	}
}

func TestTheFrameIsTheSameWhereverItStands(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	plain := s.get("/embed/acme?layout=box&lang=ko")
	for _, at := range []string{"www.example.org%2Fpeace", "%3Cscript%3E", strings.Repeat("%2F", 200), ""} {
		there := s.get("/embed/acme?layout=box&lang=ko&at=" + at)
		if there.Header().Get("Etag") != plain.Header().Get("Etag") || there.Body.String() != plain.Body.String() {
			t.Errorf("at %.40s it is another one", at)
		}
		if r := s.get("/embed/acme?layout=box&lang=ko&at="+at, "If-None-Match", plain.Header().Get("Etag")); r.Code != http.StatusNotModified {
			t.Errorf("at %.40s: %d for one who has it", at, r.Code)
		}
	}
}

func TestAfterTheEndTheFrameThanksInsteadOfAsking(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, layout := range banner.Layouts() {
		for _, lang := range []string{"en", "ko", "ar"} {
			page, err := embeds.EndedFrame(s.handler, lang, layout)
			if err != nil {
				t.Fatal(err)
			}
			thanks := words(t).For(lang).T("embed.thanks")
			if !strings.Contains(page, `<p class="thanks">`+thanks+`</p>`) || strings.Contains(page, "<a ") || strings.Contains(page, `class="with"`) {
				t.Errorf("%s in %s:\n%s", layout, lang, page)
			}
		}
	}
}

func TestOnlyTheLayoutThatCanBeClosedHasAButtonForIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, layout := range banner.Layouts() {
		page := s.mustGet(t, "/embed/acme?lang=ko&layout="+layout.String())
		if got := strings.Contains(page, `<button type="button" aria-label="닫기" title="닫기" hidden>`); got != (layout == banner.Sticky) {
			t.Errorf("%s: %t", layout, got)
		}
	}
}

func TestAFrameWhoseDayHasComeThanksOnThatPageOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	thanks := words(t).For("en").T("embed.thanks")
	for query, want := range map[string]bool{"ended=true": true, "layout=badge&ended=true": true, "ended=": false, "ended=true&ended=true": false, "": false} {
		page := s.mustGet(t, "/embed/acme?"+query)
		if got := strings.Contains(page, thanks) && !strings.Contains(page, "<a "); got != want {
			t.Errorf("%q: thanks: %t\n%s", query, got, page)
		}
	}
}

func TestAPartnerNobodyKnowsGetsTheCampaignsOwnBanner(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	own, picture := s.mustGet(t, "/embed/all"), s.mustGet(t, "/embed/all/bar.svg")
	for _, slug := range []string{"nobody", "suspended", "v1", "%3Cscript%3E", "..%2f..%2fetc", "%00", strings.Repeat("a", 5000)} {
		if s.mustGet(t, "/embed/"+slug) != own || s.mustGet(t, "/embed/"+slug+"/bar.svg") != picture {
			t.Errorf("%.20s gets something else", slug)
		}
	}
}

func TestAQueryThatMeansNothingGetsTheDefault(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	frame, picture := s.mustGet(t, "/embed/acme"), s.mustGet(t, "/embed/acme/bar.svg")
	for _, query := range []string{
		"lang=../../etc", "lang=%3Cscript%3E", "lang=<script>", "lang=xx", "lang=-", "lang=" + strings.Repeat("ko-", 300), "lang=",
		"lang=ko&lang=ar", "layout=nonsense", "theme=nonsense", "theme=dark&theme=dark", "&&&=&=", "lang", "%6Cang=ko",
		strings.Repeat("a=b&", 10_000), "lang=ko&" + strings.Repeat("x=y&", 10_000), "lang=auto", "Lang=ko", "utm=1;lang=ko",
	} {
		if s.mustGet(t, "/embed/acme?"+query) != frame || s.mustGet(t, "/embed/acme/bar.svg?"+query) != picture {
			t.Errorf("%.40q gets something else", query)
		}
	}
}

func TestTheVisitorsHeadersDoNotChooseTheLanguage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if s.mustGet(t, "/embed/acme", "Accept-Language", "ko") != s.mustGet(t, "/embed/acme") {
		t.Error("Accept-Language changes what caches keep for everybody")
	}
}

var hostile = []string{
	`</bdi><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "\u202Eevil\u2066", "a\x00b\xFF", "~olive~a~", "{{.Name}}", "<!--", "]]>", `\"`,
}

func TestHostileNamesStayText(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, name := range hostile {
		s.register["evil"] = embeds.Partner{ID: 9, Slug: "evil", Name: name, Lang: `"><script>`}
		for _, path := range []string{"/embed/evil", "/embed/evil/bar.svg"} {
			page := s.mustGet(t, path)
			if strings.Count(page, "<script") > 1 || strings.Contains(page, "<img") || strings.ContainsAny(page, "\u202E\u2066\x00") {
				t.Errorf("%q gets through in %s:\n%s", name, path, page)
			}
		}
	}
}

func TestHostileTextsOfTheAppealStayText(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, text := range hostile {
		s.appeal.campaign = text
		s.appeal.version.Add(1)
		for _, path := range []string{"/embed/acme", "/embed/acme/bar.svg"} {
			page := s.mustGet(t, path)
			if strings.Count(page, "<script") > 1 || strings.Contains(page, "<img") || strings.Contains(page, "\x00") {
				t.Errorf("%q gets through in %s:\n%s", text, path, page)
			}
		}
	}
}

func TestThePolicyAllowsExactlyTheOneStyleAndTheOneScript(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	policies := map[string]bool{}
	for _, path := range everyShape() {
		if strings.Contains(path, ".svg") || strings.Contains(path, ".png") {
			continue
		}
		r := s.get(path)
		page, policy := r.Body.String(), r.Header().Get("Content-Security-Policy")
		policies[policy] = true
		want := "default-src 'none'; style-src " + hashOf(t, page, "style") + "; script-src " + hashOf(t, page, "script") +
			"; connect-src 'self' https://appeal.example.org; base-uri 'none'; form-action 'none'"
		if policy != want {
			t.Errorf("%s\ngot  %s\nwant %s", path, policy, want)
		}
		if regexp.MustCompile(`\s(style|on[a-z]+)=`).MatchString(page) {
			t.Errorf("%s: an attribute that the policy forbids", path)
		}
		if all := len(page) + len(s.mustGet(t, "/embed/acme/tally.json")); all > 20<<10 {
			t.Errorf("%s: %d bytes with the tally", path, all)
		}
	}
	if len(policies) != 1 {
		t.Errorf("%d policies", len(policies))
	}
}

func hashOf(t *testing.T, page, element string) string {
	t.Helper()
	found := regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllStringSubmatch(page, -1)
	if len(found) != 1 {
		t.Fatalf("%d elements %s", len(found), element)
	}
	sum := sha256.Sum256([]byte(found[0][1]))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func TestTheFramesScriptHasThePhrasesOfItsLanguage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for lang, want := range map[string]string{
		"en": `{"none":["Be the first to sign"],"one":[""," person has signed"],"other":[""," people have signed"]}`,
		"ko": `{"none":["첫 번째로 서명해 주세요"],"other":["","명이 서명했습니다"]}`,
		"ar": `{"few":["وقّع "," أشخاص"],"many":["وقّع "," شخصًا"],"none":["كن أول الموقّعين"],"one":["وقّع شخص واحد"],"other":["وقّع "," شخص"],"two":["وقّع شخصان"]}`,
	} {
		page := html.UnescapeString(s.mustGet(t, "/embed/acme?lang="+lang))
		if !strings.Contains(page, `data-phrases="`+want+`"`) {
			t.Errorf("%s: no %s in\n%s", lang, want, page)
		}
	}
}

func TestFramesFollowTheTotalAndTheTextsAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.mustGet(t, "/embed/acme")
	s.figures.total.Store(1)
	if page := s.mustGet(t, "/embed/acme"); !strings.Contains(page, "<strong>1</strong><span> person has signed</span>") {
		t.Error(page)
	}
	s.figures.total.Store(0)
	if page := s.mustGet(t, "/embed/acme"); !strings.Contains(page, "<span>Be the first to sign</span>") {
		t.Error(page)
	}
	s.appeal.campaign = "Another name"
	s.appeal.version.Add(1)
	if page := s.mustGet(t, "/embed/acme"); !strings.Contains(page, "Another name") {
		t.Error(page)
	}
}
