package mailer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Sender hands one letter to whoever delivers it. Safe for concurrent use.
//
// An error that is ErrRefused is final for this letter; if it is ErrNobody or
// ErrFull as well it says so of the address. One that is ErrUnreachable says
// that no letter can be sent now, one that is ErrOurs that the server will have
// none of ours; any other is this letter's trouble. All these are tried again.
type Sender interface {
	Send(ctx context.Context, l Letter) error
}

// hangsUp is a Sender that keeps connections open from letter to letter; they
// are closed when a batch is through.
type hangsUp interface{ HangUp() }

// What a Sender says about its errors.
var (
	ErrRefused     = errors.New("mail refused for good")
	ErrNobody      = fmt.Errorf("%w: there is no such address", ErrRefused)
	ErrFull        = fmt.Errorf("%w: the mailbox takes nothing", ErrRefused)
	ErrOurs        = errors.New("mail of ours is not wanted")
	ErrUnreachable = errors.New("mail server cannot be reached")
)

// errMailbox says that one mailbox takes nothing for now, which says nothing of
// others at its domain.
var errMailbox = errors.New("mailbox takes nothing for now")

const reasonRunes = 300

// reason is an error's text as it may be stored: without anything that looks
// like an address, or like the recipient's. Mail servers like to repeat it.
func reason(err error, to string) string {
	local, _, _ := strings.Cut(strings.ToLower(to), "@")
	words := strings.FieldsFunc(err.Error(), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	for i, w := range words {
		low := strings.ToLower(w)
		if strings.Contains(low, "@") || strings.Contains(low, "%40") ||
			local != "" && (strings.Trim(low, `<>"'.,;:()`) == local || len(local) > 3 && strings.Contains(low, local)) {
			words[i] = "…"
		}
	}
	out := []rune(strings.ToValidUTF8(strings.Join(words, " "), "…"))
	return string(out[:min(len(out), reasonRunes)])
}
