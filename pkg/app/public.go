package app

import (
	"sync/atomic"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/registry"
)

// public tells what partners brought, as package disclosure lets it be told.
// Every page, file and picture for the public asks it.
type public struct {
	tally    *appeal.Tally
	register *registry.Register
	last     atomic.Pointer[ease]
}

// ease is that of all partners together, and of which numbers.
type ease struct {
	tally, register int64
	disclosure.Ease
}

// Partner is what is told of a partner, together with those merged into it.
func (p *public) Partner(id int64) disclosure.Figure { return p.ease().Tell(p.cell(id)) }

func (p *public) cell(id int64) disclosure.Cell {
	partner, known := p.register.ByID(id)
	return disclosure.Cell{Key: appeal.PartnerKey(id), N: p.tally.PartnerSignatures(p.register.Family(id)...),
		Private: !known || partner.State != registry.Active || !partner.ShowSignatures}
}

// ease is decided once for each change of the numbers, and needs no look at the
// partners when many signed directly.
func (p *public) ease() disclosure.Ease {
	direct := p.tally.PartnerSignatures(0)
	if disclosure.Plenty(direct) {
		return disclosure.Easy
	}
	now := &ease{tally: p.tally.Version(), register: p.register.Version()}
	if last := p.last.Load(); last != nil && last.tally == now.tally && last.register == now.register {
		return last.Ease
	}
	table := disclosure.Table{Open: true, Rest: direct, Cells: p.cells()}
	now.Ease = table.Ease()
	p.last.Store(now)
	return now.Ease
}

// cells are all partners, one for each family.
func (p *public) cells() []disclosure.Cell {
	var out []disclosure.Cell
	for _, partner := range p.register.All() {
		if partner.MergedInto == 0 {
			out = append(out, p.cell(partner.ID))
		}
	}
	return out
}
