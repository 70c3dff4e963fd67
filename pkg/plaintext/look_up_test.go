package plaintext_test

import (
	"slices"
	"strings"
	"testing"

	"olivebranch/pkg/plaintext"
)

// finds says whether each word of a query stands in the key of a name.
func finds(query, name string) bool {
	key := plaintext.SearchKey(name)
	words := plaintext.SearchWords(query)
	return len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(key, w) })
}

func TestANameIsFoundHoweverItIsTyped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, name string }{
		{"zeytinkapi", "Zeytinkapı Barış Atölyesi"}, {"BARIS", "Zeytinkapı Barış Atölyesi"}, {"hoa binh", "Hội Bạn Hòa Bình"},
		{"ｐｅａｃｅ", "Peace Circle"}, {"straße", "Strasse des Friedens"}, {"ёлка", "Елка"}, {"ΕΙΡΗΝΗ", "ειρήνη"},
		// Hangul: whole, half a syllable on the way to it, in single letters, in half-width ones, by first consonants.
		{"한들", "한들평화마당"}, {"한드", "한들평화마당"}, {"하", "한들평화마당"}, {"ㅎㅏㄴㄷㅡㄹ", "한들평화마당"}, {"ﾾￂﾤ", "한들평화마당"},
		{"ㅎㄷㅍㅎ", "한들평화마당"}, {"ㅊㄴ", "새벽나루 청년모임"}, {"\u1112\u1161\u11ab", "한들"},
		{"ひだまり", "ヒダマリ文庫"}, {"ﾋﾀﾞﾏﾘ", "ひだまり文庫"}, {"カタカナ", "かたかな"},
		{"国际", "國際和平"}, {"國際", "国际和平"}, {"広島", "廣島の会"}, {"廣島の會", "広島の会"}, {"戦争", "戰爭"}, {"台湾", "臺灣"},
		{"السلام", "اَلسَّلام"}, {"ازهار", "أزهار"}, {"مدرسة", "مدرسه"}, {"سلامي", "سلامى"}, {"یادگار", "يادگار"}, {"٢٠٢٦", "Peace 2026"}, {"2026", "सन् २०२६"},
		{"peace harbour", "Harbour of Peace"},
	} {
		if !finds(c.query, c.name) {
			t.Errorf("%q does not find %q: %q in %q", c.query, c.name, plaintext.SearchWords(c.query), plaintext.SearchKey(c.name))
		}
	}
}

func TestASearchDoesNotFindEverything(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, name string }{
		{"한", "하나"}, // a syllable that is whole is not two others
		{"ㅎㄷ", "하나두리"},
		{"か", "が"}, {"は", "ば"},
		{"和平", "平和"}, {"peace circle", "Peace Choir"}, {"", "Peace"}, {"  ", "Peace"},
	} {
		if finds(c.query, c.name) {
			t.Errorf("%q finds %q", c.query, c.name)
		}
	}
}

func FuzzSearchWords(f *testing.F) {
	f.Add("한들 ㅎㄷ 國際 ヒ")
	f.Fuzz(func(t *testing.T, name string) {
		if len(name) > 400 {
			return
		}
		for _, w := range plaintext.SearchWords(name) {
			if !strings.Contains(plaintext.SearchKey(name), w) {
				t.Errorf("%q does not find itself: %q", name, w)
			}
		}
	})
}
