package plaintext

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// SameName returns what is left of an organization's name when nothing counts
// that its own people would write now one way, now another: case, accents,
// width, punctuation, spaces, a leading article, the legal form, old and new
// shapes of Chinese characters. Two names that come out equal are one name.
// A name that is nothing but a legal form stays as it is. Doing it twice
// changes nothing more. It is for comparing, never for showing.
func SameName(s string) string {
	folded := glued.Replace(Fold(s))
	words := strings.FieldsFunc(folded, notInWord)
	for i, w := range words { // a mark belongs to the letter before it, or to nothing
		words[i] = strings.TrimLeftFunc(w, unicode.IsMark)
	}
	s = bare(slices.DeleteFunc(words, func(w string) bool { return w == "" }))
	for {
		rest := strings.Map(oneShape, norm.NFC.String(strings.TrimLeftFunc(cutAffix(s), unicode.IsMark)))
		if rest == s {
			return s
		}
		s = rest
	}
}

// Skeleton is what a name looks like at a glance: SameName, and then one
// letter for all that look like it, in whatever script. Names with equal
// skeletons can be taken for each other, which is a reason to look twice and
// not a fault. It says nothing about how a name sounds.
func Skeleton(s string) string {
	s = alike.Replace(strings.Map(looks, SameName(s)))
	return norm.NFC.String(s)
}

// glued takes full stops out of abbreviations, so that "e.V." is one word, and
// keeps what stands in brackets as a sign of a legal form together.
var glued = strings.NewReplacer(".", "", "(사)", "사단법인 ", "(재)", "재단법인 ", "(주)", "주식회사 ", "(社)", "社団法人 ", "(財)", "財団法人 ",
	"(株)", "株式会社 ", "(一社)", "一般社団法人 ", "(公社)", "公益社団法人 ", "(一財)", "一般財団法人 ", "(公財)", "公益財団法人 ", "(特非)", "npo法人 ")

func notInWord(r rune) bool {
	return !unicode.In(r, unicode.L, unicode.M, unicode.N)
}

// bare drops a leading article and the legal forms at both ends, as long as
// something is left, and joins the words.
func bare(words []string) string {
	if len(words) > 1 && articles[words[0]] {
		words = words[1:]
	}
	for cut := true; cut; {
		cut = false
		for n := min(longestForm, len(words)-1); n > 0 && !cut; n-- {
			switch {
			case forms[strings.Join(words[len(words)-n:], " ")]:
				words, cut = words[:len(words)-n], true
			case forms[strings.Join(words[:n], " ")]:
				words, cut = words[n:], true
			}
		}
	}
	return strings.Join(words, "")
}

// cutAffix drops one legal form that is written without a space before or
// behind the name.
func cutAffix(s string) string {
	for _, a := range affixes {
		if rest, ok := strings.CutPrefix(s, a); ok && rest != "" {
			return rest
		}
		if rest, ok := strings.CutSuffix(s, a); ok && rest != "" {
			return rest
		}
	}
	return s
}

// articles that people leave out or put before a name.
var articles = set("the", "la", "le", "les", "l", "el", "los", "las", "il", "lo", "gli", "die", "der", "das", "de", "het", "os", "as")

// forms are legal forms as words of their own, at the beginning or the end of
// a name. The names of kinds that are no form in law (union, network, centre,
// 협회, 연대) stay: they tell organizations apart.
var forms = set(
	// German, Austrian, Swiss: registered association, non-profit companies.
	"ev", "e v", "eingetragener verein", "verein", "stiftung", "ggmbh", "gmbh", "gug", "ug", "ag", "kg", "eg",
	// English: companies, charities, the forms of the United States, Commonwealth and Ireland.
	"inc", "incorporated", "ltd", "limited", "llc", "llp", "plc", "corp", "corporation", "co", "company", "cic", "cio", "clg", "pty ltd", "pvt ltd",
	"foundation", "association", "society", "trust", "charity", "registered charity", "nonprofit", "non profit", "npo", "ngo", "501c3", "501 c 3",
	// French, Belgian: the law of 1901, non-profit associations.
	"association loi 1901", "association loi de 1901", "loi 1901", "asso", "asbl", "aisbl", "a s b l", "fondation", "sarl", "sas", "ong", "oing",
	// Dutch: association, foundation, non-profit association.
	"vzw", "ivzw", "bv", "nv", "vereniging", "stichting",
	// Spanish, Portuguese, Italian.
	"ac", "a c", "asociacion", "asociacion civil", "fundacion", "sa", "s a", "sl", "ongd", "osc", "associacao", "fundacao", "ltda", "oscip", "ipss",
	"onlus", "aps", "odv", "ets", "srl", "associazione", "fondazione",
	// Nordic, Baltic, Finnish, Hungarian.
	"rf", "ry", "r y", "rs", "ab", "as", "oy", "forening", "foreningen", "stiftelse", "stiftelsen", "mtu", "vsi", "egyesulet", "alapitvany", "kft",
	// Polish, Czech, Romanian, Turkish.
	"fundacja", "stowarzyszenie", "sp z oo", "zs", "z s", "ops", "sro", "asociatia", "fundatia", "dernegi", "vakfi",
	// Indonesian, Malay, Filipino, Vietnamese.
	"yayasan", "perkumpulan", "pt", "tbk", "sdn bhd", "bhd", "pertubuhan",
	// Russian, Ukrainian, Bulgarian: companies, autonomous non-profit
	// organizations, funds, public organizations.
	"ооо", "ано", "оао", "зао", "пао", "нко", "но", "бф", "рбоо", "фонд", "благотворительныи фонд", "общественная организация", "тов", "го", "бо", "сдружение", "фондация",
	// Greek: civil non-profit company, association.
	"αμκε", "αε", "εε", "σωματειο", "συλλογοσ",
	// Arabic, Persian, Urdu: association, foundation, organization, with and without the article; ة is ه after folding.
	"جمعية", "الجمعية", "مؤسسة", "المؤسسة", "منظمة", "المنظمة", "شركة", "ش م م", "موسسه", "انجمن", "بنیاد", "سازمان", "تنظیم",
	// Hebrew: registered association, company for the public.
	"עמותה", "עמותת", "ער", "ע ר", "חלצ", "חל צ", "בעמ", "בע מ",
	// Indian languages: society, trust, institution, limited.
	"संस्था", "न्यास", "समिति", "ट्रस्ट", "फाउंडेशन", "प्रतिष्ठान", "सोसाइटी", "লিমিটেড", "ফাউন্ডেশন", "அறக்கட்டளை",
	// Thai, Amharic, Georgian, Armenian.
	"มูลนิธิ", "สมาคม", "ማህበር", "აიპ", "შპს", "հկ",
)

// affixes are legal forms that are written without a space, the longer first
// where one holds another: Korean, Japanese, Chinese, Thai.
var affixes = folded(
	"사회복지법인", "사단법인", "재단법인", "학교법인", "종교법인", "의료법인", "협동조합", "주식회사", "비영리민간단체",
	"特定非営利活動法人", "認定npo法人", "npo法人", "一般社団法人", "公益社団法人", "一般財団法人", "公益財団法人", "社会福祉法人", "宗教法人", "学校法人",
	"社団法人", "財団法人", "株式会社", "有限会社", "合同会社",
	"股份有限公司", "有限责任公司", "有限公司", "基金会", "基金會", "社团法人", "社團法人", "财团法人", "財團法人",
	"มูลนิธิ", "สมาคม",
)

const longestForm = 4 // words

func set(words ...string) map[string]bool {
	all := map[string]bool{}
	for _, w := range folded(words...) {
		all[w] = true
	}
	return all
}

// folded writes the words of a table as names are compared.
func folded(words ...string) []string {
	for i, w := range words {
		words[i] = strings.Map(oneShape, Fold(w))
	}
	return words
}

// looks is the letter that stands for all that look like r: those of
// the confusables of UTS #39 that are letters of Cyrillic, Greek, Armenian and
// kana, and the two figures. Where the capital looks like another letter than
// the small one, the more deceptive of the two was taken.
func looks(r rune) rune {
	if same, ok := lookalikes[r]; ok {
		return same
	}
	return r
}

var lookalikes = pairs("0o 1l il ɪl ɩl ɑa ɡg ʋu " +
	// Cyrillic
	"аa вb сc ԁd еe єe гr һh нh іl ӏl јj кk мm оo пn рp ԛq ѕs тt цu уy үy ѵv ԝw ѡw хx ьb ъb " +
	// Greek
	"αa βb γy εe ζz ηh ιl κk νv οo ρp σo τt υu χx ωw " +
	// Armenian
	"օo սu հh ոn զq ցg " +
	// kana and the characters they pass for
	"口ロ 二ニ 力カ 卜ト 工エ 一ー 八ハ 夕タ 才オ へヘ 干千 曰日 士土 末未 已己 巳己")

// alike are letters that together look like one. They come after the single
// ones, which may have made them.
var alike = strings.NewReplacer("rn", "m", "vv", "w")

// pairs reads a table of two runes each; the first becomes the second.
func pairs(table string) map[rune]rune {
	all := map[rune]rune{}
	for _, p := range strings.Fields(table) {
		r := []rune(p)
		all[r[0]] = r[1]
	}
	return all
}
