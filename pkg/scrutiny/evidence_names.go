package scrutiny

import (
	"cmp"
	"strings"

	"olivebranch/pkg/plaintext"
)

// person is what some of a group said of themselves, unsealed for a moment.
type person struct{ name, local, domain string }

// scoreNames weighs the names of some that came one behind the other.
func scoreNames(people []person) []Evidence {
	if len(people) < fewest {
		return nil
	}
	var all []Evidence
	for _, judge := range []func([]person) (Evidence, bool){ordered, pattern, repeated} {
		if e, ok := judge(people); ok {
			all = append(all, e)
		}
	}
	return all
}

// ordered minds names in the order of the alphabet, by the whole name or by
// its last word, up or down. Of people who come by chance each second name
// stands behind the one before.
func ordered(people []person) (Evidence, bool) {
	best := Evidence{Kind: Ordered}
	for _, by := range []func(string) string{func(n string) string { return n }, lastFirst} {
		up, n := 0, 0
		for i := 1; i < len(people); i++ {
			switch cmp.Compare(by(people[i-1].name), by(people[i].name)) {
			case -1:
				up++
				n++
			case 1:
				n++
			}
		}
		most := max(up, n-up)
		p := 0
		switch low := wilson(most, n, 3.3); {
		case n < fewest:
		case low > .65:
			p = 3
		case low > .55:
			p = 2
		}
		if p > best.Points {
			best.Points, best.N, best.Share = p, int64(n), float64(most)/float64(n)
		}
	}
	return best, best.Points > 0
}

func lastFirst(name string) string {
	words := strings.Fields(name)
	if len(words) < 2 {
		return name
	}
	return words[len(words)-1] + " " + strings.Join(words[:len(words)-1], " ")
}

// pattern minds addresses that are made of names in one way, over several
// domains: within an organization they always are. Of people with large
// providers no way has more than a third.
func pattern(people []person) (Evidence, bool) {
	ways, domains, n := map[string]int{}, map[string]int{}, 0
	for _, p := range people {
		domains[p.domain]++
		if way := wayOf(p); way != "" {
			ways[way]++
			n++
		}
	}
	own := 0
	for _, m := range domains {
		own = max(own, m)
	}
	if n < fewest || len(domains) < 3 || own > len(people)*7/10 {
		return Evidence{}, false
	}
	e := Evidence{Kind: Pattern, N: int64(n)}
	most := 0
	for way, m := range ways {
		if way != otherWay {
			most = max(most, m)
		}
	}
	e.Share = float64(most) / float64(n)
	switch low := wilson(most, n, 2.33); {
	case low > .55:
		e.Points = 2
	case low > .42:
		e.Points = 1
	}
	return e, e.Points > 0
}

// wayOf says how a local part is made of a name: its words written as letters
// of the order in which they stand, digits as a number sign; "other" when it is
// not made of it, "" when the name has no letters that can stand in one.
func wayOf(p person) string {
	words := strings.Fields(p.name)
	if len(words) < 2 {
		return ""
	}
	for _, r := range p.name {
		if r > 127 {
			return ""
		}
	}
	first, last := words[0], words[len(words)-1]
	local := strings.ToLower(p.local)
	digits := strings.TrimRight(local, "0123456789")
	mark := ""
	if digits != local {
		mark, local = "#", digits
	}
	for way, made := range map[string]string{
		"f.l": first + "." + last, "fl": first + last, "f_l": first + "_" + last, "l.f": last + "." + first, "lf": last + first,
		"i.l": first[:1] + "." + last, "il": first[:1] + last, "f": first, "l": last, "fi": first + last[:1],
	} {
		if local == made {
			return way + mark
		}
	}
	return otherWay
}

const otherWay = "other"

// repeated minds whole names that come again. In a village it is surnames that
// do.
func repeated(people []person) (Evidence, bool) {
	seen, again := map[string]bool{}, 0
	for _, p := range people {
		if seen[p.name] {
			again++
		}
		seen[p.name] = true
	}
	e := Evidence{Kind: Repeated, N: int64(len(people)), Share: float64(again) / float64(len(people))}
	if wilson(again, len(people), 2.33) > .12 {
		e.Points = 1
	}
	return e, e.Points > 0
}

func foldName(name string) string { return plaintext.Fold(name) }
