package cli

import "olivebranch/pkg/app"

type embedCmd struct {
	Sunset embedSunsetCmd `cmd:"" help:"End the appeal at once: all banners say thanks, and the form is closed."`
}

type embedSunsetCmd struct {
	Undo bool `help:"Take it back."`
}

func (s *embedSunsetCmd) Run(e *env) error {
	return e.core(func(o *app.Core) error {
		if err := o.Appeal.SetSunset(e.ctx, !s.Undo, operator); err != nil {
			return explain(o, err)
		}
		switch {
		case !s.Undo:
			e.say("The appeal has ended: all banners say thanks, and the form is closed. Who signed in time can still confirm.")
		case o.Appeal.Current().Ended(o.Now()):
			e.say("Taken back. The appeal stays closed: its last day was %s.", o.Appeal.Current().LastDay)
		default:
			e.say("Taken back: banners ask for signatures again.")
		}
		return nil
	})
}
