package view

import "strings"

// Menu is how the rooms of the console are found: in groups, of which one may
// be open.
type Menu []Group

// Group is rooms that belong together.
type Group struct {
	Name  string
	Rooms []Room
}

// Room is a page of a group. Who may not see it has none.
type Room struct {
	Name, Path string
	Waiting    string // a sentence about what is open there; "" for nothing
	N          int64  // of what is open
	Here       bool   // the page is this room or belongs to it
	Exact      bool   // the page is this room
}

// Here says whether the page is in the group.
func (g Group) Here() bool {
	for _, r := range g.Rooms {
		if r.Here {
			return true
		}
	}
	return false
}

// N is how much is open in all rooms of the group.
func (g Group) N() (n int64) {
	for _, r := range g.Rooms {
		n += r.N
	}
	return n
}

// Open is the group the page is in; nil for a page that is in none.
func (m Menu) Open() *Group {
	for i := range m {
		if m[i].Here() {
			return &m[i]
		}
	}
	return nil
}

// Within says whether the page stands at a path, or below it.
func (p Page) Within(path string) bool { return p.Path == path || strings.HasPrefix(p.Path, path+"/") }
