package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/design"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// A translator sees what is missing and what changed, and saves a version that
// knows its original.
func TestATranslatorFollowsTheOriginal(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		save := func(field appeal.Field, lang, body string) {
			t.Helper()
			must(a.Appeal.SaveText(ctx, field, lang, body, 1))
		}
		save(appeal.Title, "en", "End the war in Korea")
		save(appeal.Demands, "en", "A peace treaty")
		translator := a.Enter(a.AddStaff("translator@example.org", staff.Reviewer))
		const title, demands = "/console/translate/appeal.title/ko", "/console/translate/appeal.demands/ko"

		list := translator.Get("/console/translate?lang=ko&work=1")
		if !list.Has("A peace treaty") || !list.Has("missing") {
			t.Errorf("the list does not show what is missing: %s", list.Text())
		}
		done := translator.Get(demands).Submit("from=en", "body", " 평화협정 ")
		if !done.Has("Saved.") {
			t.Fatalf("after saving: %d %s", done.Status, done.Text())
		}
		got := a.Appeal.Current().Exact(appeal.Demands, "ko")
		if got.Body != "평화협정" || got.BaseLang != "en" || got.BaseVersion != 1 || got.StaffID == 0 {
			t.Errorf("saved %+v", got)
		}
		if translator.Get("/console/translate?lang=ko&work=1").Has("A peace treaty") {
			t.Error("what is translated still wants work")
		}

		save(appeal.Demands, "en", "A peace treaty now")
		page := translator.Get(demands)
		if ins := page.Words("ins"); !page.Has("behind the original") || !strings.Contains(ins, "now") {
			t.Errorf("what changed is not shown: %q in %s", ins, page.Text())
		}
		late := translator.Get(demands)
		page.Submit("from=en", "body", "이제 평화협정")
		if stale := late.Submit("from=en", "body", "다른 번역"); stale.Status != http.StatusConflict || !stale.Has("이제 평화협정") || !stale.Has("다른 번역") {
			t.Errorf("of two translators one overwrote the other: %d %s", stale.Status, stale.Text())
		}
		if page := translator.Get(demands); !page.Has("up to date") || page.Words("ins") != "" {
			t.Errorf("after translating anew: %s", page.Text())
		}

		// What others are translated from is changed where it was written.
		original := translator.Post("/console/translate/appeal.title/en", "body", "Mine", "seen", "2", "from", "ko", "from_version", "1")
		if original.Status != http.StatusConflict || a.Appeal.Current().Exact(appeal.Title, "en").Body != "End the war in Korea" {
			t.Errorf("the original was changed: %d", original.Status)
		}
		for _, bad := range [][]string{
			{"seen", "x", "from", "en", "from_version", "1"}, {"seen", "1", "from", "en", "from_version", "99"}, {"seen", "1", "from", "ko", "from_version", "1"},
			{"seen", "1", "from", "xx", "from_version", "1"}, {"seen", "-1", "from", "en", "from_version", "1"},
		} {
			if p := translator.Post(title, append(bad, "body", "평화")...); p.Status != http.StatusConflict {
				t.Errorf("%v: status %d", bad, p.Status)
			}
		}
		if p := translator.Get(title).Submit("from=en", "body", strings.Repeat("가", 151)); p.Status != http.StatusUnprocessableEntity || !p.Has(strings.Repeat("가", 151)) {
			t.Errorf("too long a title: %d", p.Status)
		}

		entries, err := a.Trail.Search(ctx, audit.Query{Group: "text"}, audit.Key{}, 50)
		must(err)
		if n := len(entries); n == 0 || entries[0].After != `{"field":"demands","lang":"ko","version":2}` || entries[0].Subject != appeal.TextKind {
			t.Errorf("the trail: %+v", entries)
		}
	})
}

// Reasons and banners are texts of staff too.
func TestATranslatorSeesEveryTextOfStaff(t *testing.T) {
	t.Parallel()
	a := testkit.Demo(t)
	admin := a.Enter(a.AddStaff("translator@example.org", staff.Reviewer))
	designs := slices.Clone(a.Designs.All())
	designs = slices.DeleteFunc(designs, func(d *design.Design) bool { return d.Texts["en"].Slogan == "" })
	list := admin.Get("/console/translate?lang=ko")
	for _, words := range []string{"The appeal", "Banners", "Questions to applicants", "Reasons for declining", designs[0].Texts["en"].Slogan, a.Phrases.Text("who_leads", "en").Body} {
		if words == "" || !list.Has(words) {
			t.Errorf("the list lacks %q", words)
		}
	}
	if list.Has("behind the original") {
		t.Errorf("the demo's own translations are behind: %s", list.Text())
	}
	phrase := admin.Get("/console/translate/phrase.who_leads/ko")
	if got := phrase.Submit("from=en", "body", "누가 이끕니까?"); got.Status != http.StatusOK || a.Phrases.Text("who_leads", "ko").Body != "누가 이끕니까?" {
		t.Errorf("a question: %d, %+v", got.Status, a.Phrases.Text("who_leads", "ko"))
	}
	for _, path := range []string{"appeal.consent/ko", "appeal.title", "appeal.title/xx", "phrase./ko", "design.1.slogan/ko", "x/ko"} {
		if p := admin.Get("/console/translate/" + path); p.Status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, p.Status)
		}
	}
}
