package banner

import (
	"bytes"
	"io/fs"
	"log/slog"
	"sync"
	"unicode"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
)

// Fonts are those that pictures are drawn with. A file is read and unpacked
// when the first letter asks for it, and kept. What none of them has is looked
// for in the fonts of the system. It is safe for concurrent use.
type Fonts struct {
	files  fs.FS // NAME-400.woff and NAME-700.woff
	system *systemFonts
	log    *slog.Logger

	mu     sync.Mutex
	opened map[string]*font.Font // nil: there is none, or it cannot be read
	missed map[rune]bool         // those told of
}

// NewFonts takes the files of package static/fonts, and the folders of the
// system's fonts, which may be none. It reads none of them.
func NewFonts(files fs.FS, folders []string, log *slog.Logger) *Fonts {
	return &Fonts{files: files, system: &systemFonts{folders: folders}, log: log, opened: map[string]*font.Font{}, missed: map[rune]bool{}}
}

// Scripts have a file or more each, in this order.
var fontNames = map[language.Script][]string{
	language.Latin:      {"latin", "latin-ext", "vietnamese"},
	language.Cyrillic:   {"cyrillic", "cyrillic-ext"},
	language.Greek:      {"greek", "greek-ext"},
	language.Arabic:     {"arabic"},
	language.Armenian:   {"armenian"},
	language.Bengali:    {"bengali"},
	language.Bopomofo:   {"chinese"},
	language.Devanagari: {"devanagari"},
	language.Ethiopic:   {"ethiopic"},
	language.Georgian:   {"georgian"},
	language.Hangul:     {"korean"},
	language.Hebrew:     {"hebrew"},
	language.Hiragana:   {"japanese"},
	language.Katakana:   {"japanese"},
	language.Tamil:      {"tamil"},
	language.Thai:       {"thai"},
}

// Han looks different in Japan, and Korea's is like Japan's.
var (
	hanOfJapan = []string{"japanese", "chinese"}
	hanOfChina = []string{"chinese", "japanese"}
)

// Signs and digits belong to every script.
var forAll = []string{"latin", "latin-ext", "symbols", "japanese"}

// fontChoice is what a letter's font depends on beside the letter.
type fontChoice struct {
	script language.Script // of the letter, or of those before it
	japan  bool            // Han as in Japan
	bold   bool
}

// cut is a font with what has to be done to it.
type cut struct {
	*font.Font
	embolden bool // there is no bold one
}

// find returns the font for a letter, or one without a font.
func (f *Fonts) find(r rune, c fontChoice) cut {
	names := fontNames[c.script]
	if c.script == language.Han {
		names = hanOfChina
		if c.japan {
			names = hanOfJapan
		}
	}
	lists := [2][]string{names, forAll}
	if r < 0x80 {
		lists[0], lists[1] = lists[1], lists[0]
	}
	for _, list := range lists {
		for _, name := range list {
			if found := f.named(name, c.bold); found.has(r) {
				return found
			}
		}
	}
	if unicode.Is(unicode.Zs, r) && r != ' ' {
		return f.find(' ', c) // the shaper makes it as wide as it should be
	}
	return cut{Font: f.system.find(r, c.bold), embolden: false}
}

func (c cut) has(r rune) bool {
	if c.Font == nil {
		return false
	}
	_, ok := c.NominalGlyph(r)
	return ok
}

func (f *Fonts) named(name string, bold bool) cut {
	if bold {
		if heavy := f.open(name + "-700.woff"); heavy != nil {
			return cut{Font: heavy}
		}
	}
	return cut{Font: f.open(name + "-400.woff"), embolden: bold}
}

func (f *Fonts) open(file string) *font.Font {
	f.mu.Lock()
	defer f.mu.Unlock()
	if known, ok := f.opened[file]; ok {
		return known
	}
	f.opened[file] = nil
	packed, err := fs.ReadFile(f.files, file)
	if err != nil {
		return nil // as most have no bold one of their own
	}
	face, err := font.ParseTTF(bytes.NewReader(packed))
	if err != nil {
		f.log.Error("font cannot be read", "file", file, "error", err)
		return nil
	}
	f.opened[file] = spellOut(face.Font)
	return f.opened[file]
}

// miss tells the operator once that no font has a letter.
func (f *Fonts) miss(r rune) {
	const most = 1000 // told of
	f.mu.Lock()
	told := f.missed[r] || len(f.missed) >= most
	if !told {
		f.missed[r] = true
	}
	f.mu.Unlock()
	if !told {
		f.log.Warn("no font has a letter; pictures leave it out", "letter", string(r), "code", int(r))
	}
}
