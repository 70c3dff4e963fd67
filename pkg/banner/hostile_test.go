package banner_test

import (
	"bytes"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"strings"
	"testing"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/testkit"
	"olivebranch/static/fonts"
)

var hostile = []string{
	"", " ", "\x00\x01\x1F\x7F", "\u202Eevil\u2066\u2069\u2069", "\uFFFE\uFFFF\xFF\xFE",
	strings.Repeat("각", 120), strings.Repeat("W", 5000), strings.Repeat("👩‍👩‍👧‍👦", 60), "a" + strings.Repeat("\u0301", 700),
	strings.Repeat("\u0645\u0651\u064E", 200), strings.Repeat("क्ष", 150), "~olive~A~~olive~a~", strings.Repeat("a ", 500),
	"\u200D\u200D\u200D", strings.Repeat("שלום مرحبا 12 ", 30), "A\u200B\u2060\uFEFFB", strings.Repeat("กำ", 200), "\U0010FFFF\U000E0001",
}

// quiet pens leave out what no font has.
func quietPens() *banner.Pens {
	return banner.NewPens(banner.NewFonts(fonts.FS, nil, slog.New(slog.NewTextHandler(io.Discard, nil))), 2)
}

func TestNoNameBreaksAPictureNorLeavesIt(t *testing.T) {
	testkit.Unraced(t)
	t.Parallel()
	pens := quietPens()
	for l, layout := range banner.Layouts() {
		if layout == banner.Sticky {
			continue // drawn as the bar is
		}
		for i, text := range hostile {
			s := sample{words: english{dir: []string{"ltr", "rtl"}[(l+i)%2]}, campaign: text, slogan: text, partner: text, line: text}
			checkEdges(t, layout, text, picture(t, pens, s, banner.Picture{Layout: layout, Variant: banner.WithLine}, 1))
		}
	}
}

// checkEdges looks for ink in the last pixels at each side, inside the line around the picture.
func checkEdges(t *testing.T, layout banner.Layout, text string, drawn []byte) {
	t.Helper()
	i := decode(t, drawn)
	w, h := i.Bounds().Dx(), i.Bounds().Dy()
	paper := color.NRGBA{0xFB, 0xFA, 0xF6, 255}
	for y := 8; y < h-8; y++ {
		for _, x := range []int{2, w - 3} {
			if layout == banner.Card && x == 2 {
				continue // its stripe
			}
			if layout == banner.Card && x == w-3 && color.NRGBAModel.Convert(i.At(x, y)) != paper && color.NRGBAModel.Convert(i.At(2, y)) == paper {
				continue // the stripe, from right to left
			}
			if got := color.NRGBAModel.Convert(i.At(x, y)); got != paper {
				t.Errorf("%s of %.20q has %v at %d,%d", layout, text, got, x, y)
				return
			}
		}
	}
}

func FuzzPNG(f *testing.F) {
	testkit.Unraced(f)
	for i, text := range hostile {
		f.Add(text, uint8(i))
	}
	pens := quietPens()
	f.Fuzz(func(t *testing.T, text string, n uint8) {
		s := sample{words: english{dir: [2]string{"ltr", "rtl"}[n&1]}, campaign: text, slogan: text, partner: text, line: text}
		layout := banner.Layout(int(n>>1) % banner.NumLayouts)
		skeleton := banner.SVG(banner.Picture{Layout: layout, Variant: banner.WithLine, Design: &banner.Design{}}, s.words, s)
		drawn, err := pens.PNG(skeleton, valuesOf(s), 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := png.Decode(bytes.NewReader(drawn)); err != nil {
			t.Fatal(err)
		}
		skeleton.Append(nil, valuesOf(s))
	})
}

// What our own fonts lack is told once and left out.
func TestALetterWithoutAFontIsLeftOutAndToldOnce(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	pens := banner.NewPens(banner.NewFonts(fonts.FS, nil, slog.New(slog.NewTextHandler(&log, nil))), 1)
	with, without := samples()[0], samples()[0]
	with.partner, without.partner = "Peace\U00010900\U00010900", "Peace"
	one := picture(t, pens, with, banner.Picture{}, 1)
	if again := picture(t, pens, without, banner.Picture{}, 1); !bytes.Equal(one, again) {
		t.Error("something stands in its place")
	}
	if n := strings.Count(log.String(), "no font has a letter"); n != 1 {
		t.Errorf("told %d times: %s", n, log.String())
	}
}

// The scripts that are promised, and those that came cheap.
func TestOurFontsHaveTheScriptsPromised(t *testing.T) {
	testkit.Unraced(t)
	t.Parallel()
	pens := testPens(t)
	for _, text := range []string{
		"Zażółć gęślą jaźń, Ærøskøbing, Þingvellir, İstanbul “quotes” – € ₩ © №", "Tiếng Việt hoà bình", "Мир Їжак Ђорђе Қазақ", "Ειρήνη ἄνθρωπος",
		"평화 뷁 똠방각하 ㄱㄴㄷ", "平和ヘイワへいわ、。「」", "和平 龙 国 签", "سلام پیس امن ٣٤", "शांति क्ष त्र", "สันติภาพ", "שָׁלוֹם", "শান্তি", "அமைதி", "მშვიდობა", "Խաղաղություն", "ሰላም",
	} {
		s := samples()[0]
		s.partner = text
		picture(t, pens, s, banner.Picture{}, 1)
		s.campaign = text // in bold
		picture(t, pens, s, banner.Picture{}, 1)
	}
}

// The whole of what is promised for Korean, Japanese and Chinese.
func TestOurFontsHaveEachSyllableAndCommonCharacter(t *testing.T) {
	testkit.Unraced(t)
	t.Parallel()
	for _, file := range []string{"korean-400.woff", "korean-700.woff"} {
		has := lettersOf(t, file)
		for r := rune(0xAC00); r <= 0xD7A3; r++ {
			if !has(r) {
				t.Fatalf("%s lacks %c", file, r)
			}
		}
	}
	for _, file := range []string{"japanese-400.woff", "japanese-700.woff"} {
		has := lettersOf(t, file)
		for r := rune(0x3041); r <= 0x30FE; r++ {
			if r != 0x3097 && r != 0x3098 && !has(r) {
				t.Errorf("%s lacks %c", file, r)
			}
		}
		eachHan(t, japaneseEncoding, 0xB0, 0xCF, func(r rune) {
			if !has(r) {
				t.Errorf("%s lacks %c", file, r)
			}
		})
	}
	// Level 1 of GB 2312 but for four; those and rarer ones come from the system.
	has := lettersOf(t, "chinese-400.woff")
	eachHan(t, chineseEncoding, 0xB0, 0xD7, func(r rune) {
		if !has(r) && !strings.ContainsRune("毖谰耪锨", r) {
			t.Errorf("chinese lacks %c", r)
		}
	})
}
