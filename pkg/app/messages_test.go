package app_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"olivebranch/locales"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/design"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/report"
	"olivebranch/pkg/scrutiny"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/texts"
	"olivebranch/pkg/web/portal"
	"olivebranch/templates"
)

// ids are the messages of the English catalogue, those of the console with them.
func ids(t *testing.T) map[string]bool {
	t.Helper()
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
	for _, file := range []string{"en.toml", "console/en.toml"} {
		raw, err := fs.ReadFile(locales.FS, file)
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if err := toml.Unmarshal(raw, &tree); err != nil {
			t.Fatal(err)
		}
		walk("", tree)
	}
	return out
}

// families are ids put together while the program runs: all of a family must
// exist, and nothing else may stand in its table.
func families() map[string][]string {
	states, tabs := []string{}, []string{"waiting"}
	for _, s := range registry.States {
		states = append(states, string(s))
	}
	for _, s := range []registry.State{registry.NeedsInfo, registry.Submitted, registry.Approved, registry.Declined, registry.WithdrawnByOrigin} {
		tabs = append(tabs, string(s))
	}
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
	standing, own := []string{}, []string{"active", "paused", "left"}
	for _, s := range registry.PartnerStates {
		standing = append(standing, string(s))
	}
	standings := keys([]registry.Standing{registry.HostOwn, registry.HostUnknown, registry.HostForeign})
	offered := []string{"required", "bad"}
	movable := []string{appeal.Counted, appeal.Held, appeal.Invalid}
	mails := []string{"subject", "body", "action"}
	roles := []string{}
	for _, r := range staff.Roles {
		roles = append(roles, string(r))
	}
	out := map[string][]string{
		"registry.kind.": registry.Kinds, "registry.reach.": registry.Reaches, "registry.reason.": registry.BuiltIn(registry.Reason), "registry.question.": registry.BuiltIn(registry.Question),
		"staff.role.": roles, "staff.may.": roles,
		"application.state.": states, "console.state.": states, "console.tab.": tabs, "console.text.": fields,
		"portal.first.":           {"heading", "done", "open", "mail", "logo", "seen", "signature"},
		"portal.state.":           {"paused", "suspended", "left"},
		"console.by.":             {"staff", "applicant", "representative", "operator", "program", "reader"},
		"console.did.":            deeds(),
		"console.partners.state.": standing, "console.partners.move_to.": standing, "console.partners.move_explain.": standing,
		"places.standing.": standings, "console.places.standing.": standings,
		"partnership.to.": own, "partnership.explain.": own, "partnership.button.": own,
		"import.column.": registry.Columns,
		"audit.group.":   {"report", "application", "partner", "staff", "message", "note", "reading", "settings", "phrase", "text", "proof", "vouch", "design", "keys", "sweep", "limit", "alarm", "hold", "mail", "statement"},
		"timeline.said.": {"staff", "reader", "applicant", "representative"},
		"audit.field.": {"state", "role", "overdue_days", "claimed_by", "verdict", "reason", "retired", "position", "key", "texts",
			"design", "slogan", "label", "button", "figure", "first_day", "last_day", "code", "sunset", "host", "delivered_on", "ring", "version",
			"keep_unconfirmed", "keep_ranges", "keep_addresses", "keep_delivered", "keep_keys", "decide_held", "signatures", "why", "moved", "left",
			"reports", "lang", "minutes", "ask", "examine", "hold", "note", "kind", "cleared", "figures", "name", "home", "field"},
		"settings.days.": {"overdue_days", "keep_unconfirmed", "keep_ranges", "keep_addresses", "keep_delivered", "keep_keys", "decide_held"},
		"designs.state.": keys(design.States), "translate.kind.": {"appeal", "design", "question", "reason"}, "translate.standing.": append(keys(texts.Standings), "original"),
		"owners.does_": {"frame", "tally", "page", "close"}, "owners.not_": {"cookie", "third", "stored", "address", "read", "move", "focus"},
		"mailroom.age.":     {"minutes_10", "hour", "day", "more"},
		"mailroom.windows.": {"minute", "hour", "day"},
		"mail_late.":        {"minutes", "hours", "stuck_minutes", "stuck_hours"},
		"owners.size_":      {"loader", "frame", "tally", "picture"}, "owners.address_": {"oembed", "tally", "shields", "picture", "card"},
		"owners.kind_": {"picture", "frame", "live", "picture_text", "frame_text", "live_text"}, "owners.change_": {"room", "layouts", "first"},
		"owners.missing_": {"script", "sandbox", "coep", "storage", "blocker", "frames", "script_text", "sandbox_text", "coep_text", "storage_text", "blocker_text", "frames_text"},
		"portal.told_":    {"few", "covered"}, "bulletin.why_": {"held", "invalid"}, "bulletin.explain_": {"held", "invalid"}, "bulletin.none_": {"held", "invalid"},
		"figures.age.": {"day", "days_3", "week", "weeks_2", "month", "more"},
		"url.":         {"required", "long", "bad", "scheme", "user", "port", "host"},
		"country.":     offered, "kind.": offered, "reach.": offered, "mail_lang.": offered,
		"twins.reason.": reasons, "twins.flag.": flags, "twins.what.": {"application", "partner"},
		"together.fate.": {"verified", "in_review", "needs_info", "approved"},
		"reason.":        appeal.Reasons(), "held.by.": appeal.HeldBy, "held.without.": {"domain", "range", "partner"}, "held.done.": {appeal.Counted, appeal.Invalid},
		"sweeps.to.": movable, "sweeps.run.": movable, "sweeps.state_of.": append(movable, appeal.Withdrawn),
		"sweeps.is.":           {appeal.SweepLooking, appeal.SweepReady, appeal.SweepRunning, appeal.SweepDone, appeal.SweepCancelled, appeal.SweepUndoing, appeal.SweepUndone},
		"twins.partner_state.": {"active", "paused", "suspended", "left"},
	}
	verdicts, kinds, stoppable := []string{}, []string{}, []string{}
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
	for _, kind := range outbox.Kinds() {
		out["mail."+string(kind)+"."] = mails
		if kind.Stoppable() {
			stoppable = append(stoppable, string(kind))
		}
	}
	out["unsubscribe.kind."], out["unsubscribe.stopped_kind."] = stoppable, stoppable
	maps.Copy(out, evidenceFamilies())
	maps.Copy(out, scrutinyFamilies())
	maps.Copy(out, generatorFamilies())
	maps.Copy(out, wallFamilies())
	return out
}

// evidenceFamilies are those of the two questions of the desk.
func evidenceFamilies() map[string][]string {
	ways := append(keys(registry.ProofKinds), string(registry.ProofMailDomain))
	return map[string][]string{
		"proofs.kind.": ways, "proofs.how.": ways, "proofs.state.": keys(registry.ProofStates), "proofs.saw.": registry.Sights,
		"proofs.partner_": numbers(registry.MostNamed), "proofs.link_": numbers(registry.MostLinks),
		"vouch.answers.": keys(registry.VouchAnswers), "vouch.state.": keys(registry.VouchStates),
	}
}

// wallFamilies are those of messages and of reports.
func wallFamilies() map[string][]string {
	states := []string{appeal.MessageWaiting, appeal.MessageShown, appeal.MessageRefused}
	return map[string][]string{
		"console.wall.list.": appeal.MessageLists(), "console.wall.mark.": keys(plaintext.ContactKinds()), "console.wall.reason_of.": appeal.MessageReasons(),
		"console.wall.is.": states, "console.wall.done.": states[1:],
		"report.why_message.": report.Reasons(report.OfMessage), "report.why_partner.": report.Reasons(report.OfPartner),
	}
}

// scrutinyFamilies are those of limits and alarms.
func scrutinyFamilies() map[string][]string {
	return map[string][]string{
		"limits.kind.": scrutiny.Kinds(), "limits.bad_key.": scrutiny.Kinds(), "limits.field.": {"kind", "key", "minutes", "ask", "examine", "hold", "note"},
		"alarms.kind.": scrutiny.AlarmKinds(), "alarms.group.": scrutiny.GroupKinds(), "alarms.because.": scrutiny.EvidenceKinds(),
		"alarms.of.": {"held_overdue", "mail_late"},
	}
}

// layouts are the names of all.
func layouts() []string {
	var names []string
	for _, l := range banner.Layouts() {
		names = append(names, l.String())
	}
	return names
}

// generatorFamilies are those of the page on which partners choose a banner.
func generatorFamilies() map[string][]string {
	sites, ways, steps := portal.GeneratorNames()
	var themes []string
	for _, t := range banner.Themes() {
		themes = append(themes, t.String())
	}
	return map[string][]string{
		"generator.site.": sites, "generator.way.": ways, "generator.explain.": ways, "generator.step.": steps, "generator.layout.": layouts(),
		"generator.theme.": themes, "generator.ground.": {"light", "dark", "phone"}, "poster.size.": {"a4", "a5"},
		"generator.unread.": registry.Unread, "inspect.found.": keys(banner.Ways), "inspect.fault.": keys(banner.Faults),
	}
}

// keys are the names of a domain's values.
func keys[T ~string](values []T) []string {
	var out []string
	for _, v := range values {
		out = append(out, string(v))
	}
	return out
}

// numbers are 1 to most.
func numbers(most int) []string {
	var out []string
	for i := range most {
		out = append(out, strconv.Itoa(i+1))
	}
	return out
}

// deeds are all actions in the audit trail: those written out in the source,
// and those put together there from what stands before the dot and a state.
func deeds() []string {
	put := map[string][]string{"message.": {appeal.MessageShown, appeal.MessageRefused}, "report.": {report.Dismissed, report.Upheld, "reopened"}, "proof.": keys(registry.ProofStates),
		"vouch.": keys(registry.VouchStates), "design.": {"published", "withdrawn"}, "partner.change_": {"published", "refused"}}
	for _, s := range registry.States[1:] { // nothing is noted of a draft
		put["application."] = append(put["application."], string(s))
	}
	for _, s := range []registry.PartnerState{registry.Active, registry.Paused, registry.Suspended, registry.Left} {
		put["partner."] = append(put["partner."], string(s))
	}
	found := map[string]bool{"application.merged": true, "application.unmerged": true, "partner.merged": true, "partner.unmerged": true}
	for _, d := range staff.Deeds {
		found["staff."+d] = true
	}
	for _, d := range appeal.SweepDeeds {
		found["sweep."+d] = true
	}
	_ = filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(p)
		for _, m := range ofApplication.FindAllStringSubmatch(string(raw), -1) {
			found["application."+m[1]] = true
		}
		for _, m := range action.FindAllStringSubmatch(string(raw), -1) {
			members := []string{""}
			if m[2] != "" {
				if members = put[m[1]]; members == nil {
					members = []string{"?"} // no message has this id: say above what may follow
				}
			}
			for _, member := range members {
				found[m[1]+member] = true
			}
		}
		return err
	})
	return slices.Collect(maps.Keys(found))
}

var (
	ofApplication = regexp.MustCompile(`(?:\.deed\(tx, a, [a-zA-Z.]+, |\.answerSpeaker\(ctx, t, )"([a-z_]+)"`)
	action        = regexp.MustCompile(`(?:Action:\s*|by, )"([a-z_]+\.[a-z_]*)"( \+)?`)
	inTemplate    = regexp.MustCompile(`\.T \(?"([a-z0-9_.]+)"`)
	inCode        = regexp.MustCompile(`(?:fault\.New\([^,()]+, |\.T\(|[bB]ase\(c, (?:who, )?)"([a-z0-9_]+\.[a-z0-9_.]*[a-z0-9_])"`)
	comment       = regexp.MustCompile(`(?m)^\s*//.*$`)
	literal       = regexp.MustCompile(`"([a-z0-9_]+(?:\.[a-z0-9_]+)+)"`)
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
