package plaintext

import "testing"

func TestFold(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"etienne", "Étienne", "ÉTIENNE", "E\u0301tienne", "Ｅｔｉｅｎｎｅ"},
		{"nguyen", "Nguyễn"}, {"strasse", "Straße", "STRASSE"}, {"lodz", "Łódź"}, {"istanbul", "İstanbul", "ISTANBUL", "ıstanbul"},
		{"o'brien", "O’Brien", "O`Brien", "OʼBrien", "O´Brien"}, {"ειρηνη", "Ειρήνη", "ΕΙΡΗΝΗ"}, {"οδοσ", "Οδός", "ΟΔΟΣ"},
		{"мир и дружба", "Мир  й Дружба"}, {"елена", "Ёлена"}, {"محمد", "مُحَمَّد", "محـمد"}, {"احمد", "أحمد"},
		{"علي", "علی"}, {"ميخواهم", "می\u200Cخواهم"}, {"שלום", "שָׁלוֹם"},
		{"평화", "평화", "평화"}, {"が", "か\u3099"}, {"カ", "ｶ"}, {"ガ", "ｶﾞ"}, {"हिन्दी", "हिन्दी"}, {"สันติ", "สันติ"},
		{"a b", " a \u3000 b ", "A\u00A0B"}, {"a-b", "a–b", "a‑b"}, {"", " ", "\u200B"}, {"ab", "a\u00ADb", "a\xffb"},
	} {
		for _, s := range same {
			if got := Fold(s); got != same[0] {
				t.Errorf("Fold(%+q) = %+q, want %+q", s, got, same[0])
			}
		}
	}
}

func TestFoldKeepsSpellingApart(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{"कि", "की"}, {"か", "が"}, {"평화", "평하"}, {"ดี", "ดิ"}, {"མི", "མེ"}} {
		if Fold(pair[0]) == Fold(pair[1]) {
			t.Errorf("%q and %q fold to the same", pair[0], pair[1])
		}
	}
}
