package bounce_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/bounce"
)

const mark = "ob.7433843480989767657.0123456789abcdef0123"

// dsn is a report as RFC 3464 has it.
func dsn(fields string) string {
	return "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example (Mail Delivery System)\r\nTo: appeal@example.org\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=\"b1\"\r\n\r\n--b1\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n\r\n" +
		"--b1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\nArrival-Date: Sun, 1 Mar 2026 12:00:00 +0000\r\n\r\n" +
		strings.ReplaceAll(fields, "\n", "\r\n") + "\r\n\r\n--b1\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: appeal@example.org\r\nMessage-ID: <" + mark + "@appeal.example.org>\r\nSubject: x\r\n\r\n--b1--\r\n"
}

func TestReports(t *testing.T) {
	t.Parallel()
	unknown := "Final-Recipient: rfc822; gone@example.net\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <gone@example.net>: Recipient address rejected: User unknown"
	for name, c := range map[string]struct {
		message string
		want    []bounce.Blame
	}{
		"unknown user":      {dsn(unknown), []bounce.Blame{bounce.Address}},
		"with a From line":  {"From MAILER-DAEMON Sun Mar  1 12:00:00 2026\n" + dsn(unknown), []bounce.Blame{bounce.Address}},
		"full":              {dsn("Action: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 mailbox full"), []bounce.Blame{bounce.Mailbox}},
		"policy":            {dsn("Action: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 5.7.1 blocked, see our list"), []bounce.Blame{bounce.Us}},
		"vague but told":    {dsn("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp;\n 550 No such user here"), []bounce.Blame{bounce.Address}},
		"vague":             {dsn("Action: failed\nStatus: 5.0.0"), []bounce.Blame{bounce.Unclear}},
		"given up":          {dsn("Action: failed\nStatus: 4.4.7\nDiagnostic-Code: smtp; user unknown for now"), []bounce.Blame{bounce.Unclear}},
		"delayed":           {dsn("Action: delayed\nStatus: 4.4.1\nDiagnostic-Code: smtp; 550 user unknown"), nil},
		"relayed":           {dsn("Action: relayed\nStatus: 2.0.0"), nil},
		"expanded":          {dsn("Action: expanded\nStatus: 2.0.0"), nil},
		"delivered":         {dsn("Action: delivered\nStatus: 2.1.5"), nil},
		"action with words": {dsn("action: Failed (permanently)\nstatus: 5.1.1 (bad mailbox)"), []bounce.Blame{bounce.Address}},
		"all in one group":  {strings.Replace(dsn(unknown), "+0000\r\n\r\n", "+0000\r\n", 1), []bounce.Blame{bounce.Address}},
		"bare line ends":    {strings.ReplaceAll(dsn(unknown), "\r\n", "\n"), []bounce.Blame{bounce.Address}},
		"qmail": {"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: appeal@example.org\nSubject: failure notice\n\nHi. This is the qmail-send program at mx.example.\n\n" +
			"<gone@example.net>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 User unknown\nGiving up on 192.0.2.1.\n\n--- Below this line is a copy of the message.\n\n" +
			"Return-Path: <appeal@example.org>\nMessage-ID: <" + mark + "@appeal.example.org>\n", []bounce.Blame{bounce.Address}},
		"Exim": {"Return-Path: <>\nX-Failed-Recipients: gone@example.net\nAuto-Submitted: auto-replied\nFrom: Mail Delivery System <Mailer-Daemon@mx.example>\nSubject: Mail delivery failed: returning message to sender\n\n" +
			"  gone@example.net\n    host mx.example.net [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<gone@example.net>:\n    550 No such user here\n\n------ This is a copy of the message's headers. ------\n\nMessage-ID: <" + mark + "@appeal.example.org>\n", []bounce.Blame{bounce.Address}},
		"Exim, delayed": {"Return-Path: <>\nFrom: Mailer-Daemon@mx.example\nSubject: Warning: message delayed 24 hours\n\n550 is not what it said\nMessage-ID: <" + mark + "@appeal.example.org>\n", nil},
		"out of office": {"Return-Path: <>\nFrom: Min-ji <a@example.net>\nAuto-Submitted: auto-replied\nIn-Reply-To: <" + mark + "@appeal.example.org>\nSubject: Out of office\n\nBack on 2026-05-01. Call 550 1234.\n", nil},
		"an answer":     {"From: Min-ji <a@example.net>\nIn-Reply-To: <" + mark + "@appeal.example.org>\nSubject: Re: Confirm\n\nI get 550 5.1.1 user unknown when I write to my friend.\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := bounce.Read(strings.NewReader(c.message))
			if err != nil {
				t.Fatal(err)
			}
			var got []bounce.Blame
			for _, f := range r.Failures {
				got = append(got, f.Blame())
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("blames %v, want %v (%+v)", got, c.want, r.Failures)
			}
			if !slices.ContainsFunc(r.Texts, func(s string) bool { return strings.Contains(s, mark) }) && name != "Exim, delayed" {
				t.Errorf("the mail it is about is not found in %q", r.Texts)
			}
		})
	}
}

// A stranger sends them: none crashes, takes long or fills the memory.
func TestHostileReports(t *testing.T) {
	t.Parallel()
	nested := "Content-Type: text/plain\n\nend"
	for i := range 2000 {
		nested = fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n%s\n--b%d--\n", i, i, nested, i)
	}
	many := "Content-Type: multipart/report; boundary=x\n\n" + strings.Repeat("--x\nContent-Type: message/delivery-status\n\nAction: failed\nStatus: 5.1.1\n\n", 50_000)
	for name, message := range map[string]string{
		"empty":            "",
		"no message":       "\x00\xff\xfe",
		"10 MB":            dsn("Action: failed\nStatus: 5.1.1\nDiagnostic-Code: " + strings.Repeat("x", 10<<20)),
		"10 MB in a line":  "From: mailer-daemon\n\n" + strings.Repeat("550 ", 5<<20/2),
		"10 MB of header":  "From: " + strings.Repeat("a", 10<<20),
		"nested":           nested,
		"many parts":       many,
		"no boundary":      "Content-Type: multipart/report\n\nAction: failed\nStatus: 5.1.1\n",
		"endless boundary": "Content-Type: multipart/report; boundary=" + strings.Repeat("b", 5000) + "\n\n--b\n",
		"not UTF-8":        strings.Replace(dsn("Action: failed\nStatus: 5.1.1\nDiagnostic-Code: \xe9\xff\xfe"), "sorry", "\xff\xfe\xc0", 1),
		"cut":              dsn("Action: failed\nStatus: 5.1.1")[:400],
		"bomb in base64":   "Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("Action: failed\nStatus: 5.1.1\n\n", 20_000))),
		"bad base64":       "Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n!!!!",
		"folded for ever":  "From: mailer-daemon\nSubject: x\n" + strings.Repeat(" y\n", 300_000) + "\nx",
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begun := time.Now()
			if _, err := bounce.Read(strings.NewReader(message)); err != nil {
				t.Error(err)
			}
			runtime.ReadMemStats(&after)
			if mb, took := (after.TotalAlloc-before.TotalAlloc)>>20, time.Since(begun); mb > 100 || took > 5*time.Second {
				t.Errorf("%d MB, %v", mb, took)
			}
		})
	}
}

// remember takes every message that says "ours", and keeps what it read.
func remember(seen *[]string) bounce.Taker {
	return func(r io.Reader) (bool, error) {
		raw, err := io.ReadAll(r)
		*seen = append(*seen, string(raw))
		return strings.Contains(string(raw), "ours"), err
	}
}

func TestAMaildirKeepsWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, d := range []string{"new", "cur", "tmp"} {
		must(t, os.Mkdir(filepath.Join(dir, d), 0o700))
	}
	must(t, os.WriteFile(filepath.Join(dir, "new", "1.a"), []byte("ours"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "new", "2.b"), []byte("somebody's"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "tmp", "3.c"), []byte("half"), 0o600))
	var seen []string
	done, kept, err := bounce.Collect(dir, remember(&seen))
	if err != nil || done != 1 || kept != 1 || len(seen) != 2 {
		t.Fatalf("%d done, %d kept, %v, saw %q", done, kept, err, seen)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", "*")); len(left) != 2 || filepath.Base(left[0]) != "2.b:2,S" {
		t.Errorf("left: %v", left)
	}
	if done, kept, err := bounce.Collect(dir, remember(&seen)); err != nil || done+kept != 0 {
		t.Errorf("again: %d, %d, %v", done, kept, err)
	}
}

func TestAnMboxIsEmptiedAndKeepsWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mbox")
	long := strings.Repeat("long ", 40_000)
	must(t, os.WriteFile(path, []byte("From a\nSubject: x\n\nours\n>From here\n\nFrom b\n\nsomebody's "+long+"\nFrom c\n\nours "+long+"\n"), 0o600))
	var seen []string
	done, kept, err := bounce.Collect(path, remember(&seen))
	if err != nil || done != 2 || kept != 1 || !strings.HasPrefix(seen[0], "Subject: x\n\nours\n>From here\n") || len(seen[2]) != len("\nours "+long+"\n") {
		t.Fatalf("%d done, %d kept, %v, saw %.80q", done, kept, err, seen)
	}
	left, err := os.ReadFile(path + ".kept")
	if info, statErr := os.Stat(path); err != nil || statErr != nil || info.Size() != 0 || string(left) != "From b\n\nsomebody's "+long+"\n" {
		t.Errorf("kept %.80q of %d bytes, %v %v", left, len(left), err, statErr)
	}
	if _, err := os.Stat(path + ".taken"); !os.IsNotExist(err) {
		t.Errorf("something is left behind: %v", err)
	}
}

func TestAnMboxThatBrokeOffIsReadAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mbox")
	must(t, os.WriteFile(path, []byte("From a\n\nours\n"), 0o600))
	if _, _, err := bounce.Collect(path, func(io.Reader) (bool, error) { return false, io.ErrClosedPipe }); err == nil {
		t.Fatal("no error")
	}
	must(t, os.WriteFile(path, []byte("From b\n\nours too\n"), 0o600))
	var seen []string
	for range 2 {
		if _, _, err := bounce.Collect(path, remember(&seen)); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 2 || seen[0] != "\nours\n" || seen[1] != "\nours too\n" {
		t.Errorf("saw %q", seen)
	}
}

func TestAMailboxThatIsLockedOrMissingWaits(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mbox")
	var seen []string
	if done, kept, err := bounce.Collect(path, remember(&seen)); err != nil || done+kept != 0 {
		t.Errorf("a mailbox that does not exist: %v", err)
	}
	must(t, os.WriteFile(path, []byte("From a\n\nours\n"), 0o600))
	must(t, os.WriteFile(path+".lock", nil, 0o600))
	if _, _, err := bounce.Collect(path, remember(&seen)); err == nil || len(seen) != 0 {
		t.Errorf("read in spite of the lock: %v", err)
	}
	must(t, os.Remove(path+".lock"))
	if done, _, err := bounce.Collect(path, remember(&seen)); err != nil || done != 1 {
		t.Errorf("%d done, %v", done, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
