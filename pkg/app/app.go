package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/challenge"
	"olivebranch/pkg/config"
	"olivebranch/pkg/demo"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/mailer"
	"olivebranch/pkg/outbound"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/schedule"
	"olivebranch/pkg/scrutiny"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/texts"
	"olivebranch/pkg/web"
	"olivebranch/pkg/web/console"
	"olivebranch/pkg/web/embeds"
	"olivebranch/pkg/web/portal"
	"olivebranch/pkg/web/site"
	"olivebranch/static"
	"olivebranch/static/fonts"
	"olivebranch/templates"
)

// App is a whole campaign: Core, the web, the mail and the periodic work.
type App struct {
	*Core
	Intake *appeal.Intake
	Mailer *mailer.Mailer
	Caught *mailer.Catcher // the demo's mail; nil when mail is really sent
	noMail bool            // no mail server is set, so nothing leaves
	Web    *web.Server
	Jobs   *schedule.Schedule
	// Scrutiny is not asked about what comes in when limits are off; alarms and
	// the table of limits are there all the same.
	Scrutiny *scrutiny.Scrutiny
	Door     *registry.Door // to the portal
	Links    *registry.Door // to the page of a signature
	BaseURL  *url.URL

	examines bool

	delay    atomic.Pointer[outbox.Delay]
	listener net.Listener
	release  func() error
}

// Options change what Open does; the zero value is a program in service.
type Options struct {
	Now func() time.Time // default: time.Now
	// Catalogues are the languages; nil for those the program is built with.
	Catalogues *locale.Catalogues
	// Pseudo replaces every message by a marked one, for tests.
	Pseudo bool
	// Mail takes the letters instead of the mail server, for tests.
	Mail mailer.Sender
	// Unexamined leaves it to a test when what came in is examined.
	Unexamined bool
	// Outside is another internet than the real one, for tests.
	Outside registry.Outside
	// Hot stands for what finds that too much comes from one place, for tests.
	Hot func(appeal.Form) bool
}

// Open makes a campaign ready to Run: it takes the data folder, migrates, in
// a demo seeds, loads what is kept in memory and listens.
func Open(ctx context.Context, c *config.Config, o Options) (_ *App, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	a := &App{examines: c.Limits != "off" && !o.Unexamined}
	if a.release, err = LockData(c); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err := Migrate(ctx, c, o.Now); err != nil {
		return nil, err
	}
	if c.Demo {
		if err := Seed(ctx, c, o.Now(), demo.Signatures); err != nil {
			return nil, err
		}
	}
	if o.Catalogues == nil {
		if o.Catalogues, err = catalogues(); err != nil {
			return nil, err
		}
	}
	if a.Core, err = openCore(ctx, c, o.Now, o.Catalogues); err != nil {
		return nil, err
	}
	if c.Demo {
		if _, err := a.Bulletins.Publish(ctx); err != nil {
			return nil, err
		}
	}
	if o.Pseudo {
		a.Catalogues = a.Catalogues.Pseudo()
	}
	if a.listener, err = net.Listen("tcp", c.Addr); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if a.BaseURL, err = baseURL(c, a.listener); err != nil {
		return nil, err
	}
	a.Places.Host = address.BareHost(a.BaseURL.Hostname())
	a.openOutside(o.Outside)
	a.Door = registry.NewDoor(a.Registry.SendSignInLink)
	if err := a.openMail(ctx, o.Mail); err != nil {
		return nil, err
	}
	if err := a.openScrutiny(ctx); err != nil {
		return nil, err
	}
	a.Intake = appeal.NewIntake(appeal.IntakeParts{Store: a.Store, Keys: a.Keys, Appeal: a.Appeal, Tally: a.Tally,
		Outbox: a.Outbox, Now: a.Now, IsCountry: locale.IsCountry, Scrutiny: a.watching(), Committed: a.Mailer.Wake})
	a.Links = registry.NewDoor(a.Intake.SendLink)
	a.Jobs = &schedule.Schedule{Store: a.Store, Now: a.Now, Jobs: a.jobs()}
	return a, a.openWeb(o)
}

// baseURL is the public address: as configured, else localhost with the port
// that is listened on.
func baseURL(c *config.Config, l net.Listener) (*url.URL, error) {
	if c.BaseURL != "" {
		u, err := url.Parse(c.BaseURL)
		if err == nil {
			u.Path = ""
		}
		return u, err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return &url.URL{Scheme: "http", Host: net.JoinHostPort("localhost", port)}, err
}

// openOutside gives the register its way to look at the sites of applicants,
// and an eye for banners.
func (a *App) openOutside(outside registry.Outside) {
	base := a.BaseURL.Scheme + "://" + a.BaseURL.Host
	if outside == nil {
		outside = outbound.New(base)
	}
	a.Registry.Outside = outside
	a.Registry.HasBanner = func(page outbound.Page, slugs []string) bool {
		return len(banner.Inspect(page.Body, page.Header, base, slugs).Ways) > 0
	}
}

// openMail chooses who takes the letters: a test, the demo's catcher, or the
// mail server. Without a mail server letters wait in the outbox.
func (a *App) openMail(ctx context.Context, sender mailer.Sender) error {
	from := a.Config.MailFrom
	if from == "" {
		from = "Olivebranch <olivebranch@localhost>"
	}
	switch {
	case sender != nil:
		a.Caught, _ = sender.(*mailer.Catcher)
	case a.Config.SMTP == "":
		if !a.Config.Demo {
			slog.Warn("no mail server is set (--smtp): mail waits in the outbox")
			sender, a.noMail = noServer{}, true
			break
		}
		a.Caught = &mailer.Catcher{}
		sender = a.Caught
	default:
		smtp, err := mailer.NewSMTP(a.Config.SMTP, a.BaseURL.Hostname())
		if err != nil {
			return err
		}
		sender = smtp
	}
	var err error
	a.Mailer, err = mailer.New(mailer.Options{Store: a.Store, Keys: a.Keys, Now: a.Now, From: from, Return: a.Config.MailReturn, Sender: sender,
		BaseURL: a.BaseURL.String(), CampaignName: a.Campaign,
		Words: func(lang string) mailer.Words { return a.Catalogues.For(lang) }, Phrase: a.phrase,
		Pointless: func(ctx context.Context, kind outbox.Kind, e outbox.Envelope) (bool, error) {
			unwanted, err := a.Outbox.Unwanted(ctx, kind, e)
			if err != nil || unwanted {
				return unwanted, err
			}
			return a.Intake.Pointless(ctx, kind, e)
		},
		Taken: func(tx *gorm.DB, confirmations []outbox.Envelope) ([]bool, error) {
			return a.Intake.MailTaken(tx, confirmations)
		}, Ceilings: a.Outbox.Ceilings})
	if err == nil && !a.Store.Postgres() { // the data folder is ours alone
		err = a.Mailer.TakeBack(ctx)
	}
	a.mailed = func() {
		if a.Mailer != nil {
			a.Mailer.Wake()
		}
	}
	return err
}

// phrase is a reason or question as a mail says it.
func (a *App) phrase(key, lang string) (body, in string) {
	v := a.Phrases.Text(key, lang)
	return v.Body, v.Lang
}

// noServer refuses every letter for the time being.
type noServer struct{}

func (noServer) Send(context.Context, mailer.Letter) error {
	return fmt.Errorf("%w: no mail server is set", mailer.ErrUnreachable)
}

func (a *App) openWeb(o Options) error {
	assets, err := assets()
	if err != nil {
		return err
	}
	views, err := views()
	if err != nil {
		return err
	}
	proxies, err := a.Config.Proxies()
	if err != nil {
		return err
	}
	a.Web, err = web.New(web.Options{BaseURL: a.BaseURL, Proxies: proxies, Catalogues: a.Catalogues, Views: views, Assets: assets,
		Campaign: a.campaignIn, Limits: a.Config.Limits != "off", Demo: a.Config.Demo, Now: a.Now, Ready: (&readiness{ping: a.Store.Ping, now: a.Now}).ask, Late: a.late,
		Closed: func() bool { return a.Appeal.Current().Ended(a.Now()) }})
	if err != nil {
		return err
	}
	embed, err := embeds.New(embeds.Options{BaseURL: a.BaseURL.String(), Words: a.Catalogues, Appeal: embedAppeal{a.Appeal}, Pages: site.Cards(),
		Figures: figures{a.Tally, a.Appeal, a.public}, Register: embedRegister{a.Register},
		Designs: a.Designs, Ended: a.ended, Places: embedPlaces{a.Register, a.Places.Notes}, Wall: embedWall{a.Messages, a.Register}, Templates: templates.FS, Static: static.FS, Now: a.Now,
		Pens: banner.NewPens(banner.NewFonts(fonts.FS, banner.SystemFolders(), slog.Default()), min(4, runtime.GOMAXPROCS(0))), Room: a.Config.PictureCache << 20})
	if err != nil {
		return err
	}
	hot := o.Hot
	if hot == nil {
		hot = a.hot
	}
	public := &site.Site{Server: a.Web, Keys: a.Keys, Appeal: a.Appeal, Tally: a.Tally, Intake: a.Intake, Signatures: a.Signatures, Links: a.Links,
		Messages: a.Messages, Reports: a.Reports, Register: a.Register, Registry: a.Registry, Places: a.Places, Told: a.Told, Bulletins: a.Bulletins, Statements: a.Statements, Post: a.Outbox,
		Challenges: &challenge.Challenges{Keys: a.Keys, Now: a.Now}, Security: a.Config.SecurityContact, Hot: hot, Embed: embedAppeal{a.Appeal}, EmbedFiles: func() (site.EmbedFiles, error) { return measure(embed) }, Now: a.Now}
	public.Routes()
	if a.Config.Demo && a.Caught != nil {
		(&site.DemoMail{Server: a.Web, Caught: a.Caught}).Routes()
	}
	(&portal.Portal{Server: a.Web, Keys: a.Keys, Registry: a.Registry, Door: a.Door, Register: a.Register, Tally: a.Tally, Told: a.Told, Places: a.Places,
		Embed: embedAppeal{a.Appeal}, Designs: a.Designs, Files: embedFiles{embed}, Sessions: a.Staff, Now: a.Now}).Routes()
	(&console.Console{Server: a.Web, Keys: a.Keys, Staff: a.Staff, Passkeys: a.passkeys(), Registry: a.Registry, Phrases: a.Phrases, Register: a.Register, Places: a.Places, Appeal: a.Appeal, Texts: texts.Archive{Store: a.Store, Trail: a.Trail},
		Tally: a.Tally, Statements: a.Statements, Designs: a.Designs, Embed: embedAppeal{a.Appeal}, Messages: a.Messages, Reports: a.Reports, Sweeps: a.Sweeps, Scrutiny: a.Scrutiny, Trail: a.Trail, Press: a.Mailer, Post: a.Outbox, NoMail: a.noMail, Now: a.Now}).Routes()
	embed.Routes(a.Web.Echo)
	return nil
}

// passkeys are nil where the site has a bare number for an address, for which
// browsers have none; there an authenticator app does.
func (a *App) passkeys() *staff.Passkeys {
	p, err := staff.NewPasskeys(a.Staff, a.BaseURL, func() string { return a.Campaign(appeal.DefaultLang) })
	if err != nil {
		slog.Warn("passkeys are not offered", "error", err)
		return nil
	}
	return p
}

// stopTime is how long a stop waits for requests under way.
const stopTime = 20 * time.Second

// Run serves until ctx ends, then answers what was accepted and returns.
func (a *App) Run(ctx context.Context) error {
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var group sync.WaitGroup
	group.Go(func() { _ = a.Mailer.Run(work) })
	group.Go(func() { a.Door.Run(work) })
	group.Go(func() { a.Links.Run(work) })
	group.Go(func() { a.watch(work) })
	group.Go(func() { a.watchMail(work) })
	group.Go(func() { a.collectReports(work) })
	group.Go(func() { a.settle(work) })
	group.Go(func() { a.markMessages(work) })
	group.Go(func() { a.Sweeps.Run(work) })
	if a.examines {
		group.Go(func() { a.examine(work) })
	}
	group.Go(func() { a.refold(work) })
	group.Go(func() { a.Jobs.Run(work) })
	group.Go(func() { a.keepPlaces(work) })
	group.Go(func() { a.Store.RunScrubber(work) })
	intake := make(chan struct{})
	go func() {
		defer close(intake)
		a.Intake.Run()
	}()
	ops, err := a.serveOps()
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- a.Web.Serve(a.listener) }()
	select {
	case err = <-served:
	case <-ctx.Done():
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		err = a.Web.Shutdown(stop)
	}
	if ops != nil {
		err = errors.Join(err, ops.Close())
	}
	a.Intake.Close()
	<-intake
	stopWork()
	group.Wait()
	return err
}

// FirstAdmin is the one-time address that makes the first admin; "" when
// there is an account.
func (a *App) FirstAdmin(ctx context.Context) (string, error) {
	any, err := a.Staff.Any(ctx)
	if err != nil || any {
		return "", err
	}
	token := a.Keys.Token(seal.Token{Purpose: seal.FirstAdmin, Expires: a.Now().Add(24 * time.Hour)})
	return a.BaseURL.JoinPath("console", "first", token).String(), nil
}

// Close gives back what Open took; after Run or instead of it.
func (a *App) Close() error {
	var errs []error
	if a.listener != nil {
		if err := a.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if a.Core != nil {
		errs = append(errs, a.Core.Close())
	}
	if a.release != nil {
		if err := a.release(); err != nil && !errors.Is(err, os.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// serveOps starts the operators' own address, if one is set.
func (a *App) serveOps() (*http.Server, error) {
	if a.Config.OpsAddr == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", a.Config.OpsAddr)
	if err != nil {
		return nil, fmt.Errorf("listen for operators: %w", err)
	}
	s := &http.Server{Handler: a.opsHandler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.Serve(l) }()
	return s, nil
}
