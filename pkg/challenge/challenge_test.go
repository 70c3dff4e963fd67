package challenge_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	altcha "github.com/altcha-org/altcha-lib-go"

	"olivebranch/pkg/challenge"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/testkit"
)

const (
	nonce = "0123456789abcdef"
	mina  = "mina@example.org"
)

// bench has challenges, their keys and a clock.
type bench struct {
	*challenge.Challenges
	t     *testing.T
	dir   string
	clock *testkit.Clock
}

func newBench(t *testing.T) *bench {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	keys, err := seal.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	clock := testkit.NewClock()
	return &bench{&challenge.Challenges{Keys: keys, Now: clock.Now}, t, dir, clock}
}

// proof is the work done for an address.
func (b *bench) proof(address string) string {
	b.t.Helper()
	made, err := b.Make(challenge.Commit(nonce, address))
	if err != nil {
		b.t.Fatal(err)
	}
	return nonce + "." + testkit.Solve(b.t, made)
}

// change is the proof with something in its solution changed.
func (b *bench) change(proof string, change func(*altcha.Payload)) string {
	b.t.Helper()
	nonce, encoded, _ := strings.Cut(proof, ".")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	var p altcha.Payload
	if err == nil {
		err = json.Unmarshal(raw, &p)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	change(&p)
	if raw, err = json.Marshal(p); err != nil {
		b.t.Fatal(err)
	}
	return nonce + "." + base64.StdEncoding.EncodeToString(raw)
}

func TestWorkDoneForAnAddressIsTakenForThatAddressAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	proof := b.proof(mina)
	for _, address := range []string{mina, " " + mina + "\n", mina} { // sent twice, it is one request
		if err := b.Check(proof, address); err != nil {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, address := range []string{"", "other@example.org", "Mina@example.org", mina + "x"} {
		if err := b.Check(proof, address); !errors.Is(err, challenge.ErrOther) {
			t.Errorf("%q: %v, want ErrOther", address, err)
		}
	}
}

func TestWorkIsGoodForAnHour(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	proof := b.proof(mina)
	b.clock.Advance(time.Hour - time.Second)
	if err := b.Check(proof, mina); err != nil {
		t.Errorf("just before: %v", err)
	}
	b.clock.Advance(time.Second)
	if err := b.Check(proof, mina); !errors.Is(err, challenge.ErrExpired) {
		t.Errorf("after it: %v, want ErrExpired", err)
	}
}

func TestForgedWorkIsRefused(t *testing.T) {
	t.Parallel()
	b, foreign := newBench(t), newBench(t)
	good := b.proof(mina)
	own := func(key string, p altcha.ChallengeOptions) func(*altcha.Payload) { // a challenge of the forger's
		return func(to *altcha.Payload) {
			number := int64(1)
			p.Number, p.HMACKey = &number, key
			c, err := altcha.CreateChallenge(p)
			if err != nil {
				t.Fatal(err)
			}
			*to = altcha.Payload{Algorithm: c.Algorithm, Challenge: c.Challenge, Number: 1, Salt: c.Salt, Signature: c.Signature}
		}
	}
	later := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, proof := range map[string]string{
		"empty": "", "a dot": ".", "no nonce": good[strings.Index(good, "."):], "no solution": nonce + ".", "two dots": nonce + "." + good,
		"no base64": nonce + ".{}", "base64 for addresses": strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(good) + "_",
		"no JSON":                    nonce + "." + base64.StdEncoding.EncodeToString([]byte("number=1")),
		"null":                       nonce + "." + base64.StdEncoding.EncodeToString([]byte("null")),
		"other shape":                nonce + "." + base64.StdEncoding.EncodeToString([]byte(`{"salt":{},"number":"1"}`)),
		"a float":                    nonce + "." + base64.StdEncoding.EncodeToString([]byte(`{"number":1e99}`)),
		"oversized":                  b.change(good, func(p *altcha.Payload) { p.Salt += strings.Repeat("&a=b", 1000) }),
		"NUL":                        nonce + "\x00." + base64.StdEncoding.EncodeToString([]byte{0}),
		"guessed":                    b.change(good, func(p *altcha.Payload) { p.Number++ }),
		"negative":                   b.change(good, func(p *altcha.Payload) { p.Number = -p.Number - 1 }),
		"longer life":                b.change(good, func(p *altcha.Payload) { p.Salt = strings.Replace(p.Salt, "expires=", "expires=9", 1) }),
		"no life":                    b.change(good, func(p *altcha.Payload) { p.Salt, _, _ = strings.Cut(p.Salt, "?") }),
		"digits moved":               b.change(good, func(p *altcha.Payload) { p.Salt, p.Number = p.Salt+"1", p.Number/10 }),
		"other purpose":              b.change(good, func(p *altcha.Payload) { p.Salt = strings.Replace(p.Salt, "for=", "for=0", 1) }),
		"no signature":               b.change(good, func(p *altcha.Payload) { p.Signature = "" }),
		"its own signature":          b.change(good, own("a key of the forger's", altcha.ChallengeOptions{Expires: &later, Params: map[string][]string{"for": {challenge.Commit(nonce, mina)}}})),
		"signed with nothing":        b.change(good, own("", altcha.ChallengeOptions{Expires: &later, Params: map[string][]string{"for": {challenge.Commit(nonce, mina)}}})),
		"another algorithm":          b.change(good, own("", altcha.ChallengeOptions{Algorithm: altcha.SHA1})),
		"no algorithm":               b.change(good, func(p *altcha.Payload) { p.Algorithm = "" }),
		"of another campaign":        foreign.proof(mina),
		"algorithm in small letters": b.change(good, func(p *altcha.Payload) { p.Algorithm = "sha-256" }),
	} {
		if err := b.Check(proof, mina); !errors.Is(err, challenge.ErrBad) {
			t.Errorf("%s: %v, want ErrBad", name, err)
		}
	}
	if err := b.Check(good, mina); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func TestOnlyForACommitmentIsThereAChallenge(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	good := challenge.Commit(nonce, mina)
	for _, s := range []string{"", good[1:], good + "0", strings.ToUpper(good), mina, strings.Repeat("é", 32), strings.Repeat("0", 1<<16)} {
		if _, err := b.Make(s); !errors.Is(err, challenge.ErrBad) {
			t.Errorf("%.40q: %v, want ErrBad", s, err)
		}
	}
	made, err := b.Make(good)
	if err != nil || strings.Contains(made.Salt, "mina") {
		t.Errorf("%+v, %v", made, err)
	}
}

func TestCopiesOfTheProgramAndKeysBeforeARotationAreKnown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	keys, err := seal.Load(b.dir)
	if err != nil {
		t.Fatal(err)
	}
	other := &challenge.Challenges{Keys: keys, Now: b.Now}
	before := b.proof(mina)
	if _, err := b.Keys.Rotate(seal.TokenRing); err != nil {
		t.Fatal(err)
	}
	after := b.proof(mina) // with a key that the other copy has not read yet
	for name, c := range map[string]*challenge.Challenges{"the same copy": b.Challenges, "another copy": other} {
		for when, proof := range map[string]string{"before": before, "after": after} {
			if err := c.Check(proof, mina); err != nil {
				t.Errorf("%s, a challenge from %s the rotation: %v", name, when, err)
			}
		}
	}
	if err := b.Keys.Retire(seal.TokenRing, 1); err != nil {
		t.Fatal(err)
	}
	if err := b.Check(before, mina); !errors.Is(err, challenge.ErrBad) {
		t.Errorf("with a key that was retired: %v, want ErrBad", err)
	}
}
