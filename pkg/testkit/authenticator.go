package testkit

import (
	"time"

	"github.com/pquerna/otp/totp"
)

// Authenticator is an app that shows codes for signing in.
type Authenticator struct {
	*App
	Secret string
}

// Code is what the app shows so many half minutes from now. The program
// accepts those of -1, 0 and 1, each once and none before one that was used.
func (a Authenticator) Code(steps int) string {
	a.t.Helper()
	code, err := totp.GenerateCode(a.Secret, a.Clock.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		a.t.Fatalf("make a code of %q: %v", a.Secret, err)
	}
	return code
}
