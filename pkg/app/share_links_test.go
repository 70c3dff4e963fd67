package app_test

import (
	"bytes"
	"image/png"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"olivebranch/pkg/testkit"
)

// passedOn is the address that a page offers to pass on, and the sentence that
// a mail with it has.
func passedOn(t *testing.T, p *testkit.Page) (address, words string) {
	t.Helper()
	p.Each(func(n *html.Node) {
		at := map[string]string{}
		for _, a := range n.Attr {
			at[a.Key] = a.Val
		}
		if at["id"] == "share-address" {
			address = at["value"]
		}
		if mail, ok := strings.CutPrefix(at["href"], "mailto:?"); ok {
			v, err := url.ParseQuery(mail)
			if err != nil {
				t.Error(err)
			}
			words = v.Get("body")
		}
	})
	return address, words
}

// TestWhatIsPassedOnKeepsTheCredit: of the partner that brought the reader, on
// the appeal and after signing, in the reader's language.
func TestWhatIsPassedOnKeepsTheCredit(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	a.AddPartner("Harbour Choir", "harbour-choir")
	base := a.BaseURL.String()
	own, words := passedOn(t, a.Client().Get("/ko/"))
	if own != base+"/ko/" || !strings.Contains(words, own) {
		t.Errorf("the appeal passes on %q with %q", own, words)
	}
	through, words := passedOn(t, a.Client().Get("/ko/?via=harbour-choir"))
	if through != base+"/p/harbour-choir?lang=ko" || !strings.Contains(words, through) || !strings.Contains(words, "Harbour Choir") {
		t.Errorf("who came through a partner passes on %q with %q", through, words)
	}
	if p := a.Client().Get(strings.TrimPrefix(through, base)); p.URL.Path != "/ko/sign" || !p.Has("Harbour Choir") {
		t.Errorf("it leads to %s: %s", p.URL, p.Text())
	}
	link := path(a.Sign("/ar/sign?via=harbour-choir", "Mina Example", "mina@example.org"))
	page := a.Client().Get(link).Submit(link)
	signed, words := passedOn(t, page)
	if signed != base+"/p/harbour-choir?lang=ar" || !strings.Contains(words, signed) {
		t.Errorf("who has signed passes on %q with %q", signed, words)
	}
	token := last(page.URL.Path)
	page.Each(func(n *html.Node) {
		for _, at := range n.Attr {
			if n.Data == "a" && at.Key == "href" && !strings.HasPrefix(at.Val, "/") && strings.Contains(at.Val, token) {
				t.Errorf("the link to the signature is given away: %s", at.Val)
			}
		}
	})
}

// TestTheAddressIsAPictureToScan in both formats, named after who gets the
// credit.
func TestTheAddressIsAPictureToScan(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	a.AddPartner("Harbour Choir", "harbour-choir")
	var seen []string
	for _, at := range []string{"/ko/qr/all", "/en/qr/all", "/ko/qr/harbour-choir"} {
		drawn := a.Client().Get(at + ".svg")
		if drawn.Status != 200 || drawn.Header.Get("Content-Type") != "image/svg+xml; charset=utf-8" || slices.Contains(seen, drawn.Body) {
			t.Errorf("%s.svg: status %d, %s, or another's picture", at, drawn.Status, drawn.Header.Get("Content-Type"))
		}
		seen = append(seen, drawn.Body)
		p := a.Client().Get(at + ".png")
		if i, err := png.Decode(bytes.NewReader([]byte(p.Body))); err != nil || i.Bounds().Dx() < 300 {
			t.Errorf("%s.png: status %d, %v", at, p.Status, err)
		}
	}
	for _, at := range []string{"/ko/qr/nobody.svg", "/ko/qr/all.gif", "/ko/qr/all", "/ko/qr/.svg"} {
		if p := a.Client().Get(at); p.Status != 404 {
			t.Errorf("%s: status %d", at, p.Status)
		}
	}
}
