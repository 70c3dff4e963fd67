package appeal

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"olivebranch/pkg/address"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
)

// Rule says which signatures a sweep is about: those that answer to all that
// is set. It is stored as JSON.
type Rule struct {
	IDs     int    `json:"ids,omitempty"`    // so many, named one by one
	State   string `json:"state,omitempty"`  // in which they are; "" for any
	Reason  string `json:"reason,omitempty"` // why they are held or invalid
	Partner *int64 `json:"partner,omitempty"`
	Country string `json:"country,omitempty"`
	From    int64  `json:"from,omitempty"` // confirmed then or later, Unix milliseconds
	To      int64  `json:"to,omitempty"`   // confirmed before
	// How much of Typed there is, which is known for longer.
	Domains int  `json:"domains,omitempty"`
	Ranges  int  `json:"ranges,omitempty"`
	Named   bool `json:"named,omitempty"`

	Typed Typed `json:"-"`
}

// Typed is what of a rule says something about people. It is stored sealed and
// erased after the time for which address ranges are kept.
type Typed struct {
	Domains []string `json:"domains,omitempty"` // of mail, as in addresses
	Ranges  []string `json:"ranges,omitempty"`  // prefixes
	Codes   []string `json:"codes,omitempty"`   // keyed hashes of ranges, hex: what is known of them afterwards
	Name    string   `json:"name,omitempty"`
	Glob    bool     `json:"glob,omitempty"` // in Name * stands for anything, ? for one letter
}

// Bounds of a rule.
const (
	mostDomains = 50
	mostRanges  = 20
	// mostWide is how many ranges as they are stored one wider prefix may hold:
	// a /16, or a /40 of IPv6.
	mostWide = 256
)

// Faults of a rule, each beside its field.
var (
	errAnybody   = fault.New(fault.Invalid, "sweeps.anybody")
	errDomain    = fault.New(fault.Invalid, "sweeps.domain_bad")
	errRange     = fault.New(fault.Invalid, "sweeps.range_bad")
	errRangeWide = fault.New(fault.Invalid, "sweeps.range_wide")
	errName      = fault.New(fault.Invalid, "sweeps.name_bad")
	errTimes     = fault.New(fault.Invalid, "sweeps.times_bad")
	errSame      = fault.New(fault.Invalid, "sweeps.same_state")
	errState     = fault.New(fault.Invalid, "sweeps.state_bad")
)

// narrow says whether the rule asks for more than a time: nobody moves all
// signatures of a day by leaving fields empty. What is held or invalid is few
// enough.
func (r Rule) narrow() bool {
	return r.Reason != "" || r.Country != "" || r.Partner != nil || r.Domains+r.Ranges > 0 || r.Named || r.State == Held || r.State == Invalid
}

// clean puts a rule as typed into the shape in which it is stored. Invalid
// names the fields domains, ranges, name, state, to and from.
func (r Rule) clean(to Mark) (Rule, error) {
	refused := fault.Fields{}
	var err error
	r.Typed.Domains, err = cleanDomains(r.Typed.Domains)
	refused.Add("domains", err)
	r.Typed.Ranges, err = cleanRanges(r.Typed.Ranges)
	refused.Add("ranges", err)
	r.Typed.Name, err = cleanPattern(r.Typed)
	refused.Add("name", err)
	r.Domains, r.Ranges, r.Named = len(r.Typed.Domains), len(r.Typed.Ranges)+len(r.Typed.Codes), r.Typed.Name != ""
	switch {
	case r.State != "" && !slices.Contains([]string{Counted, Held, Invalid}, r.State):
		refused.Add("state", errState)
	case r.State == to.State:
		refused.Add("state", errSame)
	}
	if r.To != 0 && r.From >= r.To {
		refused.Add("to", errTimes)
	}
	if err := refused.Err(); err != nil {
		return r, err
	}
	if !r.narrow() {
		return r, errAnybody
	}
	return r, nil
}

func cleanDomains(typed []string) ([]string, error) {
	var out []string
	for _, d := range typed {
		mail, err := address.ParseMail("somebody@" + strings.TrimPrefix(strings.TrimSpace(d), "@"))
		if err != nil {
			return typed, errDomain.Because(err)
		}
		if !slices.Contains(out, mail.Domain()) {
			out = append(out, mail.Domain())
		}
	}
	if len(out) > mostDomains {
		return typed, errDomain
	}
	return out, nil
}

func cleanRanges(typed []string) ([]string, error) {
	var out []string
	for _, t := range typed {
		p, err := readRange(t)
		if err != nil {
			return typed, err
		}
		if !slices.Contains(out, p.String()) {
			out = append(out, p.String())
		}
	}
	if len(out) > mostRanges {
		return typed, errRange
	}
	return out, nil
}

// readRange reads an address or a prefix; what is narrower than the ranges
// that are stored becomes the one it is in.
func readRange(s string) (netip.Prefix, error) {
	s = strings.TrimSpace(s)
	p, err := netip.ParsePrefix(s)
	if err != nil {
		ip, ipErr := netip.ParseAddr(s)
		if ipErr != nil {
			return p, errRange.Because(err)
		}
		return address.RangeOf(ip), nil
	}
	if whole := address.RangeOf(p.Addr()); p.Bits() >= whole.Bits() {
		return whole, nil
	}
	if len(address.RangesIn(p, mostWide)) == 0 {
		return p, errRangeWide
	}
	return p.Masked(), nil
}

func cleanPattern(t Typed) (string, error) {
	name, err := plaintext.Clean(t.Name, plaintext.PersonName)
	if err == nil && name != "" && strings.Trim(plaintext.Fold(name), "*? ") == "" {
		err = errName
	}
	return name, err
}

// text is the rule as stored.
func (r Rule) text() string {
	b, _ := json.Marshal(r) // of plain values, which JSON can always hold
	return string(b)
}

// sealedTerms binds what staff typed to the row of its sweep.
const sealedTerms = "sweeps.terms"

func (s *Sweeps) sealTerms(id int64, t Typed) ([]byte, error) {
	b, err := json.Marshal(t)
	if err != nil || string(b) == "{}" {
		return nil, err
	}
	return s.Keys.Seal(sealedTerms, id, b), nil
}

// RuleOf is the rule of a sweep, with what was typed unless that was erased.
func (s *Sweeps) RuleOf(w *Sweep) (Rule, error) {
	var r Rule
	if err := json.Unmarshal([]byte(w.Rule), &r); err != nil {
		return r, fmt.Errorf("read the rule of sweep %d: %w", w.ID, err)
	}
	plain, err := s.Keys.Open(sealedTerms, w.ID, w.Terms)
	if err != nil || len(plain) == 0 {
		return r, err
	}
	if err := json.Unmarshal(plain, &r.Typed); err != nil {
		return r, fmt.Errorf("read what was typed for sweep %d: %w", w.ID, err)
	}
	return r, nil
}

// matchName says whether a name is one that the rule means: it holds what was
// typed, or as a pattern is just that; case, accents and width make no
// difference.
func (t Typed) matchName() func(name string) bool {
	if !t.Glob {
		part := plaintext.Fold(t.Name)
		return func(name string) bool { return strings.Contains(plaintext.Fold(name), part) }
	}
	pattern := regexp.QuoteMeta(plaintext.Fold(t.Name))
	pattern = strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(pattern)
	whole := regexp.MustCompile("(?s)^(?:" + pattern + ")$")
	return func(name string) bool { return whole.MatchString(plaintext.Fold(name)) }
}
