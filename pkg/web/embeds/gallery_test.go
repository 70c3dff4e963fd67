package embeds_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/testkit"
	"olivebranch/pkg/web/embeds"
	"olivebranch/static/fonts"
)

func TestEachLayoutIsAPictureOfItsSizeAndTwiceThat(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, layout := range banner.Layouts() {
		for _, scale := range []int{1, 2} {
			body := s.mustGet(t, fmt.Sprintf("/embed/acme/%s.png?scale=%d", layout, scale))
			drawn, err := png.Decode(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			w, h := layout.PictureSize()
			if size := drawn.Bounds().Size(); size != image.Pt(w*scale, h*scale) {
				t.Errorf("%s at %d: %v", layout, scale, size)
			}
			if _, ok := drawn.(*image.Paletted); !ok {
				t.Errorf("%s is %T", layout, drawn)
			}
			if layout == banner.Bar && scale == 1 && len(body) > 12_000 {
				t.Errorf("the bar has %d bytes", len(body))
			}
		}
	}
}

func TestAPictureIsDrawnOnceUntilWhatItShowsChanges(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { s.get("/embed/acme/bar.png?lang=ko") })
	}
	all.Wait()
	expect := func(n int64, why string) {
		t.Helper()
		if got := s.handler.Drawn(); got != n {
			t.Errorf("%d drawn, want %d: %s", got, n, why)
		}
	}
	expect(1, "twenty asked at once")
	first := s.get("/embed/acme/bar.png?lang=ko")
	s.figures.total.Store(98_765)
	s.clock.Store(start.Add(2 * time.Minute).UnixMilli()) // 10:04
	if again := s.get("/embed/acme/bar.png?lang=ko"); again.Header().Get("Etag") != first.Header().Get("Etag") || !bytes.Equal(again.Body.Bytes(), first.Body.Bytes()) {
		t.Error("another picture within five minutes")
	}
	expect(1, "the number is the same")
	s.clock.Store(start.Add(3 * time.Minute).UnixMilli())
	if again := s.get("/embed/acme/bar.png?lang=ko"); again.Header().Get("Etag") == first.Header().Get("Etag") {
		t.Error("the same ETag for another number")
	}
	expect(2, "another number")
	s.mustGet(t, "/embed/acme/bar.png?lang=ko&scale=2")
	expect(3, "another size")
	s.appeal.version.Add(1)
	s.mustGet(t, "/embed/acme/bar.png?lang=ko")
	expect(4, "another text")
}

func TestWhoHasThePictureGets304WithoutADrawing(t *testing.T) {
	t.Parallel()
	s, other := newSite(t), newSite(t)
	etag := other.get("/embed/acme/card.png").Header().Get("Etag")
	if r := s.get("/embed/acme/card.png", "If-None-Match", etag); r.Code != http.StatusNotModified || s.handler.Drawn() != 0 {
		t.Errorf("%d, %d drawn", r.Code, s.handler.Drawn())
	}
}

func TestPicturesKeepWithinTheirRoomAndTheOldestGoes(t *testing.T) {
	t.Parallel()
	const room = 12_000
	s := newSiteWith(t, pens(), room)
	for i := range 20 {
		slug := fmt.Sprintf("p%d", i)
		s.register[slug] = embeds.Partner{ID: int64(100 + i), Slug: slug, Name: "Peace House " + slug}
		s.mustGet(t, "/embed/"+slug+"/badge.png")
		s.mustGet(t, "/embed/"+slug+"/box.png")
		if _, used := s.handler.Kept(); used > room {
			t.Fatalf("%d bytes kept", used)
		}
	}
	kept, _ := s.handler.Kept()
	if kept < 2 || kept > 8 {
		t.Errorf("%d kept", kept)
	}
	drawn := s.handler.Drawn()
	s.mustGet(t, "/embed/p19/box.png")
	if s.handler.Drawn() != drawn {
		t.Error("the last one was not kept")
	}
	s.mustGet(t, "/embed/p0/box.png")
	if s.handler.Drawn() != drawn+1 {
		t.Error("the first one was kept")
	}
}

// While very many pictures are being drawn nobody waits for one where the
// campaign's own is at hand, and nobody gets an error.
func TestInARushTheCampaignsOwnPictureStandsIn(t *testing.T) {
	t.Parallel()
	held := newGate()
	s := newSiteWith(t, banner.NewPens(banner.NewFonts(held.FS(fonts.FS), nil, slog.Default()), 1), 1<<20)
	held.open()
	own := s.mustGet(t, "/embed/all/badge.png?lang=en")
	for i := range 4 { // each waits for the font of a script
		s.register[fmt.Sprintf("p%d", i)] = embeds.Partner{ID: int64(i + 1), Slug: fmt.Sprintf("p%d", i), Name: "เพื่อสันติภาพ " + fmt.Sprint(i)}
	}
	held.close()
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			if r := s.get(fmt.Sprintf("/embed/p%d/box.png", i)); r.Code != http.StatusOK || r.Header().Get("Cache-Control") != "public, max-age=300" {
				t.Errorf("%d %v", r.Code, r.Header())
			}
		})
	}
	testkit.Until(t, "four drawings", func() bool { return s.handler.Begun() == 4 })
	s.register["acme"] = embeds.Partner{ID: 1, Slug: "acme", Name: "ACME", Line: "x"}
	r := s.get("/embed/acme/badge.png?lang=en")
	if r.Body.String() != own || r.Header().Get("Cache-Control") != "public, max-age=15" || r.Header().Get("Etag") != s.get("/embed/all/badge.png?lang=en").Header().Get("Etag") {
		t.Errorf("%d %v", r.Code, r.Header())
	}
	held.open()
	all.Wait()
}

func TestTheTextBadgeSaysCampaignAndSignatures(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for path, wants := range map[string][]string{
		"/embed/acme/label.svg":            {`height="20"`, "Olivebranch Peace Appeal", "12,300 signatures", `fill="#55722f"`},
		"/embed/all/label.svg?lang=ko":     {"올리브가지 평화선언", "서명 12,300명"},
		"/embed/all/label.svg?lang=ar":     {`direction="rtl"`, "١٢٬٣٠٠"},
		"/embed/all/label.svg?theme=dark":  {`fill="#a9c77b"`},
		"/embed/acme/shields.json":         {`{"schemaVersion":1,"label":"Olivebranch Peace Appeal","message":"12,300 signatures","color":"55722f"}`},
		"/embed/acme/shields.json?lang=ko": {"서명 12,300명"},
	} {
		body := s.mustGet(t, path)
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s in %s", path, want, body)
			}
		}
		if strings.Contains(path, "json") && !json.Valid([]byte(body)) {
			t.Errorf("%s: %s", path, body)
		}
	}
	drawn, err := png.Decode(strings.NewReader(s.mustGet(t, "/embed/acme/label.png?scale=2")))
	if err != nil || drawn.Bounds().Dy() != 40 {
		t.Errorf("%v %v", drawn, err)
	}
	s.figures.total.Store(2_000_000)
	s.clock.Store(start.Add(10 * time.Minute).UnixMilli())
	if body := s.mustGet(t, "/embed/acme/label.svg"); !strings.Contains(body, "2,000,000 signatures") {
		t.Error(body)
	}
}
