// Package config is everything an operator can set, in one struct: kong
// reads it from flags and from OLIVEBRANCH_… variables. It checks that the
// settings make sense together and prints them with secrets hidden.
package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Config is the settings of one running program. The tags are kong's.
type Config struct {
	Addr            string   `name:"addr" default:"127.0.0.1:8080" env:"OLIVEBRANCH_ADDR" help:"Address the site listens on."`
	OpsAddr         string   `name:"ops-addr" env:"OLIVEBRANCH_OPS_ADDR" help:"Address of /metrics and the last verify; empty: none. Never make it public."`
	BaseURL         string   `name:"base-url" env:"OLIVEBRANCH_BASE_URL" help:"Public address of the site, as https://appeal.example.org; empty: http://localhost with the port listened on."`
	Data            string   `name:"data" default:"data" env:"OLIVEBRANCH_DATA" help:"Folder of the database, the keys and the uploads."`
	Database        string   `name:"database" env:"OLIVEBRANCH_DATABASE" help:"postgres://… to use PostgreSQL; empty: SQLite in the data folder."`
	SMTP            string   `name:"smtp" env:"OLIVEBRANCH_SMTP" help:"Mail server, as smtp://user:password@host:587 (STARTTLS) or smtps://host:465."`
	MailFrom        string   `name:"mail-from" env:"OLIVEBRANCH_MAIL_FROM" help:"Sender of all mail, as Name <address>."`
	MailReturn      string   `name:"mail-return" env:"OLIVEBRANCH_MAIL_RETURN" help:"Address that reports of delivery come back to; written name+@host, each mail has its own; empty: that of --mail-from."`
	MailReports     string   `name:"mail-reports" env:"OLIVEBRANCH_MAIL_REPORTS" help:"Maildir or mbox in which such reports arrive; empty: none."`
	MailPerMinute   int      `name:"mail-per-minute" default:"0" env:"OLIVEBRANCH_MAIL_PER_MINUTE" help:"Mails sent in any minute at most; 0: as many as there are."`
	MailPerDay      int      `name:"mail-per-day" default:"0" env:"OLIVEBRANCH_MAIL_PER_DAY" help:"Mails sent in any 24 hours at most; 0: as many as there are."`
	TrustedProxies  []string `name:"trusted-proxies" env:"OLIVEBRANCH_TRUSTED_PROXIES" help:"Address ranges (CIDR) of reverse proxies whose X-Forwarded-For is believed."`
	Limits          string   `name:"limits" default:"on" enum:"on,off" env:"OLIVEBRANCH_LIMITS" help:"Rate limits; off only for tests and benchmarks."`
	PictureCache    int      `name:"picture-cache" default:"32" env:"OLIVEBRANCH_PICTURE_CACHE" help:"Megabytes of drawn pictures kept in memory."`
	SecurityContact string   `name:"security-contact" env:"OLIVEBRANCH_SECURITY_CONTACT" help:"Where to report a hole in the site, as mailto:address or https://page; it stands in /.well-known/security.txt; empty: none."`
	LogLevel        string   `name:"log-level" default:"info" enum:"debug,info,warn,error" env:"OLIVEBRANCH_LOG_LEVEL" help:"Least severe message that is logged."`

	// Demo is set by serve --demo and has no variable: nobody turns a real
	// campaign into a demo by accident.
	Demo bool `kong:"-"`
}

// DatabasePath is where SQLite keeps its file; meaningless with PostgreSQL.
func (c *Config) DatabasePath() string { return filepath.Join(c.Data, "olivebranch.db") }

// KeysPath is the folder of the keys.
func (c *Config) KeysPath() string { return filepath.Join(c.Data, "keys") }

// Postgres says whether the campaign runs on PostgreSQL.
func (c *Config) Postgres() bool { return c.Database != "" }

// Validate reports the first setting that cannot work, naming its flag.
func (c *Config) Validate() error {
	if c.Data == "" {
		return fmt.Errorf("--data: want a folder")
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return fmt.Errorf("--addr %q: want host:port: %w", c.Addr, err)
	}
	if c.OpsAddr != "" {
		if _, _, err := net.SplitHostPort(c.OpsAddr); err != nil {
			return fmt.Errorf("--ops-addr %q: want host:port: %w", c.OpsAddr, err)
		}
	}
	if c.BaseURL != "" {
		u, err := url.Parse(c.BaseURL)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" ||
			strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return fmt.Errorf("--base-url %q: want https://host without a path", c.BaseURL)
		}
	}
	if c.Database != "" && !strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://") {
		return fmt.Errorf("--database: want postgres://user@host/name")
	}
	if c.SMTP != "" {
		u, err := url.Parse(c.SMTP)
		if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Hostname() == "" {
			return fmt.Errorf("--smtp: want smtp://host:587 or smtps://host:465")
		}
		if c.MailFrom == "" {
			return fmt.Errorf("--mail-from is needed with --smtp")
		}
	}
	if c.MailFrom != "" {
		if _, err := mail.ParseAddress(c.MailFrom); err != nil {
			return fmt.Errorf("--mail-from %q: want Name <address>: %w", c.MailFrom, err)
		}
	}
	if c.MailReturn != "" {
		if a, err := mail.ParseAddress(c.MailReturn); err != nil || a.Name != "" || a.Address != c.MailReturn {
			return fmt.Errorf("--mail-return %q: want an address, such as bounces+@example.org", c.MailReturn)
		}
	}
	if c.MailPerMinute < 0 || c.MailPerDay < 0 {
		return fmt.Errorf("--mail-per-minute and --mail-per-day: want numbers of mails, 0 for no ceiling")
	}
	if err := checkContact(c.SecurityContact); err != nil {
		return err
	}
	if c.PictureCache < 0 {
		return fmt.Errorf("--picture-cache %d: want megabytes, 0 for none", c.PictureCache)
	}
	_, err := c.Proxies()
	return err
}

// checkContact wants what RFC 9116 has for a contact, on one line.
func checkContact(contact string) error {
	if contact == "" {
		return nil
	}
	if to, ok := strings.CutPrefix(contact, "mailto:"); ok {
		if a, err := mail.ParseAddress(to); err == nil && a.Name == "" && a.Address == to {
			return nil
		}
	} else if u, err := url.Parse(contact); err == nil && u.Scheme == "https" && u.Hostname() != "" {
		return nil
	}
	return fmt.Errorf("--security-contact %q: want mailto:address or https://page", contact)
}

// Proxies are the trusted proxies as prefixes; a bare address is its own range.
func (c *Config) Proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range c.TrustedProxies {
		if a, err := netip.ParseAddr(s); err == nil {
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxies %q: want an address range such as 10.0.0.0/8: %w", s, err)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// Dump lists every setting with its value, passwords hidden.
func (c *Config) Dump() map[string]any {
	return map[string]any{
		"addr": c.Addr, "ops-addr": c.OpsAddr, "base-url": c.BaseURL, "data": c.Data,
		"database": hide(c.Database), "smtp": hide(c.SMTP), "mail-from": c.MailFrom,
		"mail-return": c.MailReturn, "mail-reports": c.MailReports, "mail-per-minute": c.MailPerMinute, "mail-per-day": c.MailPerDay,
		"trusted-proxies": append([]string{}, c.TrustedProxies...), "limits": c.Limits, "picture-cache": c.PictureCache, "security-contact": c.SecurityContact, "log-level": c.LogLevel,
	}
}

// hide masks the passwords of a URL (sslpassword is that of a PostgreSQL
// key), and the whole of what is no URL.
func hide(s string) string {
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Opaque != "" {
		return "(hidden)"
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "(hidden)"
	}
	for _, name := range []string{"password", "sslpassword"} {
		if q.Has(name) {
			q.Set(name, "xxxxx")
			u.RawQuery = q.Encode()
		}
	}
	return u.Redacted()
}

// MakeData creates the data folder, readable by its owner only.
func (c *Config) MakeData() error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	return nil
}
