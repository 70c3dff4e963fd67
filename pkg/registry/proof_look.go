package registry

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/net/html"

	"olivebranch/pkg/address"
	"olivebranch/pkg/outbound"
)

// Outside is the internet as everybody sees it; *outbound.Client is it.
type Outside interface {
	Get(ctx context.Context, url string) (outbound.Page, error)
	TXT(ctx context.Context, name string) ([]string, error)
}

// What was seen, as the first word of Proof.Detail. Each has a message
// proofs.saw.<sight>, with the second word as its What.
const (
	sawCode      = "code"      // what was looked for
	sawNothing   = "nothing"   // the page, without what was looked for
	sawStatus    = "status"    // an HTTP status
	sawElsewhere = "elsewhere" // another site, with its host
	sawNoName    = "no_name"
	sawNotPublic = "not_public"
	sawSlow      = "slow"
	sawCircle    = "circle" // too many redirects
	sawFailure   = "failure"
	sawSame      = "same"      // a mail at the site's domain
	sawForeign   = "foreign"   // a mail at another domain
	sawFreeMail  = "free_mail" // a mail at a provider
)

// Sights are all of them.
var Sights = []string{sawCode, sawNothing, sawStatus, sawElsewhere, sawNoName, sawNotPublic, sawSlow, sawCircle, sawFailure, sawSame, sawForeign, sawFreeMail}

// sight is what one look saw.
type sight struct {
	state  ProofState
	detail string
}

// claim is what is looked for, and where.
type claim struct {
	kind   ProofKind
	site   address.Website // the organization's
	target string
	codes  []string
	banner func(outbound.Page) bool // finds the partner's; for that kind
}

// look goes and sees, within a quarter of a minute. errProofBusy when nobody
// could go: that is no look, and says nothing about the site.
func (c claim) look(ctx context.Context, outside Outside) (sight, error) {
	if c.kind == ProofDNS {
		return c.lookInDNS(ctx, outside), nil
	}
	page, err := outside.Get(ctx, c.target)
	if errors.Is(err, outbound.ErrBusy) {
		return sight{}, errProofBusy.Because(err)
	}
	if err != nil {
		return sight{ProofUnreachable, sawBy(err)}, nil
	}
	if page.Status != http.StatusOK {
		s := sight{ProofMissing, sawStatus + " " + strconv.Itoa(page.Status)}
		if page.Status >= 500 || page.Status == http.StatusForbidden || page.Status == http.StatusTooManyRequests {
			s.state = ProofUnreachable
		}
		return s, nil
	}
	return c.read(page), nil
}

// sawBy is the reason why there was no answer.
func sawBy(err error) string {
	for reason, saw := range map[error]string{outbound.ErrRefused: sawNotPublic, outbound.ErrNoName: sawNoName,
		outbound.ErrSlow: sawSlow, outbound.ErrRedirects: sawCircle} {
		if errors.Is(err, reason) {
			return saw
		}
	}
	return sawFailure
}

// read looks for the sign on a page that came. A page that a redirect led to
// must still be the applicant's: else anybody's site with an open redirect
// would be everybody's.
func (c claim) read(page outbound.Page) sight {
	end, err := address.ParseWebsite(page.URL)
	if err != nil || !onSite(end, c.site) || c.kind.NeedsPage() && !partOfSite(end, c.site) {
		return sight{ProofMissing, strings.TrimSpace(sawElsewhere + " " + end.Host)}
	}
	found := false
	switch c.kind {
	case ProofMeta:
		found = slices.ContainsFunc(metaTags(page.Body), c.isCode)
	case ProofWellKnown:
		found = slices.ContainsFunc(strings.Fields(string(page.Body)), c.isCode)
	case ProofPost:
		text := string(bytes.ToLower(page.Body))
		found = !c.echoes(page.URL) && slices.ContainsFunc(c.codes, func(code string) bool { return strings.Contains(text, code) })
	case ProofEmbed:
		found = c.banner(page)
	}
	if found {
		return sight{ProofFound, sawCode}
	}
	return sight{ProofMissing, sawNothing}
}

func (c claim) isCode(s string) bool {
	return slices.Contains(c.codes, strings.ToLower(strings.TrimSpace(s)))
}

// echoes says that an address holds the code: pages that show what they were
// asked for, such as searches, then hold it too, whoever asks.
func (c claim) echoes(page string) bool {
	for range 3 { // escaped once more than that, no page would show it
		page = strings.ToLower(page)
		if slices.ContainsFunc(c.codes, func(code string) bool { return strings.Contains(page, code) }) {
			return true
		}
		if plain, err := url.QueryUnescape(page); err == nil {
			page = plain
		}
	}
	return false
}

// lookInDNS reads the records of the host, of the host without "www.", where
// a record can stand beside an alias, and of the names for this purpose below
// both; all at once, so that servers that are silent cost the time of one.
func (c claim) lookInDNS(ctx context.Context, outside Outside) sight {
	hosts := []string{c.site.Host}
	if bare, ok := strings.CutPrefix(c.site.Host, "www."); ok {
		hosts = append(hosts, bare)
	}
	var names []string
	for _, host := range hosts {
		names = append(names, TXTPrefix+host, host)
	}
	texts, errs := make([][]string, len(names)), make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { texts[i], errs[i] = outside.TXT(ctx, name) })
	}
	all.Wait()
	seen := sight{ProofMissing, sawNoName}
	for i, err := range errs {
		switch {
		case err == nil && slices.ContainsFunc(texts[i], c.inText):
			return sight{ProofFound, sawCode}
		case err == nil && seen.state == ProofMissing:
			seen.detail = sawNothing
		case err != nil && !errors.Is(err, outbound.ErrNoName):
			seen = sight{ProofUnreachable, sawBy(err)}
		}
	}
	return seen
}

// inText finds the code in a record, alone or as olivebranch=CODE.
func (c claim) inText(record string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(record, func(r rune) bool { return r == '=' || r == ' ' || r == ';' || r == '"' }), c.isCode)
}

// metaTags are the contents of the meta tags with our name. Tags in the body
// do not count: there stand other people's words.
func metaTags(page []byte) []string {
	var found []string
	tags := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch tags.Next() {
		case html.ErrorToken:
			return found
		case html.StartTagToken, html.SelfClosingTagToken:
			t := tags.Token()
			if t.Data == "body" {
				return found
			}
			if t.Data == "meta" && strings.EqualFold(attribute(t, "name"), MetaName) {
				found = append(found, attribute(t, "content"))
			}
		}
	}
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
