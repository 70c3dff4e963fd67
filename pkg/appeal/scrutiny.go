package appeal

import (
	"math"
	"time"
)

// Whence is where a request comes from, as far as scrutiny asks. The keys are
// keyed hashes of its mail domain and of Range.
type Whence struct {
	PartnerID           int64
	Country             string
	Range               string
	DomainKey, RangeKey []byte
}

// Scrutiny looks at what comes in. It is asked inside the transaction of a
// batch, so it must not touch the database.
type Scrutiny interface {
	// Doubt counts a request, and says why its signature will be held: one of
	// Reasons, "" to count it.
	Doubt(Whence) string
	// Quick is what a person needs at least between a mail and its
	// confirmation; 0 when nobody is too quick.
	Quick() time.Duration
}

// tooQuick is the moment after which a mail was sent too late to be confirmed
// by a person now.
func (i *Intake) tooQuick(now time.Time) int64 {
	if i.Scrutiny == nil || i.Scrutiny.Quick() == 0 {
		return math.MaxInt64
	}
	return now.Add(-i.Scrutiny.Quick()).UnixMilli()
}
