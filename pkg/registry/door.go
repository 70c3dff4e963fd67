package registry

import (
	"context"
	"log/slog"

	"olivebranch/pkg/address"
	"olivebranch/pkg/fault"
)

// mostAtDoor is how many may wait for a link; the next is asked to try again.
const mostAtDoor = 256

var errDoorFull = fault.New(fault.Unavailable, "error.busy")

// Door takes in the addresses of people who want a link to the portal, or to
// the page of their signature, and has the links sent behind their backs:
// nothing is looked up before the answer, so neither its words nor the time it
// takes can tell whether an address is known. Whoever waits here when the program crashes
// asks once more. Safe for concurrent use.
type Door struct {
	send func(ctx context.Context, to address.Mail) error
	asks chan address.Mail
}

// NewDoor makes the one Door of a process for a kind of link; send mails it to
// an address that may have one.
func NewDoor(send func(ctx context.Context, to address.Mail) error) *Door {
	return &Door{send: send, asks: make(chan address.Mail, mostAtDoor)}
}

// Ask takes an address in. Invalid for what is no address, Unavailable when
// too many wait.
func (d *Door) Ask(email string) error {
	mail, err := address.ParseMail(email)
	if err != nil {
		return refusedField("email", err)
	}
	select {
	case d.asks <- mail:
		return nil
	default:
		return errDoorFull
	}
}

// Run sends the links until ctx ends, and then those that are still asked
// for.
func (d *Door) Run(ctx context.Context) {
	for {
		select {
		case mail := <-d.asks:
			d.answer(ctx, mail)
			continue
		case <-ctx.Done():
		}
		for {
			select {
			case mail := <-d.asks:
				d.answer(ctx, mail)
			default:
				return
			}
		}
	}
}

func (d *Door) answer(ctx context.Context, mail address.Mail) {
	if err := d.send(context.WithoutCancel(ctx), mail); err != nil {
		slog.Error("send a link that was asked for", "error", err)
	}
}
