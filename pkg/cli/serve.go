package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"olivebranch/pkg/app"
	"olivebranch/pkg/demo"
)

type serveCmd struct {
	Demo bool `help:"Show an invented campaign on a throw-away folder, or on the one of --data."`
}

func (s *serveCmd) Run(e *env) (err error) {
	if s.Demo {
		e.config.Demo = true
		if !e.dataGiven {
			if e.config.Data, err = os.MkdirTemp("", "olivebranch-demo-"); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, os.RemoveAll(e.config.Data)) }()
		}
	}
	a, err := app.Open(e.ctx, e.config, app.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	first, err := a.FirstAdmin(e.ctx)
	if err != nil {
		return err
	}
	if s.Demo {
		e.say("The demo is ready: %s/\nIts staff sign in at %s/console as %s with the password %s; its mail is at %s/demo/mail",
			a.BaseURL, a.BaseURL, demo.StaffMail, demo.StaffPassword, a.BaseURL)
	} else {
		e.say("Serving %s", a.BaseURL)
	}
	if first != "" {
		e.say("Nobody is staff yet. Make the first account within a day at\n%s", first)
	}
	return a.Run(e.ctx)
}

type migrateCmd struct{}

func (*migrateCmd) Run(e *env) (err error) {
	release, err := app.LockData(e.config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := app.Migrate(e.ctx, e.config, time.Now); err != nil {
		return err
	}
	e.say("The database is up to date.")
	return nil
}

type configCmd struct{}

func (*configCmd) Run(e *env) error {
	enc := json.NewEncoder(e.out)
	enc.SetIndent("", "  ")
	return enc.Encode(e.config.Dump())
}

type healthcheckCmd struct{}

func (*healthcheckCmd) Run(e *env) error {
	host, port, err := net.SplitHostPort(e.config.Addr)
	if err != nil {
		return err
	}
	if host == "" || net.ParseIP(host).IsUnspecified() {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(e.ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: %s", res.Status)
	}
	e.say("ready")
	return nil
}

type versionCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (v *versionCmd) Run(e *env) error {
	version := app.Version()
	sqlite, _, _ := sqlite3.Version()
	facts := map[string]string{"version": version, "go": runtime.Version(), "sqlite": sqlite}
	return e.print(v.JSON, facts, []string{fmt.Sprintf("olivebranch %s (%s, SQLite %s)\n", version, runtime.Version(), sqlite)})
}
