package plaintext

import (
	"testing"
	"time"
	"unicode/utf8"
)

func TestOneNameInItsManySpellings(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"Harbour Choir", "HARBOUR  CHOIR", "The Harbour Choir", "Harbour-Choir", "Harbour Choir, Inc.", "Ｈａｒｂｏｕｒ Choir", "Harbour Choir Ltd", "“Harbour Choir” LLC", "Hárbour Chöir", "Harbour Choir Foundation"},
		{"Friedenswerkstatt", "Friedenswerkstatt e.V.", "Friedenswerkstatt e. V.", "Verein Friedenswerkstatt", "Stiftung Friedenswerkstatt gGmbH"},
		{"Les Amis de la Paix", "Amis de la paix (ASBL)", "Association Amis de la paix", "Amis de la Paix - association loi 1901", "AMIS DE LA PAIX A.S.B.L."},
		{"Paz Ya", "Asociación Civil Paz Ya", "Paz Ya, A. C.", "Fundación Paz Ya S.A."},
		{"평화의 등대", "사단법인 평화의 등대", "사단법인평화의등대", "(사)평화의 등대", "㈔평화의등대", "평화의등대 사단법인", "재단법인 평화의 등대", "평화의 등대"},
		{"平和の灯", "一般社団法人平和の灯", "NPO法人 平和の灯", "特定非営利活動法人平和の灯", "平和の灯（一社）", "(公財)平和の灯"},
		{"和平協會", "和平协会", "和平協會有限公司", "財團法人和平協會"},
		{"Мирный дом", "АНО «Мирный дом»", "ООО Мирный Дом", "МИРНЫЙ ДОМ", "Фонд Мирный дом"},
		{"Ειρήνη", "ΕΙΡΗΝΗ", "Σωματείο Ειρήνη", "Ειρήνη ΑΜΚΕ", "Ειρήνη Α.Μ.Κ.Ε."},
		{"منارة السلام", "جمعية منارة السلام", "مُنارة السلام", "الجمعية منارة السلام", "منارة  السلام"},
		{"שלום עכשיו", "עמותת שלום עכשיו", "שלום עכשיו (ע\"ר)"},
		{"शांति दीप", "शांति दीप संस्था", "शांति दीप ट्रस्ट"},
		{"มูลนิธิแสงสันติ", "แสงสันติ"},
		{"Ltd", "LTD."}, {"The Trust", "trust"},
	} {
		for _, s := range same[1:] {
			if a, b := SameName(same[0]), SameName(s); a != b || a == "" {
				t.Errorf("%q is %q, and %q is %q", same[0], a, s, b)
			}
		}
	}
}

func TestNamesThatAreNotOne(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"Harbour Choir", "Harbour Choirs"}, {"Peace Union", "Peace Network"}, {"평화의 등대", "평화의 등불"}, {"평화연대", "평화협회"},
		{"和平", "平和"}, {"Мир", "Мира"}, {"منارة السلام", "منارة الأمل"}, {"शांति दीप", "शांति दल"}, {"Inc", "Ltd"},
		{"Paypal", "Раураl"}, {"Oxfam", "0xfam"},
	} {
		if a, b := SameName(pair[0]), SameName(pair[1]); a == b {
			t.Errorf("%q and %q are both %q", pair[0], pair[1], a)
		}
	}
}

func TestNamesThatLookAlike(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"Olive Branch", "0live Branch"}, {"Olive Branch", "O1ive Branch e.V."}, {"Harbour Choir", "Нarbоur Сhоir"}, {"Modern Peace", "Modem Peace"},
		{"Peace Way", "Peace VVay"}, {"PEACE", "РЕАСЕ"}, {"Athena", "Αthena"}, {"HATO", "НАТО"}, {"ロゴス会", "口ゴス会"}, {"Hill", "HiII"}, {"Paypal", "Раураl"},
	} {
		if a, b := Skeleton(pair[0]), Skeleton(pair[1]); a != b {
			t.Errorf("%q looks like %q, and %q like %q", pair[0], a, pair[1], b)
		}
	}
	for _, pair := range [][2]string{{"Harbour", "Harbor"}, {"Peace", "Piece"}, {"평화", "평하"}, {"Мир", "Mup"}, {"سلام", "سلم"}} {
		if Skeleton(pair[0]) == Skeleton(pair[1]) {
			t.Errorf("%q and %q look alike", pair[0], pair[1])
		}
	}
}

func TestSimilarNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Harbour Choir", "Harbor Choir", true}, {"Harbour Choir", "Harbour Choir Busan", true}, {"Harbour Choir", "Harbour School", false},
		{"Peace Builders of Korea", "Korea Peace Builders", true}, {"Women for Peace", "Women of Peace", true}, {"Women for Peace", "Workers for Peace", false},
		{"평화의 등대 모임", "평화의 등불 모임", true}, {"평화의 등대", "평화와 등대", true}, {"평화연대", "통일연대", false}, {"평화", "평하", false}, {"청년평화연대", "청년평화연합", true},
		{"和平促进协会", "和平促進协会", true}, {"和平会", "和谐会", false}, {"Мирный дом", "Мирной дом", true}, {"Мир", "Мор", false},
		{"منارة السلام", "مناره السلم", true}, {"بيت السلام", "بيت الأمل", false}, {"Ειρήνη τώρα", "Ειρηνη τωρα!", true},
		{"शांति का दीपक", "शान्ति का दीपक", true}, {"", "", false}, {"A", "B", false},
	} {
		a, b := GistOf(SameName(c.a)), GistOf(SameName(c.b))
		if got := a.Similar(b); got != c.want || b.Similar(a) != got {
			t.Errorf("%q and %q: similar is %v, and the other way round %v", c.a, c.b, got, b.Similar(a))
		}
	}
}

func FuzzSkeleton(f *testing.F) {
	for _, s := range []string{"The Harbour Choir, Inc.", "(사)평화의 등대", "一般社団法人平和の灯", "АНО «Мир»", "جمعية السلام", "शांति संस्था", "e.V. e.V.", "rrn vvv ᄀ.ᅡ", "The Ltd", "사단 법인 사단법인", "\xff\u0301", "Ⅷ㈜", "㍿\u0301団", "क\U00011a46\u093f", "会ﷺ\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1000 {
			return
		}
		start := time.Now()
		name, look := SameName(s), Skeleton(s)
		if again := SameName(name); again != name {
			t.Errorf("SameName(%+q) is %+q, and of that %+q", s, name, again)
		}
		if again := Skeleton(look); again != look {
			t.Errorf("Skeleton(%+q) is %+q, and of that %+q", s, look, again)
		}
		if Skeleton(name) != look {
			t.Errorf("%+q looks like %+q, and its bare name like %+q", s, look, Skeleton(name))
		}
		if !utf8.ValidString(name) || !utf8.ValidString(look) {
			t.Errorf("%+q becomes %+q and %+q", s, name, look)
		}
		if n := GistOf(name); name != "" && !n.Similar(n) {
			t.Errorf("%q is not similar to itself", name)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%d bytes took %v", len(s), took)
		}
	})
}
