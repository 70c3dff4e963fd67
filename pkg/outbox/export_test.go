package outbox

// Decided says whether somebody has thought about whether readers may stop
// mails of a kind.
func Decided(k Kind) bool { _, ok := stoppable[k]; return ok }
