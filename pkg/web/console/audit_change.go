package console

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/design"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/registry"
)

// change is one value that a deed changed. Raw says that there are no words
// for what it is. Of is the language of a text that has several.
type change struct {
	What          string
	Of            string
	Raw           bool
	Before, After *value
}

// value is one as people read it. Own says that its words are no message.
type value struct {
	Words string
	Own   bool
}

// changes reads what changed from an entry's JSON. people are the names of
// staff.
func changes(l *locale.Locale, e audit.Entry, people map[int64]string) []change {
	before, after := members(e.Before), members(e.After)
	all := maps.Clone(before)
	maps.Copy(all, after)
	var out []change
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if slices.Contains(rowsOnly, name) {
			continue
		}
		field, lang, _ := strings.Cut(name, ".")
		what := said(l, "audit.field."+field, field)
		out = append(out, change{what, lang, what == field, valueOf(l, e, name, before, people), valueOf(l, e, name, after, people)})
	}
	return out
}

// rowsOnly are members that name a row for programs; to people the action has
// said it.
var rowsOnly = []string{"note", "reading"}

// members are those of a JSON object; a text in several languages is one for
// each, as texts.ko. What is no object is a member without a name.
func members(text string) map[string]any {
	out := map[string]any{}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber() // ids are too large for a float
	if text != "" && d.Decode(&out) != nil {
		return map[string]any{"": text}
	}
	for name, v := range out {
		texts, ok := v.(map[string]any) // by language
		if !ok {
			continue
		}
		delete(out, name)
		for lang, text := range texts {
			out[name+"."+lang] = text
		}
	}
	return out
}

// worded are the values that have messages: what the ids of these begin with,
// by kind of subject and member.
var worded = map[[2]string]string{
	{registry.OfApplication, "state"}:   "console.state.",
	{registry.OfApplication, "verdict"}: "console.verdict.",
	{design.Subject, "state"}:           "designs.state.",
	{appeal.SweepSubject, "state"}:      "sweeps.state_of.",
	{appeal.SweepSubject, "reason"}:     "reason.",
}

// valueOf is a member in words; nil when there is none.
func valueOf(l *locale.Locale, e audit.Entry, name string, of map[string]any, people map[int64]string) *value {
	v, ok := of[name]
	if !ok {
		return nil
	}
	switch v := v.(type) {
	case string:
		if prefix, ok := worded[[2]string{e.Subject, name}]; ok && l.Has(prefix+v) {
			return &value{Words: l.T(prefix + v)}
		}
		return &value{v, true}
	case json.Number:
		if id, err := v.Int64(); err == nil && name == "claimed_by" {
			return &value{people[id], true} // nobody is 0, and has no name
		}
		return &value{v.String(), true}
	}
	b, _ := json.Marshal(v) // it came out of JSON
	return &value{string(b), true}
}
