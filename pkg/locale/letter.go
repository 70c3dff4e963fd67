package locale

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// hangul are the consonants a Korean list is divided by; a doubled one stands
// under the plain.
var hangul = []rune("ㄱㄱㄴㄷㄷㄹㅁㅂㅂㅅㅅㅇㅈㅈㅊㅋㅌㅍㅎ")

// pinyin are the first Chinese characters of each letter in the order of CLDR's zh, from its index characters.
const pinyin = "A吖B八C嚓D咑E妸F发G旮H哈J丌K咔L垃M妈N乸O噢P妑Q七R呥S仨T他W屲X夕Y丫Z帀"

// kana are the syllables a Japanese list is divided by.
const kana = "あかさたなはまやらわ"

// samples stand for a whole script that is not the reader's own.
var samples = []struct {
	table  *unicode.RangeTable
	letter string
}{
	{unicode.Greek, "Ω"}, {unicode.Cyrillic, "Я"}, {unicode.Armenian, "Ա"}, {unicode.Georgian, "ა"}, {unicode.Hebrew, "א"},
	{unicode.Arabic, "ع"}, {unicode.Ethiopic, "አ"}, {unicode.Devanagari, "अ"}, {unicode.Bengali, "অ"}, {unicode.Tamil, "அ"},
	{unicode.Sinhala, "අ"}, {unicode.Thai, "ก"}, {unicode.Myanmar, "က"}, {unicode.Khmer, "ក"}, {unicode.Lao, "ກ"},
	{unicode.Hangul, "가"}, {unicode.Hiragana, "あ"}, {unicode.Katakana, "あ"}, {unicode.Han, "字"},
}

// Letters makes what says under which letter of a list a name stands: of the Latin alphabet and of the reader's own
// script the letter itself, of another script a sign for the whole of it, and "#" for what begins with no letter. It is
// not safe for concurrent use.
func (l *Locale) Letters() func(name string) string {
	order := l.Collator()
	return func(name string) string {
		for _, r := range name {
			switch {
			case unicode.IsNumber(r):
				return "#"
			case unicode.IsLetter(r):
				return l.letter(order, r)
			}
		}
		return "#"
	}
}

func (l *Locale) letter(order *collate.Collator, r rune) string {
	base := []rune(strings.ToUpper(norm.NFKD.String(string(r))))[0]
	switch {
	case unicode.Is(unicode.Latin, r):
		return latin(base)
	case l.code == "ru" && unicode.Is(unicode.Cyrillic, r):
		if unicode.ToUpper(r) == 'Й' {
			return "Й" // a letter of its own, and not и with an accent
		}
		return string(base)
	case l.code == "ar" && unicode.Is(unicode.Arabic, r):
		return string(base)
	case l.code == "ko" && r >= '가' && r <= '힣':
		return string(hangul[(r-'가')/588])
	case l.code == "ja" && unicode.In(r, unicode.Hiragana, unicode.Katakana):
		return kanaRow(base)
	case l.code == "zh" && unicode.Is(unicode.Han, r):
		return pinyinLetter(order, r)
	}
	for _, s := range samples {
		if unicode.Is(s.table, r) {
			return s.letter
		}
	}
	return "…"
}

// latin is a letter from A to Z; those beyond stand where collations put them.
func latin(r rune) string {
	if r >= 'A' && r <= 'Z' {
		return string(r)
	}
	if near, ok := map[rune]string{'Æ': "A", 'Ð': "D", 'Đ': "D", 'Ø': "O", 'Œ': "O", 'Ł': "L", 'Þ': "T", 'ẞ': "S", 'Ħ': "H", 'Ŋ': "N", 'Ŧ': "T", 'Ɓ': "B", 'Ɗ': "D", 'Ɛ': "E", 'Ɔ': "O", 'Ə': "E", 'Ƙ': "K"}[r]; ok {
		return near
	}
	return "…"
}

func kanaRow(r rune) string {
	if r >= 'ァ' && r <= 'ヶ' {
		r = r - 'ァ' + 'ぁ'
	}
	row := "あ"
	for _, first := range kana {
		if r >= first {
			row = string(first)
		}
	}
	if r >= 'ゃ' && r < 'ら' {
		row = "や"
	}
	return row
}

func pinyinLetter(order *collate.Collator, r rune) string {
	letters := []rune(pinyin)
	at := "A"
	for i := 0; i+1 < len(letters); i += 2 {
		if order.CompareString(string(r), string(letters[i+1])) < 0 {
			break
		}
		at = string(letters[i])
	}
	return at
}

// Continents lists the codes of the regions of UN M49 below the world: the continents, and in each its parts, as the
// language sorts them.
func (l *Locale) Continents() []Continent {
	parts := map[string]map[string]bool{}
	for _, chain := range regions() {
		if len(chain) < 2 {
			continue
		}
		continent := chain[len(chain)-2]
		if parts[continent] == nil {
			parts[continent] = map[string]bool{}
		}
		for _, part := range chain[:len(chain)-2] {
			parts[continent][part] = true
		}
	}
	order := l.Collator()
	byName := func(a, b string) int { return order.CompareString(l.Region(a), l.Region(b)) }
	var out []Continent
	for _, code := range slices.SortedFunc(maps.Keys(parts), byName) {
		out = append(out, Continent{code, slices.SortedFunc(maps.Keys(parts[code]), byName)})
	}
	return out
}

// Continent is one of the large regions of UN M49 with its parts.
type Continent struct {
	Code  string
	Parts []string
}

// IsTag says whether a code is a well-formed tag of a language.
func IsTag(code string) bool {
	_, err := language.Parse(code)
	return err == nil
}
