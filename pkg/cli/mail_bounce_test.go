package cli

import (
	"strings"
	"testing"
)

func TestAPipeOfReports(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	for name, c := range map[string]struct {
		message, words string
		code           int
	}{
		"not ours":  {"From: mailer-daemon@mx.example\n\n550 5.1.1 unknown\nMessage-ID: <ob.1.00112233445566778899@x>\n", "not about a mail of ours", exitOK},
		"no report": {"", "not about a mail of ours", exitOK},
		"broken":    {"\xff\x00", "not about a mail of ours", exitOK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := program(t, data, "mail", "bounce")
			p.Stdin = strings.NewReader(c.message)
			runWith(t, p).wants(t, c.code, c.words)
		})
	}
	t.Run("no campaign", func(t *testing.T) {
		t.Parallel()
		p := program(t, t.TempDir(), "mail", "bounce")
		p.Stdin = strings.NewReader("From: x\n\n")
		runWith(t, p).wants(t, exitTemporary, "try again later")
	})
}
