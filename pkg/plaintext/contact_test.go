package plaintext_test

import (
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/plaintext"
)

func TestContactsAreFoundAlsoInDisguise(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]plaintext.ContactKind{
		"See https://peace.example/now":              plaintext.ContactLink,
		"Visit www.peace.example today":              plaintext.ContactLink,
		"buy cheap-lamps.com please":                 plaintext.ContactLink,
		"hxxps://cheap-lamps.com/x":                  plaintext.ContactLink,
		"cheap-lamps dot com":                        plaintext.ContactLink,
		"cheap-lamps[.]com":                          plaintext.ContactLink,
		"cheap-lamps (dot) org":                      plaintext.ContactLink,
		"cheap-lamps . com":                          plaintext.ContactLink,
		"ｃｈｅａｐ．ｃｏｍ":                                  plaintext.ContactLink,
		"naver점com 검색":                               plaintext.ContactLink,
		"t.me/peacegroup":                            plaintext.ContactLink,
		"c h e a p . c o m":                          plaintext.ContactLink,
		"lampen punkt com":                           plaintext.ContactLink,
		"name@host.example":                          plaintext.ContactMail,
		"name (at) host.org":                         plaintext.ContactMail,
		"name [at] host [dot] org":                   plaintext.ContactMail,
		"name at host dot org":                       plaintext.ContactMail,
		"name{at}host.org":                           plaintext.ContactMail,
		"name AT host.org":                           plaintext.ContactMail,
		"name ＠ host.org":                            plaintext.ContactMail,
		"name @ host.org":                            plaintext.ContactMail,
		"mina at gmail":                              plaintext.ContactMail,
		"mina@naver":                                 plaintext.ContactMail,
		"mina골뱅이naver점com":                           plaintext.ContactMail,
		"메일 mina 골뱅이 daum 닷 net":                     plaintext.ContactMail,
		"minaアットマークhostドットjp":                        plaintext.ContactMail,
		"mina собака mail точка ru":                  plaintext.ContactMail,
		"mina arroba correo punto com":               plaintext.ContactMail,
		"mina (arobase) poste.fr":                    plaintext.ContactMail,
		"mina (ät) post.de":                          plaintext.ContactMail,
		"mina آت host نقطة com":                      plaintext.ContactMail,
		"mina艾特host点com":                             plaintext.ContactMail,
		"m i n a @ h o s t . o r g":                  plaintext.ContactMail,
		"mi\u200bna@ho\u200bst.org":                  plaintext.ContactMail,
		"전화 010-1234-5678":                           plaintext.ContactPhone,
		"전화 공일공-일이삼사-오육칠팔":                           plaintext.ContactPhone,
		"공일공 일이삼사 오육칠팔로":                             plaintext.ContactPhone,
		"O1O-1234-5678":                              plaintext.ContactPhone,
		"Call +49 30 1234567":                        plaintext.ContactPhone,
		"(02) 735-5811":                              plaintext.ContactPhone,
		"اتصل ٠١٠٠١٢٣٤٥٦٧":                           plaintext.ContactPhone,
		"电话一三八一二三四五六七八":                              plaintext.ContactPhone,
		"13812345678":                                plaintext.ContactPhone,
		"zero one zero one two three four five":      plaintext.ContactPhone,
		"０９０－１２３４－５６７８":                              plaintext.ContactPhone,
		"555-0123":                                   plaintext.ContactPhone,
		"8 (495) 123-45-67":                          plaintext.ContactPhone,
		"write to @peace_mina":                       plaintext.ContactHandle,
		"카톡 아이디: minapeace":                          plaintext.ContactHandle,
		"카톡 mina_77 추가":                              plaintext.ContactHandle,
		"微信号minapeace":                               plaintext.ContactHandle,
		"微信：mina2020":                                plaintext.ContactHandle,
		"Telegram: minapeace":                        plaintext.ContactHandle,
		"LINE ID minapeace":                          plaintext.ContactHandle,
		"واتساب: mina_peace":                         plaintext.ContactHandle,
		"My WhatsApp id is no secret: whatsapp=mina": plaintext.ContactHandle,
	} {
		found := plaintext.Contacts(text)
		if len(found) == 0 || found[0].Kind != want {
			t.Errorf("%q: found %v, want a %s", text, found, want)
		}
	}
}

func TestYearsAndNumbersAreNoContacts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "Peace to all of you.", "From 1950 to 1953, and 2020-2023.", "1950.6.25-1953.7.27", "1953-07-27", "27.7.1953", "25 06 1950 - 27 07 1953",
		"206,629 people signed", "206 629 personnes", "100 000 000 signatures", "100.000.000 Unterschriften", "10000000 people", "70 years, 3 months",
		"Meet me at the river at dawn.", "We wait.It is late.", "Ms. Kim, Prof.Lee and J.Li", "e.g. the U.N. and the D.M.Z.", "un point de vue", "a good point net of all",
		"일이 삼일 운동처럼", "이 일이 오래 되었다", "공이 많은 사람들", "한 점 부끄럼 없이", "一九五三年七月二十七日", "我們都是一家人", "三八线上的一点光", "I saw it on Instagram and wept.",
		"The line at the 38th parallel.", "전쟁은 끝났다. 평화다.", "سلام لكم جميعا", "Мир всем. Точка.", "平和を。アットホームな国を", "At 38 degrees north", "6.25 전쟁 70년", "7.4 남북공동성명",
		"I am 78, my brother 81, my sister 84.", "1 2 3 4 5 6 7 years pass", "what of 2018.4.27. in Panmunjom?", "El punto org\u200banizado", "*peace* _now_", "(et tous)",
	} {
		if found := plaintext.Contacts(text); len(found) > 0 {
			t.Errorf("%q: found %v", text, found)
		}
	}
}

// A moderator's page must not wait for it.
func TestContactsOfTheLongestMessageAreFoundQuickly(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"a.", "1 ", "(at)", "공일", "@", "a b ", "one "} {
		text := strings.Repeat(piece, plaintext.Message.Bytes/len(piece))
		start := time.Now()
		plaintext.Contacts(text)
		if took := time.Since(start); took > 200*time.Millisecond {
			t.Errorf("2 KB of %q take %s", piece, took)
		}
		t.Log(piece, time.Since(start))
	}
}
