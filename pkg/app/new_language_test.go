package app_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"

	"olivebranch/locales"
	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// sign stands before every text of a language that a test adds.
const sign = "§"

// withLanguages are the program's catalogues and more, each of which is one
// file: the English one with a sign before every text.
func withLanguages(t *testing.T, codes ...string) *locale.Catalogues {
	t.Helper()
	all := fstest.MapFS{}
	err := fs.WalkDir(locales.FS, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(locales.FS, p)
		all[p] = &fstest.MapFile{Data: raw}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	english, err := i18n.ParseMessageFileBytes(all["en.toml"].Data, "en.toml", map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range codes {
		var file strings.Builder
		for _, m := range english.Messages {
			fmt.Fprintf(&file, "[%q]\n", m.ID)
			if m.One != "" && code != "zh" { // which has one form for all numbers
				fmt.Fprintf(&file, "one = %q\n", sign+m.One)
			}
			fmt.Fprintf(&file, "other = %q\n", sign+m.Other)
		}
		all[code+".toml"] = &fstest.MapFile{Data: []byte(file.String())}
		delete(all, "console/"+code+".toml")
	}
	words, err := locale.Load(all)
	if err != nil {
		t.Fatal(err)
	}
	return words
}

// A campaign that has run for a while learns Swahili by one file.
func TestANewLanguageIsOneFile(t *testing.T) {
	t.Parallel()
	c := testkit.SQLite(t)
	t.Run("before", func(t *testing.T) {
		a := testkit.Run(t, c)
		if err := a.Appeal.SaveText(t.Context(), appeal.Title, "en", "End the war in Korea", 1); err != nil {
			t.Fatal(err)
		}
		if to := a.Client().Get("/sw/").Status; to != http.StatusNotFound {
			t.Errorf("a page in a language that is not there: %d", to)
		}
	})
	t.Run("with it", func(t *testing.T) { speakSwahili(t, c) })
}

func speakSwahili(t *testing.T, c *config.Config) {
	words := withLanguages(t, "sw")
	a := testkit.Run(t, c, func(o *app.Options) { o.Catalogues = words })
	visitor := a.Client()
	in := func(p *testkit.Page, what string) {
		t.Helper()
		if p.Status >= 400 && p.Status != http.StatusUnprocessableEntity || p.Attr("html", "lang") != "sw" || !strings.Contains(p.Body, sign) {
			t.Errorf("%s: status %d in %q: %.200s", what, p.Status, p.Attr("html", "lang"), p.Text())
		}
	}
	in(visitor.Get("/", "Accept-Language", "sw-KE,en;q=0.8"), "the page a browser is led to")
	for _, path := range []string{"/", "/sign", "/join", "/partners", "/messages", "/figures", "/privacy", "/embed", "/signature"} {
		in(visitor.Get("/sw"+path), path)
	}
	if p := visitor.Get("/en/sign"); p.Find("a", "hreflang", "sw") != "Kiswahili" {
		t.Errorf("the language is not offered by its name: %s", p.Text())
	}
	front := visitor.Get("/sw/")
	note := words.For("sw").T("layout.untranslated", "Language", "English")
	if !front.Has("End the war in Korea") || !front.Has(note) || front.Attr("h1", "lang") != "en" || front.Attr("h1", "dir") != "ltr" {
		t.Errorf("what nobody has translated does not say so: %s", front.Text())
	}
	if !strings.Contains(visitor.Get("/sitemap/pages.xml").Body, "/sw/privacy<") {
		t.Error("the sitemap lacks it")
	}

	refused := visitor.Get("/sw/sign").Submit("/sw/sign", "name", "Amani")
	in(refused, "the refused form")
	if !refused.Has(sign + "Please") {
		t.Errorf("the refusals: %s", refused.Text())
	}
	confirm := a.Sign("/sw/sign", "Amani", "amani@example.org")
	letter := a.LetterTo("amani@example.org", sign)
	if letter.Lang != "sw" || !strings.Contains(confirm, "/sw/confirm/") || !strings.Contains(letter.Text, sign) {
		t.Errorf("the mail: %+v", letter)
	}
	in(visitor.Get(confirm).Submit("/confirm"+confirm[strings.LastIndex(confirm, "/"):]), "the confirmed signature")
	form := testkit.ApplicationForm("Amani Choir", "choir@example.org")
	in(visitor.Get("/sw/join").Submit("/sw/join", append(form, "mail_lang", "sw")...), "the application")
	if letter := a.LetterTo("choir@example.org", sign); letter.Lang != "sw" {
		t.Errorf("the letter to an applicant: %+v", letter)
	}

	frame := visitor.Get("/embed/all?lang=sw-TZ")
	in(frame, "the frame")
	if !strings.Contains(frame.Body, `<p class="slogan" title="`+note+`"><bdi lang="en" dir="ltr">`) {
		t.Errorf("the frame does not say that its slogan is English: %s", frame.Body)
	}
	if !strings.Contains(visitor.Get("/embed/all/bar.svg?lang=sw").Body, sign) {
		t.Error("the picture is in another language")
	}
	desk := a.Enter(a.AddStaff("desk@example.org", staff.Admin))
	if p := desk.Get("/console/translate?lang=sw&work=1"); !p.Has("End the war in Korea") {
		t.Errorf("a translator does not see what is missing: %s", p.Text())
	}
	desk.Get("/console/translate/appeal.title/sw").Submit("from=en", "body", "Malizeni vita")
	if front := visitor.Get("/sw/"); !front.Has("Malizeni vita") || front.Attr("h1", "lang") != "sw" {
		t.Errorf("after translating: %s", front.Text())
	}
	for _, miss := range a.Catalogues.Misses() {
		if strings.HasPrefix(miss, "sw ") {
			t.Errorf("missing: %s", miss)
		}
	}
}

// Readers of Traditional Chinese get the Chinese there is, and read that there
// is no other.
func TestReadersOfAnotherScriptAreTold(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t), func(o *app.Options) { o.Catalogues = withLanguages(t, "zh") })
	for browser, told := range map[string]bool{"zh-TW,zh;q=0.9,en;q=0.8": true, "zh-HK,en;q=0.9": true, "zh-Hant": true, "zh-CN,zh;q=0.9": false, "zh": false} {
		p := a.Client().Get("/", "Accept-Language", browser)
		if p.Attr("html", "lang") != "zh" || p.Has(a.Catalogues.For("zh").T("layout.other_script")) != told {
			t.Errorf("%s: %q: %.300s", browser, p.Attr("html", "lang"), p.Text())
		}
		if p := a.Client().Get("/p/nobody", "Accept-Language", browser); p.Attr("html", "lang") != "zh" {
			t.Errorf("%s: a banner's link leads to %q", browser, p.Attr("html", "lang"))
		}
	}
}
