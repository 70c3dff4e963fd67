package site

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// proofLimit is how often one address range may have sites looked at.
var proofLimit = web.Limit{Name: "proof", Burst: 20, Every: 15 * time.Second}

// way is one way to show that the address is theirs.
type way struct {
	Kind  registry.ProofKind
	Proof *registry.Proof // nil as long as nobody has looked
	Place string          // where the code belongs, in the words of machines
	Copy  string          // what belongs there
	URL   string          // of the page, for the kinds that need one
	Typed bool            // this form was sent, and refused
}

// NeedsPage says that the way has a field for a page.
func (w way) NeedsPage() bool { return w.Kind.NeedsPage() }

// proofPage is where an applicant shows who they are: each way to prove an
// address, the partners that know them, and pages about them.
type proofPage struct {
	view.Page
	Token    string
	Code     string
	Mail     *registry.Proof // the mail's domain
	Ways     []way
	MayName  bool
	Asked    []*registry.Partner // named, and staff have written to them
	Partners []field
	Links    []field
	path     string
}

// field is one of several of a kind.
type field struct{ Name, Value string }

// fields numbers the values, and adds empty ones until there are most.
func fields(kind string, most int, values []string) []field {
	list := make([]field, most)
	for i := range list {
		list[i].Name = kind + "_" + strconv.Itoa(i+1)
		if i < len(values) {
			list[i].Value = values[i]
		}
	}
	return list
}

// typed takes what was sent in such fields.
func typed(list []field, v web.Values) []string {
	values := make([]string, len(list))
	for i := range list {
		list[i].Value = v.Get(list[i].Name)
		values[i] = list[i].Value
	}
	return values
}

func names(list []field) []string {
	out := make([]string, len(list))
	for i, f := range list {
		out[i] = f.Name
	}
	return out
}

// seenProof is a proof with the page it stands on.
type seenProof struct {
	Page  view.Page
	Proof *registry.Proof
}

// WithProof hands a proof to its template, together with the page's words.
func (p *proofPage) WithProof(proof *registry.Proof) seenProof { return seenProof{p.Page, proof} }

func (s *Site) newProofPage(c echo.Context, a *registry.Application) (*proofPage, error) {
	ctx := c.Request().Context()
	p := &proofPage{Page: s.base(c, "proofs.page"), Token: c.Param("token"), Code: s.Registry.ProofCode(a)}
	p.Labels, p.Path = "proofs.", "/application/"+p.Token+"/proof"
	p.path = "/" + p.Lang() + p.Path
	site, err := s.Registry.Site(ctx, a)
	if err != nil {
		return nil, err
	}
	proofs, err := s.Registry.Proofs(ctx, a)
	if err != nil {
		return nil, err
	}
	of := func(kind registry.ProofKind) *registry.Proof {
		i := slices.IndexFunc(proofs, func(p registry.Proof) bool { return p.Kind == kind })
		if i < 0 {
			return nil
		}
		return &proofs[i]
	}
	p.Mail = of(registry.ProofMailDomain)
	for _, kind := range registry.ProofKinds {
		if kind == registry.ProofEmbed && a.PartnerID == 0 {
			continue // there is no banner yet
		}
		w := way{Kind: kind, Proof: of(kind)}
		w.Place, w.Copy = registry.ProofPlace(site, p.Code, kind)
		if w.Proof != nil && w.NeedsPage() {
			w.URL = w.Proof.Target
		}
		p.Ways = append(p.Ways, w)
	}
	p.Links = fields("link", registry.MostLinks, a.IndependentLinks())
	return p, s.fillPartners(c, a, p)
}

// fillPartners puts the partners an applicant named into the form, and those
// that staff have written to beside it.
func (s *Site) fillPartners(c echo.Context, a *registry.Application, p *proofPage) error {
	vouches, err := s.Registry.Vouches(c.Request().Context(), a.ID)
	if err != nil {
		return err
	}
	p.MayName = a.Undecided()
	var free []string
	for _, v := range vouches {
		partner, ok := s.Register.ByID(v.PartnerID)
		switch {
		case !ok || v.State == registry.VouchWithdrawn:
		case v.State != registry.VouchNamed:
			p.Asked = append(p.Asked, partner)
		default:
			free = append(free, partner.Slug)
		}
	}
	p.Partners = fields("partner", registry.MostNamed, free)
	return nil
}

// keep puts a page's address back into the form it was sent from.
func (p *proofPage) keep(kind registry.ProofKind, url string) {
	if !kind.NeedsPage() {
		kind = registry.ProofPost
	}
	for i := range p.Ways {
		if p.Ways[i].Kind == kind {
			p.Ways[i].URL, p.Ways[i].Typed = url, true
		}
	}
}

func (s *Site) showProof(c echo.Context) error {
	_, a, err := s.linked(c)
	if err != nil {
		return err
	}
	if !a.Provable() {
		return web.See(c, "/"+s.Lang(c)+"/application/"+c.Param("token"))
	}
	page, err := s.newProofPage(c, a)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "site/proof", page)
}

// onProofPage runs what a form of the page asks for. A refused one is shown
// again on its page.
func (s *Site) onProofPage(c echo.Context, fields []string, do func(a *registry.Application, page *proofPage, v web.Values, read error) error) error {
	_, a, err := s.linked(c)
	if err != nil {
		return err
	}
	if !a.Provable() {
		return registry.ErrMoved
	}
	v, read := web.Form(c, fields...)
	page, err := s.newProofPage(c, a)
	if err != nil {
		return err
	}
	if err := do(a, page, v, read); err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return s.Render(c, status, "site/proof", page) })
	}
	return web.See(c, page.path)
}

// checkProof looks for a proof at once.
func (s *Site) checkProof(c echo.Context) error {
	return s.onProofPage(c, []string{"kind", "url"}, func(a *registry.Application, page *proofPage, v web.Values, err error) error {
		kind, url := registry.ProofKind(v.Get("kind")), v.Get("url")
		page.keep(kind, url)
		if err == nil {
			err = s.Allow(c, proofLimit)
		}
		if err == nil {
			_, err = s.Registry.CheckProof(c.Request().Context(), a.ID, kind, url, audit.Actor{Kind: audit.Applicant})
		}
		return err
	})
}

// namePartners keeps which partners know the applicant. Fields that were
// emptied take a name back.
func (s *Site) namePartners(c echo.Context) error {
	return s.onProofPage(c, names(fields("partner", registry.MostNamed, nil)), func(a *registry.Application, page *proofPage, v web.Values, err error) error {
		var ids []int64
		refused := fault.Fields{}
		for i, value := range typed(page.Partners, v) {
			if strings.TrimSpace(value) == "" {
				continue
			}
			partner, unknown := s.Register.Named(value)
			refused.Add(page.Partners[i].Name, unknown)
			if unknown == nil {
				ids = append(ids, partner.ID)
			}
		}
		if err == nil {
			err = refused.Err()
		}
		if err == nil {
			err = s.Registry.NamePartners(c.Request().Context(), a.ID, ids)
		}
		return err
	})
}

// setLinks keeps the independent pages about the applicant.
func (s *Site) setLinks(c echo.Context) error {
	return s.onProofPage(c, names(fields("link", registry.MostLinks, nil)), func(a *registry.Application, page *proofPage, v web.Values, err error) error {
		links := typed(page.Links, v)
		if err == nil {
			err = s.Registry.SetLinks(c.Request().Context(), a.ID, links)
		}
		return err
	})
}
