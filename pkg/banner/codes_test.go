package banner_test

import (
	"strings"
	"testing"

	"olivebranch/pkg/banner"
)

func TestCodesAreWhatTheDesignPromisesSiteOwners(t *testing.T) {
	t.Parallel()
	got := banner.Codes(banner.Spot{Base: "https://appeal.example.org", Slug: "acme"}, english{}, peace)
	want := banner.Code{
		Link:  "https://appeal.example.org/p/acme",
		Paste: "https://appeal.example.org/p/acme?lang=en&layout=bar&theme=light",
		Picture: `<a href="https://appeal.example.org/p/acme"><img src="https://appeal.example.org/embed/acme/bar.svg?lang=en&amp;theme=light"` +
			` alt="Peace Appeal: sign the appeal" width="720" height="96" style="max-width:100%;height:auto"></a>`,
		Frame: `<iframe src="https://appeal.example.org/embed/acme?lang=en&amp;layout=bar&amp;theme=light"` +
			` title="Peace Appeal: sign the appeal" width="100%" height="96" loading="lazy" style="border:0;max-width:100%"></iframe>`,
		Live: `<olive-embed partner="acme" layout="bar"><svg display="block" width="100%" height="96"><foreignObject width="100%" height="100%">` +
			`<a href="https://appeal.example.org/p/acme">Peace Appeal: sign the appeal</a></foreignObject></svg></olive-embed>` +
			"\n" + `<script async src="https://appeal.example.org/embed/v1.js"></script>`,
	}
	want.Mail = strings.Replace(strings.Replace(want.Picture, ".svg", ".png", 1), "=light", "=light&amp;scale=2", 1)
	want.Markdown = "[![Peace Appeal: sign the appeal](https://appeal.example.org/embed/acme/bar.png?lang=en&theme=light)](https://appeal.example.org/p/acme)"
	for _, c := range []struct{ what, got, want string }{
		{"mail", got.Mail, want.Mail}, {"Markdown", got.Markdown, want.Markdown},
		{"link", got.Link, want.Link}, {"paste", got.Paste, want.Paste}, {"picture", got.Picture, want.Picture},
		{"frame", got.Frame, want.Frame}, {"live", got.Live, want.Live},
	} {
		if c.got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.what, c.got, c.want)
		}
	}
}

func TestCodesCarryChoicesAndEscapeTexts(t *testing.T) {
	t.Parallel()
	got := banner.Codes(banner.Spot{Base: "https://x.test", Slug: banner.Own, Theme: banner.Dark, Lang: "ko"}, english{},
		appeal{campaign: `"><script>`})
	if !strings.HasPrefix(got.Live, `<olive-embed partner="all" layout="bar" lang="ko" theme="dark"><svg `) || !strings.Contains(got.Live, `<a href="https://x.test/">`) {
		t.Error(got.Live)
	}
	if !strings.HasPrefix(got.Markdown, `[![">\<script>`) {
		t.Error(got.Markdown)
	}
	for _, code := range []string{got.Picture, got.Mail, got.Label, got.Frame, strings.TrimSuffix(got.Live, `<script async src="https://x.test/embed/v1.js"></script>`)} {
		if strings.Contains(code, "<script") {
			t.Error(code)
		}
	}
}

func TestNamesOfLayoutsAndThemesAreFoundAgainAndOthersAreTheDefault(t *testing.T) {
	t.Parallel()
	for _, l := range banner.Layouts() {
		if banner.LayoutOf(l.String()) != l {
			t.Error(l)
		}
	}
	for _, theme := range banner.Themes() {
		if banner.ThemeOf(theme.String()) != theme {
			t.Error(theme)
		}
	}
	if banner.LayoutOf("nonsense") != banner.Bar || banner.ThemeOf("Dark") != banner.Light {
		t.Error("an unknown name is not the default")
	}
}
