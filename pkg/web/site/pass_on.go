package site

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
)

// passOn makes the links by which the appeal is passed on. via is the partner
// that gets the credit, nil for none.
func (s *Site) passOn(page view.Page, via *registry.Partner) view.ShareLinks {
	title := s.appealTitle(page)
	if via != nil {
		return s.passOnWith(page, via, page.T("share.words_partner", "Title", title, "Partner", via.Name))
	}
	return s.passOnWith(page, nil, page.T("share.words_appeal", "Title", title))
}

// passOnSigned does so for somebody who has signed.
func (s *Site) passOnSigned(page view.Page, via *registry.Partner) view.ShareLinks {
	return s.passOnWith(page, via, page.T("share.words_signed", "Title", s.appealTitle(page)))
}

func (s *Site) appealTitle(page view.Page) string {
	return s.Appeal.Current().Text(appeal.Title, page.Lang()).Body
}

func (s *Site) passOnWith(page view.Page, via *registry.Partner, sentence string) view.ShareLinks {
	links := view.NewShareLinks(page.Lang(), s.sharedAddress(page.Lang(), via), s.appealTitle(page), sentence)
	slug := banner.Own
	if via != nil {
		slug = via.Slug
	}
	links.QR = "/" + page.Lang() + "/qr/" + slug
	return links
}

// sharedAddress is what is passed on: the appeal, or the short link of the
// partner that gets the credit, both in the language of whoever passes it on.
func (s *Site) sharedAddress(lang string, via *registry.Partner) string {
	if via == nil {
		return s.BaseURL.JoinPath(lang, "/").String()
	}
	return banner.LinkOf(s.BaseURL.Scheme+"://"+s.BaseURL.Host, via.Slug) + "?" + url.Values{"lang": {lang}}.Encode()
}

// qrModule is the side of a square of the PNG in pixels.
const qrModule = 12

// showQR draws the address that is passed on as a QR code. The file is named
// after the partner that gets the credit, or banner.Own for the appeal.
func (s *Site) showQR(c echo.Context) error {
	slug, ending, _ := strings.Cut(c.Param("file"), ".")
	via, ok := s.Register.Active(slug)
	if !ok && slug != banner.Own {
		return registry.ErrNoPartner
	}
	address := s.sharedAddress(s.Lang(c), via)
	var drawn []byte
	var err error
	var kind string
	switch ending {
	case "svg":
		kind = "image/svg+xml; charset=utf-8"
		drawn, err = banner.QRSVG(address)
	case "png":
		kind = "image/png"
		drawn, err = banner.QRPNG(address, qrModule)
	default:
		return echo.ErrNotFound
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=3600")
	return c.Blob(http.StatusOK, kind, drawn)
}
