package app_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"olivebranch/locales"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/registry"
	"olivebranch/templates"
)

// ids are the messages of the English catalogue.
func ids(t *testing.T) map[string]bool {
	t.Helper()
	raw, err := fs.ReadFile(locales.FS, "en.toml")
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := toml.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	var walk func(prefix string, node map[string]any)
	walk = func(prefix string, node map[string]any) {
		for key, v := range node {
			if child, ok := v.(map[string]any); ok {
				if _, plural := child["other"]; plural {
					out[prefix+key] = true
					continue
				}
				walk(prefix+key+".", child)
				continue
			}
			out[prefix+key] = true
		}
	}
	walk("", tree)
	return out
}

// families are ids put together while the program runs: all of a family must
// exist, and nothing else may stand in its table.
func families() map[string][]string {
	states, tabs, deeds := []string{}, []string{"waiting"}, []string{}
	for _, s := range registry.States {
		states = append(states, string(s))
		if s != registry.Draft {
			deeds = append(deeds, string(s))
		}
	}
	deeds = append(deeds, "decided", "undone", "overtaken", "claimed", "released")
	for _, s := range []registry.State{registry.NeedsInfo, registry.Submitted, registry.Approved, registry.Declined, registry.WithdrawnByOrigin} {
		tabs = append(tabs, string(s))
	}
	deeds = append(deeds, "corrected", "reminded", "forgotten", "erased", "speaker_named", "speaker_confirmed", "speaker_refused", "message", "logo", "logo_removed")
	deeds = append(deeds, "merged", "unmerged")
	reasons, flags := []string{}, []string{}
	for _, r := range registry.LikenessReasons {
		reasons = append(reasons, string(r))
	}
	for _, f := range registry.FlagKinds {
		flags = append(flags, string(f))
	}
	fields := []string{}
	for _, f := range appeal.Fields {
		fields = append(fields, string(f))
	}
	offered := []string{"required", "bad"}
	mails := []string{"subject", "body", "action"}
	out := map[string][]string{
		"registry.kind.": registry.Kinds, "registry.reach.": registry.Reaches, "registry.reason.": registry.BuiltIn(registry.Reason), "registry.question.": registry.BuiltIn(registry.Question),
		"application.state.": states, "console.state.": states, "console.tab.": tabs, "console.text.": fields,
		"console.did.application.": deeds, "portal.state.": {"paused", "suspended", "left"},
		"twins.reason.": reasons, "twins.flag.": flags, "twins.what.": {"application", "partner"},
		"twins.partner_state.": {"active", "paused", "suspended", "left"},
		"console.by.":          {"staff", "applicant", "representative", "operator", "program"},
		"url.":                 {"required", "long", "bad", "scheme", "user", "port", "host"},
		"country.":             offered, "kind.": offered, "reach.": offered, "mail_lang.": offered,
	}
	verdicts, kinds := []string{}, []string{}
	for _, v := range registry.Verdicts {
		verdicts = append(verdicts, string(v))
	}
	for _, k := range registry.PhraseKinds {
		kinds = append(kinds, string(k))
	}
	for _, prefix := range []string{"console.verdict.", "console.decide.button.", "console.decide.give.", "console.decide.done."} {
		out[prefix] = verdicts
	}
	for _, prefix := range []string{"console.phrases.kind.", "console.phrases.add_", "console.phrases.edit_"} {
		out[prefix] = kinds
	}
	for _, kind := range []string{"sign_confirm", "application_confirm", "application_received", "application_approved", "application_declined", "application_in_review", "application_needs_info", "portal_link",
		"application_draft", "application_reminder", "application_withdrawn", "speaker_confirm", "application_merged"} {
		out["mail."+kind+"."] = mails
	}
	return out
}

var (
	inTemplate = regexp.MustCompile(`\.T \(?"([a-z0-9_.]+)"`)
	inCode     = regexp.MustCompile(`(?:fault\.New\([^,()]+, |\.T\(|[bB]ase\(c, (?:who, )?)"([a-z0-9_]+\.[a-z0-9_.]*[a-z0-9_])"`)
	comment    = regexp.MustCompile(`(?m)^\s*//.*$`)
	literal    = regexp.MustCompile(`"([a-z0-9_]+(?:\.[a-z0-9_]+)+)"`)
)

func TestEveryMessageThatIsUsedExistsAndTheOtherWayRound(t *testing.T) {
	t.Parallel()
	exist, used := ids(t), map[string]bool{}
	use := func(id, where string) {
		used[id] = true
		if !exist[id] {
			t.Errorf("%s uses the message %q, which does not exist", where, id)
		}
	}
	err := fs.WalkDir(templates.FS, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(templates.FS, p)
		for _, m := range inTemplate.FindAllStringSubmatch(string(raw), -1) {
			use(m[1], p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(p)
		raw = comment.ReplaceAll(raw, nil)
		for _, m := range inCode.FindAllStringSubmatch(string(raw), -1) {
			use(m[1], p)
		}
		for _, m := range literal.FindAllStringSubmatch(string(raw), -1) {
			used[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for prefix, members := range families() {
		for _, m := range members {
			use(prefix+m, "the family "+prefix)
		}
		for id := range exist {
			if rest, ok := strings.CutPrefix(id, prefix); ok && !slices.Contains(members, rest) {
				t.Errorf("%s is no member of its family", id)
			}
		}
	}
	for id := range exist {
		if !used[id] {
			t.Errorf("the message %s is used nowhere", id)
		}
	}
}
