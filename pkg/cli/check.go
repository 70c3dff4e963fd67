package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/demo"
)

type verifyCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (v *verifyCmd) Run(e *env) error {
	return e.core(func(o *app.Core) error {
		found, err := o.Verify(e.ctx)
		if err != nil {
			return err
		}
		if found == nil {
			found = []appeal.Finding{}
		}
		lines := []string{}
		for _, f := range found {
			lines = append(lines, fmt.Sprintf("invariant %d: %s: %s\n", f.Invariant, f.Row, f.Problem))
		}
		if err := e.print(v.JSON, found, lines); err != nil {
			return err
		}
		if len(found) > 0 {
			e.say("%d findings.", len(found))
			return errFailed
		}
		e.say("All invariants hold.")
		return nil
	})
}

type seedCmd struct {
	Signatures int `help:"Add so many made-up signatures instead of the demo's data." placeholder:"N"`
}

func (s *seedCmd) Run(e *env) (err error) {
	if s.Signatures > 0 {
		bar := progressbar.NewOptions(s.Signatures, progressbar.OptionSetWriter(e.words), progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionShowCount())
		return e.core(func(o *app.Core) error {
			return o.AddSignatures(e.ctx, s.Signatures, func(done int) { _ = bar.Set(done) })
		})
	}
	release, err := app.LockData(e.config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := app.Migrate(e.ctx, e.config, time.Now); err != nil {
		return err
	}
	if err := app.Seed(e.ctx, e.config, time.Now(), demo.Signatures); err != nil {
		return err
	}
	e.say("Seeded.")
	return nil
}
