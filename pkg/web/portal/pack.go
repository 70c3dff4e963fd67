package portal

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/web"
)

// Files are the embeds as visitors get them.
type Files interface {
	// File is what stands at a path. NotFound where nothing does.
	File(path string, gzip bool) ([]byte, error)
	// Loader is the path of the latest one.
	Loader() string
}

// mostPacked bounds a pack, in bytes before it is compressed.
const mostPacked = 16 << 20

// sendPack answers with a ZIP for a site that allows no script of others: the
// loader, the pictures as they are now, an example, and how to use them in the
// language asked for. It has the same bytes until a number, a text or the day
// changes.
func (p *Portal) sendPack(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	if err := p.Allow(c, web.RoomLimit); err != nil {
		return err
	}
	lang := c.QueryParam("lang")
	if !p.Catalogues.Has(lang) {
		lang = rep.Lang
	}
	body, err := p.pack(partner.Slug, lang)
	if err != nil {
		return fmt.Errorf("pack the embeds of %s: %w", partner.Slug, err)
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="olivebranch-`+partner.Slug+`-`+lang+`.zip"`)
	return c.Blob(http.StatusOK, "application/zip", body)
}

// pack makes one pack at a time: drawing is work.
func (p *Portal) pack(slug, lang string) ([]byte, error) {
	p.packing.Lock()
	defer p.packing.Unlock()
	script, err := p.Files.File(p.Files.Loader(), false)
	if err != nil {
		return nil, err
	}
	k := newPack()
	k.add("README.txt", []byte(p.packedReadme(slug, lang)))
	k.add("example.html", []byte(p.packedExample(slug, lang)))
	k.add("v1.js", script)
	for _, layout := range banner.Layouts() {
		if layout == banner.Sticky {
			continue // its picture is that of the bar
		}
		for _, format := range []string{".svg", ".png"} {
			name := layout.String() + format
			picture, err := p.Files.File("/embed/"+slug+"/"+name+"?"+url.Values{"lang": {lang}}.Encode(), false)
			if err != nil && fault.KindOf(err) == fault.NotFound {
				continue // not drawn in this format
			}
			k.fail(err)
			k.add("pictures/"+name, picture)
		}
	}
	return k.close()
}

// pack is a ZIP in the making; the first error stays.
type pack struct {
	out  bytes.Buffer
	zip  *zip.Writer
	size int
	err  error
}

func newPack() *pack {
	k := &pack{}
	k.zip = zip.NewWriter(&k.out)
	return k
}

func (k *pack) fail(err error) {
	if k.err == nil {
		k.err = err
	}
}

// add adds a file; it has no time, so that the bytes do not tell when they
// were packed.
func (k *pack) add(name string, body []byte) {
	if k.size += len(body); k.size > mostPacked {
		k.fail(errors.New("the pack is too large"))
	}
	if k.err != nil {
		return
	}
	w, err := k.zip.Create(name)
	if err == nil {
		_, err = w.Write(body)
	}
	k.fail(err)
}

func (k *pack) close() ([]byte, error) {
	k.fail(k.zip.Close())
	return k.out.Bytes(), k.err
}

// packedReadme says in plain text what is in the pack and how to use it.
func (p *Portal) packedReadme(slug, lang string) string {
	l := p.Catalogues.For(lang)
	origin := p.BaseURL.Scheme + "://" + p.BaseURL.Host
	campaign := p.Embed.Campaign(lang)
	parts := []string{
		l.T("pack.title", "Campaign", campaign),
		l.T("pack.made", "Date", l.Date(p.Now().UnixMilli())),
		l.T("pack.pictures"),
		l.T("pack.script"),
		l.T("pack.policy"), "    frame-src " + origin,
		l.T("pack.end"),
		l.T("pack.more"), "    " + origin + "/" + lang + "/embed", "    " + banner.LinkOf(origin, slug),
	}
	return strings.Join(parts, "\n\n") + "\n"
}

// packedExample is a page that shows both ways; it needs nothing but the files
// beside it, and for the live banner this site's frame.
func (p *Portal) packedExample(slug, lang string) string {
	l := p.Catalogues.For(lang)
	origin := p.BaseURL.Scheme + "://" + p.BaseURL.Host
	link, words := banner.Escape(banner.LinkOf(origin, slug)), banner.Escape(l.T("embed.link", "Campaign", p.Embed.Campaign(lang)))
	width, height := banner.Bar.PictureSize()
	return fmt.Sprintf(`<!doctype html>
<html lang="%[1]s" dir="%[2]s">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>%[3]s</title>
<h1>%[3]s</h1>

<h2>%[4]s</h2>
<a href="%[5]s"><img src="pictures/bar.svg" alt="%[3]s" width="%[6]d" height="%[7]d" style="max-width:100%%;height:auto"></a>

<h2>%[8]s</h2>
%[9]s
<script async src="v1.js" data-home="%[10]s/embed/"></script>
</html>
`, l.Lang(), l.Dir(), words, banner.Escape(l.T("pack.with_picture")), link, width, height, banner.Escape(l.T("pack.with_script")),
		banner.Codes(banner.Spot{Base: origin, Slug: slug, Lang: lang}, l, p.Embed).Element, banner.Escape(origin))
}
