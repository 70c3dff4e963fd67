package mailer

import (
	"slices"
	"time"

	"olivebranch/pkg/outbox"
)

// lane is the mails of some urgencies, which wait for each other and not for
// those of other lanes.
type lane struct {
	urgencies []int64
	// share is how much of a ceiling may be used up when a mail of this lane
	// still goes, in percent: what is above is kept for the lanes before it.
	share int64
	// patience is how long the first of a lane waits its turn. After that the
	// lane has turns of its own, see turns, and its share does not bind it.
	patience time.Duration
}

// The lanes, the most urgent first.
const (
	prompt = iota
	confirmations
	letters
	reminders
)

var lanes = []lane{
	prompt:        {[]int64{outbox.Prompt}, 100, 0},
	confirmations: {[]int64{outbox.Awaited}, 95, 0},
	letters:       {[]int64{outbox.Letter, outbox.Unasked}, 80, 4 * time.Hour},
	reminders:     {[]int64{outbox.Reminder}, 50, 24 * time.Hour},
}

// turns say which lane is asked first for each of twenty mails: links and
// invitations, of which there are few, and confirmations by turns, so that a
// flood of the one does not drown the other. Letters and reminders come when
// there is nothing else, reminders after letters; only one that waited longer
// than its patience is asked first now and then, so that it comes at all.
var turns = [20]int{6: letters, 12: letters, 18: reminders,
	1: confirmations, 3: confirmations, 5: confirmations, 7: confirmations, 9: confirmations, 11: confirmations, 13: confirmations, 15: confirmations, 17: confirmations, 19: confirmations}

// choose picks mails, at most what there is room for, from those that wait in
// each lane. turn goes on from where the last round ended.
func choose(waiting [][]head, room room, turn *int, now int64) (picked []head) {
	waiting = slices.Clone(waiting)
	overdue := func(l int) bool {
		return len(waiting[l]) > 0 && lanes[l].patience > 0 && waiting[l][0].waits(now) >= lanes[l].patience
	}
	take := func(l int) bool {
		if len(waiting[l]) == 0 || !overdue(l) && !room.within(lanes[l].share) {
			return false
		}
		picked, waiting[l] = append(picked, waiting[l][0]), waiting[l][1:]
		return true
	}
	for room.slots > 0 {
		first := turns[*turn%len(turns)]
		if first >= letters && !overdue(first) {
			first = prompt
		}
		if !take(first) && !slices.ContainsFunc([]int{prompt, confirmations, letters, reminders}, take) {
			return picked
		}
		*turn++
		room.use()
	}
	return picked
}
