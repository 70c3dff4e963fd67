package testkit

import (
	"bytes"
	"image"
	"image/png"
	"testing"
)

// Picture is a small one, as PNG, for who uploads a logo.
func Picture(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
