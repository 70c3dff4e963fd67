package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, args, words string
		code              int
	}{
		{"help", "--help", "", exitOK},
		{"help of a command", "staff add --help", "", exitOK},
		{"version", "version", "", exitOK},
		{"no command", "", "expected one of", exitUsage},
		{"an unknown command", "sreve", "sreve", exitUsage},
		{"an unknown flag", "version --loud", "unknown flag --loud", exitUsage},
		{"a word too many", "version 2", "unexpected argument 2", exitUsage},
		{"a missing argument", "partner suspend", "<slug>", exitUsage},
		{"a role that is none", "staff add a@b.test --role chief", "--role", exitUsage},
		{"an address without port", "version --addr localhost", "--addr", exitUsage},
		{"a base URL with a path", "version --base-url https://appeal.test/en", "--base-url", exitUsage},
		{"another database", "version --database mysql://localhost/x", "--database", exitUsage},
		{"mail without a sender", "version --smtp smtp://localhost", "--mail-from", exitUsage},
		{"a proxy that is no range", "version --trusted-proxies nginx", "--trusted-proxies", exitUsage},
		{"limits half on", "version --limits some", "--limits", exitUsage},
		{"no campaign", "verify", "no campaign in", exitFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := run(t, filepath.Join(t.TempDir(), "data"), strings.Fields(c.args)...)
			o.wants(t, c.code, c.words)
			if c.code != exitOK && o.out != "" {
				t.Errorf("words on stdout: %s", o.out)
			}
		})
	}
}
