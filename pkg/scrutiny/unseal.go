package scrutiny

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// sample is how many names of a group are unsealed at most.
const sample = 300

// named is a row with what is sealed in it.
type named struct {
	ID          int64
	Name, Email []byte
}

// people unseals the names and addresses of a group's newest, in the order in
// which they came.
func (s *Scrutiny) people(ctx context.Context, rows []*row) ([]person, error) {
	rows = rows[max(0, len(rows)-sample):]
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	var found []named
	for _, table := range []string{"signatures", "sign_requests"} {
		some := found[:0:0]
		err := s.Store.Read(ctx).Raw("SELECT id, name, email FROM "+table+" WHERE id IN ? AND name IS NOT NULL AND email IS NOT NULL", ids).Scan(&some).Error
		if err != nil {
			return nil, fmt.Errorf("read the names of a group: %w", err)
		}
		found = append(found, some...)
	}
	slices.SortFunc(found, func(a, b named) int { return cmp.Compare(a.ID, b.ID) })
	out := make([]person, 0, len(found))
	for _, f := range found {
		name, err := s.Keys.Open(s.NameColumn, f.ID, f.Name)
		if err != nil {
			return nil, err
		}
		mail, err := s.Keys.Open(s.MailColumn, f.ID, f.Email)
		if err != nil {
			return nil, err
		}
		local, domain, _ := strings.Cut(string(mail), "@")
		out = append(out, person{foldName(string(name)), local, domain})
	}
	return out, nil
}

// Figures are what is kept of the evidence, for the page of the alarm.
type Figures struct {
	N        int64      `json:"n"`
	Evidence []Evidence `json:"evidence"`
	Hold     int64      `json:"hold,string,omitempty"`
	Partner  int64      `json:"partner,string,omitempty"` // that brought most of them
	Country  string     `json:"country,omitempty"`        // that most of them named
	From     int64      `json:"from"`
	Until    int64      `json:"until"`
	Share    float64    `json:"share,omitempty"`  // of them through the partner
	Domain   string     `json:"domain,omitempty"` // that all of them have
}
