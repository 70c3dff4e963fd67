package banner_test

import (
	"bytes"
	"io/fs"
	"testing"
	"unicode/utf8"

	"github.com/go-text/typesetting/font"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"

	"olivebranch/static/fonts"
)

// Their first rows of Han are level 1 of JIS X 0208 and of GB 2312.
var (
	japaneseEncoding encoding.Encoding = japanese.EUCJP
	chineseEncoding  encoding.Encoding = simplifiedchinese.HZGB2312
)

func lettersOf(t *testing.T, file string) func(rune) bool {
	t.Helper()
	packed, err := fs.ReadFile(fonts.FS, file)
	if err != nil {
		t.Fatal(err)
	}
	face, err := font.ParseTTF(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	return func(r rune) bool { _, ok := face.NominalGlyph(r); return ok }
}

// eachHan goes through rows of a national standard.
func eachHan(t *testing.T, e encoding.Encoding, first, last int, use func(rune)) {
	t.Helper()
	n := 0
	for row := first; row <= last; row++ {
		for cell := 0xA1; cell <= 0xFE; cell++ {
			raw := []byte{byte(row), byte(cell)}
			if e == chineseEncoding {
				raw = []byte{'~', '{', byte(row) & 0x7F, byte(cell) & 0x7F, '~', '}'}
			}
			text, err := e.NewDecoder().Bytes(raw)
			if r, _ := utf8.DecodeRune(text); err == nil && r != utf8.RuneError && r >= 0x4E00 {
				use(r)
				n++
			}
		}
	}
	if n < 2900 {
		t.Errorf("only %d characters looked for", n)
	}
}
