package registry

import (
	"errors"
	"slices"
	"strings"
	"time"

	"olivebranch/pkg/address"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/sheet"
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

// incoming is a good line.
type incoming struct {
	line    int
	partner *Partner
	slug    string // wished for
	contact *Contact
	mail    address.Mail
}

// readTable reads the lines behind the heading, of which there may be most. No
// lines at all come back when already the heading is wrong.
func (r *Registry) readTable(rows []sheet.Row, most int) (lines []incoming, faults []LineFault) {
	wrong := func(line int, column string, f *fault.Error) { faults = append(faults, LineFault{line, column, f}) }
	head := rows[0]
	columns := make([]string, min(len(head.Cells), 2*len(Columns))) // behind twice as many as there are, none is right
	for i, c := range head.Cells[:len(columns)] {
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
	case len(rows) > most+1:
		wrong(head.Line, "", fault.New(fault.Invalid, "import.many_lines", "N", most))
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
