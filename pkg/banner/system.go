package banner

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/font/opentype/tables"
)

// SystemFolders are where systems keep their fonts.
func SystemFolders() []string {
	return []string{"/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts", `C:\Windows\Fonts`}
}

// Bounds of what is read of the system's fonts.
const (
	mostSystemFiles  = 1500
	largestFontFile  = 24 << 20 // bytes
	mostOpenedFonts  = 6
	mostCoveredTexts = 4096 // letters whose font is remembered
)

// systemFonts finds letters that our own fonts lack. The folders are looked
// through when the first such letter comes; of each font only what letters it
// has is kept then.
type systemFonts struct {
	folders []string

	mu     sync.Mutex
	looked bool
	fonts  []systemFont
	opened map[int]*font.Font // by place in fonts
	known  map[systemLetter]*font.Font
}

type systemLetter struct {
	r    rune
	bold bool
}

type systemFont struct {
	path  string
	index int // in a collection
	bold  bool
	has   []span32 // sorted
}

type span32 struct{ first, last rune }

// find returns a font that has the letter, or nil.
func (s *systemFonts) find(r rune, bold bool) *font.Font {
	s.mu.Lock()
	defer s.mu.Unlock()
	letter := systemLetter{r, bold}
	if found, ok := s.known[letter]; ok {
		return found
	}
	if !s.looked {
		s.looked = true
		s.look()
		s.opened, s.known = map[int]*font.Font{}, map[systemLetter]*font.Font{}
	}
	found := s.choose(r, bold)
	if len(s.known) < mostCoveredTexts {
		s.known[letter] = found
	}
	return found
}

func (s *systemFonts) choose(r rune, bold bool) *font.Font {
	second := -1
	for i := range s.fonts {
		if !s.fonts[i].covers(r) {
			continue
		}
		if s.fonts[i].bold == bold {
			return s.open(i)
		}
		if second < 0 {
			second = i
		}
	}
	if second < 0 {
		return nil
	}
	return s.open(second)
}

func (f *systemFont) covers(r rune) bool {
	i, found := slices.BinarySearchFunc(f.has, r, func(s span32, r rune) int { return int(s.first - r) })
	return found || i > 0 && r <= f.has[i-1].last
}

func (s *systemFonts) open(i int) *font.Font {
	if f, ok := s.opened[i]; ok {
		return f
	}
	if len(s.opened) >= mostOpenedFonts {
		return nil
	}
	s.opened[i] = nil
	_ = withLoaders(s.fonts[i].path, func(loaders []*opentype.Loader) {
		if f, err := font.NewFont(loaders[s.fonts[i].index]); err == nil {
			s.opened[i] = spellOut(f)
		}
	})
	return s.opened[i]
}

// look notes which letters each font has. Sans comes before serif, and Noto
// before what is there beside it.
func (s *systemFonts) look() {
	var paths []string
	for _, folder := range s.folders {
		_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() && isFontFile(path) && len(paths) < mostSystemFiles {
				paths = append(paths, path)
			}
			return nil
		})
	}
	slices.SortStableFunc(paths, func(a, b string) int {
		if d := oddness(a) - oddness(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for _, path := range paths {
		_ = withLoaders(path, func(loaders []*opentype.Loader) {
			for i, loader := range loaders {
				if has := coverage(loader); len(has) > 0 {
					s.fonts = append(s.fonts, systemFont{path: path, index: i, bold: strings.Contains(filepath.Base(path), "Bold"), has: has})
				}
				if strings.Contains(path, "CJK") {
					break // the others have the same letters
				}
			}
		})
	}
}

func isFontFile(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".ttf", ".otf", ".ttc", ".otc":
		return true
	}
	return false
}

// oddness orders files by how well they go with ours.
func oddness(path string) int {
	name, odd := filepath.Base(path), 0
	if !strings.HasPrefix(name, "NotoSans") {
		odd += 2
	}
	for _, bad := range []string{"Serif", "Mono", "Italic", "Oblique", "Condensed", "Display", "Light", "Music"} {
		if strings.Contains(name, bad) {
			odd += 4
		}
	}
	return odd
}

func withLoaders(path string, use func([]*opentype.Loader)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || info.Size() > largestFontFile {
		return err
	}
	loaders, err := opentype.NewLoaders(file)
	if err != nil {
		return err
	}
	use(loaders)
	return nil
}

// coverage lists the letters of a font; none if it has no outlines.
func coverage(l *opentype.Loader) []span32 {
	if !l.HasTable(opentype.MustNewTag("glyf")) && !l.HasTable(opentype.MustNewTag("CFF ")) {
		return nil
	}
	raw, err := l.RawTable(opentype.MustNewTag("cmap"))
	if err != nil {
		return nil
	}
	table, _, err := tables.ParseCmap(raw)
	if err != nil {
		return nil
	}
	cmap, _, err := font.ProcessCmap(table, tables.FPNone)
	if err != nil {
		return nil
	}
	var runes []rune
	for it := cmap.Iter(); it.Next(); {
		r, _ := it.Char()
		runes = append(runes, r)
	}
	slices.Sort(runes)
	var spans []span32
	for _, r := range runes {
		if n := len(spans); n > 0 && r <= spans[n-1].last+1 {
			spans[n-1].last = r
		} else {
			spans = append(spans, span32{r, r})
		}
	}
	return slices.Clip(spans)
}
