package logo_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/logo"
)

// noise is a picture that hardly compresses.
func noise(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32())
	}
	return m
}

// quarters is red, green, blue and white, each in its corner.
func quarters(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{R: 255, A: 255}
			switch {
			case x >= w/2 && y < h/2:
				c = color.NRGBA{G: 255, A: 255}
			case x < w/2 && y >= h/2:
				c = color.NRGBA{B: 255, A: 255}
			case y >= h/2:
				c = color.NRGBA{R: 255, G: 255, B: 255, A: 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func asPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asJPEG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// chunk is a chunk of a PNG.
func chunk(kind string, content []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	b = append(append(b, kind...), content...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// afterHeader puts chunks behind a PNG's first one.
func afterHeader(file []byte, chunks ...[]byte) []byte {
	return append(append(bytes.Clone(file[:33]), bytes.Join(chunks, nil)...), file[33:]...)
}

// claiming is a PNG whose header says another size than it has.
func claiming(file []byte, w, h uint32, depth byte) []byte {
	content := bytes.Clone(file[16:29])
	binary.BigEndian.PutUint32(content, w)
	binary.BigEndian.PutUint32(content[4:], h)
	content[8] = depth
	return append(append(bytes.Clone(file[:8]), chunk("IHDR", content)...), file[33:]...)
}

// exif is EXIF data with an orientation, in either order of bytes.
func exif(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("MM")
	if order == binary.LittleEndian {
		b = []byte("II")
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 274)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, orientation)
	return append(order.AppendUint16(b, 0), "Secret place"...)
}

// withExif puts EXIF data into a JPEG.
func withExif(file, data []byte) []byte {
	data = append([]byte("Exif\x00\x00"), data...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(data)+2))
	return append(append(head, data...), file[2:]...)
}

// webPicture is a WebP of one pixel, lossless.
func webPicture() []byte { return webFile(onePixel) }

var onePixel = riff("VP8L", []byte{0x2f, 0, 0, 0, 0x10, 0x07, 0x10, 0x11, 0x11, 0x88, 0x88, 0xfe, 0x07, 0})

// movingWebP has that pixel as its one frame.
func movingWebP() []byte {
	return webFile(riff("VP8X", []byte{0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0}), riff("ANIM", make([]byte, 6)), riff("ANMF", append(make([]byte, 16), onePixel...)))
}

func webFile(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func riff(kind string, content []byte) []byte {
	b := append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(content))), content...)
	return append(b, make([]byte, len(content)%2)...)
}

func read(t *testing.T, file []byte) (logo.Picture, error) {
	t.Helper()
	return logo.NewReader().Read(t.Context(), file)
}

// opened reads a file that must be good, and what came out of it.
func opened(t *testing.T, file []byte) (logo.Picture, image.Image) {
	t.Helper()
	p, err := read(t, file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(p.PNG))
	if err != nil {
		t.Fatal(err)
	}
	if b := m.Bounds(); b.Dx() != p.Width || b.Dy() != p.Height || len(p.Hash) != 32 {
		t.Errorf("says %d x %d, hash %q; is %v", p.Width, p.Height, p.Hash, b)
	}
	return p, m
}

func TestWhatIsNoPictureWeShowIsRefused(t *testing.T) {
	t.Parallel()
	good := asPNG(t, quarters(40, 40))
	photo := asJPEG(t, quarters(40, 40))
	var moving bytes.Buffer
	if err := gif.Encode(&moving, quarters(4, 4), nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, key string
		file      []byte
	}{
		{"nothing", "logo.type", nil},
		{"SVG with a script", "logo.type", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)},
		{"SVG behind an XML head", "logo.type", []byte(`<?xml version="1.0"?><svg/>`)},
		{"GIF", "logo.type", moving.Bytes()},
		{"GIF that is a script too", "logo.type", []byte("GIF89a/*" + strings.Repeat(" ", 40) + "*/=1;alert(1)")},
		{"HTML", "logo.type", []byte("<!doctype html><title>x</title>")},
		{"HTML before a PNG", "logo.type", append([]byte("<b>"), good...)},
		{"BMP", "logo.type", append([]byte("BM"), make([]byte, 100)...)},
		{"TIFF", "logo.type", append([]byte("II*\x00"), make([]byte, 100)...)},
		{"2 MB and a byte", "logo.large", append(bytes.Clone(good), make([]byte, logo.MostBytes)...)},
		{"PNG of 50,000 x 50,000", "logo.pixels", claiming(good, 50_000, 50_000, 8)},
		{"PNG of 4,000 x 2,001", "logo.pixels", claiming(good, 4_000, 2_001, 8)},
		{"PNG of 16 bits, 3,000 x 2,000", "logo.pixels", claiming(good, 3_000, 2_000, 16)},
		{"PNG of the largest size", "logo.broken", claiming(good, 1<<31-1, 1<<31-1, 8)},
		{"PNG of 0 x 0", "logo.broken", claiming(good, 0, 0, 8)},
		{"PNG that claims one row more", "logo.broken", claiming(good, 40, 41, 8)},
		{"PNG cut in the middle", "logo.broken", good[:len(good)/2]},
		{"PNG of its first bytes", "logo.broken", good[:8]},
		{"PNG with a wrong sum", "logo.broken", append(append(bytes.Clone(good[:45]), good[45]^1), good[46:]...)},
		{"JPEG cut in the middle", "logo.broken", photo[:len(photo)/2]},
		{"JPEG of its first bytes", "logo.broken", photo[:3]},
		{"JPEG of a thousand scans", "logo.broken", append(bytes.Clone(photo), bytes.Repeat([]byte{0xff, 0xda}, 1000)...)},
		{"WebP without a picture", "logo.broken", []byte("RIFF\x04\x00\x00\x00WEBPxxxx")},
		{"WebP cut", "logo.broken", webPicture()[:22]},
		{"WebP that moves", "logo.broken", movingWebP()},
	} {
		start := time.Now()
		_, err := read(t, c.file)
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Key != c.key {
			t.Errorf("%s: %v, want %s", c.what, err, c.key)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: took %v", c.what, took)
		}
	}
}

// Of every good file a byte is changed here and there: whatever becomes of
// it, nothing panics and nothing large comes out.
func TestADamagedPictureDoesNoHarm(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for _, file := range [][]byte{
		asPNG(t, quarters(30, 20)), asJPEG(t, quarters(30, 20)), webPicture(),
		withExif(asJPEG(t, quarters(30, 20)), exif(binary.LittleEndian, 6)),
		afterHeader(asPNG(t, quarters(30, 20)), chunk("eXIf", exif(binary.BigEndian, 6))),
	} {
		for range 400 {
			bad := bytes.Clone(file)
			for range 1 + r.IntN(4) {
				bad[8+r.IntN(len(bad)-8)] = byte(r.Uint32())
			}
			p, err := read(t, bad[:len(bad)-r.IntN(3)*r.IntN(len(bad)/2)])
			if err == nil && (p.Width > logo.Side || p.Height > logo.Side) || err != nil && fault.KindOf(err) != fault.Invalid {
				t.Fatalf("%d x %d, %v", p.Width, p.Height, err)
			}
		}
	}
}

func TestEachFormatComesOutAsAPNGWithItsPicture(t *testing.T) {
	t.Parallel()
	cmyk := image.NewCMYK(image.Rect(0, 0, 8, 8))
	deep := image.NewNRGBA64(image.Rect(0, 0, 8, 8))
	for y := range 8 {
		for x := range 8 {
			deep.SetNRGBA64(x, y, color.NRGBA64{R: 0xffff, A: 0xffff})
			cmyk.SetCMYK(x, y, color.CMYK{M: 255, Y: 255})
		}
	}
	plain := asPNG(t, quarters(8, 8))
	for _, c := range []struct {
		what string
		file []byte
		red  bool // at the upper left
	}{
		{"PNG", plain, true},
		{"PNG of 16 bits", asPNG(t, deep), true},
		{"PNG that moves", afterHeader(plain, chunk("acTL", []byte{0, 0, 0, 2, 0, 0, 0, 0})), true},
		{"JPEG", asJPEG(t, quarters(64, 64)), true},
		{"JPEG that was CMYK", asJPEG(t, cmyk), true},
		{"WebP", webPicture(), false},
	} {
		_, m := opened(t, c.file)
		r, g, b, _ := m.At(1, 1).RGBA()
		if red := r > 0xc000 && g < 0x3000 && b < 0x3000; red != c.red {
			t.Errorf("%s: at the upper left %x %x %x", c.what, r, g, b)
		}
	}
}

func TestOnlyWhatTheEyeSeesIsKept(t *testing.T) {
	t.Parallel()
	script := "<script>alert(document.domain)</script>"
	plain := asPNG(t, quarters(8, 8))
	for what, file := range map[string][]byte{
		"text in a PNG":      afterHeader(plain, chunk("tEXt", []byte("Comment\x00Secret place "+script))),
		"EXIF in a PNG":      afterHeader(plain, chunk("eXIf", exif(binary.BigEndian, 1))),
		"bytes behind a PNG": append(bytes.Clone(plain), "Secret place "+script...),
		"EXIF in a JPEG":     withExif(asJPEG(t, quarters(8, 8)), exif(binary.LittleEndian, 1)),
		"bytes behind JPEG":  append(asJPEG(t, quarters(8, 8)), "Secret place "+script...),
		"bytes behind WebP":  append(webPicture(), "Secret place "+script...),
	} {
		p, _ := opened(t, file)
		if bytes.Contains(p.PNG, []byte("Secret")) || bytes.Contains(p.PNG, []byte("script")) || !bytes.HasSuffix(p.PNG, chunk("IEND", nil)) {
			t.Errorf("%s is still there", what)
		}
		for _, kind := range []string{"tEXt", "eXIf", "iCCP", "tIME"} {
			if bytes.Contains(p.PNG, []byte(kind)) {
				t.Errorf("%s: a chunk %s came out", what, kind)
			}
		}
	}
}

func TestAPictureIsTurnedUpright(t *testing.T) {
	t.Parallel()
	names := map[[3]bool]string{{true, false, false}: "red", {false, true, false}: "green", {false, false, true}: "blue", {true, true, true}: "white"}
	// Where red, green, blue and white stand, as one reads, for each orientation.
	for orientation, want := range map[uint16]string{
		0: "red green blue white", 1: "red green blue white", 2: "green red white blue", 3: "white blue green red", 4: "blue white red green",
		5: "red blue green white", 6: "blue red white green", 7: "white green blue red", 8: "green white red blue", 9: "red green blue white",
	} {
		for what, file := range map[string][]byte{
			"PNG":                   afterHeader(asPNG(t, quarters(48, 32)), chunk("eXIf", exif(binary.BigEndian, orientation))),
			"JPEG":                  withExif(asJPEG(t, quarters(48, 32)), exif(binary.BigEndian, orientation)),
			"JPEG, the other order": withExif(asJPEG(t, quarters(48, 32)), exif(binary.LittleEndian, orientation)),
		} {
			p, m := opened(t, file)
			var got []string
			for _, at := range []image.Point{{4, 4}, {p.Width - 5, 4}, {4, p.Height - 5}, {p.Width - 5, p.Height - 5}} {
				r, g, b, _ := m.At(at.X, at.Y).RGBA()
				got = append(got, names[[3]bool{r > 0x8000, g > 0x8000, b > 0x8000}])
			}
			if strings.Join(got, " ") != want || (p.Width == 32) != (orientation >= 5 && orientation <= 8) {
				t.Errorf("%s, orientation %d: %v in %d x %d, want %s", what, orientation, got, p.Width, p.Height, want)
			}
		}
	}
}

func TestALargePictureBecomesSmallAndKeepsItsShape(t *testing.T) {
	t.Parallel()
	for _, c := range [][4]int{
		{20, 10, 20, 10}, {512, 512, 512, 512}, {513, 100, 512, 99}, {1000, 500, 512, 256}, {300, 2400, 64, 512}, {2828, 2828, 512, 512}, {1, 4000, 1, 512}, {100_000, 3, 512, 1},
	} {
		p, m := opened(t, asPNG(t, quarters(c[0], c[1])))
		if p.Width != c[2] || p.Height != c[3] {
			t.Errorf("%d x %d became %d x %d, want %d x %d", c[0], c[1], p.Width, p.Height, c[2], c[3])
		}
		if r, g, b, a := m.At(0, 0).RGBA(); c[0] > 1 && c[1] > 3 && (r < 0xe000 || g > 0x2000 || b > 0x2000 || a < 0xf000) {
			t.Errorf("%d x %d: at the upper left %x %x %x %x", c[0], c[1], r, g, b, a)
		}
	}
	if _, m := opened(t, asPNG(t, quarters(64, 64))); len(m.(*image.Paletted).Palette) != 4 {
		t.Error("four colours make no palette of four")
	}
	if p, _ := opened(t, asPNG(t, noise(512, 512))); len(p.PNG) > 1<<20+100_000 {
		t.Errorf("the worst picture takes %d bytes", len(p.PNG))
	}
}

// inUse is the memory of what lives and of what waits to be swept, in bytes.
func inUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// The heaviest pictures that are let in, several at once, stay within the
// memory the program may use, because they wait for each other.
func TestPicturesAreReadOneAtATime(t *testing.T) {
	heavy := asPNG(t, image.NewNRGBA64(image.Rect(0, 0, 2000, 2000)))
	r := logo.NewReader()
	runtime.GC()
	before, most := inUse(), uint64(0)
	done, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				most = max(most, inUse())
			}
		}
	}()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := r.Read(t.Context(), heavy); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	close(done)
	<-watched
	if more := (int64(most) - int64(before)) >> 20; more > 128 || most == 0 {
		t.Errorf("%d MB more than before", more)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Read(gone, heavy); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("who is gone: %v", err)
	}
}
