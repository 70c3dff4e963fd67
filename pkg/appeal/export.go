package appeal

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strconv"
	"time"

	"olivebranch/pkg/sheet"
)

// Purpose is what an export is for. It decides whose rows are in it and what
// they say of a person: nobody's name or address leaves the house for what
// they did not tick.
type Purpose string

// The purposes.
const (
	ForFigures  Purpose = "figures"  // all signatures, whatever their state; nothing personal
	ForHandover Purpose = "handover" // counted ones whose name may be given to the recipients
	ForUpdates  Purpose = "updates"  // counted ones who want news: name, address, language
)

// Purposes are all of them.
var Purposes = []Purpose{ForFigures, ForHandover, ForUpdates}

// personal says which columns about the person a purpose has, and which tick
// gives the right to them.
func (p Purpose) personal() (columns []string, tick Consents) {
	switch p {
	case ForHandover:
		return []string{"name"}, ConsentHandover
	case ForUpdates:
		return []string{"name", "email"}, ConsentUpdates
	}
	return nil, 0
}

// Export says what to write and where to.
type Export struct {
	AppealID int64
	Purpose  Purpose
	To       io.Writer
	// Partner names a partner for the reader; its id stands in the table where
	// it is "".
	Partner func(id int64) string
	// Done is told how many rows are written, now and then; may be nil.
	Done func(rows int)
}

const (
	// exportPage is how many rows are read in one transaction, so that an export
	// of any length neither holds back the WAL nor fills the memory.
	exportPage = 5000
	// settled is after which time no commit can bring a signature confirmed
	// earlier: a batch takes its time when its transaction begins.
	settled = 2 * time.Second
)

// Export writes signatures as CSV, in the order of their confirmation: every
// one confirmed before now and none after, each in the state in which it is
// read. While it comes to the last two seconds it waits until nothing can be
// added to them. It returns how many rows it wrote, without the heading.
func (s *Signatures) Export(ctx context.Context, e Export) (int, error) {
	started, clock := time.Now(), s.Store.Read(ctx).NowFunc()
	w := &exporter{Export: e, signatures: s, out: sheet.NewWriter(e.To)}
	columns, _ := e.Purpose.personal()
	if err := w.out.Row(append([]string{"id", "confirmed_at", "state", "origin", "country", "language", "partner"}, columns...)...); err != nil {
		return 0, err
	}
	err := w.write(ctx, clock.Add(-settled))
	if err == nil {
		err = sleep(ctx, settled-time.Since(started))
	}
	if err == nil {
		err = w.write(ctx, clock)
	}
	if err == nil {
		err = w.out.Flush()
	}
	if err != nil {
		return w.rows, fmt.Errorf("export signatures for %s: %w", e.Purpose, err)
	}
	return w.rows, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// exporter is an export under way: it has written all up to a row.
type exporter struct {
	Export
	signatures *Signatures
	out        *sheet.Writer
	rows       int
	at, id     int64 // of the last row
}

// write goes on until all that was confirmed before a time is written.
func (w *exporter) write(ctx context.Context, before time.Time) error {
	for {
		n, err := w.page(ctx, before.UnixMilli())
		if err != nil {
			return err
		}
		if w.Done != nil {
			w.Done(w.rows)
		}
		if n < exportPage {
			return nil
		}
		w.signatures.Store.GiveWay(ctx)
	}
}

// page writes the next rows, and returns how many it read. Those of the last
// row's moment come first, since no database looks up a pair (time, id) in an
// index over the time alone as fast as the two by themselves.
func (w *exporter) page(ctx context.Context, before int64) (int, error) {
	same, err := w.read(ctx, exportPage, "confirmed_at = ? AND id > ?", w.at, w.id)
	if err != nil || same == exportPage {
		return same, err
	}
	later, err := w.read(ctx, exportPage-same, "confirmed_at > ? AND confirmed_at < ?", w.at, before)
	return same + later, err
}

func (w *exporter) read(ctx context.Context, most int, where string, args ...any) (n int, err error) {
	columns, tick := w.Purpose.personal()
	db := w.signatures.Store.Read(ctx).Table("signatures").Where("appeal_id = ?", w.AppealID).Where(where, args...)
	db = db.Select("id", "confirmed_at", "state", "origin", "country", "lang", "partner_id", "consents", "name", "email")
	rows, err := db.Order("confirmed_at, id").Limit(most).Rows()
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var (
		r                            Signature
		state, origin, country, lang sql.RawBytes
		name, email                  sql.RawBytes
	)
	for rows.Next() {
		if err := rows.Scan(&r.ID, &r.ConfirmedAt, &state, &origin, &country, &lang, &r.PartnerID, &r.Consents, &name, &email); err != nil {
			return n, err
		}
		n++
		w.at, w.id = r.ConfirmedAt, r.ID
		if tick != 0 && (string(state) != Counted || !r.Consents.Has(tick)) {
			continue
		}
		cells := make([]string, 0, 9)
		cells = append(cells, strconv.FormatInt(r.ID, 10), time.UnixMilli(r.ConfirmedAt).UTC().Format(time.RFC3339),
			string(state), string(origin), string(country), string(lang), w.partner(r.PartnerID))
		for _, column := range columns {
			sealed, binding := name, sealedName
			if column == "email" {
				sealed, binding = email, sealedEmail
			}
			plain, err := w.signatures.Keys.Open(binding, r.ID, sealed)
			if err != nil {
				return n, err
			}
			cells = append(cells, string(plain))
		}
		w.rows++
		if err := w.out.Row(cells...); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

func (w *exporter) partner(id int64) string {
	if id == 0 {
		return Direct
	}
	if name := w.Partner(id); name != "" {
		return name
	}
	return strconv.FormatInt(id, 10)
}
