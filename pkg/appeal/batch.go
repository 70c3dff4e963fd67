package appeal

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

// batch is what shares one transaction. Both kinds are written in a handful
// of set operations, the same on both databases.
type batch struct {
	requests []*job[checked, int64]
	confirms []*job[int64, Outcome]
}

func (b batch) size() int { return len(b.requests) + len(b.confirms) }

var requestColumns = []string{
	"id", "appeal_id", "email_key", "partner_id", "country", "lang", "state", "signature_id", "consents",
	"terms_id", "name", "email", "message", "domain_key", "range_key", "placement_id",
	"mails", "mailed_at", "code_tries", "created_at", "done_at", "doubt",
}

// writeRequests stores new requests and mails each address at most once per
// MailPause. An address that already waits keeps its first request: nobody
// can change what another person is about to confirm. Only when it was sent
// without the proof of work, and then again with it, that doubt goes; a form
// without it puts none on another.
func (i *Intake) writeRequests(tx *gorm.DB, now time.Time, jobs []*job[checked, int64]) error {
	if len(jobs) == 0 {
		return nil
	}
	appeal, ms := i.Appeal.Current(), i.nextStamp(now)
	byKey := map[string][]*job[checked, int64]{}
	rows := make([]request, 0, len(jobs))
	rowOf := map[string]int{}
	for _, j := range jobs {
		r := i.newRequest(appeal, j.in, ms)
		key := string(r.EmailKey)
		byKey[key] = append(byKey[key], j)
		if len(byKey[key]) == 1 { // twice in this batch: the first one stands
			rowOf[key] = len(rows)
			rows = append(rows, r)
		} else if first := &rows[rowOf[key]]; r.Doubt == "" && first.Doubt == ReasonUnproven {
			first.Doubt = "" // as below
		}
	}
	// In order of the index, so that two copies of the program never wait for
	// each other in a ring.
	slices.SortFunc(rows, func(a, b request) int { return bytes.Compare(a.EmailKey, b.EmailKey) })
	args := make([]any, 0, len(rows)*len(requestColumns)+6)
	for _, r := range rows {
		args = append(args, r.ID, r.AppealID, r.EmailKey, r.PartnerID, r.Country, r.Lang, r.State, r.SignatureID, int64(r.Consents),
			r.TermsID, r.Name, r.Email, r.Message, r.DomainKey, r.RangeKey, r.PlacementID,
			r.Mails, r.MailedAt, r.CodeTries, r.CreatedAt, r.DoneAt, r.Doubt)
	}
	pause := now.Add(-MailPause).UnixMilli()
	args = append(args, pause, MostMails, pause, MostMails, ms, ReasonUnproven)
	var stored []struct {
		ID        int64
		EmailKey  []byte
		MailedAt  int64
		CreatedAt int64
	}
	err := tx.Raw("INSERT INTO sign_requests ("+strings.Join(requestColumns, ", ")+") VALUES "+store.Values(len(rows), len(requestColumns))+
		" ON CONFLICT (appeal_id, email_key) DO UPDATE SET"+
		" mails = sign_requests.mails + CASE WHEN sign_requests.mailed_at <= ? AND sign_requests.mails < ? THEN 1 ELSE 0 END,"+
		" mailed_at = CASE WHEN sign_requests.mailed_at <= ? AND sign_requests.mails < ? THEN ? ELSE sign_requests.mailed_at END,"+
		" doubt = CASE WHEN sign_requests.doubt = ? AND excluded.doubt = '' THEN '' ELSE sign_requests.doubt END"+
		" RETURNING id, email_key, mailed_at, created_at", args...).Scan(&stored).Error
	if err != nil {
		return err
	}
	mails := make([]outbox.Mail, 0, len(stored))
	for _, s := range stored {
		waiting := byKey[string(s.EmailKey)]
		for _, j := range waiting {
			j.out = s.ID
		}
		if s.MailedAt == ms {
			mails = append(mails, i.confirmMail(s.ID, s.CreatedAt, waiting[0].in))
		}
	}
	return i.Outbox.Enqueue(tx, mails...)
}

func (i *Intake) newRequest(appeal *Current, f checked, ms int64) request {
	id := i.Store.NewID()
	r := request{
		ID: id, AppealID: appeal.ID, EmailKey: i.Keys.MailKey(appeal.ID, f.mail.Folded()),
		PartnerID: f.PartnerID, PlacementID: f.PlacementID, Country: f.Country, Lang: f.Lang, State: pending, Consents: f.Consents,
		TermsID: appeal.Agreed(f.TermsID, f.Lang),
		Name:    i.Keys.Seal(sealedName, id, []byte(f.Name)), Email: i.Keys.Seal(sealedEmail, id, []byte(f.mail.String())),
		Message: f.Message, DomainKey: i.Keys.DomainKey(f.mail.Domain()), RangeKey: i.Keys.RangeKey(f.Range),
		Mails: 1, MailedAt: ms, CreatedAt: ms, Doubt: f.Doubt,
	}
	if i.Scrutiny != nil {
		why := i.Scrutiny.Doubt(Whence{PartnerID: r.PartnerID, Country: r.Country, Range: f.Range, DomainKey: r.DomainKey, RangeKey: r.RangeKey})
		if r.Doubt == "" {
			r.Doubt = why
		}
	}
	return r
}

// confirmMail is the one mail of a signature: link, code, and the page to see
// it, erase it or withdraw it for ever after.
// A repeated mail has the same links, good for as long as the request.
func (i *Intake) confirmMail(row, created int64, f checked) outbox.Mail {
	confirm := i.Keys.Token(seal.Token{Purpose: seal.ConfirmSignature, Row: row, Expires: time.UnixMilli(created).Add(i.requestLife())})
	view := i.Keys.Token(seal.Token{Purpose: seal.ViewSignature, Row: row})
	return outbox.Mail{
		Kind: outbox.SignConfirm, Lang: f.Lang, To: f.mail.String(), ToKey: i.Keys.MailKey(0, f.mail.Folded()),
		Args:   map[string]string{outbox.ArgName: f.Name, outbox.ArgCode: i.Keys.Code(row), outbox.ArgDays: strconv.Itoa(i.Appeal.Current().Retention.Unconfirmed)},
		Action: "/" + f.Lang + "/confirm/" + confirm,
		Manage: "/" + f.Lang + "/signature/" + view,
	}
}

// writeConfirms turns waiting requests into signatures. The unique index over
// (appeal, address key) decides who is counted; what people said of
// themselves goes from row to row inside the database.
func (i *Intake) writeConfirms(tx *gorm.DB, now time.Time, jobs []*job[int64, Outcome], d delta) error {
	if len(jobs) == 0 {
		return nil
	}
	ids := make([]int64, 0, len(jobs))
	for _, j := range jobs {
		ids = append(ids, j.in)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	ms, oldest := now.UnixMilli(), now.Add(-i.requestLife()).UnixMilli()

	from := "FROM sign_requests r WHERE r.id IN ? AND r.state = ? AND r.created_at > ?"
	if i.Store.Postgres() {
		// In the order in which writeRequests locks the same rows.
		if err := tx.Exec("SELECT r.id "+from+" ORDER BY r.email_key FOR UPDATE", ids, pending, oldest).Error; err != nil {
			return err
		}
	}
	var made []Signature
	err := tx.Raw("INSERT INTO signatures (id, appeal_id, email_key, partner_id, country, lang, origin, state, day, name, email, consents,"+
		" terms_id, domain_key, range_key, placement_id, counter, created_at, confirmed_at, forgotten_at, withdrawn_at, mails, mailed_at, reason, held_at)"+
		" SELECT r.id, r.appeal_id, r.email_key, r.partner_id, r.country, r.lang, ?, CASE WHEN r.why = '' THEN ? ELSE ? END, ?, r.name, r.email, r.consents,"+
		" r.terms_id, r.domain_key, r.range_key, r.placement_id, 0, r.created_at, ?, 0, 0, r.mails, r.mailed_at, r.why, CASE WHEN r.why = '' THEN 0 ELSE CAST(? AS BIGINT) END"+
		// Who confirms before the mail server has said that it took the mail is
		// measured by when the mail was asked for.
		" FROM (SELECT r.*, CASE WHEN r.doubt <> '' THEN r.doubt WHEN CASE WHEN r.sent_at > 0 THEN r.sent_at ELSE r.created_at END > CAST(? AS BIGINT) THEN '"+ReasonQuick+"' ELSE '' END AS why "+from+") r"+
		" ORDER BY r.email_key ON CONFLICT (appeal_id, email_key) DO NOTHING RETURNING id, partner_id, placement_id, country, lang, origin, state, day",
		Online, Counted, Held, now.UTC().Format(time.DateOnly), ms, ms, i.tooQuick(now), ids, pending, oldest).Scan(&made).Error
	if err != nil {
		return err
	}
	confirmed := make(map[int64]bool, len(made))
	for _, s := range made {
		confirmed[s.ID] = true
		d.add(s, 1)
	}
	if err := i.keepMessages(tx, ms, ids, oldest); err != nil {
		return err
	}
	var closed []request
	err = tx.Raw("UPDATE sign_requests SET signature_id = (SELECT s.id FROM signatures s WHERE s.appeal_id = sign_requests.appeal_id AND s.email_key = sign_requests.email_key),"+
		" state = ?, done_at = ?, email_key = NULL, name = NULL, email = NULL, message = '', domain_key = NULL, range_key = NULL, placement_id = 0"+
		" WHERE id IN ? AND state = ? AND created_at > ? RETURNING id, signature_id", done, ms, ids, pending, oldest).Scan(&closed).Error
	if err != nil {
		return err
	}
	return i.answer(tx, jobs, confirmed, closed)
}

// keepMessages gives each new signature the message of its request; all of
// them wait for a moderator.
func (i *Intake) keepMessages(tx *gorm.DB, ms int64, ids []int64, oldest int64) error {
	return tx.Exec("INSERT INTO messages (id, appeal_id, signature_id, partner_id, country, lang, body, state, created_at, decided_at, decided_by)"+
		" SELECT r.id, r.appeal_id, r.id, r.partner_id, r.country, r.lang, r.message, ?, ?, 0, 0 FROM sign_requests r"+
		" WHERE r.id IN ? AND r.state = ? AND r.created_at > ? AND r.message <> ''"+
		" AND EXISTS (SELECT 1 FROM signatures s WHERE s.id = r.id)", MessageWaiting, ms, ids, pending, oldest).Error
}

// answer tells each job its outcome. Of several clicks on one link in a batch
// the first is told "confirmed", the others "repeated".
func (i *Intake) answer(tx *gorm.DB, jobs []*job[int64, Outcome], confirmed map[int64]bool, closed []request) error {
	already := make(map[int64]bool, len(closed))
	for _, r := range closed {
		already[r.ID] = r.SignatureID != r.ID
	}
	ctx := store.With(context.Background(), tx)
	for _, j := range jobs {
		switch {
		case confirmed[j.in]:
			j.out = OutcomeConfirmed
			confirmed[j.in] = false
		case already[j.in]:
			j.out = OutcomeAlready
		default:
			var err error
			if j.out, err = i.Look(ctx, j.in); err != nil {
				return err
			}
		}
	}
	return nil
}
