package mailer

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/store"
)

const (
	// mostProbes are sent to see whether a domain is well again; others wait for
	// what becomes of them, at most probeWait.
	mostProbes = 3
	probeWait  = time.Minute

	// slow is when a mail that was taken counts as trouble of its domain.
	slow = 15 * time.Second
)

// Trouble in points. A server that puts off each first mail to a mailbox is
// not ill, and its mails have to be tried once to get through at the second
// try; so first tries weigh little.
const (
	firstTry    = 1
	laterTry    = 3
	standsStill = 6
	enough      = 12 // from so many points on a domain is held back
)

// holds is how long a domain is held back, the last again and again: half an
// hour is what people wait at most after their provider is well again.
var holds = []time.Duration{time.Minute, 3 * time.Minute, 10 * time.Minute, 30 * time.Minute}

func hold(level int64) time.Duration {
	d := holds[min(max(level, 1), int64(len(holds)))-1]
	return time.Duration(float64(d) * (0.9 + 0.2*rand.Float64()))
}

// holdBack puts the mails that were passed over out of the way until their
// domains are tried again, so that nobody has to look at them till then, and
// says whether there were any, and which of those picked are to see whether a
// domain is well again.
func (m *Mailer) holdBack(tx *gorm.DB, now int64, picked, passed []head) (probes map[int64]bool, parked bool, err error) {
	probes = map[int64]bool{}
	var tried [][]byte
	for _, h := range picked {
		if h.Level > 0 {
			probes[h.ID] = true
			tried = append(tried, h.DomainKey)
		}
	}
	passed = slices.DeleteFunc(passed, func(h head) bool {
		return h.Until <= now && !slices.ContainsFunc(tried, func(k []byte) bool { return bytes.Equal(k, h.DomainKey) })
	})
	if err := m.lockDomains(tx, tried); err != nil {
		return nil, false, err
	}
	if len(tried) > 0 {
		if err := tx.Exec("UPDATE mail_domains SET until = ? WHERE domain_key IN ?", now+probeWait.Milliseconds(), tried).Error; err != nil {
			return nil, false, fmt.Errorf("try domains: %w", err)
		}
	}
	if len(passed) > 0 {
		err = tx.Exec("UPDATE outbox SET not_before = (SELECT CASE WHEN d.until > not_before THEN d.until ELSE not_before END FROM mail_domains d WHERE d.domain_key = outbox.domain_key) WHERE id IN ?", ids(passed)).Error
	}
	return probes, len(passed) > 0, wrap("hold mails back", err)
}

// lockDomains takes rows in order, so that on PostgreSQL nobody waits for
// another in a ring.
func (m *Mailer) lockDomains(tx *gorm.DB, keys [][]byte) error {
	if !m.store.Postgres() || len(keys) == 0 {
		return nil
	}
	return wrap("lock domains", tx.Exec("SELECT id FROM mail_domains WHERE domain_key IN ? ORDER BY domain_key FOR UPDATE", keys).Error)
}

// domainResult is what became of mails to a domain in one note.
type domainResult struct {
	key                            []byte
	name                           string
	asked, sent, deferred, refused int64
	points                         int64
	probed                         bool
}

// trouble is how much a mail that was not sent, or too slowly, says against
// its domain; nothing when it is about the mail, or about all.
func (o outcome) trouble() int64 {
	switch {
	case o.err == nil && o.took < slow, o.err != nil && (errors.Is(o.err, ErrRefused) || isUnreachable(o.err) || errors.Is(o.err, errMailbox)):
		return 0
	case o.took >= slow:
		return standsStill
	case o.row.Tries > 1:
		return laterTry
	}
	return firstTry
}

// byDomain adds outcomes up, in the order of the domains' keys.
func byDomain(known []outcome) []*domainResult {
	found := map[string]*domainResult{}
	var all []*domainResult
	for _, o := range known {
		if o.domain == "" || errors.Is(o.err, errPutBack) || errors.Is(o.err, errPointless) || isUnreachable(o.err) {
			continue
		}
		d := found[string(o.row.DomainKey)]
		if d == nil {
			d = &domainResult{key: o.row.DomainKey, name: o.domain}
			found[string(d.key)] = d
			all = append(all, d)
		}
		switch {
		case o.err == nil:
			d.sent++
		case errors.Is(o.err, ErrRefused), errors.Is(o.err, ErrOurs):
			d.refused++
		default:
			d.deferred++
		}
		if o.first {
			d.asked++
		}
		d.points += o.trouble()
		d.probed = d.probed || o.probe
	}
	slices.SortFunc(all, func(a, b *domainResult) int { return bytes.Compare(a.key, b.key) })
	return all
}

// noteDomains writes how domains take mail: for the desk by day, and for the
// next claim. A domain that took a mail and made no trouble is well.
func (m *Mailer) noteDomains(tx *gorm.DB, all []*domainResult, now int64) error {
	if len(all) == 0 {
		return nil
	}
	day := time.UnixMilli(now).UTC().Format(time.DateOnly)
	rows, days := make([]any, 0, 6*len(all)), make([]any, 0, 7*len(all))
	for _, d := range all {
		rows = append(rows, m.store.NewID(), d.key, d.asked, 0, 0, 0)
		days = append(days, day, d.key, d.asked, 0, d.sent, d.deferred, d.refused)
	}
	var stored []outbox.Domain
	err := tx.Raw("INSERT INTO mail_domains (id, domain_key, asked, points, level, until) VALUES "+
		store.Values(len(all), 6)+
		" ON CONFLICT (domain_key) DO UPDATE SET asked = mail_domains.asked + excluded.asked RETURNING *", rows...).Scan(&stored).Error
	if err != nil {
		return fmt.Errorf("note domains: %w", err)
	}
	at := map[string]outbox.Domain{}
	for _, s := range stored {
		at[string(s.DomainKey)] = s
	}
	for _, d := range all {
		if err := m.noteDomain(tx, at[string(d.key)], d, now); err != nil {
			return err
		}
	}
	return wrap("count by domain", tx.Exec("INSERT INTO mail_days (day, domain_key, asked, confirmed, sent, deferred, refused) VALUES "+
		store.Values(len(all), 7)+
		" ON CONFLICT (domain_key, day) DO UPDATE SET asked = mail_days.asked + excluded.asked, sent = mail_days.sent + excluded.sent,"+
		" deferred = mail_days.deferred + excluded.deferred, refused = mail_days.refused + excluded.refused", days...).Error)
}

// noteDomain changes what has to be changed of a domain: whether it is held
// back, and its name once it says nothing of any one person.
func (m *Mailer) noteDomain(tx *gorm.DB, was outbox.Domain, d *domainResult, now int64) error {
	change := map[string]any{}
	well := d.sent > 0 && d.points == 0
	switch {
	case well && (was.Points > 0 || was.Level > 0):
		change["points"], change["level"], change["until"] = 0, 0, 0
	case well || d.points == 0:
	case was.Level > 0 && !d.probed: // mails that were under way when it was held back
	case was.Level > 0, was.Points+d.points >= enough:
		change["points"], change["level"], change["until"] = was.Points+d.points, was.Level+1, now+hold(was.Level+1).Milliseconds()
	default:
		change["points"] = was.Points + d.points
	}
	if was.Asked >= outbox.NameFrom && was.Name == nil {
		change["name"] = outbox.SealName(m.keys, was.ID, d.name)
	}
	if len(change) == 0 {
		return nil
	}
	return wrap("note a domain", tx.Table("mail_domains").Where("id = ?", was.ID).Updates(change).Error)
}
