package appeal

import "olivebranch/pkg/audit"

// Order says which signatures to move from a state to another, by whom. A rule
// of the program names its signatures by their ids.
type Order struct {
	IDs  []int64
	From string
	To   Mark
	Why  string // a few words for the trail, such as the group that was found
	By   audit.Actor
}
