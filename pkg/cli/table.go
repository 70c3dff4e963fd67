package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"olivebranch/pkg/app"
	"olivebranch/pkg/registry"
)

type partnerImportCmd struct {
	File    string `arg:"" help:"CSV file; - for standard input. Columns: see partner export."`
	DryRun  bool   `help:"Check every line and change nothing."`
	Letters bool   `help:"Mail every contact person an invitation to the portal."`
}

// mostTable bounds a table, in bytes.
const mostTable = 64 << 20

func (s *partnerImportCmd) Run(e *env) error {
	table, err := s.read()
	if err != nil {
		return err
	}
	return e.core(func(o *app.Core) error {
		done, err := o.Registry.Import(e.ctx, registry.Import{Table: table, DryRun: s.DryRun, Letters: s.Letters, By: operator})
		for _, f := range done.Faults {
			where := fmt.Sprintf("line %d", f.Line)
			if f.Column != "" {
				where += ", " + f.Column
			}
			e.say("%s: %s", where, strings.ReplaceAll(o.Explain(f.Fault), "\n", " "))
		}
		if err != nil {
			return explain(o, err)
		}
		if s.DryRun {
			e.say("%d partners would be imported. Nothing was changed.", len(done.Partners))
		} else {
			e.say("%d partners are imported.", len(done.Partners))
		}
		return nil
	})
}

func (s *partnerImportCmd) read() ([]byte, error) {
	in := io.Reader(os.Stdin)
	if s.File != "-" {
		f, err := os.Open(s.File)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	table, err := io.ReadAll(io.LimitReader(in, mostTable+1))
	if err == nil && len(table) > mostTable {
		err = fmt.Errorf("%s has more than %d MB", s.File, mostTable>>20)
	}
	return table, err
}

type partnerExportCmd struct {
	Contacts bool `help:"With name and address of each partner's first contact person."`
}

func (s *partnerExportCmd) Run(e *env) error {
	return e.core(func(o *app.Core) error { return o.Registry.ExportPartners(e.ctx, e.out, o.Register.All(), s.Contacts) })
}
