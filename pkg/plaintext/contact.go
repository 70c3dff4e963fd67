package plaintext

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ContactKind is what leads from a text to somebody or somewhere.
type ContactKind string

// The kinds. They are stored: never change one.
const (
	ContactLink   ContactKind = "link"
	ContactMail   ContactKind = "mail"
	ContactPhone  ContactKind = "phone"
	ContactHandle ContactKind = "handle" // a name in an app
)

// ContactKinds are all.
func ContactKinds() []ContactKind {
	return []ContactKind{ContactLink, ContactMail, ContactPhone, ContactHandle}
}

// Contact is one that was found. Text is what it says without its disguise.
type Contact struct {
	Kind ContactKind
	Text string
}

// Contacts finds links, addresses, telephone numbers and names in apps, also
// when they are written so that programs should not see them: "name (at) host
// dot org", "골뱅이", "공일공". It is for people who decide: it finds a little too
// much rather than too little, but takes years, dates and large numbers for
// what they are. Contacts is linear; the caller bounds s.
func Contacts(s string) []Contact {
	s = plain(s)
	var found []Contact
	add := func(kind ContactKind, text string) {
		c := Contact{kind, strings.TrimSpace(text)}
		if !slices.Contains(found, c) {
			found = append(found, c)
		}
	}
	// What is found is taken out, so that the host of an address is not a link too.
	s = mails.ReplaceAllStringFunc(s, func(m string) string {
		add(ContactMail, m)
		return " "
	})
	for _, links := range []*regexp.Regexp{schemed, hostLike} {
		s = links.ReplaceAllStringFunc(s, func(m string) string {
			host, _, _ := strings.Cut(m, "/")
			if links == hostLike && !strings.HasPrefix(strings.ToLower(m), "www.") && !looksLikeHost(host) {
				return m
			}
			add(ContactLink, m)
			return " "
		})
	}
	for _, handles := range []*regexp.Regexp{atName, inApp, inAppWithDigit} {
		for _, m := range handles.FindAllStringSubmatch(s, -1) {
			add(ContactHandle, m[1])
		}
	}
	for _, m := range numbers.FindAllString(s, -1) {
		if telephone(m) {
			add(ContactPhone, m)
		}
	}
	return found
}

// Words for the signs, as people write them to be read by people only. Those
// that are everyday words count only in brackets, or before a domain everybody
// knows.
const (
	atWord    = `골뱅이|앳|アットマーク|アット|艾特|собака|собачка|arroba|arobase|klammeraffe|آت|أت`
	atPlain   = `at|ät|et|chez|ад|@`
	dotWord   = `쩜|닷|점|ドット|точка|نقطة|دوت|点|點`
	dotPlain  = `dot|point|punkt|punto|titik|\.`
	openers   = `[\s]*[(\[{<*_~|\-]+\s*`
	closers   = `\s*[)\]}>*_~|\-]+[\s]*`
	old       = `com|net|org|info|biz|edu|gov|io|kr|jp|ru|de|fr|me`
	providers = `gmail|naver|daum|hanmail|kakao|nate|yahoo|hotmail|outlook|icloud|proton(?:mail)?|yandex|mail\.ru|qq|163|126|gmx`
)

// disguises are taken off in this order.
var disguises = []struct {
	is   *regexp.Regexp
	says string
}{
	{regexp.MustCompile(`(?i)\bhxxp`), "http"},
	{regexp.MustCompile(`(?i)` + openers + `(?:` + atWord + `|` + atPlain + `)` + closers), "@"},
	{regexp.MustCompile(`(?i)` + openers + `(?:` + dotWord + `|` + dotPlain + `)` + closers), "."},
	{regexp.MustCompile(`(?i)([a-z0-9._+-]{2,})\s*(?:` + atWord + `)\s*([a-z0-9-]{2,})`), "$1@$2"},
	{regexp.MustCompile(`(?i)([a-z0-9-]{2,})\s*(?:` + dotWord + `)\s*([a-z]{2,24})`), "$1.$2"},
	{regexp.MustCompile(`(?i)([a-z0-9-]{2,})(?:\s+dot\s+|\s+\.\s*|\.\s+)(` + old + `)\b`), "$1.$2"},
	{regexp.MustCompile(`(?i)([a-z0-9-]{2,})\s+(?:point|punkt|punto|titik)\s+(com|org|info)\b`), "$1.$2"},
	{regexp.MustCompile(`(?i)([a-z0-9._+-]{2,})\s+at\s+([a-z0-9-]+\.[a-z]{2,24})`), "$1@$2"},
	{regexp.MustCompile(`\s*@\s+([a-zA-Z0-9-]+\.)`), "@$1"},
	{regexp.MustCompile(`([a-zA-Z0-9._+-]{2,})\s+@([a-zA-Z0-9-]+\.)`), "$1@$2"},
}

var (
	spelled        = regexp.MustCompile(`(?:[A-Za-z0-9@._-] ){4,}[A-Za-z0-9@._-]\b`) // k i m @ h o s t
	mails          = regexp.MustCompile(`(?i)[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+|[a-z0-9._+-]{2,}(?:@|\s+at\s+)(?:` + providers + `)\b`)
	schemed        = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://\S+`)
	hostLike       = regexp.MustCompile(`[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}][\p{L}\p{N}-]*)+(?:/\S*)?`)
	atName         = regexp.MustCompile(`(?:^|[^\p{L}\p{N}@.])(@[A-Za-z0-9_][A-Za-z0-9_.]{2,})`)
	apps           = `kakao ?(?:talk)?|카카오톡|카톡|오픈채팅|텔레그램|telegram|телеграм\p{L}*|whats ?app|왓츠앱|واتس ?[اآ]ب|wechat|weixin|微信|威信|v信|instagram|insta|인스타(?:그램)?|signal|viber|вайбер|skype|facebook|페이스북|qq`
	inApp          = regexp.MustCompile(`(?i)((?:` + apps + `|line|라인|ライン)\s*(?:id|아이디|号|號|계정|[:=]|\s)*(?:id|아이디|号|號|계정|[:=])\s*[:=은는]?\s*@?[a-z0-9_][a-z0-9_.-]{2,})`)
	inAppWithDigit = regexp.MustCompile(`(?i)((?:` + apps + `)\s*@?[a-z0-9_.-]*[0-9_][a-z0-9_.-]{2,})`)
	numbers        = regexp.MustCompile(`\+?\(?\d[\d\s().\-/·]{4,}\d`)
	koreanDigits   = regexp.MustCompile(`[공영][공영일이삼사오육륙칠팔구\s.-]{7,}[공영일이삼사오육륙칠팔구]`)
	chineseDigits  = regexp.MustCompile(`[零〇一二三四五六七八九]{7,}`)
	englishDigits  = regexp.MustCompile(`(?i)(?:\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)\b[\s-]*){7,}`)
	letterDigits   = regexp.MustCompile(`\b[oO0][1lI][oO0][\s.-]?\d{3,4}[\s.-]?\d{4}\b`)
	moments        = regexp.MustCompile(`\b(?:1[89]|20)\d\d(?:[.\-/ ]{1,2}\d{1,2}[.\-/ ]{1,2}\d{1,2}\b)?|\b\d{1,2}[.\-/ ]{1,2}\d{1,2}[.\-/ ]{1,2}(?:1[89]|20)\d\d\b`)
	thousands      = regexp.MustCompile(`^[1-9]\d{0,2}(?:[ .]\d{3})+$`)
)

var (
	korean  = strings.NewReplacer("공", "0", "영", "0", "일", "1", "이", "2", "삼", "3", "사", "4", "오", "5", "육", "6", "륙", "6", "칠", "7", "팔", "8", "구", "9")
	chinese = strings.NewReplacer("零", "0", "〇", "0", "一", "1", "二", "2", "三", "3", "四", "4", "五", "5", "六", "6", "七", "7", "八", "8", "九", "9")
	english = strings.NewReplacer("zero", "0", "oh", "0", "one", "1", "two", "2", "three", "3", "four", "4", "five", "5", "six", "6", "seven", "7", "eight", "8", "nine", "9")
	letters = strings.NewReplacer("o", "0", "O", "0", "l", "1", "I", "1")
	dots    = strings.NewReplacer("。", ".", "․", ".", "–", "-", "—", "-", "‑", "-", "−", "-", "＠", "@")
)

// plain takes off what hides a contact: width, digits of other scripts, words
// for signs and for digits, spaces between letters.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case fateOf(r) == strip || joiner(r):
			return -1
		case unicode.Is(unicode.Nd, r):
			return '0' + digit(r)
		}
		return r
	}, dots.Replace(norm.NFKC.String(s)))
	s = spelled.ReplaceAllStringFunc(s, func(m string) string {
		if !strings.ContainsAny(m, "@.0123456789") {
			return m
		}
		return strings.ReplaceAll(m, " ", "")
	})
	s = koreanDigits.ReplaceAllStringFunc(s, korean.Replace)
	s = chineseDigits.ReplaceAllStringFunc(s, chinese.Replace)
	s = englishDigits.ReplaceAllStringFunc(s, func(m string) string {
		return english.Replace(strings.ToLower(m))
	})
	s = letterDigits.ReplaceAllStringFunc(s, letters.Replace)
	for _, d := range disguises {
		s = d.is.ReplaceAllString(s, d.says)
	}
	return s
}

// digit is the value of a decimal digit of any script, whose digits stand in
// order from a zero on (Unicode, chapter 4.6).
func digit(r rune) rune {
	n := rune(0)
	for n < 9 && unicode.Is(unicode.Nd, r-n-1) {
		n++
	}
	return n
}

// telephone says whether digits with what stands between them can be a
// telephone number.
func telephone(s string) bool {
	s = strings.TrimSpace(s)
	digits := count(s)
	dialled := strings.HasPrefix(s, "+") || strings.HasPrefix(s, "0") || strings.HasPrefix(s, "(")
	switch {
	case digits > 15:
		return false
	case dialled:
		return digits >= 8
	case thousands.MatchString(s), strings.HasSuffix(s, "0000"):
		return false
	case count(moments.ReplaceAllString(s, "")) < 7:
		return false
	case digits == len(s): // nothing between them
		return digits >= 9
	}
	return digits >= 8 || digits == 7 && len(s) == 8 && s[3] == '-'
}

func count(s string) int {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}
