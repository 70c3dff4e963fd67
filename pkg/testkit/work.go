package testkit

import (
	"encoding/base64"
	"encoding/json"

	altcha "github.com/altcha-org/altcha-lib-go"

	"olivebranch/pkg/challenge"
)

// Work does what the script of the sign form does: it gets a challenge for an
// address and returns the proof.
func (c *Client) Work(email string) string {
	c.t.Helper()
	const nonce = "00112233445566778899aabbccddeeff"
	p := c.Get("/en/sign/challenge/" + challenge.Commit(nonce, email))
	var asked challenge.Challenge
	if err := json.Unmarshal([]byte(p.Body), &asked); err != nil || p.Status != 200 {
		c.t.Fatalf("ask for a challenge: status %d, %v: %s", p.Status, err, p.Body)
	}
	return nonce + "." + Solve(c.t, asked)
}

// Solve solves a challenge, as it is sent in.
func Solve(t interface{ Fatal(...any) }, c challenge.Challenge) string {
	found, err := altcha.SolveChallenge(c.Challenge, c.Salt, altcha.Algorithm(c.Algorithm), int(c.MaxNumber), 0, nil)
	if err != nil || found == nil {
		t.Fatal("solve a challenge: ", err)
	}
	raw, err := json.Marshal(altcha.Payload{Algorithm: c.Algorithm, Challenge: c.Challenge, Number: int64(found.Number), Salt: c.Salt, Signature: c.Signature})
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}
