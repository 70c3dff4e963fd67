package console

import (
	"context"
	"slices"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// evidence answers the two questions of the desk, kept apart: whether an
// applicant controls the address it names, and whether it exists.
type evidence struct {
	Signs   registry.Signs
	Proofs  []registry.Proof
	Unseen  []registry.ProofKind // nobody has looked for these; they need no page of the applicant's choice
	Vouches []vouched
	Links   []string
	MayLook bool
	MayAsk  bool
	Partner string // as typed
}

// vouched is what a partner says.
type vouched struct {
	registry.Vouch
	Partner *registry.Partner
}

// seenProof is a proof with the page it stands on.
type seenProof struct {
	Page  view.Page
	Proof registry.Proof
}

// WithProof hands a proof to its template, together with the page's words.
func (p *applicationPage) WithProof(proof registry.Proof) seenProof { return seenProof{p.Page, proof} }

func (o *Console) evidenceOf(ctx context.Context, who *staff.Account, a *registry.Application) (evidence, error) {
	reviewer := who.Role.Covers(staff.Reviewer)
	e := evidence{Links: a.IndependentLinks(), MayLook: reviewer && a.Provable(), MayAsk: reviewer && a.Undecided()}
	var err error
	if e.Proofs, err = o.Registry.Proofs(ctx, a); err != nil {
		return e, err
	}
	vouches, err := o.Registry.Vouches(ctx, a.ID)
	if err != nil {
		return e, err
	}
	e.Signs = registry.SignsOf(a, e.Proofs, vouches)
	for _, kind := range registry.ProofKinds {
		if !kind.NeedsPage() && !slices.ContainsFunc(e.Proofs, func(p registry.Proof) bool { return p.Kind == kind }) {
			e.Unseen = append(e.Unseen, kind)
		}
	}
	for _, v := range vouches {
		if p, ok := o.Register.ByID(v.PartnerID); ok {
			e.Vouches = append(e.Vouches, vouched{v, p})
		}
	}
	return e, nil
}

// Looked says that a proof is of a kind that can be looked for again.
func (e evidence) Looked(p registry.Proof) bool {
	return e.MayLook && p.Kind != registry.ProofMailDomain
}

// checkProof looks for a proof at once.
func (o *Console) checkProof(c echo.Context, who *staff.Account) error {
	return o.onApplication(c, who, []string{"kind"}, func(page *applicationPage, v web.Values) error {
		_, err := o.Registry.CheckProof(c.Request().Context(), page.Application.ID, registry.ProofKind(v.Get("kind")), "", by(who))
		return err
	})
}

// onApplication runs what a form on an application's page asks for, and shows
// the page again.
func (o *Console) onApplication(c echo.Context, who *staff.Account, fields []string, do func(page *applicationPage, v web.Values) error) error {
	v, read := web.Form(c, fields...)
	page, err := o.newApplicationPage(c, who)
	if err != nil {
		return err
	}
	page.Evidence.Partner = v.Get("partner")
	if err = read; err == nil {
		err = do(page, v)
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/application", page) })
	}
	return web.See(c, applicationPath(page.Application.ID)+page.Inbox.Link())
}
