package appeal

import (
	"fmt"
	"strings"

	"gorm.io/gorm"
)

// Finding is something that must hold and does not. Invariant is its number
// in the list of verify; Row names where.
type Finding struct {
	Invariant int    `json:"invariant"`
	Row       string `json:"row"`
	Problem   string `json:"problem"`
}

// mostFindings of one kind are listed.
const mostFindings = 20

// Verify checks invariants 1, 2, 3, 5 and 7 in one read transaction.
func Verify(db *gorm.DB) ([]Finding, error) {
	var found []Finding
	for _, check := range []func(*gorm.DB) ([]Finding, error){verifyTotals, verifyTallies, verifyIndex, verifyComplete, verifyMarks, verifySweeps} {
		f, err := check(db)
		if err != nil {
			return nil, err
		}
		found = append(found, f...)
	}
	return found, nil
}

// verifyTotals: the total of an appeal is the number of its counted rows.
func verifyTotals(db *gorm.DB) ([]Finding, error) {
	var rows []struct {
		ID         int64
		Total, Has int64
	}
	err := db.Raw("SELECT a.id, COALESCE((SELECT t.n FROM tallies t WHERE t.appeal_id = a.id AND t.kind = ? AND t.key = ''), 0) AS total,"+
		" (SELECT count(*) FROM signatures s WHERE s.appeal_id = a.id AND s.state = ?) AS has FROM appeals a", ByTotal, Counted).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("verify totals: %w", err)
	}
	var found []Finding
	for _, r := range rows {
		if r.Total != r.Has {
			found = append(found, Finding{1, fmt.Sprintf("appeals %d", r.ID), fmt.Sprintf("total says %d, counted rows are %d", r.Total, r.Has)})
		}
	}
	return found, nil
}

// tallyColumns say which column of signatures the key of a kind is made from.
var tallyColumns = map[string]string{
	ByCountry: "country", ByLanguage: "lang", ByOrigin: "origin", ByDay: "day", ByState: "state",
	ByPartner:    "CASE WHEN partner_id = 0 THEN 'direct' ELSE CAST(partner_id AS TEXT) END",
	ByPlacement:  "CAST(placement_id AS TEXT)",
	ByPartnerDay: "CASE WHEN partner_id = 0 THEN 'direct' ELSE CAST(partner_id AS TEXT) END || '/' || day",
}

// verifyTallies: each kind sums up to the total, and each tally is the number
// of its rows.
func verifyTallies(db *gorm.DB) ([]Finding, error) {
	var found []Finding
	for kind, column := range tallyColumns {
		where, args := "", []any{}
		if kind != ByState {
			where, args = "WHERE state = ?", []any{Counted}
		}
		if kind == ByPlacement {
			where += " AND placement_id <> 0"
		}
		var rows []struct {
			AppealID  int64
			Key       string
			Says, Has int64
		}
		sql := "SELECT appeal_id, key, sum(says) AS says, sum(has) AS has FROM (" +
			"SELECT appeal_id, key, n AS says, 0 AS has FROM tallies WHERE kind = ?" +
			" UNION ALL SELECT appeal_id, " + column + " AS key, 0 AS says, count(*) AS has FROM signatures " + where + " GROUP BY 1, 2" +
			") AS both_sides GROUP BY appeal_id, key HAVING sum(says) <> sum(has) ORDER BY appeal_id, key LIMIT ?"
		err := db.Raw(sql, append(append([]any{kind}, args...), mostFindings)...).Scan(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("verify tallies by %s: %w", kind, err)
		}
		for _, r := range rows {
			found = append(found, Finding{2, fmt.Sprintf("tallies %d %s %s", r.AppealID, kind, r.Key),
				fmt.Sprintf("says %d, rows are %d", r.Says, r.Has)})
		}
	}
	return found, nil
}

// verifyIndex: no two rows share appeal and address key; the unique index
// that sees to it is there.
func verifyIndex(db *gorm.DB) ([]Finding, error) {
	var found []Finding
	if !db.Migrator().HasIndex("signatures", "signatures_once") {
		found = append(found, Finding{3, "signatures", "the unique index signatures_once is missing"})
	}
	var rows []struct {
		AppealID int64
		First    int64
		N        int64
	}
	err := db.Raw("SELECT appeal_id, min(id) AS first, count(*) AS n FROM signatures WHERE email_key IS NOT NULL"+
		" GROUP BY appeal_id, email_key HAVING count(*) > 1 LIMIT ?", mostFindings).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("verify addresses: %w", err)
	}
	for _, r := range rows {
		found = append(found, Finding{3, fmt.Sprintf("signatures %d", r.First), fmt.Sprintf("%d rows share its address", r.N)})
	}
	return found, nil
}

// verifyComplete: each counted row has its consent, time, language, and the
// texts it agreed to in that language.
func verifyComplete(db *gorm.DB) ([]Finding, error) {
	var rows []struct {
		Signature
		Known bool
	}
	// Of terms only those that name a text and a wording that exist are any.
	const known = "EXISTS (SELECT 1 FROM terms t WHERE t.id = signatures.terms_id AND t.lang = signatures.lang" +
		" AND EXISTS (SELECT 1 FROM texts x WHERE x.id = t.body_id) AND EXISTS (SELECT 1 FROM texts x WHERE x.id = t.consent_id))"
	err := db.Model(&Signature{}).Select("id, consents, confirmed_at, lang, "+known+" AS known").Where("state = ?", Counted).
		Where("(consents % 2) = 0 OR confirmed_at = 0 OR lang = '' OR NOT " + known).
		Order("id").Limit(mostFindings).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("verify consents: %w", err)
	}
	var found []Finding
	for _, r := range rows {
		var missing []string
		for name, absent := range map[string]bool{
			"consent": !r.Consents.Has(ConsentCount), "time": r.ConfirmedAt == 0, "the texts agreed to": !r.Known, "language": r.Lang == "",
		} {
			if absent {
				missing = append(missing, name)
			}
		}
		found = append(found, Finding{5, fmt.Sprintf("signatures %d", r.ID), "lacks " + strings.Join(missing, ", ")})
	}
	return found, nil
}

// verifyMarks: a signature says why it is held or invalid, and since when it is
// held, exactly when it is.
func verifyMarks(db *gorm.DB) ([]Finding, error) {
	var rows []Signature
	err := db.Select("id", "state", "reason", "held_at").
		Where("(reason <> '') <> (state IN ?) OR (held_at <> 0) <> (state = ?)", []string{Held, Invalid}, Held).
		Order("id").Limit(mostFindings).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("verify why signatures are held: %w", err)
	}
	var found []Finding
	for _, r := range rows {
		found = append(found, Finding{7, fmt.Sprintf("signatures %d", r.ID), fmt.Sprintf("is %s, for the reason %q, held since %d", r.State, r.Reason, r.HeldAt)})
	}
	return found, nil
}

// verifySweeps: a sweep knows of each signature it moved, and has not given
// back, what it was before.
func verifySweeps(db *gorm.DB) ([]Finding, error) {
	var rows []struct{ ID, Says, Has int64 }
	err := db.Raw("SELECT w.id, w.moved - w.back AS says, COALESCE(i.n, 0) AS has FROM sweeps w"+
		" LEFT JOIN (SELECT sweep_id, count(*) AS n FROM sweep_items GROUP BY sweep_id) AS i ON i.sweep_id = w.id"+
		" WHERE w.moved - w.back <> COALESCE(i.n, 0) ORDER BY w.id LIMIT ?", mostFindings).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("verify sweeps: %w", err)
	}
	var found []Finding
	for _, r := range rows {
		found = append(found, Finding{7, fmt.Sprintf("sweeps %d", r.ID), fmt.Sprintf("moved %d that are not given back, and knows what %d of them were", r.Says, r.Has)})
	}
	var lost []int64
	err = db.Raw("SELECT s.id FROM signatures s WHERE s.sweep_id <> 0 AND s.state <> ? AND NOT EXISTS"+
		" (SELECT 1 FROM sweep_items i WHERE i.sweep_id = s.sweep_id AND i.signature_id = s.id) ORDER BY s.id LIMIT ?", Withdrawn, mostFindings).Scan(&lost).Error
	if err != nil {
		return nil, fmt.Errorf("verify what sweeps moved: %w", err)
	}
	for _, id := range lost {
		found = append(found, Finding{7, fmt.Sprintf("signatures %d", id), "its sweep does not know what it was"})
	}
	return found, nil
}
