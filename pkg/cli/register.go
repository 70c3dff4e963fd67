package cli

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
)

var operator = audit.Actor{Kind: audit.Operator}

type staffCmd struct {
	Add     staffAddCmd     `cmd:"" help:"Add an account; the password is read from standard input."`
	List    staffListCmd    `cmd:"" help:"List accounts."`
	Disable staffDisableCmd `cmd:"" help:"Disable an account and end its sessions."`
	Reset   staffResetCmd   `cmd:"" name:"reset-factors" help:"Take the second factors from an account whose owner lost them."`
}

type staffAddCmd struct {
	Email string `arg:"" help:"E-mail address."`
	Name  string `help:"Name; default: what stands before the @."`
	Role  string `default:"reviewer" enum:"observer,moderator,reviewer,admin" help:"One of observer, moderator, reviewer, admin."`
	Lang  string `default:"en" help:"Language of the console."`
}

func (s *staffAddCmd) Run(e *env) error {
	e.say("Password (at least %d characters):", staff.ShortestPassword)
	password, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && password == "" {
		return fmt.Errorf("read the password: %w", err)
	}
	if s.Name == "" {
		s.Name, _, _ = strings.Cut(s.Email, "@")
	}
	return e.core(func(o *app.Core) error {
		a, err := o.Staff.Add(e.ctx, staff.NewAccount{Email: s.Email, Name: s.Name, Lang: s.Lang, Role: staff.Role(s.Role),
			Password: strings.TrimRight(password, "\r\n")}, operator)
		if err != nil {
			return explain(o, err)
		}
		e.say("%s is %s now.", a.Email, a.Role)
		return nil
	})
}

type staffListCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (s *staffListCmd) Run(e *env) error {
	return e.core(func(o *app.Core) error {
		accounts, err := o.Staff.List(e.ctx)
		if err != nil {
			return err
		}
		type row struct {
			Email string `json:"email"`
			Name  string `json:"name"`
			Role  string `json:"role"`
			State string `json:"state"`
		}
		rows, lines := []row{}, []string{}
		for _, a := range accounts {
			rows = append(rows, row{a.Email, a.Name, string(a.Role), a.State})
			lines = append(lines, fmt.Sprintf("%-10s %-9s %s\n", a.Role, a.State, a.Email))
		}
		return e.print(s.JSON, rows, lines)
	})
}

type staffDisableCmd struct {
	Email string `arg:"" help:"E-mail address of the account."`
}

func (s *staffDisableCmd) Run(e *env) error {
	return e.core(func(o *app.Core) error {
		a, err := o.Staff.ByEmail(e.ctx, s.Email)
		if err == nil {
			err = o.Staff.Disable(e.ctx, a.ID, operator)
		}
		if err != nil {
			return explain(o, err)
		}
		e.say("%s is disabled.", s.Email)
		return nil
	})
}

type staffResetCmd struct {
	Email string `arg:"" help:"E-mail address of the account."`
}

func (s *staffResetCmd) Run(e *env) error {
	return e.core(func(o *app.Core) error {
		a, err := o.Staff.ByEmail(e.ctx, s.Email)
		if err == nil {
			err = o.Staff.ResetFactors(e.ctx, a.ID, operator)
		}
		if err != nil {
			return explain(o, err)
		}
		e.say("%s signs in with the password alone once, and then chooses new factors.", s.Email)
		return nil
	})
}

type partnerCmd struct {
	List    partnerListCmd    `cmd:"" help:"List partners, or applications that wait."`
	Approve partnerApproveCmd `cmd:"" help:"Approve an application by its reference."`
	Suspend partnerSuspendCmd `cmd:"" help:"Suspend a partner by its short name."`
	Import  partnerImportCmd  `cmd:"" help:"Admit the partners of a CSV file, all or none."`
	Export  partnerExportCmd  `cmd:"" help:"Print all partners as CSV."`
}

type partnerListCmd struct {
	Waiting bool `help:"List the applications that wait instead."`
	JSON    bool `name:"json" help:"Print JSON."`
}

type partnerRow struct {
	Key        string `json:"key"` // slug, or reference of an application
	State      string `json:"state"`
	Country    string `json:"country"`
	Name       string `json:"name"`
	Since      string `json:"since"`
	Signatures int64  `json:"signatures"`
}

func (s *partnerListCmd) Run(e *env) error {
	return e.core(func(o *app.Core) error {
		rows, err := s.rows(e, o)
		if err != nil {
			return err
		}
		lines := []string{}
		for _, r := range rows {
			lines = append(lines, fmt.Sprintf("%-28s %-10s %s %s %9d %s\n", r.Key, r.State, r.Country, r.Since, r.Signatures, r.Name))
		}
		return e.print(s.JSON, rows, lines)
	})
}

const mostListed = 10_000

func (s *partnerListCmd) rows(e *env, o *app.Core) ([]partnerRow, error) {
	rows := []partnerRow{}
	day := func(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.DateOnly) }
	if s.Waiting {
		list, err := o.Registry.Inbox(e.ctx, registry.InboxQuery{States: registry.Waiting, Most: mostListed})
		for _, a := range list {
			rows = append(rows, partnerRow{Key: a.Reference, State: string(a.State), Country: a.Country, Name: a.Name, Since: day(a.SubmittedAt)})
		}
		return rows, err
	}
	for _, p := range o.Register.All() {
		rows = append(rows, partnerRow{Key: p.Slug, State: string(p.State), Country: p.Country, Name: p.Name,
			Since: day(p.Since), Signatures: o.Tally.PartnerSignatures(p.ID)})
	}
	return rows, nil
}

type partnerApproveCmd struct {
	Reference string `arg:"" help:"Reference of the application, as OB-2026-ABCDEF."`
	Slug      string `help:"Short name in links; default: made from the name."`
}

func (s *partnerApproveCmd) Run(e *env) error {
	return e.core(func(o *app.Core) error {
		a, err := o.Registry.ByReference(e.ctx, strings.ToUpper(s.Reference))
		if err != nil {
			return explain(o, err)
		}
		p, err := o.Registry.Approve(e.ctx, registry.Decision{Application: a.ID, Version: a.Version, Slug: s.Slug, By: operator})
		if err != nil {
			return explain(o, err)
		}
		e.say("%s is a partner now: %s", p.Name, p.Slug)
		return nil
	})
}

type partnerSuspendCmd struct {
	Slug  string `arg:"" help:"The partner's short name."`
	Words string `help:"Why, in words for the letter to the partner."`
}

func (s *partnerSuspendCmd) Run(e *env) error {
	return e.core(func(o *app.Core) error {
		p, ok := o.Register.BySlug(s.Slug)
		if !ok {
			return explain(o, registry.ErrNoPartner)
		}
		p, err := o.Registry.SetState(e.ctx, registry.PartnerMove{Partner: p.ID, Version: p.Version, To: registry.Suspended, By: operator, Words: registry.Words{Body: s.Words}})
		if err != nil {
			return explain(o, err)
		}
		e.say("%s is suspended.", p.Name)
		return nil
	})
}

// explain puts a refusal into words; what is no refusal stays as it is.
func explain(o *app.Core, err error) error {
	if sentences := o.Explain(err); sentences != "" {
		return errors.New(sentences)
	}
	return err
}
