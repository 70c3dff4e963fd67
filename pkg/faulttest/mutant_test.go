package faulttest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/store"
)

// envMutant chooses what is wrong with the mutant binary.
const envMutant = "OLIVEBRANCH_MUTANT"

// change is a text in a source file and what the mutant has in its place.
type change struct{ file, was, is string }

// mutations are the faults that the harness exists to find. All are in one
// binary, which is built once; each waits for its name in the environment.
var mutations = []change{
	{"pkg/appeal/intake.go", "// Outcome is what became", "var early, split = os.Getenv(\"" + envMutant + "\") == \"early\", os.Getenv(\"" + envMutant + "\") == \"split\"\n\n// Outcome is what became"},
	{"pkg/appeal/intake.go", "\t\"log/slog\"\n", "\t\"log/slog\"\n\t\"os\"\n"},

	// early: people are answered before the commit.
	{"pkg/appeal/intake.go", "\t\tif len(d) == 0 {\n\t\t\treturn nil\n\t\t}\n",
		"\t\tif early {\n\t\t\tfor _, j := range b.requests {\n\t\t\t\tclose(j.finish)\n\t\t\t}\n\t\t\tfor _, j := range b.confirms {\n\t\t\t\tclose(j.finish)\n\t\t\t}\n\t\t}\n\t\tif len(d) == 0 || split {\n\t\t\treturn nil\n\t\t}\n"},
	{"pkg/appeal/intake.go", "\t\tj.err = err\n\t\tclose(j.finish)\n\t}\n\tfor", "\t\tif early {\n\t\t\tcontinue\n\t\t}\n\t\tj.err = err\n\t\tclose(j.finish)\n\t}\n\tfor"},
	{"pkg/appeal/intake.go", "\t\tj.err = err\n\t\tclose(j.finish)\n\t}\n}", "\t\tif early {\n\t\t\tcontinue\n\t\t}\n\t\tj.err = err\n\t\tclose(j.finish)\n\t}\n}"},

	// split: the tallies follow in a transaction of their own.
	{"pkg/appeal/intake.go", "\tif err != nil {\n\t\treturn err\n\t}\n\tif moved.N",
		"\tif err == nil && split && len(d) > 0 {\n\t\terr = i.Store.InTx(context.Background(), func(_ context.Context, tx *gorm.DB) (err error) {\n\t\t\tmoved, err = d.write(tx, i.Appeal.Current().ID)\n\t\t\treturn err\n\t\t})\n\t}\n\tif err != nil {\n\t\treturn err\n\t}\n\tif moved.N"},

	// unsynced: what was committed waits in memory for the system to write it.
	{"pkg/store/sqlite.go", "\"synchronous\":   \"2\",", "\"synchronous\": map[bool]string{false: \"2\", true: \"1\"}[os.Getenv(\"" + envMutant + "\") == \"unsynced\"],"},
	{"pkg/store/sqlite.go", "\"_synchronous\": {\"FULL\"}", "\"_synchronous\": {map[bool]string{false: \"FULL\", true: \"NORMAL\"}[os.Getenv(\"" + envMutant + "\") == \"unsynced\"]}"},
	{"pkg/store/sqlite.go", "\t\"net/url\"\n", "\t\"net/url\"\n\t\"os\"\n"},

	// index: nothing in the database keeps people from being counted twice.
	{"pkg/appeal/batch.go", "// batch is what shares", "var conflict = map[bool]string{false: \" ON CONFLICT (appeal_id, email_key)\", true: \" ON CONFLICT\"}[os.Getenv(\"" + envMutant + "\") == \"index\"]\n\n// batch is what shares"},
	{"pkg/appeal/batch.go", "\t\"context\"\n", "\t\"context\"\n\t\"os\"\n"},
	{"pkg/appeal/batch.go", "\" ORDER BY r.email_key ON CONFLICT (appeal_id, email_key) DO NOTHING", "\" ORDER BY r.id\"+conflict+\" DO NOTHING"},
}

// mutant is the program with the mutations in it. The sources stay as they
// are: the compiler is given others in their place.
var mutant = sync.OnceValues(func() (string, error) {
	replaced := map[string]string{}
	texts := map[string]string{}
	for _, m := range mutations {
		text, ok := texts[m.file]
		if !ok {
			raw, err := os.ReadFile(filepath.Join("..", "..", m.file))
			if err != nil {
				return "", err
			}
			text = string(raw)
		}
		if strings.Count(text, m.was) != 1 {
			return "", &unplaced{m}
		}
		texts[m.file] = strings.Replace(text, m.was, m.is, 1)
	}
	for file, text := range texts {
		original, err := filepath.Abs(filepath.Join("..", "..", file))
		if err != nil {
			return "", err
		}
		replaced[original] = filepath.Join(workshop, "mutant_"+filepath.Base(file))
		if err := os.WriteFile(replaced[original], []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return "", err
	}
	path := filepath.Join(workshop, "overlay.json")
	if err := os.WriteFile(path, overlay, 0o600); err != nil {
		return "", err
	}
	return build("mutant", "-overlay", path)
})

// unplaced says that a text to be replaced is not in its file, once: the code
// has changed, and the mutation must follow it.
type unplaced struct{ change }

func (u *unplaced) Error() string {
	return u.file + " does not hold this text exactly once:\n" + u.was
}

// newMutant is a program with one fault.
func newMutant(t *testing.T, mails *post, fault string) *program {
	t.Helper()
	binary, err := mutant()
	if err != nil {
		t.Fatal(err)
	}
	p := newProgram(t, mails, filepath.Join(t.TempDir(), "data"))
	p.binary, p.env = binary, []string{envMutant + "=" + fault}
	return p
}

// caught wants the harness to have found something that holds the words.
func caught(t *testing.T, found []string, words string) {
	t.Helper()
	for _, wrong := range found {
		if strings.Contains(wrong, words) {
			t.Logf("caught: %s", wrong)
			return
		}
	}
	t.Errorf("the harness did not catch it: %q, want a word about %q", found, words)
}

func TestAnAcknowledgementBeforeTheCommitIsCaught(t *testing.T) {
	t.Parallel()
	mails := openPost(t)
	people := newCrowd(mails)
	people.patience = 3 * time.Second // what is not there does not come
	p := newMutant(t, mails, "early")
	p.start()
	var found []string
	for tries := 0; len(found) == 0 && tries < 20; tries++ { // the kill may come between two batches
		p.trace("pwrite64", "delay_enter=20000") // a slow disk: commits take longer than answers
		killUnderLoad(t, p, people, 20)
		p.start()
		found = people.check(p, false)
	}
	caught(t, found, "the ledger")
}

func TestASplitTransactionIsCaught(t *testing.T) {
	t.Parallel()
	mails := openPost(t)
	people := newCrowd(mails)
	_, found := killAtEachWrite(t, newMutant(t, mails, "split"), people, []deed{sign}, confirm, 4)
	caught(t, found, "invariant 1")
}

func TestADroppedIndexIsCaught(t *testing.T) {
	t.Parallel()
	mails := openPost(t)
	people := newCrowd(mails)
	p := newMutant(t, mails, "index")
	p.start()
	dropIndex(t, p)
	var over flag
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		people.run(p, visitors, &over)
	}()
	waitFor(t, people, 150)
	mails.raise(&over)
	<-gone
	found := people.check(p, true)
	caught(t, found, "are counted, want")
	caught(t, found, "invariant 3")
}

// waitFor waits until so much was acknowledged.
func waitFor(t *testing.T, people *crowd, acks int64) {
	t.Helper()
	for people.acks.Load() < acks {
		people.mu.Lock()
		strange := len(people.strange)
		people.mu.Unlock()
		if strange > int(acks) {
			return
		}
		<-time.After(5 * time.Millisecond)
	}
}

// dropIndex takes the index over (appeal, address) away beside the server.
func dropIndex(t *testing.T, p *program) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: p.database(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Exec(t.Context(), "DROP INDEX signatures_once"); err != nil {
		t.Fatal(err)
	}
}
