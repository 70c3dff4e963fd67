// Package challenge asks a browser for a little work before a form is taken,
// and checks that it was done. It speaks the first protocol of ALTCHA: the
// server hides a number between 0 and Most behind SHA-256, the browser tries
// them all until it finds it. Nobody else is asked, and nothing is kept: a
// challenge carries what it is for, and any copy of the program knows its own.
//
// What it is good for: who signs in masses has to run a browser, or write one,
// and to spend as many challenges as signatures. It is no wall. A program of
// its own tries some ten million numbers a second, so that a solution costs it
// a few milliseconds; who does not pass is held, and who passes is still seen
// by what looks at crowds.
//
// What it costs people: with WebCrypto, Chromium makes 95,000 to 220,000
// digests a second on one core of a server, and 15,000 to 45,000 when it is
// slowed down six times, which is how a cheap phone is imitated. Half of Most
// are tried on average. At 15,000 a second that is 1.7 seconds, and at most
// 3.4; a phone three times as slow still has done in ten, mostly while the form
// is being filled in.
//
// When it is asked for is left to others.
package challenge

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	altcha "github.com/altcha-org/altcha-lib-go"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/seal"
)

const (
	// Most is the largest number that may be hidden.
	Most = 50_000

	// life is how long a challenge may take, and its solution wait: people who
	// write a message do not hurry. It is good for one address all the time.
	life = time.Hour

	// longest is a solution with room to spare.
	longest = 1024
)

// Why a solution was not taken; each has its sentence.
var (
	ErrBad     = fault.New(fault.Invalid, "challenge.bad")
	ErrExpired = fault.New(fault.Invalid, "challenge.expired")
	ErrOther   = fault.New(fault.Invalid, "challenge.elsewhere")
)

// Challenge is what a browser gets.
type Challenge = altcha.Challenge

// Challenges makes and checks them. Safe for concurrent use.
type Challenges struct {
	Keys *seal.Keys
	Now  func() time.Time
}

// Names of what a challenge carries in its salt.
const (
	paramFor     = "for"
	paramExpires = "expires"
)

// Make makes a challenge that is good for one commitment. ErrBad when that is
// none: 64 small hexadecimal digits, see Commit.
func (c *Challenges) Make(commitment string) (Challenge, error) {
	if raw, err := hex.DecodeString(commitment); err != nil || len(raw) != sha256.Size || hex.EncodeToString(raw) != commitment {
		return Challenge{}, ErrBad
	}
	expires := c.Now().Add(life)
	return altcha.CreateChallenge(altcha.ChallengeOptions{Algorithm: altcha.SHA256, MaxNumber: Most, HMACKey: c.Keys.WorkKey(),
		Expires: &expires, Params: map[string][]string{paramFor: {commitment}}})
}

// Commit binds a challenge to an address without saying it: the browser asks
// for a challenge while the form is still being filled in, and an address that
// is never sent in is none of our business. The nonce is the browser's own.
func Commit(nonce, address string) string {
	sum := sha256.Sum256([]byte(nonce + "\n" + strings.TrimSpace(address)))
	return hex.EncodeToString(sum[:])
}

// Check says whether the work was done for a form with this address. proof is
// the browser's nonce, a dot, and the solution as ALTCHA has it: JSON in
// base64. ErrBad, ErrExpired, ErrOther.
func (c *Challenges) Check(proof, address string) error {
	nonce, encoded, _ := strings.Cut(proof, ".")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if len(proof) > longest || nonce == "" || err != nil {
		return ErrBad.Because(err)
	}
	var solution altcha.Payload
	if err := json.Unmarshal(raw, &solution); err != nil {
		return ErrBad.Because(err)
	}
	if !c.ours(solution) {
		return ErrBad
	}
	params := altcha.ExtractParams(solution)
	expires, err := strconv.ParseInt(params.Get(paramExpires), 10, 64)
	switch {
	case err != nil:
		return ErrBad.Because(err)
	case params.Get(paramFor) != Commit(nonce, address):
		return ErrOther
	case c.Now().Unix() >= expires:
		return ErrExpired
	}
	return nil
}

// ours says whether the solution is that of a challenge of ours, made with any
// key that is still good. The library's own look at the time is left out: it
// takes that from the machine.
func (c *Challenges) ours(solution altcha.Payload) bool {
	if solution.Algorithm != string(altcha.SHA256) {
		return false
	}
	for _, key := range c.Keys.WorkKeys() {
		if ok, err := altcha.VerifySolutionSafe(solution, key, false); err == nil && ok {
			return true
		}
	}
	return false
}
