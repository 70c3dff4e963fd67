package appeal

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"gorm.io/gorm"

	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

// mostNewest is how many messages are kept in memory whole.
const mostNewest = 60

// Messages moderates messages, and keeps in memory where each that is shown
// stands on the wall, so that it can be searched, counted and turned over
// without the database; the words of a page are read when it is asked for.
// Safe for concurrent use.
type Messages struct {
	store     *store.Store
	keys      *seal.Keys
	partners  func() []Message
	reloading sync.Mutex
	begun     atomic.Int64 // reloads, so far
	wall      atomic.Pointer[wall]
}

// wall is what is shown, newest first.
type wall struct {
	places    []place
	langs     codes
	countries codes
	own       map[int64]Message // of partners, by partner
	newest    []Message
	serial    int64
	turn      int64 // of the reload that read it
	version   int64 // of the change counter
}

// place is where a message stands on the wall, and by what it is found.
type place struct {
	MessageKey
	partner       int64
	own           bool
	bytes         int32
	lang, country uint16 // in the wall's codes
}

// codes number the values of a column, which are few.
type codes struct {
	all []string
	at  map[string]uint16
}

func (c *codes) of(code string) uint16 {
	i, ok := c.at[code]
	if !ok {
		i = uint16(len(c.all))
		c.all = append(c.all, code)
		if c.at == nil {
			c.at = map[string]uint16{}
		}
		c.at[code] = i
	}
	return i
}

// clone are the same codes, to which others can be added.
func (c codes) clone() codes { return codes{slices.Clone(c.all), maps.Clone(c.at)} }

// counted are the counts by code of those that have any.
func (c *codes) counted(n []int) map[string]int {
	out := map[string]int{}
	for i, code := range c.all {
		if n[i] > 0 {
			out[code] = n[i]
		}
	}
	return out
}

// MessageKey is the order of the wall: the time of a message, then its id.
type MessageKey struct{ At, ID int64 }

// newer sorts the wall.
func newer(a, b MessageKey) int { return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.ID, a.ID)) }

// Key is where a message stands.
func (m Message) Key() MessageKey { return MessageKey{m.CreatedAt, m.ID} }

// LoadMessages reads what is shown. partners are the words of partners that
// were reviewed with the rest of what these say of themselves: Own, with the
// partner's id as theirs.
func LoadMessages(ctx context.Context, s *store.Store, k *seal.Keys, partners func() []Message) (*Messages, error) {
	m := &Messages{store: s, keys: k, partners: partners}
	return m, m.Reload(ctx)
}

// Shown are the newest of the messages visitors may read, newest first.
func (m *Messages) Shown() []Message { return m.wall.Load().newest }

// Serial is another number after each change of what is shown.
func (m *Messages) Serial() int64 { return m.wall.Load().serial }

// Version is that of the change counter at which the wall was read.
func (m *Messages) Version() int64 { return m.wall.Load().version }

// Follow reads anew what is shown if the words of partners have changed.
func (m *Messages) Follow(ctx context.Context) error {
	have, own := m.wall.Load().own, m.partners()
	same := len(own) == len(have) && !slices.ContainsFunc(own, func(o Message) bool {
		h := have[o.ID]
		return o.Body != h.Body || o.Lang != h.Lang || o.Country != h.Country || o.CreatedAt != h.CreatedAt
	})
	if same {
		return nil
	}
	return m.Reload(ctx)
}

// Reload reads anew what is shown. Those who wait for a turn share one.
func (m *Messages) Reload(ctx context.Context) error {
	asked := m.begun.Load()
	// In turns: of two that read at once, the one that read first must not be
	// the one that stays.
	m.reloading.Lock()
	defer m.reloading.Unlock()
	if w := m.wall.Load(); w != nil && w.turn > asked { // begun since, and read
		return nil
	}
	return m.readAll(ctx)
}

// renew reads anew where one message stands, after a change of it alone that
// raised the change counter to n. Where others have changed too, it reads all.
func (m *Messages) renew(ctx context.Context, id, n int64) error {
	m.reloading.Lock()
	defer m.reloading.Unlock()
	last := m.wall.Load()
	switch {
	case last.version >= n: // read since
		return nil
	case last.version < n-1:
		return m.readAll(ctx)
	}
	w := &wall{own: last.own, langs: last.langs.clone(), countries: last.countries.clone(), turn: last.turn, version: n}
	w.places = slices.DeleteFunc(slices.Clone(last.places), func(p place) bool { return p.ID == id && !p.own })
	return m.put(ctx, w, func(db *gorm.DB) error { return w.read(db.Where("id = ?", id)) })
}

// readAll reads what is shown, in its turn.
func (m *Messages) readAll(ctx context.Context) error {
	w := &wall{own: map[int64]Message{}, turn: m.begun.Add(1)}
	for _, o := range m.partners() {
		w.own[o.ID] = o
		w.places = append(w.places, place{MessageKey: o.Key(), partner: o.PartnerID, own: true, bytes: int32(len(o.Body)), lang: w.langs.of(o.Lang), country: w.countries.of(o.Country)})
	}
	return m.put(ctx, w, func(db *gorm.DB) error {
		change, err := store.Changed(db, store.TopicMessages)
		if err != nil {
			return err
		}
		w.version = change.N
		return w.read(db)
	})
}

// put shows a wall that is read in one state of the database.
func (m *Messages) put(ctx context.Context, w *wall, read func(db *gorm.DB) error) error {
	err := m.store.Snapshot(ctx, func(db *gorm.DB) error {
		if err := read(db); err != nil {
			return err
		}
		slices.SortFunc(w.places, func(a, b place) int { return newer(a.MessageKey, b.MessageKey) })
		var err error
		w.newest, err = m.words(db, w, w.places[:min(len(w.places), mostNewest)])
		return err
	})
	if err != nil {
		return fmt.Errorf("read the wall of messages: %w", err)
	}
	if last := m.wall.Load(); last != nil {
		w.serial = last.serial + 1
	}
	m.wall.Store(w)
	return nil
}

// read adds the messages of people who are counted, or some of these.
func (w *wall) read(which *gorm.DB) error {
	rows, err := which.Model(&Message{}).Select("id, created_at, partner_id, lang, country, octet_length(body)").Where("state = ?", MessageShown).Where(spoken).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var p place
		var lang, country string
		if err := rows.Scan(&p.ID, &p.At, &p.partner, &lang, &country, &p.bytes); err != nil {
			return err
		}
		p.lang, p.country = w.langs.of(lang), w.countries.of(country)
		w.places = append(w.places, p)
	}
	return rows.Err()
}

// words reads the messages at places, in their order. What was taken away
// since is left out.
func (m *Messages) words(db *gorm.DB, w *wall, at []place) ([]Message, error) {
	var ids []int64
	for _, p := range at {
		if !p.own {
			ids = append(ids, p.ID)
		}
	}
	byID := map[int64]Message{}
	if len(ids) > 0 {
		rows, err := m.list(db, db.Where("id IN ? AND state = ?", ids, MessageShown).Where(spoken))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.Renamed { // a name no moderator has seen yet
				r.Person = ""
			}
			byID[r.ID] = r
		}
	}
	found := make([]Message, 0, len(at))
	for _, p := range at {
		r, ok := byID[p.ID]
		if p.own {
			r, ok = w.own[p.ID]
		}
		if ok {
			found = append(found, r)
		}
	}
	return found, translate(db, found)
}

// WallQuery is what a visitor asks of the wall. Empty fields ask nothing.
type WallQuery struct {
	Lang, Country string
	Partners      []int64 // a partner, with those merged into it
	// Listed says whether the messages of people may be listed under the partner
	// they came through. Below ten people their number is not told, and a list
	// would tell it.
	Listed func(partner int64) bool
}

// Selection is what answers a query.
type Selection struct {
	// How many of the messages that answer the rest of the query have each
	// language and country, and are listed under each partner.
	Langs, Countries map[string]int
	Partners         map[int64]int

	wall  *wall
	found []int32 // places
}

// Len is how many messages there are.
func (s *Selection) Len() int { return len(s.found) }

// at is the i-th place of the selection.
func (s *Selection) at(i int) *place { return &s.wall.places[s.found[i]] }

// Select finds what answers a query, and counts.
func (m *Messages) Select(q WallQuery) *Selection {
	w := m.wall.Load()
	s := &Selection{Partners: map[int64]int{}, wall: w, found: make([]int32, 0, len(w.places))}
	langs, countries := make([]int, len(w.langs.all)), make([]int, len(w.countries.all))
	listed := map[int64]bool{}
	for i := range w.places {
		p := &w.places[i]
		partner := p.partner
		if !p.own && partner != 0 {
			ok, known := listed[partner]
			if !known {
				ok = q.Listed != nil && q.Listed(partner)
				listed[partner] = ok
			}
			if !ok {
				partner = 0
			}
		}
		lang, country := q.Lang == "" || q.Lang == w.langs.all[p.lang], q.Country == "" || q.Country == w.countries.all[p.country]
		through := len(q.Partners) == 0 || slices.Contains(q.Partners, partner)
		if country && through {
			langs[p.lang]++
		}
		if lang && through {
			countries[p.country]++
		}
		if lang && country && partner != 0 {
			s.Partners[partner]++
		}
		if lang && country && through {
			s.found = append(s.found, int32(i))
		}
	}
	s.Langs, s.Countries = w.langs.counted(langs), w.countries.counted(countries)
	return s
}

// WallPage is one page of a selection.
type WallPage struct {
	Messages     []Message
	Newer, Older *MessageKey // where the pages beside it begin, in Before and After; nil where there is none
}

// Bounds are how much a page holds: messages, and bytes of their words, of
// which one message may have more.
type Bounds struct{ Messages, Bytes int }

// After reads the page behind a key; the first for a zero one.
func (m *Messages) After(ctx context.Context, s *Selection, key MessageKey, most Bounds) (WallPage, error) {
	from := 0
	if key != (MessageKey{}) {
		from = sort.Search(len(s.found), func(i int) bool { return newer(s.at(i).MessageKey, key) > 0 })
	}
	to := from
	for bytes := int32(0); to < len(s.found) && to-from < most.Messages; to++ {
		if bytes += s.at(to).bytes; int(bytes) > most.Bytes && to > from {
			break
		}
	}
	return m.page(ctx, s, from, to)
}

// Before reads the page that ends before a key.
func (m *Messages) Before(ctx context.Context, s *Selection, key MessageKey, most Bounds) (WallPage, error) {
	to := sort.Search(len(s.found), func(i int) bool { return newer(s.at(i).MessageKey, key) >= 0 })
	from := to
	for bytes := int32(0); from > 0 && to-from < most.Messages; from-- {
		if bytes += s.at(from - 1).bytes; int(bytes) > most.Bytes && to > from {
			break
		}
	}
	if from == 0 { // the first page is always whole
		return m.After(ctx, s, MessageKey{}, most)
	}
	return m.page(ctx, s, from, to)
}

func (m *Messages) page(ctx context.Context, s *Selection, from, to int) (WallPage, error) {
	var p WallPage
	if from > 0 && from < len(s.found) {
		p.Newer = &s.at(from).MessageKey
	}
	if to < len(s.found) && to > 0 {
		p.Older = &s.at(to - 1).MessageKey
	}
	places := make([]place, 0, to-from)
	for i := from; i < to; i++ {
		places = append(places, *s.at(i))
	}
	var err error
	p.Messages, err = m.words(m.store.Read(ctx), s.wall, places)
	return p, err
}

// OnWall finds a message that visitors may read. ErrNoMessage.
func (m *Messages) OnWall(ctx context.Context, id int64) (Message, error) {
	w := m.wall.Load()
	own, ok := w.own[id]
	found, err := m.words(m.store.Read(ctx), w, []place{{MessageKey: MessageKey{own.CreatedAt, id}, own: ok}})
	if err == nil && len(found) == 0 {
		err = ErrNoMessage
	}
	if err != nil {
		return Message{}, err
	}
	return found[0], nil
}
