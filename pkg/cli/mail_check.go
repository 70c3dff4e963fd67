package cli

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"olivebranch/pkg/address"
	"olivebranch/pkg/mailcheck"
	"olivebranch/pkg/mailer"
)

type mailCheckCmd struct {
	To         string       `help:"Send a test mail to this address." placeholder:"ADDRESS" xor:"what"`
	Read       string       `help:"Judge a received mail instead, saved with all its headers." type:"existingfile" placeholder:"FILE" xor:"what"`
	Selector   string       `help:"Selector of the DKIM key, as the mail server has it." placeholder:"NAME"`
	LeavesFrom []netip.Addr `help:"Public addresses that mail leaves from, where they are not the mail server's own." placeholder:"IP"`
	JSON       bool         `name:"json" help:"Print JSON."`
}

// Validate is asked by kong.
func (m *mailCheckCmd) Validate() error {
	if m.To != "" {
		if _, err := address.ParseMail(m.To); err != nil {
			return fmt.Errorf("--to %q: want an address such as name@example.org", m.To)
		}
	}
	if strings.ContainsAny(m.Selector, " /@") {
		return fmt.Errorf("--selector %q: want the name before ._domainkey", m.Selector)
	}
	return nil
}

func (m *mailCheckCmd) Run(e *env) error { return m.run(e, m.check(e)) }

func (m *mailCheckCmd) run(e *env, check *mailcheck.Check) error {
	if m.Read != "" {
		raw, err := os.ReadFile(m.Read)
		if err != nil {
			return err
		}
		found, err := check.Read(e.ctx, raw)
		if err != nil {
			return err
		}
		return m.print(e, found)
	}
	if e.config.SMTP == "" {
		return m.print(e, []mailcheck.Finding{{Subject: "server", State: mailcheck.Mend, Found: "no mail server is set", Mend: "Set --smtp and --mail-from; until then mails wait in the outbox, and are given up after three days."}})
	}
	found, err := check.Run(e.ctx)
	if err != nil {
		return err
	}
	if m.To != "" {
		found = append(found, m.send(e.ctx, check))
	}
	return m.print(e, found)
}

func (m *mailCheckCmd) check(e *env) *mailcheck.Check {
	hello := "localhost"
	if u, err := url.Parse(e.config.BaseURL); err == nil && u.Hostname() != "" {
		hello = u.Hostname()
	}
	return &mailcheck.Check{Server: e.config.SMTP, From: e.config.MailFrom, Hello: hello, Selector: m.Selector, LeavesFrom: m.LeavesFrom, To: m.To,
		Resolver: net.DefaultResolver, Dial: (&net.Dialer{}).DialContext, Now: time.Now}
}

// send sends a mail the way the program sends all.
func (m *mailCheckCmd) send(ctx context.Context, c *mailcheck.Check) mailcheck.Finding {
	now := c.Now()
	smtp, err := mailer.NewSMTP(c.Server, c.Hello)
	if err == nil {
		defer smtp.HangUp()
		text := "This mail shows that the campaign's mail server takes mail and hands it on.\n\n" +
			"Save it with all its headers (\"show original\", \"view source\") and run: olivebranch mail check --read FILE\n"
		err = smtp.Send(ctx, mailer.Letter{MessageID: fmt.Sprintf("check.%d@%s", now.UnixNano(), c.Hello), Date: now.UTC(), From: c.From, To: m.To, Lang: "en",
			Subject: "A test of the campaign's mail", Text: text, HTML: "<!DOCTYPE html><html lang=\"en\"><title>A test</title><body><p>" + strings.ReplaceAll(strings.TrimSpace(text), "\n\n", "</p><p>") + "</p></body></html>"})
	}
	if err != nil {
		return mailcheck.Finding{Subject: "test", State: mailcheck.Mend, Found: "the test mail was not taken: " + err.Error(), Mend: "Mend what is said above; the log of the mail server may say more."}
	}
	return mailcheck.Finding{Subject: "test", State: mailcheck.Good, Found: "the server took a test mail for " + m.To, Mend: "If it arrives, save it with all its headers and run mail check --read FILE; if it does not, look among spam, then into the log of the mail server."}
}

func (m *mailCheckCmd) print(e *env, found []mailcheck.Finding) error {
	var lines []string
	for _, f := range found {
		lines = append(lines, fmt.Sprintf("%-8s %-10s %s\n", f.State, f.Subject, f.Found))
		if f.Mend != "" {
			lines = append(lines, "                    "+f.Mend+"\n")
		}
		for line := range strings.Lines(f.Record) {
			lines = append(lines, "                        "+strings.TrimSuffix(line, "\n")+"\n")
		}
	}
	if err := e.print(m.JSON, found, lines); err != nil {
		return err
	}
	if !mailcheck.Clean(found) {
		e.say("There is something to mend.")
		return errFailed
	}
	return nil
}
