package cli

import (
	"fmt"
	"strings"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
)

type backupCmd struct {
	Target string `arg:"" help:"Folder of the backup; it must not exist."`
	KeysTo string `name:"keys-to" help:"Copy the keys to this folder, which must be apart from the backup." placeholder:"DIR"`
	JSON   bool   `name:"json" help:"Print JSON."`
}

func (s *backupCmd) Run(e *env) error {
	return e.core(func(o *app.Core) error {
		began := time.Now()
		m, err := o.Backup(e.ctx, s.Target, s.KeysTo)
		if err != nil {
			return err
		}
		if err := e.print(s.JSON, m, []string{}); err != nil {
			return err
		}
		e.say("%s is made and checked: %d signatures, %d partners, %.1f MB, in %s.", s.Target, m.Counts["signatures"], m.Counts["partners"],
			float64(m.Bytes)/1e6, time.Since(began).Round(100*time.Millisecond))
		if s.KeysTo == "" {
			e.say("The keys are not in it: keep a copy of %s in another place, or use --keys-to.", o.Config.KeysPath())
		}
		return e.findings("The backup is true to the campaign, but the campaign is not in order:", m.Findings)
	})
}

type restoreCmd struct {
	Source string `arg:"" help:"Folder of the backup."`
	Keys   string `required:"" help:"Folder of the keys." placeholder:"DIR"`
	JSON   bool   `name:"json" help:"Print JSON."`
}

func (s *restoreCmd) Run(e *env) error {
	r, err := app.Restore(e.ctx, e.config, time.Now, s.Source, s.Keys)
	if err != nil {
		return err
	}
	if err := e.print(s.JSON, r.Manifest, []string{}); err != nil {
		return err
	}
	e.say("Restored into %s, as of %s: %d signatures, %d partners.", e.config.Data, r.TakenAt.Format(time.RFC3339), r.Counts["signatures"], r.Counts["partners"])
	if len(r.Gone) > 0 {
		e.say("Links and codes made with these keys, which are not there any more, have ended: %s.", strings.Join(r.Gone, ", "))
	}
	return e.findings("It is what the backup holds, but that is not in order:", r.Findings)
}

// findings ends a command with what does not hold, if anything.
func (e *env) findings(words string, found []appeal.Finding) error {
	if len(found) == 0 {
		return nil
	}
	e.say("%s", words)
	for _, f := range found {
		fmt.Fprintf(e.words, "invariant %d: %s: %s\n", f.Invariant, f.Row, f.Problem)
	}
	return errFailed
}
