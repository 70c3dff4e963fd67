package view

// Late says that mail arrives late at the moment, and about how late: in
// minutes, or in hours where these say it better. Stuck says that none goes
// out, and for how long. nil when mail is not late.
type Late struct {
	Minutes, Hours int // Hours is 0 where minutes are to be said
	Stuck          bool
}

// Words are the id and the number of the sentence that says it.
func (l Late) Words() (id string, n int) {
	id = "mail_late."
	if l.Stuck {
		id += "stuck_"
	}
	if l.Hours > 0 {
		return id + "hours", l.Hours
	}
	return id + "minutes", l.Minutes
}

// MailLate is the sentence for the reader; "" when mail is not late.
func (p Page) MailLate() string {
	if p.Late == nil {
		return ""
	}
	id, n := p.Late.Words()
	return p.T(id, "N", n)
}
