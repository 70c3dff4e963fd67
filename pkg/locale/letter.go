package locale

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// hangul are the consonants a Korean list is divided by; a doubled one stands
// under the plain.
var hangul = []rune("ㄱㄱㄴㄷㄷㄹㅁㅂㅂㅅㅅㅇㅈㅈㅊㅋㅌㅍㅎ")

// pinyin are Chinese characters that are among the first of each letter; which is the very first, the collation says.
var pinyin = strings.Fields("A吖啊阿锕 B八巴扒叭芭 C嚓擦拆 D咑哒搭耷 E妸婀屙鹅蛾 F发 G旮伽嘎噶 H哈铪 J丌讥击机几 K咔咖喀 L垃拉 M妈嬷 N拏那拿哪 O噢哦喔 P妑趴啪葩 Q七妻 R呥然髯 S仨撒 T他它她塌 W穵挖哇蛙 X夕西 Y丫压呀 Z帀匝咂")

// syllables are the first of each consonant of a Korean list; Chinese characters stand among them as they are read.
var syllables = []string{"가", "나", "다", "라", "마", "바", "사", "아", "자", "차", "카", "타", "파", "하"}

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

// Index makes what says under which letter of a list a name stands: of the Latin alphabet and of the reader's own script
// the letter itself, of another script a sign for the whole of it, and "#" for what begins with no letter; and the rank
// that goes before the order of the collator, so that the reader's script comes first and names under one letter stand
// together. Neither is safe for concurrent use.
func (l *Locale) Index() (letter func(name string) string, rank func(name string) int) {
	order := l.Collator()
	var first []string // for zh: the first character of each letter
	for _, some := range pinyin {
		least := ""
		for _, r := range some[1:] {
			if least == "" || order.CompareString(string(r), least) < 0 {
				least = string(r)
			}
		}
		first = append(first, least)
	}
	letter = func(name string) string {
		for _, r := range name {
			switch {
			case unicode.IsNumber(r):
				return "#"
			case unicode.IsLetter(r) && l.code == "zh" && unicode.Is(unicode.Han, r):
				return pinyin[max(0, last(first, func(s string) bool { return order.CompareString(s, string(r)) <= 0 }))][:1]
			case unicode.IsLetter(r) && l.code == "ko" && unicode.Is(unicode.Han, r) && order.CompareString(string(r), "힣") <= 0:
				return l.letter([]rune(syllables[max(0, last(syllables, func(s string) bool { return order.CompareString(s, string(r)) <= 0 }))])[0])
			case unicode.IsLetter(r):
				return l.letter(r)
			}
		}
		return "#"
	}
	rank = func(name string) int {
		at := letter(name)
		switch {
		case l.code == "zh" && at == "#":
			return 0
		case l.code == "zh" && len(at) == 1: // characters and Latin names stand under the same letters
			return 1 + int(at[0])
		case l.code == "zh":
			return 256
		case l.Leads(name):
			return 0
		}
		return 1
	}
	return letter, rank
}

// last is the place of the last text for which so is true, -1 for none.
func last(texts []string, so func(string) bool) int {
	for i := len(texts) - 1; i >= 0; i-- {
		if so(texts[i]) {
			return i
		}
	}
	return -1
}

func (l *Locale) letter(r rune) string {
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
