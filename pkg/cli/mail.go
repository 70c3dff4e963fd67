package cli

type mailCmd struct {
	Check  mailCheckCmd  `cmd:"" help:"See whether mail will arrive: the mail server, SPF, DKIM and DMARC, and what to mend."`
	Bounce mailBounceCmd `cmd:"" help:"Read one report of mail that did not arrive from standard input, for a mail server's pipe or alias. Exit code 75 asks to bring it again."`
}
