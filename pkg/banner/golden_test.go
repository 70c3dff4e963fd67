package banner_test

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"olivebranch/locales"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/locale"
	"olivebranch/static/fonts"

	"olivebranch/pkg/testkit"
)

var update = flag.Bool("update", false, "draw the pictures of testdata anew")

// sample is what a banner says in a language or a script.
type sample struct {
	name             string // of the files
	words            banner.Words
	campaign, slogan string
	partner, lang    string
	line             string
}

func (sample) Slug() string                { return "peace" }
func (sample) Version() int64              { return 1 }
func (s sample) Title(string) string       { return s.campaign }
func (s sample) Campaign(string) string    { return s.campaign }
func (s sample) Slogan(string) string      { return s.slogan }
func (s sample) Langs(string) banner.Langs { return banner.Langs{} }

// spoken are words of a language that the program does not have yet; those
// left empty are English.
type spoken struct {
	english
	lang, dir                string
	sign, signed, with, line string
}

func (s spoken) Lang() string { return s.lang }
func (s spoken) Dir() string  { return s.dir }
func (s spoken) T(id string, pairs ...any) string {
	text := map[string]string{"embed.sign": s.sign, "embed.signed": s.signed, "embed.with": s.with, "embed.line": s.line}[id]
	if text == "" {
		return s.english.T(id, pairs...)
	}
	for i := 0; i < len(pairs); i += 2 {
		shown := fmt.Sprint(pairs[i+1])
		if n, ok := pairs[i+1].(int64); ok {
			shown = s.Number(n)
		}
		text = strings.ReplaceAll(text, fmt.Sprintf("{{.%s}}", pairs[i]), shown)
	}
	return text
}

var catalogues = sync.OnceValue(func() *locale.Catalogues {
	c, err := locale.Load(locales.FS)
	if err != nil {
		panic(err)
	}
	return c
})

// samples are the ten languages the program speaks, and other scripts.
func samples() []sample {
	return []sample{
		{"en", catalogues().For("en"), "Korea Peace Appeal", "End the Korean War. Begin the peace.", "Northern Lakes Peace Council", "en", "We were divided once, and know what reunion means."},
		{"ko", catalogues().For("ko"), "한반도 평화선언", "70년 넘은 전쟁을 끝내고 평화를 시작합시다", "사단법인 평화를만드는여성회", "ko", "전쟁을 겪은 어머니들의 이름으로 함께합니다."},
		{"ar", catalogues().For("ar"), "نداء السلام في كوريا", "لننهِ الحرب الكورية ولنبدأ السلام", "جمعية الزيتون للحوار 1948", "ar", "نعرف معنى الفراق، ونؤمن باللقاء."},
		{"ja", catalogues().For("ja"), "朝鮮半島平和宣言", "七十年を超えた戦争を終わらせ、平和を始めましょう", "広島平和市民ネットワーク", "ja", "戦争を知る世代から、次の世代へ。"},
		{"zh", catalogues().For("zh"), "朝鲜半岛和平宣言", "结束七十多年的战争，开启和平", "南京和平研究会", "zh", "我们相信对话的力量。"},
		{"hi", spoken{lang: "hi", dir: "ltr", sign: "हस्ताक्षर करें", signed: "{{.N}} लोगों ने हस्ताक्षर किए हैं", with: "{{.Name}} के साथ"}, "कोरिया शांति अपील", "कोरियाई युद्ध समाप्त करें, शांति आरंभ करें", "विश्व शांति मंच", "hi", "शांति हम सबकी ज़िम्मेदारी है।"},
		{"th", spoken{lang: "th", dir: "ltr", sign: "ร่วมลงชื่อ", signed: "มีผู้ลงชื่อแล้ว {{.N}} คน", with: "ร่วมกับ {{.Name}}"}, "คำประกาศสันติภาพเกาหลี", "ยุติสงครามเกาหลี เริ่มต้นสันติภาพ", "เครือข่ายสันติภาพเชียงใหม่", "th", "เพื่อลูกหลานของเรา"},
		{"ru", catalogues().For("ru"), "Воззвание о мире в Корее", "Закончим Корейскую войну. Начнём мир.", "Ελληνική Επιτροπή για την Ειρήνη", "el", "Мир начинается с разговора."},
		{"fr", catalogues().For("fr"),
			"Appel pour la paix en Corée", "Mettons fin à la guerre de Corée. Commençons la paix.", "Mouvement de la paix d’Île-de-France", "fr", "Nos grands-parents ont connu les frontières ; nous voulons les passer."},
		{"de", catalogues().For("de"),
			"Friedensaufruf für Korea", "Den Koreakrieg endlich beenden. Den Frieden beginnen.", "Aktionsgemeinschaft Dienst für den Frieden", "de", "Wir wissen, was eine Grenze mitten durch ein Land bedeutet."},
		{"es", catalogues().For("es"),
			"Llamamiento por la paz en Corea", "Pongamos fin a la guerra de Corea. Comencemos la paz.", "Red Iberoamericana de Educación para la Paz", "es", "La paz se construye cada día, entre todas y todos."},
		{"id", catalogues().For("id"),
			"Seruan Perdamaian Korea", "Akhiri Perang Korea. Mulailah perdamaian.", "Persaudaraan Perempuan untuk Perdamaian", "id", "Perdamaian adalah tanggung jawab kita bersama."},
		{"he", spoken{lang: "he", dir: "rtl", sign: "לחתום על הקריאה", signed: "{{.N}} אנשים חתמו", with: "יחד עם {{.Name}}"}, "הקריאה לשלום בקוריאה", "לסיים את מלחמת קוריאה, להתחיל את השלום", "Combatants for Peace לוחמים לשלום", "he", "שלום בונים יחד."},
	}
}

// testPens draw with our own fonts alone, and fail where these lack a letter.
func testPens(t testing.TB) *banner.Pens {
	t.Helper()
	return banner.NewPens(banner.NewFonts(fonts.FS, nil, slog.New(missing{t: t})), 2)
}

func picture(t testing.TB, pens *banner.Pens, s sample, p banner.Picture, scale int) []byte {
	t.Helper()
	if p.Design == nil {
		p.Design = &banner.Design{}
	}
	skeleton := banner.SVG(p, s.words, s)
	drawn, err := pens.PNG(skeleton, valuesOf(s), scale)
	if err != nil {
		t.Fatal(err)
	}
	return drawn
}

func valuesOf(s sample) *banner.Values {
	return &banner.Values{Name: s.partner, NameLang: s.lang, Line: s.line, LineLang: s.lang, Phrase: banner.NewPhrase(s.words, 12_300)}
}

// goldens are the pictures kept: each layout in both themes in the languages
// of the program, the variants, two pixels for one, and the other scripts.
type golden struct {
	file  string
	who   sample
	p     banner.Picture
	scale int
}

func goldens() []golden {
	var all []golden
	add := func(s sample, p banner.Picture, scale int, more string) {
		all = append(all, golden{fmt.Sprintf("%s-%s-%s%s.png", p.Layout, p.Theme, s.name, more), s, p, scale})
	}
	design := &banner.Design{Button: "#7a3b69", Figure: "#8a5a00"}
	for i, s := range samples() {
		for _, l := range banner.Layouts() {
			if l == banner.Sticky {
				continue // as bar
			}
			add(s, banner.Picture{Layout: l}, 1, "")
			if i > 2 {
				continue
			}
			add(s, banner.Picture{Layout: l, Theme: banner.Dark}, 1, "")
			add(s, banner.Picture{Layout: l, Variant: banner.Ended}, 1, "-ended")
			if l == banner.Box || l == banner.Tall || l == banner.Card {
				add(s, banner.Picture{Layout: l, Variant: banner.WithLine}, 1, "-line")
			}
			if i > 0 {
				continue
			}
			add(s, banner.Picture{Layout: l, Variant: banner.OfCampaign, Design: design}, 1, "-campaign")
			if l != banner.Card {
				add(s, banner.Picture{Layout: l}, 2, "-double")
			}
		}
	}
	return all
}

func TestPicturesLookAsTheyDid(t *testing.T) {
	testkit.Unraced(t)
	t.Parallel()
	pens := testPens(t)
	for _, g := range goldens() {
		file := filepath.Join("testdata", g.file)
		drawn := picture(t, pens, g.who, g.p, g.scale)
		if *update {
			if err := os.WriteFile(file, drawn, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		kept, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("%v; -update draws it", err)
		}
		if n := different(t, kept, drawn); n > 0 {
			t.Errorf("%s differs at %d places; look at it, and draw it anew with -update", g.file, n)
		}
	}
}

// different counts the pixels that differ by more than a step of the palette:
// processors round otherwise.
func different(t *testing.T, a, b []byte) int {
	t.Helper()
	one, two := decode(t, a), decode(t, b)
	if one.Bounds() != two.Bounds() {
		return -1
	}
	const step = 0xFFFF / 12
	far := func(a, b uint32) bool { return a > b+step || b > a+step }
	n := 0
	for y := range one.Bounds().Dy() {
		for x := range one.Bounds().Dx() {
			c := color.NRGBA64Model.Convert(one.At(x, y)).(color.NRGBA64)
			d := color.NRGBA64Model.Convert(two.At(x, y)).(color.NRGBA64)
			if far(uint32(c.R), uint32(d.R)) || far(uint32(c.G), uint32(d.G)) || far(uint32(c.B), uint32(d.B)) || far(uint32(c.A), uint32(d.A)) {
				n++
			}
		}
	}
	return n
}

func decode(t testing.TB, picture []byte) image.Image {
	t.Helper()
	i, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	return i
}
