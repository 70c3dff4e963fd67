// Package view turns structs into pages: it parses the templates once, gives
// every page the same base, and knows the names of the static files. It
// decides nothing and reads no database.
package view

import (
	"cmp"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"text/template/parse"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/locale"
)

// Page is the base that every page's struct embeds.
type Page struct {
	*locale.Locale
	Title        string // of the document, without the campaign's name
	Campaign     string
	CampaignLang string // the name's, which may not be translated
	Area         string // site, portal or console: which header and footer
	Path         string // behind the language, for links to the same page in others
	Query        string // behind that, with its question mark; "" for none
	Share        *Share // of a page that others may list and link to; nil for the others
	Languages    []locale.Language
	Consoles     []locale.Language // that the console speaks
	OtherScript  bool              // the visitor would rather read this language in another script
	Demo         bool
	Closed       bool         // nobody signs any more
	Refused      fault.Fields // of the form on the page
	Fields       []string     // of that form, as they stand on the page
	Labels       string       // what the ids of that form's labels begin with, as "join."
	Problem      *fault.Error // a refusal that is no field's
	Late         *Late        // how late mail is; nil when it is not
	Staff        *Person      // who is signed in to the console or the portal

	assets *Assets
}

// Person is who is signed in, as the header shows it.
type Person struct {
	Name string
	May  func(role string) bool
	Menu Menu // of the console
}

// Asset is the address of a static file.
func (p Page) Asset(name string) string { return p.assets.Path(name) }

// Failed says whether the form on the page was refused; the title then starts
// with the word for "Error".
func (p Page) Failed() bool { return len(p.Refused) > 0 || p.Problem != nil }

// Fault is the sentence beside a refused field, "" for a good one.
func (p Page) Fault(field string) string { return p.Say(p.Refused[field]) }

// Faults are the names of the refused fields as they stand on the page, and
// those whose place is not known by name behind them.
func (p Page) Faults() []string {
	names := slices.Sorted(maps.Keys(p.Refused))
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(p.place(a), p.place(b)) })
	return names
}

func (p Page) place(field string) int {
	if i := slices.Index(p.Fields, field); i >= 0 {
		return i
	}
	return len(p.Fields)
}

// Summary is the sentence about a refused field away from it: "please fill
// this in" says there what is meant.
func (p Page) Summary(field string) string {
	label := p.Labels + field
	if p.Labels == "" || p.Refused[field] == nil || p.Refused[field].Key != "text.required" || !p.Has(label) {
		return p.Fault(field)
	}
	return p.T("form.at_field", "Field", p.T(label), "Fault", p.Fault(field))
}

// Say puts a fault into words; "" for none.
func (p Page) Say(e *fault.Error) string {
	if e == nil {
		return ""
	}
	pairs := make([]any, 0, 2*len(e.Args))
	for name, value := range e.Args {
		pairs = append(pairs, name, value)
	}
	return p.T(e.Key, pairs...)
}

// Paragraphs splits people's text at blank lines.
func (p Page) Paragraphs(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// Number64 is Number for an int.
func (p Page) Number64(n int) string { return p.Number(int64(n)) }

// Elsewhere is the address of this page in another language.
func (p Page) Elsewhere(lang string) string { return "/" + lang + p.Path + p.Query }

// DirOf is how people write a language, for words in it.
func (Page) DirOf(lang string) string { return locale.Direction(lang) }

// Untranslated are the sentences for a page that shows texts in these
// languages: one for each that is not the page's own, since there is no
// translation. A text without a language is none.
func (p Page) Untranslated(langs ...string) []string { return p.UntranslatedAll(langs) }

// UntranslatedAll is Untranslated for a list.
func (p Page) UntranslatedAll(langs []string) []string {
	var out []string
	for i, lang := range langs {
		if lang != "" && lang != p.Lang() && !slices.Contains(langs[:i], lang) {
			out = append(out, p.T("layout.untranslated", "Language", p.Language(lang)))
		}
	}
	return out
}

// LanguageName is a language's own name, also of one the site does not speak.
func (Page) LanguageName(code string) string { return locale.OwnName(code) }

// TextLanguage is what a list offers in which one says the language of a text:
// templates/layout/text_languages.html.
type TextLanguage struct {
	Choose, Chosen string
	Languages      []locale.Language
}

// TextLanguage offers all languages, with the chosen one among them.
func (p Page) TextLanguage(chosen string) TextLanguage {
	return TextLanguage{p.T("form.choose"), chosen, p.TextLanguages(chosen)}
}

// Views are all templates, parsed.
type Views struct {
	assets *Assets
	pages  map[string]*template.Template
}

// Areas are the folders of pages; each page stands on layout/base.html and may
// use every file in layout.
var Areas = []string{"site", "portal", "console"}

// Load parses every page. A page that does not parse, or shows a template that
// is not there, stops the program.
func Load(templates fs.FS, assets *Assets) (*Views, error) {
	v := &Views{assets: assets, pages: map[string]*template.Template{}}
	layouts, err := template.New("base").ParseFS(templates, "layout/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse layouts: %w", err)
	}
	for _, area := range Areas {
		files, err := fs.Glob(templates, area+"/*.html")
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			page, err := template.New("").ParseFS(templates, file)
			if err == nil {
				err = furnish(page, layouts)
			}
			if err != nil {
				return nil, fmt.Errorf("parse page %s: %w", file, err)
			}
			v.pages[area+"/"+strings.TrimSuffix(path.Base(file), ".html")] = page
		}
	}
	return v, nil
}

// furnish gives a page what it shows of the layouts: copies, since html/template
// rewrites what it escapes. Copies of all layouts for every page would be 50 MB.
func furnish(page, layouts *template.Template) error {
	done := map[string]bool{}
	var add func(name string) error
	add = func(name string) error {
		if done[name] {
			return nil
		}
		done[name] = true
		part := page.Lookup(name)
		if part == nil {
			layout := layouts.Lookup(name)
			if layout == nil || layout.Tree == nil {
				return fmt.Errorf("there is no template %q", name)
			}
			var err error
			if part, err = page.AddParseTree(name, layout.Tree.Copy()); err != nil {
				return err
			}
		}
		return eachShown(part.Tree.Root, add)
	}
	return add("base")
}

// eachShown does something with the name of each template that a part of a
// template shows.
func eachShown(n parse.Node, do func(name string) error) error {
	branch := func(b parse.BranchNode) error {
		if err := eachShown(b.List, do); err != nil || b.ElseList == nil {
			return err
		}
		return eachShown(b.ElseList, do)
	}
	switch n := n.(type) {
	case *parse.TemplateNode:
		return do(n.Name)
	case *parse.IfNode:
		return branch(n.BranchNode)
	case *parse.RangeNode:
		return branch(n.BranchNode)
	case *parse.WithNode:
		return branch(n.BranchNode)
	case *parse.ListNode:
		for _, inner := range n.Nodes {
			if err := eachShown(inner, do); err != nil {
				return err
			}
		}
	}
	return nil
}

// Names lists the pages, as area/name.
func (v *Views) Names() []string {
	var names []string
	for n := range v.pages {
		names = append(names, n)
	}
	return names
}

// Base completes a page's base with what only this package knows.
func (v *Views) Base(p Page) Page {
	p.assets = v.assets
	return p
}

// Render writes the page area/name. data is a struct that embeds Page.
func (v *Views) Render(w io.Writer, name string, data any) error {
	page := v.pages[name]
	if page == nil {
		return fmt.Errorf("no page %q", name)
	}
	if err := page.ExecuteTemplate(w, "base", data); err != nil {
		return fmt.Errorf("render page %s: %w", name, err)
	}
	return nil
}
