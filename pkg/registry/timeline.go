package registry

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
)

// Event is one thing that happened: a deed, a note or a letter; one of the
// three is set.
type Event struct {
	At     int64
	Deed   *audit.Entry
	Note   *Note
	Letter *Letter
}

// told are deeds that stand in a timeline as what came of them.
var told = []string{"note.added", "note.remarked"}

// Timeline is everything that happened to these, oldest first.
func (r *Registry) Timeline(ctx context.Context, about ...About) ([]Event, error) {
	var events []Event
	for _, of := range about {
		deeds, err := r.Trail.Of(ctx, of.Subject, of.ID)
		if err != nil {
			return nil, err
		}
		for i, d := range deeds {
			if !slices.Contains(told, d.Action) {
				events = append(events, Event{At: d.At, Deed: &deeds[i]})
			}
		}
		var letters []Letter
		var notes []Note
		mine := r.Store.Read(ctx).Where("subject = ? AND subject_id = ?", of.Subject, of.ID).Order("id")
		if err := mine.Session(&gorm.Session{}).Find(&letters).Error; err != nil {
			return nil, fmt.Errorf("list letters: %w", err)
		}
		if err := mine.Session(&gorm.Session{}).Find(&notes).Error; err != nil {
			return nil, fmt.Errorf("list notes: %w", err)
		}
		for i := range letters {
			events = append(events, Event{At: letters[i].CreatedAt, Letter: &letters[i]})
		}
		for i := range notes {
			events = append(events, Event{At: notes[i].CreatedAt, Note: &notes[i]})
		}
	}
	slices.SortFunc(events, func(a, b Event) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.id(), b.id())) })
	return events, nil
}

// id is that of the row. Of what happened in one moment the smaller was first.
func (e Event) id() int64 {
	switch {
	case e.Deed != nil:
		return e.Deed.ID
	case e.Note != nil:
		return e.Note.ID
	}
	return e.Letter.ID
}
