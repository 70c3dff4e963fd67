package registry

import (
	"context"
	"fmt"
)

// Signs are, at a glance, what speaks for an application. The two questions
// of the desk are kept apart: control of an address is had for a few dollars,
// and says nothing about whether there is an organization.
type Signs struct {
	Found, Lost                   int // proofs that they control the address
	Asked, Known, Unknown, Doubts int // partners that may know them, by what they say
	Links                         int // independent pages the applicant names; nobody has judged them
}

// Controlled says that something shows that the address is theirs.
func (s Signs) Controlled() bool { return s.Found > 0 }

// Vouched says that a partner knows them, and none has doubts. Links do not
// count: whoever invents an organization finds some for it.
func (s Signs) Vouched() bool { return s.Known > 0 && s.Doubts == 0 }

// Good says that both questions are answered, and well. Nothing less may look
// like it.
func (s Signs) Good() bool { return s.Controlled() && s.Vouched() }

func (s *Signs) addProof(p Proof) {
	switch p.State {
	case ProofFound:
		s.Found++
	case ProofLost:
		s.Lost++
	}
}

func (s *Signs) addVouch(v Vouch) {
	switch v.State {
	case VouchAsked:
		s.Asked++
	case VouchKnown:
		s.Known++
	case VouchUnknown:
		s.Unknown++
	case VouchDoubts:
		s.Doubts++
	}
}

// SignsOf counts the signs of one application, from what Proofs and Vouches
// list.
func SignsOf(a *Application, proofs []Proof, vouches []Vouch) Signs {
	s := Signs{Links: len(a.IndependentLinks())}
	for _, p := range proofs {
		s.addProof(p)
	}
	for _, v := range vouches {
		s.addVouch(v)
	}
	return s
}

// ProofSummaries are the signs of a page of applications, in one query for
// each table. An id that is no application's has none.
func (r *Registry) ProofSummaries(ctx context.Context, ids []int64) (map[int64]Signs, error) {
	db := r.Store.Read(ctx)
	var applications []Application
	if err := db.Select("id", "website", "website_host", "partner_id", "email_domain", "verified_at", "links").Where("id IN ?", ids).Find(&applications).Error; err != nil {
		return nil, fmt.Errorf("read links for a summary: %w", err)
	}
	var proofs []Proof
	if err := db.Select("application_id", "state").Where("application_id IN ?", ids).Find(&proofs).Error; err != nil {
		return nil, fmt.Errorf("read proofs for a summary: %w", err)
	}
	var vouches []Vouch
	if err := db.Select("application_id", "state").Where("application_id IN ?", ids).Find(&vouches).Error; err != nil {
		return nil, fmt.Errorf("read vouches for a summary: %w", err)
	}
	mail, err := r.mailProofs(ctx, applications)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]Signs, len(applications))
	for i := range applications {
		a := &applications[i]
		out[a.ID] = SignsOf(a, mail[a.ID], nil)
	}
	for _, p := range proofs {
		s := out[p.ApplicationID]
		s.addProof(p)
		out[p.ApplicationID] = s
	}
	for _, v := range vouches {
		s := out[v.ApplicationID]
		s.addVouch(v)
		out[v.ApplicationID] = s
	}
	return out, nil
}
