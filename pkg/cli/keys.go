package cli

import (
	"errors"
	"fmt"

	"olivebranch/pkg/app"
)

type keysCmd struct {
	List   keysListCmd   `cmd:"" default:"withargs" help:"List the keys and how many sealed values still need each."`
	Rotate keysRotateCmd `cmd:"" help:"Add a key, with which everything new is made from now on."`
	Retire keysRetireCmd `cmd:"" help:"Remove an old key that nothing needs any more."`
}

type keysListCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

type keyRow struct {
	Ring    string `json:"ring"`
	Version int    `json:"version"`
	Newest  bool   `json:"newest"`
	Values  *int64 `json:"values"` // sealed with it; null where it is not known
}

func (s *keysListCmd) Run(e *env) error {
	return e.core(func(o *app.Core) error {
		uses, err := o.KeyUses(e.ctx)
		if err != nil {
			return err
		}
		rows, lines := []keyRow{}, []string{}
		for _, u := range uses {
			row, values, newest := keyRow{Ring: u.Ring, Version: u.Version, Newest: u.Newest}, "", ""
			if u.Values >= 0 {
				row.Values, values = &u.Values, fmt.Sprintf("%d sealed values", u.Values)
			}
			if u.Newest {
				newest = "newest"
			}
			rows = append(rows, row)
			lines = append(lines, fmt.Sprintf("%-5s %3d %-6s %s\n", u.Ring, u.Version, newest, values))
		}
		return e.print(s.JSON, rows, lines)
	})
}

type keysRotateCmd struct {
	Ring string `arg:"" enum:"seal,token" help:"seal: of names and addresses in the database; token: of links and codes in mails."`
}

func (s *keysRotateCmd) Run(e *env) error {
	return e.core(func(o *app.Core) error {
		version, err := o.RotateKeys(e.ctx, s.Ring, operator)
		if err != nil {
			return err
		}
		e.say("The %s ring has key %d now. Copy the folder of the keys to where you keep them: from now on your backups need it.", s.Ring, version)
		if s.Ring == "seal" {
			e.say("A running server seals older values anew; olivebranch keys says how many are left.")
		} else {
			e.say("Links and codes of older keys stay good until these are retired.")
		}
		return nil
	})
}

type keysRetireCmd struct {
	Ring    string `arg:"" enum:"seal,token" help:"seal or token."`
	Version int    `arg:"" help:"Version of the key, as olivebranch keys lists it."`
}

func (s *keysRetireCmd) Run(e *env) error {
	return e.core(func(o *app.Core) error {
		err := o.RetireKey(e.ctx, s.Ring, s.Version, operator)
		if errors.Is(err, app.ErrKeyFresh) {
			return fmt.Errorf("%w; try again in a minute", err)
		}
		if err != nil {
			return err
		}
		e.say("Key %d of the %s ring is gone.", s.Version, s.Ring)
		if s.Ring == "seal" {
			e.say("Backups from before may need it: keep the copy of the keys that belongs to them.")
		} else {
			e.say("All links, codes and site codes made with it have ended, those to signatures and applications among them.")
		}
		return nil
	})
}
