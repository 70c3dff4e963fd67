package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/config"
	"olivebranch/pkg/mailcheck"
	"olivebranch/pkg/testkit"
)

func TestMailCheckThatMakesNoSenseIsUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"mail"}, {"mail", "check", "--to", "nobody"}, {"mail", "check", "--to", "a@example.org\r\nRCPT TO:<b@example.org>"}, {"mail", "check", "--read", "no-such-file"},
		{"mail", "check", "--selector", "s1/../x"}, {"mail", "check", "--leaves-from", "here"}, {"mail", "check", "--smtp", "http://x"},
		{"mail", "check", "--smtp", "smtp://localhost:25"}, {"mail", "check", "extra"}, // and without a sender
	} {
		if o := run(t, "", args...); o.code != exitUsage || o.out != "" {
			t.Errorf("%q: exit %d, %q %q", args, o.code, o.out, o.words)
		}
	}
}

func TestMailCheckWithoutAServerSaysWhatThatMeans(t *testing.T) {
	t.Parallel()
	o := run(t, "", "mail", "check", "--json")
	var found []mailcheck.Finding
	if err := json.Unmarshal([]byte(o.out), &found); err != nil || o.code != exitFailed || len(found) != 1 || found[0].State != mailcheck.Mend || !strings.Contains(found[0].Mend, "--smtp") {
		t.Errorf("exit %d, %v: %s", o.code, err, o.out)
	}
}

// A mail server on this machine, and a name server in which all is well.
func TestMailCheckSendsATestMailAndSaysThatAllIsWell(t *testing.T) {
	t.Parallel()
	n, post := testkit.NewInternet(t), &testkit.MailServer{Bare: true}
	ip := netip.MustParseAddr("5.9.10.11")
	n.Lead("example.org", []netip.Addr{ip})
	n.Call(ip, "example.org.")
	n.Text("example.org", "v=spf1 a -all")
	n.Text("_dmarc.example.org", "v=DMARC1; p=none; rua=mailto:d@example.org")
	var out, words bytes.Buffer
	e := &env{ctx: t.Context(), out: &out, words: &words,
		config: &config.Config{SMTP: "smtp://appeal:secret@" + post.Open(t, nil), MailFrom: "Appeal <appeal@example.org>", BaseURL: "https://appeal.example.org"}}
	m := &mailCheckCmd{To: "mina@example.net", LeavesFrom: []netip.Addr{ip}}
	check := m.check(e)
	check.Resolver, check.Now = n.Lab.Resolver, time.Now
	if err := m.run(e, check); err != nil {
		t.Errorf("%v:\n%s", err, out.String())
	}
	if heard := post.Heard(); strings.Count(heard, "to mina@example.net") != 2 || strings.Count(heard, "data ") != 1 || !strings.Contains(heard, "Subject: A test of the campaign's mail") {
		t.Errorf("the mail server heard: %s", heard)
	}
	for _, want := range []string{"good     server", "good     spf", "unknown  dkim", "good     test", "--read FILE"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}

	// The same when the domain says nothing of itself.
	n.Forget("_dmarc.example.org")
	out.Reset()
	m.To, m.JSON = "", true
	if err := m.run(e, check); !errors.Is(err, errFailed) || !strings.Contains(out.String(), `"record": "_dmarc.example.org. TXT`) || !strings.Contains(words.String(), "something to mend") {
		t.Errorf("%v:\n%s", err, out.String())
	}

	file := filepath.Join(t.TempDir(), "mail.eml")
	if err := os.WriteFile(file, []byte("From: appeal@example.org\r\n\r\nHello.\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	m.JSON, m.Read = false, file
	if err := m.run(e, check); !errors.Is(err, errFailed) || !strings.Contains(out.String(), "the mail is not signed") {
		t.Errorf("a saved mail: %v:\n%s", err, out.String())
	}
}
