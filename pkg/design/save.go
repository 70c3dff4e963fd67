package design

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/store"
	"olivebranch/pkg/texts"
)

// Faults of who came too late, or asks for what cannot be.
var errMoved = fault.New(fault.Conflict, "designs.moved")

// Create adds a design as a draft. Invalid with a sentence for each refused
// field.
func (d *Designs) Create(ctx context.Context, one Design, by audit.Actor) (*Design, error) {
	one, err := one.checked(d.languages)
	if err != nil {
		return nil, err
	}
	one.ID, one.State, one.Version = d.store.NewID(), Draft, 1
	err = d.write(ctx, func(tx *gorm.DB) error {
		one.CreatedAt = tx.NowFunc().UnixMilli()
		if err := tx.Create(&one).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return (fault.Fields{"code": errTaken}).Err()
		} else if err != nil {
			return err
		}
		if err := d.writeTexts(tx, &one, by); err != nil {
			return err
		}
		after := one.differences(&Design{})
		after["code"] = one.Code
		return d.trail.Note(tx, by, audit.Deed{Action: "design.created", Subject: Subject, SubjectID: one.ID, After: after})
	})
	if err != nil {
		return nil, fmt.Errorf("create the design %s: %w", one.Code, err)
	}
	return &one, nil
}

// Change makes a new version of a design, of whatever state; one that is
// published shows as changed at once. Version is that which was seen; code and
// state stay. Invalid with a sentence for each refused field, ErrNone, Conflict.
func (d *Designs) Change(ctx context.Context, want Design, by audit.Actor) error {
	err := d.write(ctx, func(tx *gorm.DB) error {
		before, err := seen(tx, want.ID, want.Version)
		if err != nil {
			return err
		}
		want.Code, want.State, want.CreatedAt, want.wordings = before.Code, before.State, before.CreatedAt, before.wordings
		want, err := want.checked(d.languages)
		if err != nil {
			return err
		}
		after := want.differences(before)
		if len(after) == 0 {
			return nil
		}
		columns := map[string]any{"position": want.Position, "button": want.Button, "figure": want.Figure, "first_day": want.FirstDay, "last_day": want.LastDay}
		if err := raise(tx, before, columns); err != nil {
			return err
		}
		if err := d.writeTexts(tx, &want, by); err != nil {
			return err
		}
		return d.trail.Note(tx, by, audit.Deed{Action: "design.changed", Subject: Subject, SubjectID: want.ID, Before: before.differences(&want), After: after})
	})
	if err != nil {
		return fmt.Errorf("change the design %d: %w", want.ID, err)
	}
	return nil
}

// moves is the one table of what may follow what.
var moves = map[State][]State{Draft: {Published}, Published: {Withdrawn}, Withdrawn: {Published}}

// May says whether the design may go to another state.
func (d *Design) May(to State) bool { return slices.Contains(moves[d.State], to) }

// Publish lets a design show, from its first day on. version is that which was
// seen. ErrNone, Conflict.
func (d *Designs) Publish(ctx context.Context, id, version int64, by audit.Actor) error {
	return d.move(ctx, id, version, Published, by)
}

// Withdraw takes it from all banners; partners that chose it get the preferred
// one. ErrNone, Conflict.
func (d *Designs) Withdraw(ctx context.Context, id, version int64, by audit.Actor) error {
	return d.move(ctx, id, version, Withdrawn, by)
}

func (d *Designs) move(ctx context.Context, id, version int64, to State, by audit.Actor) error {
	err := d.write(ctx, func(tx *gorm.DB) error {
		before, err := seen(tx, id, version)
		if err != nil {
			return err
		}
		if !before.May(to) {
			return errMoved
		}
		if err := raise(tx, before, map[string]any{"state": to}); err != nil {
			return err
		}
		return d.trail.Note(tx, by, audit.Deed{Action: "design." + string(to), Subject: Subject, SubjectID: id,
			Before: map[string]any{"state": before.State}, After: map[string]any{"state": to}})
	})
	if err != nil {
		return fmt.Errorf("bring the design %d to %s: %w", id, to, err)
	}
	return nil
}

// write runs one deed in a transaction and reads what came of it.
func (d *Designs) write(ctx context.Context, do func(tx *gorm.DB) error) error {
	err := d.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := do(tx); err != nil {
			return err
		}
		_, err := store.Bump(tx, store.TopicDesigns)
		return err
	})
	if err != nil {
		return err
	}
	return d.Reload(ctx)
}

// seen reads a design as the doer saw it. ErrNone, Conflict.
func seen(tx *gorm.DB, id, version int64) (*Design, error) {
	found, err := readAll(tx, "id = ?", id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, ErrNone
	}
	if found[0].Version != version {
		return nil, errMoved
	}
	return found[0], nil
}

// raise writes columns and raises the version. Of two at once one wins.
func raise(tx *gorm.DB, before *Design, columns map[string]any) error {
	columns["version"] = before.Version + 1
	res := tx.Model(&Design{}).Where("id = ? AND version = ?", before.ID, before.Version).Updates(columns)
	if res.Error == nil && res.RowsAffected == 0 {
		return errMoved
	}
	return res.Error
}

// writeTexts adds a version of each text that is another now.
func (d *Designs) writeTexts(tx *gorm.DB, one *Design, by audit.Actor) error {
	for _, field := range []string{SloganField, LabelField} {
		have := texts.Wording{}
		maps.Copy(have, one.wordings[field])
		for _, lang := range d.languages {
			body := one.Texts[lang].Slogan
			if field == LabelField {
				body = one.Texts[lang].Label
			}
			if have[lang].Body == body {
				continue
			}
			draft := have.Draft(one.of(field), lang, body)
			if err := d.archive().Add(tx, by, draft); err != nil {
				return err
			}
			have[lang] = texts.Version{Lang: lang, Version: draft.Seen + 1, BaseLang: draft.BaseLang, BaseVersion: draft.BaseVersion, Body: body}
		}
	}
	return nil
}

func (d *Designs) archive() texts.Archive { return texts.Archive{Store: d.store, Trail: d.trail} }

// Translate adds a version of one text of a design, in its limit. ErrNone,
// texts.ErrMoved, Invalid.
func (d *Designs) Translate(ctx context.Context, id int64, field string, draft texts.Draft, by audit.Actor) error {
	limit, known := map[string]plaintext.Limit{SloganField: Slogan, LabelField: Label}[field]
	if !known {
		return ErrNone
	}
	body, err := plaintext.Clean(draft.Body, limit)
	if err != nil {
		return err
	}
	err = d.write(ctx, func(tx *gorm.DB) error {
		found, err := readAll(tx, "id = ?", id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return ErrNone
		}
		if err := raise(tx, found[0], map[string]any{}); err != nil {
			return err
		}
		draft.Of, draft.Body = found[0].of(field), body
		return d.archive().Save(tx, by, draft)
	})
	if err != nil {
		return fmt.Errorf("translate the design %d: %w", id, err)
	}
	return nil
}

// differences are the values of d that other has not, for the audit trail:
// the texts by language.
func (d *Design) differences(other *Design) map[string]any {
	out := map[string]any{}
	note := func(name string, mine, theirs any) {
		if mine != theirs {
			out[name] = mine
		}
	}
	note("position", d.Position, other.Position)
	note("button", d.Button, other.Button)
	note("figure", d.Figure, other.Figure)
	note("first_day", d.FirstDay, other.FirstDay)
	note("last_day", d.LastDay, other.LastDay)
	slogans, labels := map[string]string{}, map[string]string{}
	for lang, t := range d.Texts {
		if was := other.Texts[lang].Slogan; t.Slogan != was {
			slogans[lang] = t.Slogan
		}
		if was := other.Texts[lang].Label; t.Label != was {
			labels[lang] = t.Label
		}
	}
	if len(slogans) > 0 {
		out["slogan"] = slogans
	}
	if len(labels) > 0 {
		out["label"] = labels
	}
	return out
}
