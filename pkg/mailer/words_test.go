package mailer

import (
	"errors"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/outbox"
)

func TestOnlyAFirstNameIsTakenFromAName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Min-ji Kim":                  "Min-ji",
		"김민지":                         "김민지",
		"محمد علي":                    "محمد",
		"O'Brien":                     "O'Brien",
		"J.R. Smith":                  "J.R.",
		"":                            "",
		"   ":                         "",
		"Visit evil.example.com":      "",
		"evil.com":                    "",
		"evil。com":                    "",
		"https://evil.example":        "",
		"hxxp://x":                    "",
		"a@b.com":                     "",
		"Ann\r\nBcc: x@example.org":   "",
		"Ann\u2028Bcc":                "",
		"Ann\u0085Bcc":                "",
		"Ann\x00":                     "",
		"\u202eAnn":                   "",
		"WIN$1000 now":                "",
		"<b>Ann</b>":                  "",
		"Call +15551234":              "Call",
		strings.Repeat("a", 60):       strings.Repeat("a", 40),
		strings.Repeat("e\u0301", 60): strings.Repeat("\u00e9", 40),
		strings.Repeat("word ", 1000): "",
		"\xff\xfe":                    "",
		"=cmd|' /C calc'!A0":          "",
		"Ann\u2068Bob":                "",
	} {
		if got := firstName(name); got != want {
			t.Errorf("firstName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestNoArgumentBreaksOutOfItsLine(t *testing.T) {
	t.Parallel()
	for _, nasty := range []string{"\r\n", "\n", "\r", "\u2028", "\u2029", "\u0085", "\v", "\f", "\x00", "\u202e", "\u2066", "\u2069", "\u2068", "\ufeff", "\U000E0041", "\x7f", "\u009b"} {
		for _, arg := range []string{outbox.ArgName, outbox.ArgCode, outbox.ArgReference, outbox.ArgOrganization, outbox.ArgReason} {
			if got := argument(arg, "Bcc"+nasty+"x"); strings.Contains(got, nasty) {
				t.Errorf("%s keeps %q: %q", arg, nasty, got)
			}
		}
		if got := argument(outbox.ArgWords, "Bcc"+nasty+"x"); nasty != "\n" && strings.Contains(got, nasty) {
			t.Errorf("words keep %q: %q", nasty, got)
		}
	}
	if got := argument(outbox.ArgWords, "one\r\ntwo\n\nthree"); got != "one\ntwo\n\nthree" {
		t.Errorf("words lose their lines: %q", got)
	}
}

func TestTheReasonThatIsStoredDoesNotNameTheRecipient(t *testing.T) {
	t.Parallel()
	const to = "Min.Ji@example.org"
	for said, want := range map[string]string{
		"550 5.1.1 <Min.Ji@example.org>: unknown":       "550 5.1.1 … unknown",
		"550 user min.ji, not here":                     "550 user … not here",
		"550 see https://x.example/?u=min.ji%40example": "550 see …",
		"550 no\r\nsuch\x00user":                        "550 no such user",
	} {
		if got := reason(errors.New(said), to); got != want {
			t.Errorf("reason(%q) = %q, want %q", said, got, want)
		}
	}
	if got := reason(errors.New(strings.Repeat("x", 5000)), to); len(got) > 4*reasonRunes {
		t.Errorf("the reason has %d bytes", len(got))
	}
}

func TestTheWaitGrowsAndVaries(t *testing.T) {
	t.Parallel()
	for tries, want := range map[int64]time.Duration{0: time.Minute, 1: time.Minute, 2: 5 * time.Minute, 3: 15 * time.Minute, 4: time.Hour, 5: 4 * time.Hour, 99: 4 * time.Hour} {
		seen := map[time.Duration]bool{}
		for range 50 {
			d := delay(tries)
			if d < want*8/10 || d > want*12/10 {
				t.Errorf("delay(%d) = %v, want %v give or take a fifth", tries, d, want)
			}
			seen[d] = true
		}
		if len(seen) < 2 {
			t.Errorf("delay(%d) is always the same", tries)
		}
	}
}
