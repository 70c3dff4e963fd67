package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/outbound"
	"olivebranch/pkg/registry"
)

// deed is something that staff, an applicant or a partner did lately. Which
// of the fields it has depends on what it is.
type deed struct {
	Hours     int      `toml:"hours"` // before the demo starts
	On        string   `toml:"on"`    // slug of the organization
	What      string   `toml:"what"`
	Partner   string   `toml:"partner"` // slug
	Into      string   `toml:"into"`    // slug
	Answer    string   `toml:"answer"`
	Name      string   `toml:"name"`
	Words     string   `toml:"words"`
	Lang      string   `toml:"lang"` // of the words; English when empty
	Questions []string `toml:"questions"`
	Links     []string `toml:"links"`
	There     bool     `toml:"there"` // the proof is seen
}

// deeds are what may happen, by the name it has in the data.
var deeds = map[string]func(h *history, ctx context.Context, d deed) error{
	"claim": func(h *history, ctx context.Context, d deed) error {
		return h.Registry.Claim(ctx, h.applications[d.On], false, h.colleague)
	},
	"note": func(h *history, ctx context.Context, d deed) error {
		return h.Registry.AddNote(ctx, registry.About{Subject: registry.OfApplication, ID: h.applications[d.On]}, d.said(), h.colleague)
	},
	"ask": func(h *history, ctx context.Context, d deed) error {
		return h.Registry.AskBack(ctx, registry.Decision{Application: h.applications[d.On], By: h.colleague, Questions: d.Questions, Words: d.Words, WordsLang: d.said().Lang})
	},
	"answer": func(h *history, ctx context.Context, d deed) error {
		_, err := h.Registry.Answer(ctx, h.applications[d.On], d.Words)
		return err
	},
	"links": func(h *history, ctx context.Context, d deed) error {
		return h.Registry.SetLinks(ctx, h.applications[d.On], d.Links)
	},
	"proof":       (*history).prove,
	"ask_partner": (*history).askPartner,
	"vouch":       (*history).vouch,
	"lend":        (*history).lend,
	"remark":      (*history).remark,
	"merge":       (*history).merge,
	"wish":        (*history).wish,
}

func (d deed) said() registry.Words {
	if d.Lang == "" {
		return registry.Words{Body: d.Words, Lang: "en"}
	}
	return registry.Words{Body: d.Words, Lang: d.Lang}
}

// sites is the internet of the demo's past: a record of DNS is all there is.
type sites struct{ record string }

func (s sites) TXT(context.Context, string) ([]string, error) { return strings.Fields(s.record), nil }

func (sites) Get(_ context.Context, url string) (outbound.Page, error) {
	return outbound.Page{}, fmt.Errorf("get %s: %w", url, outbound.ErrNoName)
}

// prove lets an applicant ask whether the code is seen in the domain's records.
func (h *history) prove(ctx context.Context, d deed) error {
	a, err := h.Registry.Application(ctx, h.applications[d.On])
	if err != nil {
		return err
	}
	seen := sites{"v=none"}
	if d.There {
		seen.record = h.Registry.ProofCode(a)
	}
	h.Registry.Outside = seen
	_, err = h.Registry.CheckProof(ctx, a.ID, registry.ProofDNS, "", audit.Actor{Kind: audit.Applicant})
	return err
}

func (h *history) askPartner(ctx context.Context, d deed) error {
	_, err := h.Registry.AskPartner(ctx, h.applications[d.On], &registry.Partner{ID: h.partners[d.Partner]}, h.colleague)
	return err
}

func (h *history) vouch(ctx context.Context, d deed) error {
	asked, err := h.Registry.Vouches(ctx, h.applications[d.On])
	if err != nil {
		return err
	}
	for _, v := range asked {
		if v.PartnerID == h.partners[d.Partner] {
			return h.Registry.AnswerVouch(ctx, v.ID, registry.VouchState(d.Answer), d.Words)
		}
	}
	return fmt.Errorf("%s was not asked", d.Partner)
}

func (h *history) lend(ctx context.Context, d deed) error {
	_, err := h.Registry.LendOut(ctx, h.applications[d.On], h.colleague)
	return err
}

// remark is what a trusted reader says, who opens the link for it.
func (h *history) remark(ctx context.Context, d deed) error {
	lent, err := h.Registry.Readings(ctx, h.applications[d.On])
	if err != nil || len(lent) == 0 {
		return fmt.Errorf("nothing is lent out: %w", err)
	}
	if err := h.Registry.Open(ctx, lent[0].ID); err != nil {
		return err
	}
	return h.Registry.Remark(ctx, lent[0].ID, d.Name, d.said())
}

func (h *history) merge(ctx context.Context, d deed) error {
	m := registry.Merge{From: h.applications[d.On], Into: h.applications[d.Into], By: h.colleague}
	for id, version := range map[int64]*int64{m.From: &m.FromVersion, m.Into: &m.IntoVersion} {
		a, err := h.Registry.Application(ctx, id)
		if err != nil {
			return err
		}
		*version = a.Version
	}
	return h.Registry.MergeApplications(ctx, m)
}

// wish is a new text about itself that a partner wants to have published.
func (h *history) wish(ctx context.Context, d deed) error {
	people, err := h.Registry.Representatives(ctx, h.partners[d.On])
	if err != nil || len(people) == 0 {
		return fmt.Errorf("nobody acts for the partner: %w", err)
	}
	versions, err := h.Registry.PartnerVersions(ctx, h.partners[d.On])
	if err != nil || len(versions) == 0 {
		return fmt.Errorf("no profile was kept: %w", err)
	}
	public := versions[0].Public
	public.About = d.Words
	return h.Registry.Propose(ctx, &people[0], registry.Proposal{Base: versions[0].N, Public: public})
}

// at is when it happened.
func (d deed) at(now time.Time) time.Time { return now.Add(-time.Duration(d.Hours) * time.Hour) }
