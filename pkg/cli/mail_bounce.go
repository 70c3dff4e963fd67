package cli

import (
	"fmt"
	"os"

	"olivebranch/pkg/app"
	"olivebranch/pkg/bounce"
	"olivebranch/pkg/outbox"
)

type mailBounceCmd struct {
	Recipient string `env:"ORIGINAL_RECIPIENT" help:"Address the report came to; Postfix gives it to what it pipes to."`
}

// returned says what became of a report.
var returned = map[outbox.Returned]string{
	outbox.NotOurs:  "This is not about a mail of ours; nothing was done.",
	outbox.NoReport: "This does not report that a mail failed; nothing was done.",
	outbox.Counted:  "Noted. The report says nothing against the address.",
	outbox.Stopped:  "Noted. Nothing more is mailed to the address.",
}

func (b *mailBounceCmd) Run(e *env) error {
	report, err := bounce.Read(os.Stdin)
	if err != nil {
		return fmt.Errorf("%w: %w", errTemporary, err)
	}
	report.Texts = append(report.Texts, b.Recipient)
	err = e.core(func(o *app.Core) error {
		what, err := o.Outbox.TakeReport(e.ctx, report)
		if err == nil {
			e.say("%s", returned[what])
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("%w: %w", errTemporary, err)
	}
	return nil
}
