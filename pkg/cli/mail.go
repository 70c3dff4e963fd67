package cli

type mailCmd struct {
	Bounce mailBounceCmd `cmd:"" help:"Read one report of mail that did not arrive from standard input, for a mail server's pipe or alias. Exit code 75 asks to bring it again."`
}
