package embeds_test

import (
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/locales"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/placement"
	"olivebranch/pkg/web/embeds"
	"olivebranch/static/fonts"
)

const base = "https://appeal.example.org"

// site is the handler among partners and figures that a test can change.
type site struct {
	*echo.Echo
	handler  *embeds.Handler
	figures  *figures
	register register
	appeal   *appeal
	designs  *designs
	places   *places
	wall     *wall
	clock    *atomic.Int64 // Unix milliseconds
	end      atomic.Bool   // the campaign is over
}

type figures struct {
	total, goal, asOf atomic.Int64
	partners          map[int64]int64
}

func (f *figures) Total() int64    { return f.total.Load() }
func (f *figures) Goal() int64     { return f.goal.Load() }
func (f *figures) AsOf() time.Time { return time.UnixMilli(f.asOf.Load()) }
func (f *figures) PartnerSignatures(id int64) disclosure.Figure {
	return disclosure.Easy.Tell(disclosure.Cell{N: f.partners[id], Private: id == quiet})
}

// quiet is the partner that does not want its figure told.
const quiet = 3

type register map[string]embeds.Partner

func (r register) Partner(slug string) (embeds.Partner, bool) {
	p, ok := r[slug]
	return p, ok
}

// places keep what was seen in order, and take the pages of one host for somebody's.
type places struct {
	notes placement.Notes // the real ones, for their cost
	mu    sync.Mutex
	seen  []embeds.Sight // nil in benchmarks
	keep  bool
	host  string // of partner 1
}

func (p *places) Foreign(partner int64, at embeds.At) bool {
	return placement.HostOf(string(at)) == p.host && partner != 1
}

func (p *places) See(s embeds.Sight) {
	p.notes.See(placement.Sight{Partner: s.Partner, Layout: uint8(s.Layout), At: string(s.At), Referer: s.Referer, Now: s.Now})
	if p.keep {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.seen = append(p.seen, s)
	}
}

// designs are what staff have published.
type designs struct {
	set atomic.Pointer[banner.Designs]
}

func newDesigns(list ...*banner.Design) *designs {
	d := &designs{}
	d.set.Store(banner.NewDesigns(list, start))
	return d
}

func (d *designs) Running(time.Time) *banner.Designs { return d.set.Load() }

type appeal struct {
	version  atomic.Int64
	campaign string
}

var slogans = map[string]string{
	"en": "End the Korean War. Begin the peace.",
	"ko": "70년 넘은 전쟁, 이제 끝냅시다",
	"ar": "لننهِ الحرب الكورية ولنبدأ السلام",
}

var campaigns = map[string]string{
	"en": "Olivebranch Peace Appeal",
	"ko": "올리브가지 평화선언",
	"ar": "نداء غصن الزيتون للسلام",
}

func (a *appeal) Slug() string              { return "peace" }
func (a *appeal) Title(lang string) string  { return a.Campaign(lang) }
func (a *appeal) Slogan(lang string) string { return slogans[lang] }
func (a *appeal) Version() int64            { return a.version.Load() }
func (a *appeal) Campaign(lang string) string {
	if a.campaign != "" {
		return a.campaign
	}
	return campaigns[lang]
}

var start = time.Date(2026, 7, 27, 10, 2, 0, 0, time.UTC)

func newSite(t testing.TB) *site {
	t.Helper()
	return newSiteWith(t, pens(), 32<<20)
}

// newSiteWith keeps so many bytes of pictures.
func newSiteWith(t testing.TB, pens *banner.Pens, room int) *site {
	t.Helper()
	s := &site{
		Echo:    echo.New(),
		figures: &figures{partners: map[int64]int64{1: 321, 2: 9, 3: 500}},
		appeal:  &appeal{},
		designs: newDesigns(),
		places:  &places{host: "acme.example", keep: true},
		wall:    &wall{},
		clock:   &atomic.Int64{},
		register: register{
			"acme":     {ID: 1, Slug: "acme", Name: "ACME Foundation", Lang: "en"},
			"acme-old": {ID: 1, Slug: "acme", Name: "ACME Foundation", Lang: "en"},
			"small":    {ID: 2, Slug: "small", Name: "Small Circle", Lang: "en"},
			"quiet":    {ID: 3, Slug: "quiet", Name: "Quiet House", Lang: "en"},
		},
	}
	s.figures.total.Store(12345)
	s.figures.goal.Store(100_000_000)
	s.figures.asOf.Store(start.UnixMilli())
	s.clock.Store(start.UnixMilli())
	h, err := embeds.New(embeds.Options{
		BaseURL:   base,
		Words:     words(t),
		Appeal:    s.appeal,
		Figures:   s.figures,
		Register:  s.register,
		Designs:   s.designs,
		Ended:     func(time.Time) bool { return s.end.Load() },
		Places:    s.places,
		Wall:      s.wall,
		Templates: os.DirFS("../../../templates"),
		Static:    os.DirFS("../../../static"),
		Now:       func() time.Time { return time.UnixMilli(s.clock.Load()).UTC() },
		Pens:      pens,
		Room:      room,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.handler = h
	h.Routes(s.Group(""))
	return s
}

// pens draw with our own fonts.
var pens = sync.OnceValue(func() *banner.Pens { return banner.NewPens(banner.NewFonts(fonts.FS, nil, slog.Default()), 2) })

// words are the catalogues of testdata, with the names of languages that the program has.
func words(t testing.TB) *locale.Catalogues {
	t.Helper()
	files := fstest.MapFS{}
	for _, from := range []struct {
		fs.FS
		dir string
	}{{locales.FS, "cldr"}, {os.DirFS("testdata"), "."}} {
		err := fs.WalkDir(from, from.dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := fs.ReadFile(from, path)
			files[path] = &fstest.MapFile{Data: text}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	c, err := locale.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// get asks for a path, with pairs of header name and value.
func (s *site) get(path string, header ...string) *httptest.ResponseRecorder {
	return s.do(http.MethodGet, path, header...)
}

func (s *site) do(method, path string, header ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, base+path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	return s.answer(request)
}

func newRequest(path string) *http.Request {
	return httptest.NewRequest(http.MethodGet, base+path, nil)
}

func (s *site) answer(request *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, request)
	return recorder
}

func (s *site) mustGet(t testing.TB, path string, header ...string) string {
	t.Helper()
	r := s.get(path, header...)
	if r.Code != http.StatusOK {
		t.Fatalf("GET %s: status %d", path, r.Code)
	}
	return r.Body.String()
}

func everyShape() []string {
	var paths []string
	for _, layout := range banner.Layouts() {
		for _, theme := range banner.Themes() {
			for _, lang := range []string{"en", "ko", "ar"} {
				for _, slug := range []string{"acme", "all"} {
					paths = append(paths,
						fmt.Sprintf("/embed/%s?layout=%s&theme=%s&lang=%s", slug, layout, theme, lang),
						fmt.Sprintf("/embed/%s/%s.svg?theme=%s&lang=%s", slug, layout, theme, lang))
					if theme != banner.Auto {
						paths = append(paths, fmt.Sprintf("/embed/%s/%s.png?theme=%s&lang=%s", slug, layout, theme, lang))
					}
				}
			}
		}
	}
	return paths
}
