package banner_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"olivebranch/pkg/banner"
)

func draw(t *testing.T, p banner.Picture, w banner.Words, a banner.Appeal, name string, n int64) string {
	t.Helper()
	p.Design = &banner.Design{}
	svg := string(banner.SVG(p, w, a).Append(nil, &banner.Values{Name: name, Phrase: banner.NewPhrase(w, n)}))
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return svg
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, svg)
		}
	}
}

func TestAPictureIsXMLWhateverTheNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "ACME", `</text><script>alert(1)</script>`, "a\x00\x1F\uFFFE\xFF&\"'", "\u202Emoor\u2069", strings.Repeat("각", 120)} {
		for _, theme := range banner.Themes() {
			hostile := appeal{campaign: name + "&", slogan: "<" + name}
			svg := draw(t, banner.Picture{Theme: theme}, english{}, hostile, name, 12_300)
			if strings.Contains(svg, "<script") || strings.Contains(svg, "\u202E") {
				t.Errorf("%q gets through:\n%s", name, svg)
			}
		}
	}
}

func TestAPictureSaysTheNumberAndTheNameAndOnlyTheOwnOneHasNone(t *testing.T) {
	t.Parallel()
	svg := draw(t, banner.Picture{}, english{}, peace, "ACME", 12_300)
	for _, want := range []string{"<title>Peace Appeal: 12,300 people have signed</title>", ">12,300</", "with \u2068ACME\u2069", "Sign the appeal"} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %q in\n%s", want, svg)
		}
	}
	if own := draw(t, banner.Picture{Variant: banner.OfCampaign}, english{}, peace, "", 12_300); strings.Contains(own, "with") {
		t.Errorf("the campaign's own picture has a partner:\n%s", own)
	}
}

func TestWordsThatDoNotFitAreShortenedAndTheNumberNever(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Peace and ", 12)
	if svg := draw(t, banner.Picture{}, english{}, peace, "ACME", 12_300); strings.Contains(svg, "…") {
		t.Errorf("short words are cut:\n%s", svg)
	}
	if svg := draw(t, banner.Picture{}, english{}, peace, long, 12_300); !strings.Contains(svg, "…") || strings.Contains(svg, long) {
		t.Errorf("a long name is not shortened:\n%s", svg)
	}
	if svg := draw(t, banner.Picture{}, english{}, appeal{campaign: long, slogan: long}, "ACME", 12_300); strings.Count(svg, "…") != 2 {
		t.Errorf("long texts are not shortened:\n%s", svg)
	}
	for _, l := range banner.Layouts() {
		if svg := draw(t, banner.Picture{Layout: l}, english{}, peace, "ACME", 1_000_000_000_000_000); !strings.Contains(svg, ">1,000,000,000,000,000</") {
			t.Errorf("a long number is cut:\n%s", svg)
		}
	}
}

// Names from short to too long, letter by letter: none is laid out wider than its room, and only those that would be are
// made smaller or cut.
func TestANameKeepsItsSizeWhileItFits(t *testing.T) {
	t.Parallel()
	for _, letter := range []string{"n", "평", "ن", "д"} {
		usual, smaller := 0, 0
		for n := 1; n < 60; n++ {
			name := strings.Repeat(letter, n)
			svg := draw(t, banner.Picture{Theme: banner.Light}, english{}, peace, name, 12_300)
			asItIs := strings.Contains(svg, `font-size="13" fill="#55607a">with `+"\u2068"+name+"\u2069</text>")
			if asItIs && smaller > 0 {
				t.Errorf("%d of %s fit, and fewer do not", n, letter)
			}
			if asItIs {
				usual++
			} else {
				smaller++
			}
		}
		if usual < 8 || smaller < 8 {
			t.Errorf("%s: %d fit, %d do not", letter, usual, smaller)
		}
	}
}

func TestAPictureIsMirroredFromRightToLeft(t *testing.T) {
	t.Parallel()
	ltr := draw(t, banner.Picture{}, english{}, peace, "ACME", 1)
	rtl := draw(t, banner.Picture{}, english{dir: "rtl"}, peace, "ACME", 1)
	if !strings.Contains(rtl, `direction="rtl"`) || !strings.Contains(ltr, `direction="ltr"`) {
		t.Error("no direction")
	}
	left, right := startOfFirstText(t, ltr), startOfFirstText(t, rtl)
	if left+right != 720 {
		t.Errorf("the first text starts at %v and at %v", left, right)
	}
}

func startOfFirstText(t *testing.T, svg string) float64 {
	t.Helper()
	_, rest, _ := strings.Cut(svg, `<text x="`)
	x, _, _ := strings.Cut(rest, `"`)
	f, err := strconv.ParseFloat(x, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
