package outbox

import (
	"crypto/subtle"
	"fmt"
	"regexp"
	"strconv"

	"olivebranch/pkg/seal"
)

// Mark names the mail of a row in its Message-ID and its return path, so that a
// report shows that it is about a mail of ours.
func Mark(keys *seal.Keys, id int64) string { return fmt.Sprintf("ob.%d.%s", id, keys.MailMark(id)) }

// markPattern matches what may be a mark.
var markPattern = regexp.MustCompile(`\bob\.([0-9]{1,19})\.([0-9a-f]{20})\b`)

// Marked finds the first mark of ours among texts that may hold some; false
// when there is none. Forged ones are passed over.
func Marked(keys *seal.Keys, texts ...string) (id int64, ok bool) {
	for _, text := range texts {
		for _, found := range markPattern.FindAllStringSubmatch(text, mostMarks) {
			id, err := strconv.ParseInt(found[1], 10, 64)
			if err == nil && subtle.ConstantTimeCompare([]byte(found[2]), []byte(keys.MailMark(id))) == 1 {
				return id, true
			}
		}
	}
	return 0, false
}

// mostMarks are looked at in one text: a report names one mail.
const mostMarks = 20
