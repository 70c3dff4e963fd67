package cli

import (
	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
)

type signaturesCmd struct {
	Export signaturesExportCmd `cmd:"" help:"Write signatures as CSV, also beside a running server."`
	Erase  signaturesEraseCmd  `cmd:"" help:"Erase what is kept of the person behind an e-mail address."`
}

type signaturesExportCmd struct {
	For string `default:"figures" enum:"figures,handover,updates" help:"figures: all, nothing personal; handover: names of those who allow the recipients to have them; updates: names and addresses of those who want news."`
}

func (s *signaturesExportCmd) Run(e *env) error {
	return e.core(func(o *app.Core) error {
		n, err := o.Signatures.Export(e.ctx, appeal.Export{AppealID: o.Appeal.Current().ID, Purpose: appeal.Purpose(s.For), To: e.out,
			Partner: o.PartnerSlug})
		if err != nil {
			return err
		}
		e.say("%d signatures.", n)
		return nil
	})
}

type signaturesEraseCmd struct {
	Email    string `arg:"" help:"The address."`
	Withdraw bool   `help:"Take the signature out of the count too."`
}

func (s *signaturesEraseCmd) Run(e *env) error {
	return e.core(func(o *app.Core) error {
		id, err := o.Signatures.ByMail(e.ctx, o.Appeal.Current().ID, s.Email)
		if err != nil {
			return explain(o, err)
		}
		if s.Withdraw {
			if err := o.Signatures.Withdraw(e.ctx, id); err != nil {
				return explain(o, err)
			}
			e.say("Erased, and not counted any more.")
			return nil
		}
		if err := o.Signatures.Forget(e.ctx, id); err != nil {
			return explain(o, err)
		}
		e.say("Erased. A signature that was confirmed stays counted.")
		return nil
	})
}
