package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestPartners(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	state := func(key string, args ...string) string {
		t.Helper()
		for _, r := range read[[]partnerRow](t, must(t, data, append([]string{"partner", "list", "--json"}, args...)...)) {
			if r.Key == key {
				return r.State
			}
		}
		return ""
	}
	var slug string
	for _, r := range read[[]partnerRow](t, must(t, data, "partner", "list", "--json")) {
		if r.State == "active" {
			slug = r.Key
		}
	}
	must(t, data, "partner", "suspend", slug)
	if s := state(slug); s != "suspended" {
		t.Errorf("%s is %q after partner suspend", slug, s)
	}
	run(t, data, "partner", "suspend", "nobody-here").wants(t, exitFailed, "")

	waiting := read[[]partnerRow](t, must(t, data, "partner", "list", "--waiting", "--json"))
	if len(waiting) == 0 {
		t.Fatal("the demo has no application that waits")
	}
	reference := waiting[0].Key
	must(t, data, "partner", "approve", strings.ToLower(reference), "--slug", "newly-approved")
	if s := state("newly-approved"); s != "active" {
		t.Errorf("the new partner is %q", s)
	}
	if s := state(reference, "--waiting"); s != "" {
		t.Errorf("the approved application still waits: %q", s)
	}
	run(t, data, "partner", "approve", "OB-2026-ZZZZZZ").wants(t, exitFailed, "")
	must(t, data, "verify")
}

type accountRow struct{ Email, Name, Role, State string }

func TestStaff(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	must(t, data, "migrate")
	add := func(password string, args ...string) outcome {
		c := program(t, data, append([]string{"staff", "add"}, args...)...)
		c.Stdin = strings.NewReader(password)
		return runWith(t, c)
	}
	accounts := func() []accountRow {
		t.Helper()
		return read[[]accountRow](t, must(t, data, "staff", "list", "--json"))
	}
	if a := accounts(); len(a) != 0 {
		t.Errorf("a new campaign has staff: %v", a)
	}
	add("a sentence for testing\n", "mina@appeal.test", "--role", "admin", "--name", "Mina").wants(t, exitOK, "mina@appeal.test is admin now")
	add("a sentence for testing", "omar@appeal.test").wants(t, exitOK, "omar@appeal.test is reviewer now")
	add("a sentence for testing\n", "Mina@Appeal.test").wants(t, exitFailed, "")
	add("short\n", "noor@appeal.test").wants(t, exitFailed, "password")
	add("", "noor@appeal.test").wants(t, exitFailed, "password")
	add("a sentence for testing\n", "no address").wants(t, exitFailed, "email")
	must(t, data, "staff", "disable", "omar@appeal.test")
	run(t, data, "staff", "disable", "nobody@appeal.test").wants(t, exitFailed, "")
	run(t, data, "staff", "disable", "mina@appeal.test").wants(t, exitFailed, "last active administrator")
	run(t, data, "staff", "reset-factors", "mina@appeal.test").wants(t, exitOK, "mina@appeal.test signs in")
	run(t, data, "staff", "reset-factors", "nobody@appeal.test").wants(t, exitFailed, "no such account")
	states := map[string]string{}
	for _, a := range accounts() {
		states[a.Email] = a.Role + " " + a.State
	}
	if len(states) != 2 || states["mina@appeal.test"] != "admin active" || states["omar@appeal.test"] != "reviewer disabled" {
		t.Errorf("the accounts are %v", states)
	}
	if o := must(t, data, "staff", "list"); !strings.Contains(o.out, "mina@appeal.test") {
		t.Errorf("staff list reads %q", o.out)
	}
}
