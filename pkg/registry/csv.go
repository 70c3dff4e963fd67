package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/sheet"
	"olivebranch/pkg/store"
)

// Columns of a table of partners, each with the message import.column.<name>.
// Without a slug one is made from the name; without a state the partner is
// active, without a day it is one since now, without a placement it shows the
// banner on its website, without a language its texts are English. The
// contact is its first representative, all of it or nothing.
var Columns = []string{
	"slug", "state", "name", "name_latin", "website", "country", "kind", "about", "reach", "placement", "lang", "message",
	"show_signatures", "since", "contact_name", "contact_role", "contact_email", "contact_lang",
}

// contactColumns are the last of them, which are personal.
const contactColumns = 4

// neededColumns must be there.
var neededColumns = []string{"name", "website", "country", "kind", "about", "reach"}

// mostImported is how many partners one table may bring.
const mostImported = 20_000

// importBatch at a time keep a statement below SQLite's limit of 32,766
// variables.
const importBatch = 500

// Import is a table of partners to be taken in.
type Import struct {
	Table   []byte // CSV, as package sheet reads it
	DryRun  bool   // do everything, and undo it
	Letters bool   // invite the contacts to the portal
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

// incoming is a good line.
type incoming struct {
	line    int
	partner *Partner
	slug    string // wished for
	contact *Contact
	mail    address.Mail
}

var errDryRun = errors.New("dry run")

// Import admits every partner of a table in one transaction, or none. Invalid
// for the field csv when the table is refused; what is wrong in which line is
// then in the result.
func (r *Registry) Import(ctx context.Context, i Import) (ImportResult, error) {
	var out ImportResult
	rows, err := sheet.Read(i.Table)
	if err != nil {
		return out, refusedField("csv", err)
	}
	lines, faults := r.readTable(rows)
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

// readTable reads the lines behind the heading. No lines at all come back
// when already the heading is wrong.
func (r *Registry) readTable(rows []sheet.Row) (lines []incoming, faults []LineFault) {
	wrong := func(line int, column string, f *fault.Error) { faults = append(faults, LineFault{line, column, f}) }
	head := rows[0]
	columns := make([]string, len(head.Cells))
	for i, c := range head.Cells {
		c = strings.ToLower(strings.TrimSpace(c))
		columns[i] = c
		switch {
		case !slices.Contains(Columns, c):
			wrong(head.Line, c, fault.New(fault.Invalid, "import.column_unknown"))
		case slices.Contains(columns[:i], c):
			wrong(head.Line, c, fault.New(fault.Invalid, "import.column_twice"))
		}
	}
	for _, c := range neededColumns {
		if !slices.Contains(columns, c) {
			wrong(head.Line, c, fault.New(fault.Invalid, "import.column_missing"))
		}
	}
	switch {
	case len(faults) > 0:
	case len(rows) == 1:
		wrong(head.Line, "", fault.New(fault.Invalid, "import.no_lines"))
	case len(rows) > mostImported+1:
		wrong(head.Line, "", fault.New(fault.Invalid, "import.many_lines", "N", mostImported))
	default:
		lines = []incoming{}
		for _, row := range rows[1:] {
			if len(row.Cells) > len(columns) {
				wrong(row.Line, "", fault.New(fault.Invalid, "import.many_cells", "N", len(columns)))
				continue
			}
			cells := map[string]string{}
			for i, c := range row.Cells {
				cells[columns[i]] = strings.TrimSpace(c)
			}
			line, err := r.readLine(row.Line, cells)
			var f *fault.Error
			if errors.As(err, &f) {
				for _, column := range f.Fields.Names() {
					wrong(row.Line, column, f.Fields[column])
				}
				continue
			}
			lines = append(lines, line)
		}
	}
	return lines, faults
}

// readLine makes a partner of a line. The only errors are faults with the
// columns as fields.
func (r *Registry) readLine(number int, cells map[string]string) (incoming, error) {
	or := func(column, otherwise string) string {
		if cells[column] == "" {
			return otherwise
		}
		return cells[column]
	}
	refused, now := fault.Fields{}, r.Now().UnixMilli()
	public := Public{Profile: Profile{Name: cells["name"], NameLatin: cells["name_latin"], Website: cells["website"], Country: strings.ToUpper(cells["country"]),
		Kind: cells["kind"], About: cells["about"], Reach: cells["reach"], Placement: or("placement", cells["website"]), Lang: or("lang", "en")}, Message: cells["message"]}
	public, err := public.checked(r.Known)
	addAll(refused, err, nil)
	p := &Partner{ID: r.Store.NewID(), State: PartnerState(or("state", string(Active))), Profile: public.Profile, Message: public.Message,
		Since: now, CreatedAt: now}
	p.Refold()
	line := incoming{line: number, partner: p, slug: strings.ToLower(cells["slug"])}
	if !KnownPartnerState(p.State) {
		refused.Add("state", fault.New(fault.Invalid, "import.state_bad"))
	}
	p.ShowSignatures, err = yes(or("show_signatures", "yes"))
	refused.Add("show_signatures", err)
	if cells["since"] != "" {
		day, err := time.Parse(time.DateOnly, cells["since"])
		if p.Since = day.UnixMilli(); err != nil || p.Since > now {
			refused.Add("since", fault.New(fault.Invalid, "import.since_bad"))
		}
	}
	if cells["contact_name"]+cells["contact_role"]+cells["contact_email"]+cells["contact_lang"] != "" {
		found := fault.Fields{}
		c := Contact{Name: cells["contact_name"], Role: cells["contact_role"], Email: cells["contact_email"], Lang: or("contact_lang", "en")}.check(r.Known, found)
		line.mail, err = address.ParseMail(c.Email)
		found.Add("email", err)
		addAll(refused, found.Err(), map[string]string{"email": "contact_email", "mail_lang": "contact_lang"})
		c.Email = line.mail.String()
		line.contact = &c
	}
	return line, refused.Err()
}

// addAll adds the fields of a fault, some under another name.
func addAll(to fault.Fields, err error, renamed map[string]string) {
	var f *fault.Error
	if !errors.As(err, &f) {
		return
	}
	for field, why := range f.Fields {
		if name := renamed[field]; name != "" {
			field = name
		}
		to.Add(field, why)
	}
}

func yes(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "yes", "1", "true":
		return true, nil
	case "no", "0", "false":
		return false, nil
	}
	return false, fault.New(fault.Invalid, "import.yes_or_no")
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

// alreadyThere finds lines that are of one organization, or of one that is a
// partner: the same name on the same host, or the same slug.
func alreadyThere(tx *gorm.DB, lines []incoming) ([]LineFault, error) {
	var old []struct{ NameFolded, WebsiteHost string }
	if err := tx.Model(&Partner{}).Select("name_folded, website_host").Find(&old).Error; err != nil {
		return nil, err
	}
	seen := make(map[string]int, len(old)+2*len(lines)) // line, 0 for a partner
	for _, o := range old {
		seen["name "+o.NameFolded+"\n"+o.WebsiteHost] = 0
	}
	var faults []LineFault
	for _, l := range lines {
		keys := []string{"name " + l.partner.NameFolded + "\n" + l.partner.WebsiteHost}
		if l.slug != "" {
			keys = append(keys, "slug "+l.slug)
		}
		for _, key := range keys {
			column, _, _ := strings.Cut(key, " ")
			before, known := seen[key]
			switch {
			case !known:
				seen[key] = l.line
			case before == 0:
				faults = append(faults, LineFault{l.line, column, fault.New(fault.Invalid, "import.exists")})
			default:
				faults = append(faults, LineFault{l.line, column, fault.New(fault.Invalid, "import.line_twice", "Line", before)})
			}
		}
	}
	return faults, nil
}

// ExportPartners writes partners as a table that Import reads, in the order
// given. With contacts it holds the name and address of each one's first
// representative: only for who may have those.
func (r *Registry) ExportPartners(ctx context.Context, to io.Writer, partners []*Partner, contacts bool) error {
	w := sheet.NewWriter(to)
	columns := Columns
	if !contacts {
		columns = Columns[:len(Columns)-contactColumns]
	}
	if err := w.Row(columns...); err != nil {
		return err
	}
	for some := range slices.Chunk(partners, importBatch) {
		first := map[int64]Contact{}
		if contacts {
			var err error
			if first, err = r.firstContacts(ctx, some); err != nil {
				return err
			}
		}
		for _, p := range some {
			show := "no"
			if p.ShowSignatures {
				show = "yes"
			}
			c := first[p.ID]
			row := []string{p.Slug, string(p.State), p.Name, p.NameLatin, p.Website, p.Country, p.Kind, p.About, p.Reach, p.Placement, p.Lang, p.Message,
				show, time.UnixMilli(p.Since).UTC().Format(time.DateOnly), c.Name, c.Role, c.Email, c.Lang}
			if err := w.Row(row[:len(columns)]...); err != nil {
				return err
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return w.Flush()
}

func (r *Registry) firstContacts(ctx context.Context, partners []*Partner) (map[int64]Contact, error) {
	ids := make([]int64, len(partners))
	for i, p := range partners {
		ids[i] = p.ID
	}
	var reps []Representative
	if err := r.Store.Read(ctx).Where("partner_id IN ?", ids).Order("id DESC").Find(&reps).Error; err != nil {
		return nil, fmt.Errorf("read representatives: %w", err)
	}
	first := map[int64]Contact{}
	for i := range reps {
		c, err := r.ContactOf(&reps[i])
		if err != nil {
			return nil, err
		}
		first[reps[i].PartnerID] = c
	}
	return first, nil
}
