package outbox

// Ceilings are how many mails may be tried in any minute and in any 24 hours;
// 0 for as many as there are. Copies of the program share them.
type Ceilings struct{ Minute, Day int }

// TimeOf is when a mail came into the outbox, in Unix milliseconds: ids of
// rows are made so, see store.Store.NewID.
func TimeOf(id int64) int64 { return id >> 22 }
