package portal

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
)

// way is one of the ways to put a banner on a site of some kind. Its words
// are generator.way.<name>, .explain, and .step1 and so on.
type way struct {
	name   string
	steps  int
	stage  banner.Way // what the preview shows
	policy []string   // directives that a page's policy needs
	code   func(banner.Code) string
}

var (
	liveWay     = way{"live", 3, banner.WayLive, []string{"script-src", "frame-src"}, func(c banner.Code) string { return c.Live }}
	frameWay    = way{"frame", 3, banner.WayFrame, []string{"frame-src"}, func(c banner.Code) string { return c.Frame }}
	pictureWay  = way{"picture", 3, banner.WayPicture, []string{"img-src"}, func(c banner.Code) string { return c.Picture }}
	pasteWay    = way{"paste", 3, banner.WayFrame, []string{"frame-src"}, func(c banner.Code) string { return c.Paste }}
	blockWay    = way{"block", 3, banner.WayLive, []string{"script-src", "frame-src"}, func(c banner.Code) string { return c.Live }}
	mailWay     = way{"mail", 3, banner.WayPicture, nil, func(c banner.Code) string { return c.Mail }}
	labelWay    = way{"label", 2, "", nil, func(c banner.Code) string { return c.Label }}
	markdownWay = way{"markdown", 2, banner.WayPicture, []string{"img-src"}, func(c banner.Code) string { return c.Markdown }}
	badgeWay    = way{"markdown_label", 2, "", []string{"img-src"}, func(c banner.Code) string { return c.MarkdownLabel }}
)

// siteKinds are the answers to "What is your site made of?", with the ways
// that suit, the best first. Each has a message generator.site.<name>.
var siteKinds = []struct {
	name string
	ways []way
}{
	{"html", []way{liveWay, frameWay, pictureWay}},
	{"wordpress", []way{pasteWay, blockWay, pictureWay}},
	{"builder", []way{frameWay, pictureWay}},
	{"mail", []way{mailWay, labelWay}},
	{"markdown", []way{markdownWay, badgeWay}},
}

// GeneratorNames are those its messages are named after: of kinds of sites, of
// ways, and of their steps.
func GeneratorNames() (sites, ways, steps []string) {
	for _, s := range siteKinds {
		sites = append(sites, s.name)
		for _, w := range s.ways {
			ways = append(ways, w.name)
			steps = append(steps, w.stepNames()...)
		}
	}
	return sites, ways, steps
}

func (w way) stepNames() []string {
	var names []string
	for i := range w.steps {
		names = append(names, w.name+"_"+strconv.Itoa(i+1))
	}
	return names
}

// grounds are the pages on which the preview stands.
var grounds = []string{"light", "dark", "phone"}

// choice is one of several in a form.
type choice struct {
	Value, Label string
	Lang         string // of the label; "" for the page's
	Chosen       bool
}

// recipe is a way with what the representative chose.
type recipe struct {
	Name   string // of the way
	Code   string
	Rows   int // of the field that shows it
	Steps  []string
	Policy string // the line for a page's policy; "" where none is needed
}

// generatorPage asks what the site is made of, and shows the banner and its
// code.
type generatorPage struct {
	view.Page
	Partner   *registry.Partner
	Shown     bool // visitors can see the partner
	Sites     []choice
	Layouts   []choice
	Themes    []choice
	EmbedLang []choice
	Designs   []choice // none where there is but one
	Recipes   []recipe
	Stages    []stage
	Wall      wallOffer
	Chosen    map[string]string // the choices, by their names in the form
	Checked   *checked
	CheckURL  string
}

// wallOffer is the frame with the messages of solidarity, and its code.
type wallOffer struct {
	Code, Frame, Title string
	Height             int
}

// stage is the banner as it will stand on a page: a frame or a picture.
type stage struct {
	Ground         string // what the page is like: light, dark or phone
	Title          string
	Frame, Picture string // one of them, an address
	Width          string // as an attribute; "" as wide as there is room
	Height         int
	Sticky         bool
}

func (p *Portal) showGenerator(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	page, err := p.generator(c, rep, partner, c.QueryParams())
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, "portal/generator", page)
}

// wish is what was chosen: a query or a form.
type wish interface{ Get(name string) string }

// generator reads the choices; what it does not know is the
// first of its kind.
func (p *Portal) generator(c echo.Context, rep *registry.Representative, partner *registry.Partner, q wish) (*generatorPage, error) {
	base, err := p.page(c, rep, "generator.page")
	if err != nil {
		return nil, err
	}
	page := &generatorPage{Page: base, Partner: partner, Shown: partner.State == registry.Active}
	site := 0
	for i, s := range siteKinds {
		if s.name == q.Get("site") {
			site = i
		}
	}
	lang := q.Get("lang")
	if !p.Catalogues.Has(lang) {
		lang = rep.Lang
	}
	spot := banner.Spot{Base: p.origin(), Slug: partner.Slug, Layout: banner.LayoutOf(q.Get("layout")), Theme: banner.ThemeOf(q.Get("theme"))}
	if lang != rep.Lang {
		spot.Lang = lang // chosen: the banner then does not follow the page's language
	}
	designs := p.Designs.Running(p.Now()).All()
	if slices.ContainsFunc(designs, func(d *banner.Design) bool { return d.Code != "" && d.Code == q.Get("design") }) {
		spot.Design = q.Get("design")
	}
	words := p.Catalogues.For(lang)
	p.offer(page, siteKinds[site].name, spot, lang, designs)
	page.Recipes = p.recipes(&page.Page, siteKinds[site].ways, banner.Codes(spot, words, p.Embed))
	for _, ground := range grounds {
		s := stageOf(siteKinds[site].ways[0], spot, words)
		s.Ground, s.Title = ground, page.T("generator.ground."+ground)
		page.Stages = append(page.Stages, s)
	}
	page.Wall = wallOffer{spot.WallCode(words), spot.Wall(words), words.T("messages.heading"), banner.WallHeight}
	page.Chosen = map[string]string{"site": siteKinds[site].name, "lang": lang, "layout": spot.Layout.String(), "theme": spot.Theme.String(), "design": spot.Design}
	return page, nil
}

// origin is the program's public address, without a slash at the end.
func (p *Portal) origin() string { return p.BaseURL.Scheme + "://" + p.BaseURL.Host }

// offer fills the lists of the form.
func (p *Portal) offer(page *generatorPage, site string, spot banner.Spot, lang string, designs []*banner.Design) {
	for _, s := range siteKinds {
		page.Sites = append(page.Sites, choice{Value: s.name, Label: page.T("generator.site." + s.name), Chosen: s.name == site})
	}
	for _, l := range banner.Layouts() {
		page.Layouts = append(page.Layouts, choice{Value: l.String(), Label: page.T("generator.layout." + l.String()), Chosen: l == spot.Layout})
	}
	for _, t := range banner.Themes() {
		page.Themes = append(page.Themes, choice{Value: t.String(), Label: page.T("generator.theme." + t.String()), Chosen: t == spot.Theme})
	}
	for _, l := range p.Catalogues.Languages() {
		page.EmbedLang = append(page.EmbedLang, choice{Value: l.Code, Label: l.Name, Lang: l.Code, Chosen: l.Code == lang})
	}
	if len(designs) > 1 {
		page.Designs = append(page.Designs, choice{Label: page.T("generator.design_any"), Chosen: spot.Design == ""})
		for _, d := range designs {
			page.Designs = append(page.Designs, choice{Value: d.Code, Label: d.Slogan(lang, p.Embed), Lang: lang, Chosen: spot.Design == d.Code})
		}
	}
}

func (p *Portal) recipes(page *view.Page, ways []way, code banner.Code) []recipe {
	var list []recipe
	for _, w := range ways {
		r := recipe{Name: w.name, Code: w.code(code)}
		r.Rows = 1 + len(r.Code)/60
		for _, s := range w.stepNames() {
			r.Steps = append(r.Steps, page.T("generator.step."+s))
		}
		for _, d := range w.policy {
			r.Policy += d + " " + p.origin() + "; "
		}
		list = append(list, r)
	}
	return list
}

func stageOf(w way, spot banner.Spot, words banner.Words) stage {
	if w.name == pasteWay.name && spot.Layout == banner.Sticky {
		spot.Layout = banner.Bar // the editor's frame has no edge of the window to hold on to
	}
	width, height := spot.Layout.PictureSize()
	if w.stage == banner.WayPicture {
		return stage{Picture: spot.Picture(words, "svg"), Width: strconv.Itoa(width), Height: height}
	}
	s := stage{Frame: spot.Frame(words), Height: spot.Layout.Height(), Sticky: spot.Layout == banner.Sticky}
	if spot.Layout.FrameWidth() > 0 {
		s.Width = strconv.Itoa(spot.Layout.FrameWidth())
	}
	return s
}
