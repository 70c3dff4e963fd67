package cli

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"olivebranch/pkg/demo"
)

func TestVersionIsDataAndJSON(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if o := must(t, data, "version"); !strings.HasPrefix(o.out, "olivebranch ") || o.words != "" {
		t.Errorf("stdout %q, stderr %q", o.out, o.words)
	}
	facts := read[map[string]string](t, must(t, data, "version", "--json"))
	for _, name := range []string{"version", "go", "sqlite"} {
		if facts[name] == "" {
			t.Errorf("%s is empty in %v", name, facts)
		}
	}
}

func TestConfigHidesPasswords(t *testing.T) {
	t.Parallel()
	c := program(t, t.TempDir(), "config", "--database", "postgres://olive:hidden-1@db.test/olive?password=hidden-2", "--base-url", "https://appeal.test")
	c.Env = append(c.Env, "OLIVEBRANCH_SMTP=smtp://olive:hidden-3@mail.test:587", "OLIVEBRANCH_MAIL_FROM=Appeal <appeal@appeal.test>")
	o := runWith(t, c)
	o.wants(t, exitOK, "")
	settings := read[map[string]any](t, o)
	if strings.Contains(o.out+o.words, "hidden-") {
		t.Errorf("a password is shown:\n%s%s", o.out, o.words)
	}
	if settings["base-url"] != "https://appeal.test" || settings["mail-from"] != "Appeal <appeal@appeal.test>" {
		t.Errorf("flag or variable not taken: %v", settings)
	}
	for _, f := range flags(t) {
		if _, ok := settings[f.Name]; !ok {
			t.Errorf("--%s is not printed", f.Name)
		}
		delete(settings, f.Name)
	}
	if len(settings) > 0 {
		t.Errorf("printed, but no flags: %v", settings)
	}
}

func TestMigrateTwiceKeepsKeys(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	must(t, data, "migrate")
	before := keys(t, data)
	if o := must(t, data, "migrate"); o.out != "" {
		t.Errorf("words on stdout: %s", o.out)
	}
	if after := keys(t, data); len(before) != 3 || before != after {
		t.Error("the keys changed")
	}
}

// keys is what the three key files hold; each is readable by its owner only.
func keys(t *testing.T, data string) (all [3]string) {
	t.Helper()
	for i, name := range []string{"seal.key", "token.key", "mail.key"} {
		path := filepath.Join(data, "keys", name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		key, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = string(key)
	}
	return all
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	run(t, data, "healthcheck", "--addr", free).wants(t, exitFailed, "does not answer")

	s := serve(t, data)
	// A container listens on all addresses, and is asked on its own.
	everywhere := ":" + s.url[strings.LastIndex(s.url, ":")+1:]
	for _, addr := range []string{s.addr(), everywhere, "0.0.0.0" + everywhere} {
		run(t, data, "healthcheck", "--addr", addr).wants(t, exitOK, "ready")
	}
	s.stop().wants(t, exitOK, "")
	run(t, data, "healthcheck", "--addr", s.addr()).wants(t, exitFailed, "does not answer")
}

func TestFirstServeOffersTheFirstAccount(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, data)
	o := s.stop()
	o.wants(t, exitOK, s.url+"/console/first/")
	if o.out != "" {
		t.Errorf("words on stdout: %s", o.out)
	}
	keys(t, data)
	add := program(t, data, "staff", "add", "mina@appeal.test", "--role", "admin")
	add.Stdin = strings.NewReader("a sentence for testing\n")
	runWith(t, add).wants(t, exitOK, "")
	if o := serve(t, data).stop(); strings.Contains(o.words, "/console/first/") {
		t.Error("the link is offered although there is an account")
	}
}

func TestServeTakesTheFolderForItself(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, data)
	for _, command := range []string{"serve", "migrate", "seed"} {
		run(t, data, command).wants(t, exitFailed, "another olivebranch uses this data folder")
	}
	for _, command := range []string{"verify", "partner list", "staff list"} {
		must(t, data, strings.Fields(command)...) // these work beside it
	}
	s.stop().wants(t, exitOK, "")
	serve(t, data)
}

func TestServeRefusesADatabaseWithoutItsKeys(t *testing.T) {
	t.Parallel()
	for _, lost := range []string{"keys", "keys/seal.key", "keys/token.key", "keys/mail.key"} {
		t.Run(lost, func(t *testing.T) {
			t.Parallel()
			data := filepath.Join(t.TempDir(), "data")
			must(t, data, "migrate")
			if err := os.RemoveAll(filepath.Join(data, lost)); err != nil {
				t.Fatal(err)
			}
			run(t, data, "serve").wants(t, exitFailed, "keys are missing")
			if _, err := os.Stat(filepath.Join(data, lost)); err == nil {
				t.Error("new keys were made")
			}
		})
	}
}

func TestDemoKeepsAFolderOnlyIfAsked(t *testing.T) {
	t.Parallel()
	t.Run("kept", func(t *testing.T) {
		t.Parallel()
		data := filepath.Join(t.TempDir(), "data")
		serve(t, data, "--demo").stop().wants(t, exitOK, demo.StaffMail)
		before := must(t, data, "partner", "list").out
		serve(t, data, "--demo").stop().wants(t, exitOK, demo.StaffPassword)
		if after := must(t, data, "partner", "list").out; before != after || before == "" {
			t.Error("the demo was seeded again")
		}
	})
	t.Run("thrown away", func(t *testing.T) {
		t.Parallel()
		c := program(t, "", "serve", "--demo")
		temp := t.TempDir()
		c.Dir = temp
		c.Env = append(c.Env, "TMPDIR="+temp, "OLIVEBRANCH_ADDR=127.0.0.1:-1") // cannot listen, so it ends
		runWith(t, c).wants(t, exitFailed, "listen")
		left, err := os.ReadDir(temp)
		if err != nil {
			t.Fatal(err)
		}
		if len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}
