package view_test

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"olivebranch/locales"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/view"
	"olivebranch/templates"
)

// page is the base of a page in English.
func page(t *testing.T) view.Page {
	t.Helper()
	catalogues, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	return view.Page{Locale: catalogues.For("en")}
}

func TestEveryTemplateFileIsParsed(t *testing.T) {
	t.Parallel()
	views, err := view.Load(templates.FS, &view.Assets{})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	err = fs.WalkDir(templates.FS, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch area := path.Dir(file); {
		case slices.Contains(view.Areas, area) && path.Ext(file) == ".html":
			want = append(want, strings.TrimSuffix(file, ".html"))
		case area == "layout" && path.Ext(file) == ".html": // parsed into every page
		case area == "mail" || area == "embeds": // parsed by MailTemplates and package embeds
		default:
			t.Errorf("nobody parses %s", file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	have := views.Names()
	slices.Sort(have)
	slices.Sort(want)
	if len(want) == 0 || !slices.Equal(have, want) {
		t.Errorf("pages %v, want %v", have, want)
	}
}

func TestATemplateThatDoesNotParseStopsTheProgram(t *testing.T) {
	t.Parallel()
	const base = `{{define "base"}}{{template "main" .}}{{end}}`
	for name, fsys := range map[string]fstest.MapFS{
		"layout/base.html": files("layout/base.html", `{{define "base"}}`),
		"site/a.html":      files("layout/base.html", base, "site/a.html", `{{define "main"}}{{if}}{{end}}`),
		"console/a.html":   files("layout/base.html", base, "console/a.html", `{{define "main"}}{{noSuchFunc}}{{end}}`),
		"site/b.html":      files("layout/base.html", base, "site/b.html", `{{define "main"}}{{range .Faults}}{{with .}}{{else}}{{template "nothing"}}{{end}}{{end}}{{end}}`),
		"no layout":        files("site/a.html", `x`),
	} {
		_, err := view.Load(fsys, &view.Assets{})
		if err == nil || strings.HasSuffix(name, ".html") && !strings.Contains(err.Error(), path.Base(name)) {
			t.Errorf("%s: %v, want an error with its name", name, err)
		}
	}
}

func TestAPageStandsOnTheBaseAndIsNobodyElses(t *testing.T) {
	t.Parallel()
	fsys := files("layout/base.html", `{{define "base"}}[{{block "head" .}}none{{end}}|{{template "main" .}}]{{end}}`,
		"site/a.html", `{{define "head"}}a's{{end}}{{define "main"}}{{.Title}}{{end}}`, "site/b.html", `{{define "main"}}b{{end}}`,
		"portal/broken.html", `{{define "main"}}{{.NoSuchField}}{{end}}`)
	views, err := view.Load(fsys, &view.Assets{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"site/a": "[a's|x &lt;b&gt;]", "site/b": "[none|b]"} {
		var out strings.Builder
		if err := views.Render(&out, name, view.Page{Title: "x <b>"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if out.String() != want {
			t.Errorf("%s is %s, want %s", name, out.String(), want)
		}
	}
	for _, name := range []string{"", "a", "site/none", "site/a.html", "../site/a", "layout/base"} {
		var out strings.Builder
		if err := views.Render(&out, name, view.Page{}); err == nil || !strings.Contains(err.Error(), name) || out.Len() > 0 {
			t.Errorf("unknown page %q: %v, wrote %q", name, err, out.String())
		}
	}
	if err := views.Render(&strings.Builder{}, "portal/broken", view.Page{}); err == nil || !strings.Contains(err.Error(), "portal/broken") {
		t.Errorf("a page that wants a field it has not: %v, want an error with its name", err)
	}
}

func TestAPageKnowsWhereItsAssetsAre(t *testing.T) {
	t.Parallel()
	assets := load(t, files("css/site.css", "p{}"), "css")
	views, err := view.Load(files("layout/base.html", `{{define "base"}}{{.Asset "site.css"}}{{end}}`, "site/a.html", ""), assets)
	if err != nil {
		t.Fatal(err)
	}
	p := views.Base(view.Page{Title: "kept"})
	if p.Asset("site.css") != assets.Path("site.css") || p.Title != "kept" {
		t.Errorf("%q, title %q", p.Asset("site.css"), p.Title)
	}
	var out strings.Builder
	if err := views.Render(&out, "site/a", p); err != nil || out.String() != assets.Path("site.css") {
		t.Errorf("on the page it is %q, %v", out.String(), err)
	}
}

func TestEveryAssetATemplateNamesIsThere(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(templates.FS, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(templates.FS, file)
		if err != nil {
			return err
		}
		for _, part := range strings.Split(string(text), `.Asset "`)[1:] {
			name, _, _ := strings.Cut(part, `"`)
			if own(t).Path(name) == "" {
				t.Errorf("%s names %s, which is not there", file, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestARefusedFormSpeaks(t *testing.T) {
	t.Parallel()
	p := page(t)
	if p.Failed() || p.Fault("email") != "" || p.Say(nil) != "" {
		t.Error("a good form speaks of faults")
	}
	p.Refused = fault.Fields{"email": fault.New(fault.Invalid, "email.long", "Max", 254)}
	if !p.Failed() || !strings.Contains(p.Fault("email"), "254") || strings.Contains(p.Fault("email"), "email.long") {
		t.Errorf("the refused address reads %q", p.Fault("email"))
	}
	if got := p.Fault("name"); got != "" {
		t.Errorf("the good name reads %q", got)
	}
	other := page(t)
	other.Problem = fault.New(fault.Conflict, "application.moved")
	if !other.Failed() || other.Say(other.Problem) == "" || other.Say(other.Problem) == "application.moved" {
		t.Errorf("a refusal that is no field's reads %q", other.Say(other.Problem))
	}
}

func TestParagraphsAreSplitAtBlankLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                         nil,
		" \n\n \n\n\n":             nil,
		"one":                      {"one"},
		"one\ntwo":                 {"one\ntwo"},
		"one\n\ntwo":               {"one", "two"},
		"\n\none\n\n\n\ntwo \n\n ": {"one", "two"},
	} {
		if got := (view.Page{}).Paragraphs(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestNumbersOnAPageAreWrittenAsItsLanguageDoes(t *testing.T) {
	t.Parallel()
	p := page(t)
	if got := p.Number64(1234567); got != "1,234,567" || got != p.Number(1234567) {
		t.Errorf("%s", got)
	}
}

func TestTheSummaryNamesTheFieldsAsTheyStandOnThePage(t *testing.T) {
	t.Parallel()
	p := page(t)
	p.Fields = []string{"name", "email", "country"}
	p.Refused = fault.Fields{}
	for _, field := range []string{"country", "b", "email", "a", "name"} {
		p.Refused[field] = &fault.Error{Key: "text.required"}
	}
	if got, want := p.Faults(), []string{"name", "email", "country", "a", "b"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
