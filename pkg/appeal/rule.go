package appeal

import "encoding/json"

// Rule says which signatures a sweep is about.
type Rule struct {
	IDs   int    `json:"ids,omitempty"` // so many, named one by one
	State string `json:"state,omitempty"`
}

// text is the rule as stored.
func (r Rule) text() string {
	b, _ := json.Marshal(r) // of plain values, which JSON can always hold
	return string(b)
}
