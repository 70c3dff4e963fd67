package registry

import (
	"slices"
	"strings"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
)

// Why what was typed names no partner.
var (
	errPartnerNone    = fault.New(fault.Invalid, "vouch.partner_none")
	errPartnerSeveral = fault.New(fault.Invalid, "vouch.partner_several")
)

// Named finds the one active partner that people mean: by the short name in
// its links, by the address of its page, or by its name or a part of it that
// no other has. Faults: text.required, vouch.partner_none,
// vouch.partner_several.
func (r *Register) Named(typed string) (*Partner, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return nil, fault.New(fault.Invalid, "text.required")
	}
	slug := strings.ToLower(strings.TrimRight(typed, "/"))
	if p, ok := r.Active(slug[strings.LastIndexByte(slug, '/')+1:]); ok {
		return p, nil
	}
	if len(typed) > plaintext.OrganizationName.Bytes {
		return nil, errPartnerNone
	}
	words := plaintext.SearchWords(typed)
	var exact, found []*Partner
	for _, p := range r.now.Load().active {
		if len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(p.NameFolded, w) }) {
			continue
		}
		if slices.Equal(words, plaintext.SearchWords(p.Name)) || slices.Equal(words, plaintext.SearchWords(p.NameLatin)) {
			exact = append(exact, p)
		}
		found = append(found, p)
	}
	if len(exact) > 0 {
		found = exact
	}
	switch len(found) {
	case 0:
		return nil, errPartnerNone
	case 1:
		return found[0], nil
	}
	return nil, errPartnerSeveral
}
