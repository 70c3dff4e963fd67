// Package cli is the command line: flags in, calls out, no rules. Data goes
// to stdout, words to stderr; the exit code is 0 when all went well, 1 when
// it did not, 2 when the command was not understood.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"olivebranch/pkg/app"
	"olivebranch/pkg/config"
)

// Exit codes.
const (
	exitOK = iota
	exitFailed
	exitUsage
	// exitTemporary tells a mail server to bring the message again (EX_TEMPFAIL
	// of sysexits.h).
	exitTemporary = 75
)

// commands is the grammar: the settings, which every command takes, and the
// commands.
type commands struct {
	Settings config.Config `embed:""`

	Serve       serveCmd       `cmd:"" help:"Run the campaign."`
	Migrate     migrateCmd     `cmd:"" help:"Bring the database up to date."`
	Staff       staffCmd       `cmd:"" help:"Add, list or disable staff accounts, or reset their second factors."`
	Partner     partnerCmd     `cmd:"" help:"List, approve, suspend, import or export partners."`
	Signatures  signaturesCmd  `cmd:"" help:"Export signatures, or erase a person's data."`
	Mail        mailCmd        `cmd:"" help:"See whether mail will arrive, and take in reports of mail that did not."`
	Embed       embedCmd       `cmd:"" help:"Let all banners on other sites say thanks, or take that back."`
	Seed        seedCmd        `cmd:"" help:"Fill a new campaign with the demo's data, or add made-up signatures."`
	Verify      verifyCmd      `cmd:"" help:"Check everything that must always hold."`
	Backup      backupCmd      `cmd:"" help:"Back up everything but the keys, beside a running server."`
	Restore     restoreCmd     `cmd:"" help:"Restore a backup and its keys into a fresh data folder."`
	Keys        keysCmd        `cmd:"" help:"List, rotate or retire keys."`
	ShowConfig  configCmd      `cmd:"" name:"config" help:"Print the settings, passwords hidden."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask the running server whether it can take signatures."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

// env is what commands work with.
type env struct {
	ctx    context.Context
	config *config.Config
	out    io.Writer
	words  io.Writer
	// dataGiven says that --data or its variable was set, be it to the default.
	dataGiven bool
}

// errFailed ends a command with exit code 1 after it has said why itself.
var errFailed = errors.New("failed")

// errTemporary ends one that a mail server shall start again, with exit code 75.
var errTemporary = errors.New("try again later")

// Run parses args and runs the command. It returns the exit code.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c, kong.Name("olivebranch"), kong.Writers(stdout, stderr), kong.UsageOnError(),
		kong.Description("The registry through which a peace campaign gathers partner organizations and signatures."),
		kong.Exit(func(code int) { exited = code }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(stderr, "olivebranch:", err)
		return exitFailed
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exitOK
	}
	if err == nil {
		err = c.Settings.Validate()
	}
	if err != nil {
		fmt.Fprintln(stderr, "olivebranch:", err)
		return exitUsage
	}
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Settings.LogLevel))
	slog.SetDefault(slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level})))
	err = parsed.Run(&env{ctx: ctx, config: &c.Settings, out: stdout, words: stderr, dataGiven: dataGiven(parsed)})
	if err == nil {
		return exitOK
	}
	if !errors.Is(err, errFailed) {
		fmt.Fprintln(stderr, "olivebranch:", err)
	}
	if errors.Is(err, errTemporary) {
		return exitTemporary
	}
	return exitFailed
}

func dataGiven(parsed *kong.Context) bool {
	for _, p := range parsed.Path {
		if p.Flag != nil && p.Flag.Name == "data" {
			return true
		}
	}
	return os.Getenv("OLIVEBRANCH_DATA") != ""
}

// core opens the campaign for one command and closes it afterwards.
func (e *env) core(do func(o *app.Core) error) (err error) {
	o, err := app.OpenCore(e.ctx, e.config, time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	return do(o)
}

// print writes rows as JSON or, for people, as columns.
func (e *env) print(asJSON bool, rows any, lines []string) error {
	if asJSON {
		enc := json.NewEncoder(e.out)
		enc.SetIndent("", "  ")
		return enc.Encode(rows)
	}
	_, err := io.WriteString(e.out, strings.Join(lines, ""))
	return err
}

func (e *env) say(format string, args ...any) { fmt.Fprintf(e.words, format+"\n", args...) }
