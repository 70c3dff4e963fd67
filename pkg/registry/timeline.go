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

// Timeline is what happened to something, oldest first: of what was before a
// key, or of everything when it is zero, the newest, at most so much. More
// says that there is something before it.
func (r *Registry) Timeline(ctx context.Context, about About, before audit.Key, most int) (events []Event, more bool, err error) {
	deeds, err := r.Trail.Search(ctx, audit.Query{Subject: about.Subject, SubjectID: about.ID, Without: told}, before, most+1)
	if err != nil {
		return nil, false, err
	}
	for i := range deeds {
		events = append(events, Event{At: deeds[i].At, Deed: &deeds[i]})
	}
	newest := func() *gorm.DB {
		mine := r.Store.Read(ctx).Where("subject = ? AND subject_id = ?", about.Subject, about.ID)
		return before.Older(mine, "created_at").Order("created_at DESC, id DESC").Limit(most + 1)
	}
	var letters []Letter
	var notes []Note
	if err := newest().Find(&letters).Error; err != nil {
		return nil, false, fmt.Errorf("list letters: %w", err)
	}
	if err := newest().Find(&notes).Error; err != nil {
		return nil, false, fmt.Errorf("list notes: %w", err)
	}
	for i := range letters {
		events = append(events, Event{At: letters[i].CreatedAt, Letter: &letters[i]})
	}
	for i := range notes {
		events = append(events, Event{At: notes[i].CreatedAt, Note: &notes[i]})
	}
	slices.SortFunc(events, func(a, b Event) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.id(), b.id())) })
	if more = len(events) > most; more {
		events = events[len(events)-most:]
	}
	return events, more, nil
}

// Key is where the event stands: older ones are before it.
func (e Event) Key() audit.Key { return audit.Key{At: e.At, ID: e.id()} }

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
