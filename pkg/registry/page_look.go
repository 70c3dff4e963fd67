package registry

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"

	"olivebranch/pkg/address"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbound"
)

// sawFile is something else than a page of the web, with its type.
const sawFile = "file"

// Unread are why nothing can be told about a page. Each has a message
// generator.unread.<word>, with What.
var Unread = []string{sawStatus, sawNoName, sawNotPublic, sawSlow, sawCircle, sawFailure, sawFile}

// Look is a page that a representative names, so that it can be told what
// stands there. Without one to read, Sight is one of Unread, and Page has at
// most its address.
type Look struct {
	Page  outbound.Page
	Sight string
	What  string
}

// LookAt is how a page looks from outside. Invalid names the field url where
// the address is none of the public web; Unavailable when so much is looked at
// that this was not.
func (r *Registry) LookAt(ctx context.Context, page string) (Look, error) {
	refused := fault.Fields{}
	site, err := address.ParseWebsite(page)
	refused.Add("url", err)
	if err := refused.Err(); err != nil {
		return Look{}, err
	}
	got, err := r.Outside.Get(ctx, site.URL)
	if errors.Is(err, outbound.ErrBusy) {
		return Look{}, errProofBusy.Because(err)
	}
	if err != nil {
		return Look{Sight: sawBy(err)}, nil
	}
	at := outbound.Page{URL: got.URL}
	if got.Status != http.StatusOK {
		return Look{Page: at, Sight: sawStatus, What: strconv.Itoa(got.Status)}, nil
	}
	if kind := kindOf(got); kind != "text/html" && kind != "application/xhtml+xml" {
		return Look{Page: at, Sight: sawFile, What: kind}, nil
	}
	return Look{Page: got}, nil
}

// kindOf is the type of a page, as browsers take it; what cannot be one is as
// good as unknown.
func kindOf(p outbound.Page) string {
	said := p.Header.Get("Content-Type")
	if said == "" {
		said = http.DetectContentType(p.Body)
	}
	kind, _, err := mime.ParseMediaType(said)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return "application/octet-stream"
	}
	return kind
}

// Slugs are the names of a partner in links, now and once.
func (r *Registry) Slugs(ctx context.Context, partner int64) ([]string, error) {
	var slugs []string
	if err := r.Store.Read(ctx).Model(&slugRow{}).Where("partner_id = ?", partner).Pluck("slug", &slugs).Error; err != nil {
		return nil, fmt.Errorf("read the slugs of partner %d: %w", partner, err)
	}
	return slugs, nil
}
