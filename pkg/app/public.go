package app

import (
	"iter"
	"sync"
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
	deciding sync.Mutex
}

// ease is that of all partners together, and of which numbers.
type ease struct {
	tally, register int64
	disclosure.Ease
}

// Partner is what is told of a partner, together with those merged into it.
func (p *public) Partner(id int64) disclosure.Figure {
	return p.ease().Tell(p.cell(id, p.tally.PartnerSignatures))
}

// cell is a partner's figure, with how the signatures of some are counted.
func (p *public) cell(id int64, brought func(ids ...int64) int64) disclosure.Cell {
	partner, known := p.register.ByID(id)
	return disclosure.Cell{Key: appeal.PartnerKey(id), N: brought(p.register.Family(id)...),
		Private: !known || partner.State != registry.Active || !partner.ShowSignatures}
}

// ease is decided once for each change of the numbers, and needs no look at the
// partners when many signed directly.
func (p *public) ease() disclosure.Ease {
	direct := p.tally.PartnerSignatures(0)
	if disclosure.Plenty(direct) {
		return disclosure.Easy
	}
	if last := p.last.Load(); p.current(last) {
		return last.Ease
	}
	p.deciding.Lock() // all who ask at once need one look
	defer p.deciding.Unlock()
	if last := p.last.Load(); p.current(last) {
		return last.Ease
	}
	now := &ease{tally: p.tally.Version(), register: p.register.Version()}
	now.Ease = disclosure.EaseOf(direct, p.cells(p.tally.PartnerSignatures))
	p.last.Store(now)
	return now.Ease
}

func (p *public) current(e *ease) bool {
	return e != nil && e.tally == p.tally.Version() && e.register == p.register.Version()
}

// cells are all partners, one for each family.
func (p *public) cells(brought func(ids ...int64) int64) iter.Seq[disclosure.Cell] {
	return func(yield func(disclosure.Cell) bool) {
		for _, partner := range p.register.All() {
			if partner.MergedInto == 0 && !yield(p.cell(partner.ID, brought)) {
				return
			}
		}
	}
}

// publish tells all partners' figures at once, for the bulletin.
func (p *public) publish(brought func(ids ...int64) int64) (out []appeal.Told) {
	ease := disclosure.EaseOf(brought(0), p.cells(brought))
	for c := range p.cells(brought) {
		f := ease.Tell(c)
		out = append(out, appeal.Told{Key: c.Key, N: f.N, Telling: f.Telling})
	}
	return out
}
