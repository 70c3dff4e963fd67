// Package bounce understands how mail comes back: what a mail server's refusal
// is about, reports of delivery as messages (RFC 3464, and the common ones
// that are not quite that), and the mailboxes such messages lie in. It trusts
// nothing in them and knows no database: whether a report is about a mail of
// ours is for package outbox to say.
package bounce

import (
	"regexp"
	"strings"
)

// Blame is what a permanent refusal is about.
type Blame string

// The blames. Only the first two say anything of the recipient.
const (
	Address Blame = "address" // there is none such, or it takes no mail any more
	Mailbox Blame = "mailbox" // it is there and takes nothing for now: full, switched off
	Us      Blame = "us"      // our server, our sender, our reputation, or their policy
	Message Blame = "message" // size or content of this mail
	Unclear Blame = "unclear"
)

// byStatus are the enhanced status codes (RFC 3463, RFC 7504, RFC 7505,
// RFC 7372) whose meaning is certain, without the class; a prefix ends in a
// dot. 5.1.0, 5.4.1 and 5.5.0 are used for everything.
var byStatus = []struct {
	status string
	blame  Blame
}{
	{"1.1", Address}, {"1.2", Address}, {"1.3", Address}, {"1.6", Address}, {"1.10", Address},
	{"1.7", Us}, {"1.8", Us},
	{"2.1", Mailbox}, {"2.2", Mailbox},
	{"2.3", Message}, {"3.4", Message}, {"6.", Message},
	{"7.", Us}, {"3.2", Us},
}

// What servers say who give no status, or a vague one. The first that matches
// counts: a policy is often put as "recipient rejected by policy".
var (
	usWords      = regexp.MustCompile(`(?i)\b(spam\w*|block(ed|ing|list\w*)?|black-?list\w*|blocklist\w*|dnsbl|rbl|policy|reputation|spf|dkim|dmarc|authenticat\w*|relay\w*|sender|not allowed|not permitted|access denied|rate|too many|refused by)\b`)
	mailboxWords = regexp.MustCompile(`(?i)\b(quota|(mail)?box( is)? full|over ?quota|out of storage|disabled|inactive|suspended)\b`)
	addressWords = regexp.MustCompile(`(?i)(no such|unknown|invalid|non-?existent|does ?n[o']t exist|does not exist|not found|no longer|nobody|unrouteable|undeliverable|doesn't have|no mailbox|not a valid).{0,40}\b(user|mailbox|recipient|account|address|person|here|domain|host)\b|\b(user|mailbox|recipient|account|address|domain|host)\b.{0,60}(unknown|not found|invalid|n[o']t exist|non-?existent|does not exist|doesn't exist|no longer|unavailable|not available)`)
)

var (
	statusWord  = regexp.MustCompile(`\b5\.[0-9]\.[0-9]{1,2}\b`)
	addressWord = regexp.MustCompile(`\S*@\S*`)
)

// Judge says what a permanent refusal is about: the reply code of SMTP (0 when
// unknown), the enhanced status ("" when there is none), and the words. When in
// doubt it is not the address: who is wrongly stopped never hears of us again.
func Judge(code int, status, words string) Blame {
	if status == "" {
		status = statusWord.FindString(words)
	}
	words = addressWord.ReplaceAllString(words, "") // mailboxes have names such as "spam"
	if detail, ok := strings.CutPrefix(status, "5."); ok {
		for _, s := range byStatus {
			if detail == s.status || strings.HasSuffix(s.status, ".") && strings.HasPrefix(detail, s.status) {
				return s.blame
			}
		}
	}
	switch code {
	case 530, 534, 535, 538: // authentication (RFC 4954)
		return Us
	case 521, 556: // the host takes no mail (RFC 7504)
		return Address
	case 552:
		return Mailbox
	}
	switch {
	case usWords.MatchString(words):
		return Us
	case mailboxWords.MatchString(words):
		return Mailbox
	case addressWords.MatchString(words):
		return Address
	}
	return Unclear
}
