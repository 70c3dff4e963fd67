// Package logo turns a picture that a stranger sends into one that can be
// shown: small, upright, without anything but what the eye sees. It decides
// what is read at all by the picture's own first bytes, measures it before it
// decodes it, and writes a new file, so that neither metadata nor bytes
// behind the picture's end survive.
//
// It leaves to others who may send one, and where it is kept.
package logo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"

	"olivebranch/pkg/fault"
)

// Limits of what is read.
const (
	MostBytes  = 2 << 20
	mostPixels = 8_000_000
	// heavyPixels is the limit for pictures whose decoding takes twice the
	// memory and more: 16 bits a channel (8 bytes a pixel), and JPEGs that
	// come in several scans (up to 16 bytes a pixel).
	heavyPixels = 4_000_000
	// mostScans bounds the passes over a JPEG that comes in several: usual are
	// ten or so, and one of a few bytes costs as much time as a large one.
	mostScans = 64
)

// Side is the longest side of what comes out, in pixels.
const Side = 512

// Picture is a logo as it is kept.
type Picture struct {
	PNG           []byte
	Width, Height int
	Hash          string // 32 hexadecimal digits, of the PNG
}

// Reader reads pictures, one at a time, because a decoded one may take 100 MB.
// Safe for concurrent use.
type Reader struct{ turn chan struct{} }

// NewReader makes the one Reader of a process.
func NewReader() *Reader { return &Reader{turn: make(chan struct{}, 1)} }

// Why a picture is refused.
var (
	errType   = fault.New(fault.Invalid, "logo.type")
	errBroken = fault.New(fault.Invalid, "logo.broken")
)

// format is a kind of picture we read.
type format struct {
	config func(b []byte) (image.Config, error)
	decode func(b []byte) (image.Image, error)
	exif   func(b []byte) []byte
	heavy  func(b []byte, c image.Config) bool
}

var formats = []struct {
	is func(b []byte) bool
	format
}{
	{isPNG, format{
		func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) },
		func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) },
		exifOfPNG, deep,
	}},
	{isJPEG, format{
		func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) },
		func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) },
		exifOfJPEG, progressive,
	}},
	{isWebP, format{
		func(b []byte) (image.Config, error) { return webp.DecodeConfig(bytes.NewReader(b)) },
		func(b []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(b)) },
		exifOfWebP, func([]byte, image.Config) bool { return false },
	}},
}

func isPNG(b []byte) bool  { return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) }
func isJPEG(b []byte) bool { return bytes.HasPrefix(b, []byte("\xff\xd8\xff")) }
func isWebP(b []byte) bool {
	return len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP"
}

// deep says that a picture has 16 bits a channel.
func deep(_ []byte, c image.Config) bool {
	switch c.ColorModel {
	case color.RGBA64Model, color.NRGBA64Model, color.Gray16Model:
		return true
	}
	return false
}

// Read makes a logo of a file. It waits for its turn, and gives up when ctx
// ends.
//
// Faults: logo.large{Max} in MB, logo.type, logo.pixels{Max} in millions,
// logo.broken.
func (r *Reader) Read(ctx context.Context, file []byte) (Picture, error) {
	if len(file) > MostBytes {
		return Picture{}, fault.New(fault.Invalid, "logo.large", "Max", MostBytes>>20)
	}
	for _, f := range formats {
		if f.is(file) {
			select {
			case r.turn <- struct{}{}:
			case <-ctx.Done():
				return Picture{}, ctx.Err()
			}
			defer func() { <-r.turn }()
			return f.read(file)
		}
	}
	return Picture{}, errType
}

// read measures, decodes and writes anew. The decoders are others' code, fed
// by strangers: should one panic, the picture is broken and the program not.
func (f format) read(file []byte) (p Picture, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, err = Picture{}, errBroken.Because(fmt.Errorf("the decoder panics: %v", r))
		}
	}()
	if isJPEG(file) && bytes.Count(file, []byte{0xff, 0xda}) > mostScans {
		return p, errBroken
	}
	c, err := f.config(file)
	if err != nil {
		return p, errBroken.Because(err)
	}
	most := int64(mostPixels)
	if f.heavy(file, c) {
		most = heavyPixels
	}
	if c.Width < 1 || c.Height < 1 {
		return p, errBroken
	}
	if int64(c.Width)*int64(c.Height) > most {
		return p, fault.New(fault.Invalid, "logo.pixels", "Max", most/1_000_000)
	}
	m, err := f.decode(file)
	if err != nil {
		return p, errBroken.Because(err)
	}
	return write(upright(fit(m), orientation(f.exif(file))))
}

// write makes the file: with a palette when that loses nothing.
func write(m *image.NRGBA) (Picture, error) {
	var out image.Image = m
	if small := paletted(m); small != nil {
		out = small
	}
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestCompression}
	if err := e.Encode(&b, out); err != nil {
		return Picture{}, errors.Join(errors.New("write the logo"), err)
	}
	sum := sha256.Sum256(b.Bytes())
	return Picture{PNG: b.Bytes(), Width: m.Rect.Dx(), Height: m.Rect.Dy(), Hash: hex.EncodeToString(sum[:16])}, nil
}

// paletted is m with at most 256 colours, nil when it has more.
func paletted(m *image.NRGBA) *image.Paletted {
	index := map[color.NRGBA]uint8{}
	out := image.NewPaletted(m.Rect, nil)
	for i := 0; i < len(m.Pix); i += 4 {
		c := color.NRGBA{m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3]}
		if c.A == 0 {
			c = color.NRGBA{} // what nobody sees has no colour
		}
		at, known := index[c]
		if !known {
			if len(index) == 256 {
				return nil
			}
			at = uint8(len(index))
			index[c] = at
			out.Palette = append(out.Palette, c)
		}
		out.Pix[i/4] = at
	}
	return out
}
