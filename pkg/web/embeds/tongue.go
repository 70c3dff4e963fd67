package embeds

import (
	"strings"
	"sync/atomic"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/locale"
)

// longestTag bounds the work on a language tag, in bytes.
const longestTag = 35

// tongues are the languages, ready to speak of the present number.
type tongues struct {
	all    []*tongue
	byCode map[string]*tongue // in lower case
}

type tongue struct {
	*locale.Locale
	index int
	live  said // for frames
	drawn said // for pictures, whose number lags behind
}

func newTongues(words *locale.Catalogues) *tongues {
	t := &tongues{byCode: map[string]*tongue{}}
	for i, l := range words.Languages() {
		one := &tongue{Locale: words.For(l.Code), index: i}
		t.all = append(t.all, one)
		t.byCode[strings.ToLower(l.Code)] = one
	}
	return t
}

// of finds a language by its tag or a shorter one that it starts with, as "ko" for "ko-KR", or the default.
func (t *tongues) of(tag string) *tongue {
	if len(tag) <= longestTag {
		var buffer [longestTag]byte
		for lower := appendLower(buffer[:0], tag); len(lower) > 0; {
			if one := t.byCode[string(lower)]; one != nil {
				return one
			}
			lower = lower[:max(0, lastDash(lower))]
		}
	}
	return t.byCode[locale.Default]
}

func appendLower(dst []byte, s string) []byte {
	for i := range len(s) {
		b := s[i]
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		dst = append(dst, b)
	}
	return dst
}

func lastDash(b []byte) int {
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] == '-' {
			return i
		}
	}
	return -1
}

// said remembers the last sentence said, until the number changes.
type said struct {
	last atomic.Pointer[sentence]
}

type sentence struct {
	n      int64
	phrase *banner.Phrase
}

func (s *said) phrase(words banner.Words, n int64) *banner.Phrase {
	if last := s.last.Load(); last != nil && last.n == n {
		return last.phrase
	}
	next := &sentence{n: n, phrase: banner.NewPhrase(words, n)}
	s.last.Store(next)
	return next.phrase
}
