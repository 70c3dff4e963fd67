package config_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"olivebranch/pkg/config"
)

// parse reads a command line as the program does; kong calls Validate.
func parse(t *testing.T, args ...string) (*config.Config, error) {
	t.Helper()
	var c config.Config
	parser, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return &c, err
}

func TestTheDefaultsAreValid(t *testing.T) {
	t.Parallel()
	c, err := parse(t)
	if err != nil {
		t.Fatal(err)
	}
	if c.Postgres() || c.Demo || c.Limits != "on" {
		t.Errorf("defaults %+v, want SQLite, no demo, limits on", c)
	}
}

func TestWhatCannotWorkIsRefusedByTheNameOfItsFlag(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flag, value string
		good        bool
	}{
		{"--addr", ":8080", true},
		{"--addr", "[::1]:8080", true},
		{"--addr", "localhost", false},
		{"--addr", "", false},
		{"--ops-addr", "", true},
		{"--ops-addr", "127.0.0.1:9090", true},
		{"--ops-addr", "9090", false},
		{"--security-contact", "", true},
		{"--security-contact", "mailto:security@example.org", true},
		{"--security-contact", "https://example.org/security", true},
		{"--security-contact", "http://example.org/security", false},
		{"--security-contact", "security@example.org", false},
		{"--security-contact", "mailto:a@example.org, b@example.org", false},
		{"--security-contact", "https://example.org/\nPolicy: x", false},
		{"--picture-cache", "0", true},
		{"--picture-cache", "-1", false},
		{"--base-url", "", true},
		{"--base-url", "https://appeal.example.org", true},
		{"--base-url", "https://appeal.example.org/", true},
		{"--base-url", "http://localhost:8080", true},
		{"--base-url", "https://[2001:db8::1]:8443", true},
		{"--base-url", "appeal.example.org", false},
		{"--base-url", "//appeal.example.org", false},
		{"--base-url", "ftp://appeal.example.org", false},
		{"--base-url", "https://", false},
		{"--base-url", "https://:8080", false},
		{"--base-url", "https://appeal.example.org/sub", false},
		{"--base-url", "https://appeal.example.org/?a=b", false},
		{"--base-url", "https://appeal.example.org/#top", false},
		{"--base-url", "https://me@appeal.example.org", false},
		{"--base-url", "https://bad host", false},
		{"--database", "", true},
		{"--database", "postgres://olive:secret@db/olive", true},
		{"--database", "postgresql:///olive", true},
		{"--database", "mysql://olive:secret@db/olive", false},
		{"--database", "host=db password=secret", false},
		{"--smtp", "", true},
		{"--smtp", "smtp://olive:secret@mail.example.org:587", true},
		{"--smtp", "smtps://mail.example.org", true},
		{"--smtp", "mail.example.org:25", false},
		{"--smtp", "http://olive:secret@mail.example.org", false},
		{"--smtp", "smtp://olive:secret@", false},
		{"--smtp", "smtp://mail.example.org:secret", false},
		{"--mail-from", "Peace Appeal <appeal@example.org>", true},
		{"--mail-from", "appeal@example.org", true},
		{"--mail-from", "appeal", false},
		{"--mail-from", "a@example.org, b@example.org", false},
		{"--trusted-proxies", "10.0.0.0/8,2001:db8::/32,192.0.2.1", true},
		{"--trusted-proxies", "10.0.0.0/33", false},
		{"--trusted-proxies", "proxy.example.org", false},
		{"--trusted-proxies", "10.0.0.0/8,nonsense", false},
	} {
		args := []string{c.flag + "=" + c.value}
		if c.flag == "--smtp" {
			args = append(args, "--mail-from=appeal@example.org")
		}
		_, err := parse(t, args...)
		if c.good && err != nil {
			t.Errorf("%s %q: %v", c.flag, c.value, err)
		}
		if !c.good && (err == nil || !strings.Contains(err.Error(), c.flag)) {
			t.Errorf("%s %q: %v, want a sentence that names the flag", c.flag, c.value, err)
		}
		if err != nil && strings.Contains(err.Error(), "olive:secret") {
			t.Errorf("%s: the error tells the password: %v", c.flag, err)
		}
	}
}

func TestAMailServerWantsASender(t *testing.T) {
	t.Parallel()
	_, err := parse(t, "--smtp=smtp://mail.example.org")
	if err == nil || !strings.Contains(err.Error(), "--mail-from") {
		t.Errorf("%v, want a sentence about --mail-from", err)
	}
}

func TestADumpHidesEveryPassword(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	for _, c := range []config.Config{
		{Database: "postgres://olive:" + secret + "@db/olive"},
		{Database: "postgres://db/olive?user=olive&password=" + secret},
		{Database: "postgres://db/olive?sslkey=k&sslpassword=" + secret},
		{Database: "postgres://db/olive?pass%77ord=" + secret},
		{Database: "postgres://db/olive?password=a;" + secret},
		{Database: "postgres://olive:" + secret + "@one:5432,two:5432/olive"},
		{Database: "host=db user=olive password=" + secret},
		{Database: "postgres://olive:" + secret + "@bad host/olive"},
		{SMTP: "smtp://olive:" + secret + "@mail.example.org:587"},
		{SMTP: "smtp:olive:" + secret + "@mail.example.org"},
		{SMTP: "olive:" + secret + "@mail.example.org:25"},
	} {
		text, err := json.Marshal(c.Dump())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), secret) {
			t.Errorf("the password of %q%q is shown: %s", c.Database, c.SMTP, text)
		}
	}
}

func TestADumpShowsEverySettingAndItsValue(t *testing.T) {
	t.Parallel()
	args := map[string]string{
		"addr": ":1", "ops-addr": ":2", "base-url": "https://appeal.example.org", "data": "here",
		"database": "postgres://olive@db/olive?sslmode=require", "smtp": "smtps://mail.example.org",
		"mail-from": "appeal@example.org", "limits": "off", "log-level": "debug", "picture-cache": "8",
	}
	var line []string
	for name, value := range args {
		line = append(line, "--"+name+"="+value)
	}
	c, err := parse(t, append(line, "--trusted-proxies=10.0.0.0/8")...)
	if err != nil {
		t.Fatal(err)
	}
	dump := c.Dump()
	for name, want := range args {
		if fmt.Sprint(dump[name]) != want {
			t.Errorf("%s is shown as %v, want %s", name, dump[name], want)
		}
	}
	parser, err := kong.New(&config.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range parser.Model.Flags {
		if _, ok := dump[flag.Name]; !ok && flag.Name != "help" {
			t.Errorf("--%s is missing from the dump", flag.Name)
		}
		if flag.Name != "help" && (len(flag.Envs) != 1 || flag.Envs[0] != "OLIVEBRANCH_"+strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))) {
			t.Errorf("--%s doubles as %v", flag.Name, flag.Envs)
		}
	}
}

func TestNobodyTurnsACampaignIntoADemoByAFlag(t *testing.T) {
	t.Parallel()
	parser, err := kong.New(&config.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"--demo"}); err == nil {
		t.Error("the settings take --demo")
	}
}

func TestProxiesAreRangesAndABareAddressIsItsOwn(t *testing.T) {
	t.Parallel()
	got, err := (&config.Config{TrustedProxies: []string{"10.1.2.3/8", "192.0.2.7", "2001:db8::1"}}).Proxies()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"10.0.0.0/8", "192.0.2.7/32", "2001:db8::1/128"}
	for i, p := range got {
		if i >= len(want) || p != netip.MustParsePrefix(want[i]) {
			t.Errorf("range %d is %s, want %v", i, p, want)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d ranges, want %d", len(got), len(want))
	}
}

func TestTheDataFolderIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	c := config.Config{Data: filepath.Join(t.TempDir(), "some", "where")}
	for range 2 { // making it again changes nothing
		if err := c.MakeData(); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(c.Data)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, %v, want 0700", info.Mode(), err)
	}
	if filepath.Dir(c.DatabasePath()) == c.KeysPath() || !strings.HasPrefix(c.KeysPath(), c.Data) {
		t.Errorf("keys in %s, database in %s: want them apart in the folder", c.KeysPath(), c.DatabasePath())
	}
}
