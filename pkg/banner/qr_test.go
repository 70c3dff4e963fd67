package banner_test

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"strings"
	"testing"

	"olivebranch/pkg/banner"
)

func TestAQRCodeHasItsQuietMarginInBothFormats(t *testing.T) {
	t.Parallel()
	const link = "https://appeal.example.org/p/acme-foundation"
	svg, err := banner.QRSVG(link)
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(svg, new(struct{})); err != nil {
		t.Errorf("not XML: %v", err)
	}
	// The finder pattern begins behind four quiet modules.
	if !bytes.Contains(svg, []byte(`d="M4 4h7v1h-7z`)) {
		t.Errorf("no finder pattern at 4,4: %.300s", svg)
	}
	drawn, err := banner.QRPNG(link, 8)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(drawn))
	if err != nil {
		t.Fatal(err)
	}
	for y := range 32 {
		for x := range 32 {
			if r, _, _, _ := picture.At(x, y).RGBA(); r == 0 {
				t.Fatalf("the margin is dark at %d,%d", x, y)
			}
		}
	}
	if r, _, _, _ := picture.At(36, 36).RGBA(); r != 0 {
		t.Error("no finder pattern behind the margin")
	}
	if _, err := banner.QRSVG(strings.Repeat("x", 5000)); err == nil {
		t.Error("a code without end")
	}
}
