package registry

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"gorm.io/gorm"

	"olivebranch/pkg/store"
)

// Register is all partners in memory: the public list, sorted as each
// language sorts, and every slug. Safe for concurrent use. What it returns is
// shared and must not be changed.
type Register struct {
	store *store.Store
	world World
	now   atomic.Pointer[registerState]
}

type registerState struct {
	version int64
	byID    map[int64]*Partner
	bySlug  map[string]*Partner
	all     []*Partner // oldest first
	active  []*Partner
	logos   map[int64]Picture  // by image
	shown   map[string]int64   // images of active partners by their hash
	lent    map[string]bool    // slugs of partners that are merged into another
	family  map[int64][]int64  // of partners that are merged, and of those they are merged into
	hosts   map[string][]int64 // whose each is
	listed  map[int64][]string // hosts, by who lists them
	traits  map[int64]*shown   // of active partners
	home    string             // the country whose partners are told apart, "" for none

	mu     sync.Mutex
	sorted map[string]*sorted // by language, made when first asked for
}

// World is what the register does not know by itself.
type World struct {
	Alphabet func(lang string) Alphabet
	Regions  func(country string) []string // of UN M49, the smallest first
}

// LoadRegister reads all partners.
func LoadRegister(ctx context.Context, s *store.Store, w World) (*Register, error) {
	r := &Register{store: s, world: w}
	return r, r.Reload(ctx)
}

// Reload reads all partners anew.
func (r *Register) Reload(ctx context.Context) error {
	state := &registerState{byID: map[int64]*Partner{}, bySlug: map[string]*Partner{}, logos: map[int64]Picture{}, shown: map[string]int64{}, lent: map[string]bool{}, sorted: map[string]*sorted{}}
	err := r.store.Snapshot(ctx, func(db *gorm.DB) error {
		change, err := store.Changed(db, store.TopicRegister)
		if err != nil {
			return err
		}
		state.version = change.N
		var partners []*Partner
		if err := db.Order("since, id").Find(&partners).Error; err != nil {
			return err
		}
		state.all = partners
		for _, p := range partners {
			state.byID[p.ID] = p
			if p.State == Active && p.MergedInto == 0 {
				state.active = append(state.active, p)
			}
		}
		state.family = families(partners)
		var pictures []Picture
		if err := db.Model(&Image{}).Where("owner = ?", ownerPartner).Find(&pictures).Error; err != nil {
			return err
		}
		for _, p := range pictures {
			state.logos[p.ID] = p
		}
		for _, p := range state.active {
			if logo, ok := state.logos[p.LogoID]; ok {
				state.shown[logo.Hash] = logo.ID
			}
		}
		var hosts []Host
		if err := db.Order("host").Find(&hosts).Error; err != nil {
			return err
		}
		state.hosts, state.listed = ownHosts(partners, hosts), map[int64][]string{}
		for _, h := range hosts {
			state.listed[h.PartnerID] = append(state.listed[h.PartnerID], h.Host)
		}
		var slugs []slugRow
		if err := db.Find(&slugs).Error; err != nil {
			return err
		}
		for _, s := range slugs {
			p := state.byID[s.PartnerID]
			if p != nil && state.byID[p.MergedInto] != nil {
				p, state.lent[s.Slug] = state.byID[p.MergedInto], true
			}
			state.bySlug[s.Slug] = p
		}
		settings, err := readSettings(db)
		state.home = settings.Home
		return err
	})
	if err != nil {
		return fmt.Errorf("read the register: %w", err)
	}
	state.showTraits(r.world.Regions)
	r.now.Store(state)
	return nil
}

// Version is the value of the change counter the register is of.
func (r *Register) Version() int64 { return r.now.Load().version }

// families are the ids of partners whose signatures are shown as one number.
func families(partners []*Partner) map[int64][]int64 {
	members := map[int64][]int64{}
	for _, p := range partners {
		if p.MergedInto != 0 {
			members[p.MergedInto] = append(members[p.MergedInto], p.ID)
		}
	}
	all := map[int64][]int64{}
	for target, merged := range members {
		family := append([]int64{target}, merged...)
		for _, id := range family {
			all[id] = family
		}
	}
	return all
}

// Family are the partners whose signatures are shown as one number with this
// one's: itself, and while they are merged, those that are merged into it or
// into the same.
func (r *Register) Family(id int64) []int64 {
	if all := r.now.Load().family[id]; all != nil {
		return all
	}
	return []int64{id}
}

// Lent says that a slug is another partner's, and leads where BySlug says only
// while that one is merged.
func (r *Register) Lent(slug string) bool { return r.now.Load().lent[slug] }

// BySlug finds a partner, whatever its state, by its slug, one it had, or one
// of a partner that is merged into it.
func (r *Register) BySlug(slug string) (*Partner, bool) {
	p := r.now.Load().bySlug[slug]
	return p, p != nil
}

// ByID finds a partner, whatever its state.
func (r *Register) ByID(id int64) (*Partner, bool) {
	p := r.now.Load().byID[id]
	return p, p != nil
}

// Active finds a partner that may be shown and credited.
func (r *Register) Active(slug string) (*Partner, bool) {
	p, ok := r.BySlug(slug)
	return p, ok && p.State == Active
}

// Picture is a logo as a page names it. Width and Height are pixels.
type Picture struct {
	ID            int64
	Hash          string
	Width, Height int64
}

// Path is where a logo is read that is shown in public.
func (p Picture) Path() string { return "/logo/" + p.Hash + ".png" }

// Logo finds the logo of a partner, nil if it has none.
func (r *Register) Logo(p *Partner) *Picture {
	if logo, ok := r.now.Load().logos[p.LogoID]; ok {
		return &logo
	}
	return nil
}

// Shown finds the image with a hash, if it is the logo of an active partner.
func (r *Register) Shown(hash string) (image int64, ok bool) {
	image, ok = r.now.Load().shown[hash]
	return image, ok
}

// Len is how many active partners there are.
func (r *Register) Len() int { return len(r.now.Load().active) }

// All lists every partner, whatever its state, oldest first.
func (r *Register) All() []*Partner { return r.now.Load().all }

// Networks are those of the active partners that a partner belongs to.
func (r *Register) Networks(p *Partner) []*Partner {
	if t := r.now.Load().traits[p.ID]; t != nil {
		return t.networks
	}
	return nil
}

// AllNetworks are the active partners that are networks, oldest first.
func (r *Register) AllNetworks() []*Partner {
	return slices.DeleteFunc(slices.Clone(r.now.Load().active), func(p *Partner) bool { return p.Kind != KindNetwork })
}

// IsNetwork says whether a slug is that of an active partner others can belong
// to.
func (r *Register) IsNetwork(slug string) bool {
	p, ok := r.Active(slug)
	return ok && p.Kind == KindNetwork
}

// Home is the country whose partners are told apart from international ones,
// "" for none.
func (r *Register) Home() string { return r.now.Load().home }
