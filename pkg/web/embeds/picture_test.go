package embeds_test

import (
	"strings"
	"testing"
	"time"
)

func TestPicturesCarryThreeFiguresAndAreRedrawnEveryFiveMinutes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	expect := func(want string) {
		t.Helper()
		if svg := s.mustGet(t, "/embed/acme/bar.svg"); !strings.Contains(svg, ">"+want+"</") {
			t.Errorf("no %s in %s", want, svg)
		}
	}
	expect("12,300")
	s.figures.total.Store(98_765)
	s.clock.Store(start.Add(2*time.Minute + 59*time.Second).UnixMilli()) // 10:04:59
	expect("12,300")
	s.clock.Store(start.Add(3 * time.Minute).UnixMilli()) // 10:05
	expect("98,700")
}

func TestAPictureIsInTheLanguageAndThemeAskedFor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for query, want := range map[string]string{
		"lang=ar":               `xml:lang="ar" direction="rtl"`,
		"lang=ko":               "서명하기",
		"theme=dark":            `fill="#11182a"`,
		"theme=auto":            `fill="#fbfaf6"`,
		"lang=ko-KR&theme=dark": `xml:lang="ko"`,
	} {
		if svg := s.mustGet(t, "/embed/acme/bar.svg?"+query); !strings.Contains(svg, want) {
			t.Errorf("%s: no %s in %s", query, want, svg)
		}
	}
}
