package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/sheet"
	"olivebranch/pkg/store"
)

// mostImported is how many partners one table may bring, unless the caller
// bounds it more.
const mostImported = 20_000

// importBatch at a time keep a statement below SQLite's limit of 32,766
// variables.
const importBatch = 500

// Import is a table of partners to be taken in.
type Import struct {
	Table   []byte // CSV, as package sheet reads it
	DryRun  bool   // do everything, and undo it
	Letters bool   // invite the contacts to the portal
	Most    int    // how many lines it may have; 0: as many as there may be
	By      audit.Actor
}

// LineFault is what is wrong with a cell, or with a whole line when Column is
// "". Lines count from 1.
type LineFault struct {
	Line   int
	Column string
	Fault  *fault.Error
}

// ImportResult is what an import did, or would do.
type ImportResult struct {
	Partners []*Partner
	Faults   []LineFault
}

var errDryRun = errors.New("dry run")

// Import admits every partner of a table in one transaction, or none. Invalid
// for the field csv when the table is refused; what is wrong in which line is
// then in the result.
func (r *Registry) Import(ctx context.Context, i Import) (ImportResult, error) {
	var out ImportResult
	if i.Most == 0 {
		i.Most = mostImported
	}
	rows, err := sheet.Read(i.Table, i.Most+2) // one more than the heading and the lines
	if err != nil {
		return out, refusedField("csv", err)
	}
	lines, faults := r.readTable(rows, i.Most)
	out.Faults = faults
	if len(faults) > 0 && lines == nil {
		return out, refusedTable(out.Faults)
	}
	err = r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		found, err := r.takeIn(tx, lines, i)
		out.Faults = append(out.Faults, found...)
		slices.SortStableFunc(out.Faults, func(a, b LineFault) int { return a.Line - b.Line })
		switch {
		case err != nil:
			return err
		case len(out.Faults) > 0:
			return refusedTable(out.Faults)
		case i.DryRun:
			return errDryRun
		}
		_, err = store.Bump(tx, store.TopicRegister)
		return err
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return out, fmt.Errorf("import partners: %w", err)
	}
	for _, l := range lines {
		out.Partners = append(out.Partners, l.partner)
	}
	if err == nil {
		r.Changed()
		r.Mailed()
	}
	return out, nil
}

func refusedTable(faults []LineFault) error {
	return refusedField("csv", fault.New(fault.Invalid, "import.refused", "N", len(faults)))
}

// takeIn writes the partners of a table. What is wrong with a line beside the
// others comes back as faults.
func (r *Registry) takeIn(tx *gorm.DB, lines []incoming, i Import) ([]LineFault, error) {
	faults, err := alreadyThere(tx, lines)
	if err != nil {
		return nil, err
	}
	var (
		partners []*Partner
		versions []versionRow
		people   []*Representative
		mails    []outbox.Mail
	)
	twice := map[int]bool{} // lines whose slug is a line's before
	for _, f := range faults {
		twice[f.Line] = twice[f.Line] || f.Column == "slug"
	}
	for _, l := range lines {
		p := l.partner
		if twice[l.line] {
			continue
		}
		if l.slug != "" {
			p.Slug, err = r.takeSlug(tx, l.slug, p.ID)
		} else {
			p.Slug, err = deriveSlug(tx, p.Profile, "partner-"+strconv.FormatInt(p.ID, 36), p.ID)
		}
		var f *fault.Error
		if errors.As(err, &f) && f.Fields["slug"] != nil {
			faults = append(faults, LineFault{l.line, "slug", f.Fields["slug"]})
			continue
		}
		if err != nil {
			return nil, err
		}
		version, err := r.version(OfPartner, p.ID, 1, p.Public(), i.By)
		if err != nil {
			return nil, err
		}
		partners, versions = append(partners, p), append(versions, version)
		if l.contact != nil {
			rep := r.newRepresentative(p.ID, *l.contact, r.Keys.MailKey(0, l.mail.Folded()))
			people = append(people, rep)
			if i.Letters {
				mails = append(mails, r.invitation(p, rep, *l.contact))
			}
		}
		err = r.Trail.Note(tx, i.By, audit.Deed{Action: "partner.imported", Subject: OfPartner, SubjectID: p.ID,
			After: map[string]any{"origin": "csv", "line": l.line, "state": p.State}})
		if err != nil {
			return nil, err
		}
	}
	if len(faults) > 0 || len(partners) == 0 {
		return faults, nil
	}
	if err := tx.CreateInBatches(partners, importBatch).Error; err != nil {
		return nil, err
	}
	if err := tx.CreateInBatches(versions, importBatch).Error; err != nil {
		return nil, err
	}
	if len(people) > 0 {
		if err := tx.CreateInBatches(people, importBatch).Error; err != nil {
			return nil, err
		}
	}
	if len(mails) == 0 {
		return nil, nil
	}
	return nil, r.Outbox.Enqueue(tx, mails...)
}
