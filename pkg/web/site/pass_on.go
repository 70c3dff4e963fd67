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
	if via != nil {
		return s.passOnWith(page, via, "share.words_partner")
	}
	return s.passOnWith(page, nil, "share.words_appeal")
}

// passOnSigned does so for somebody who has signed.
func (s *Site) passOnSigned(page view.Page, via *registry.Partner) view.ShareLinks {
	return s.passOnWith(page, via, "share.words_signed")
}

// passOnWith takes the id of the sentence; one that asks to sign makes no sense
// after the end.
func (s *Site) passOnWith(page view.Page, via *registry.Partner, words string) view.ShareLinks {
	current, partner := s.Appeal.Current(), ""
	if via != nil {
		partner = via.Name
	}
	if current.Ended(s.Now()) {
		words = "share.words_closed"
	}
	title := current.Text(appeal.Title, page.Lang()).Body
	links := view.NewShareLinks(page.Lang(), s.sharedAddress(page.Lang(), via), title, page.T(words, "Title", title, "Partner", partner))
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
