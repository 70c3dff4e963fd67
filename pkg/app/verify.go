package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"gorm.io/gorm"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/schedule"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/store"
)

type job = schedule.Job

const jobVerify = "verify"

// canary is a row with sealed words that exist nowhere in the clear.
type canary struct {
	ID     int64
	Sealed []byte
}

func (canary) TableName() string { return "canaries" }

const canaryColumn = "canaries.sealed"

// plantCanary seals one random word, once in the life of a database.
func plantCanary(ctx context.Context, s *store.Store, keys *seal.Keys) error {
	return tx(ctx, s, func(tx *gorm.DB) error {
		var n int64
		if err := tx.Model(&canary{}).Count(&n).Error; err != nil || n > 0 {
			return err
		}
		word := make([]byte, 16)
		_, _ = rand.Read(word)
		row := canary{ID: s.NewID()}
		row.Sealed = keys.Seal(canaryColumn, row.ID, []byte("canary-"+hex.EncodeToString(word)))
		return tx.Create(&row).Error
	})
}

// Verify checks everything that must always hold, in the order of DESIGN's
// list. What it finds is named by its row.
func (o *Core) Verify(ctx context.Context) ([]appeal.Finding, error) {
	var found []appeal.Finding
	err := o.Store.Snapshot(ctx, func(db *gorm.DB) (err error) {
		found, err = appeal.Verify(db)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, check := range []func(context.Context) ([]appeal.Finding, error){o.verifyAcknowledged, o.verifySealed, o.verifyClear} {
		f, err := check(ctx)
		if err != nil {
			return nil, err
		}
		found = append(found, f...)
	}
	return found, nil
}

// verifyAcknowledged: a confirmation that was answered is a row. Requests
// keep their outcome for some days, and each must lead to its signature.
func (o *Core) verifyAcknowledged(ctx context.Context) ([]appeal.Finding, error) {
	var ids []int64
	err := o.Store.Read(ctx).Raw("SELECT r.id FROM sign_requests r LEFT JOIN signatures s ON s.id = r.signature_id" +
		" WHERE r.state = 'done' AND s.id IS NULL ORDER BY r.id LIMIT 20").Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("verify acknowledged confirmations: %w", err)
	}
	var found []appeal.Finding
	for _, id := range ids {
		found = append(found, appeal.Finding{Invariant: 4, Row: fmt.Sprintf("sign_requests %d", id), Problem: "was confirmed, but its signature is missing"})
	}
	return found, nil
}

// sealedColumns lists every column that package seal binds to its row.
func sealedColumns() []seal.Column {
	columns := append(appeal.SealedColumns(), registry.SealedColumns()...)
	columns = append(columns, staff.SealedColumns()...)
	return append(append(columns, outbox.SealedColumns()...), seal.Column{Table: "canaries", Name: "sealed", Binding: canaryColumn})
}

// sealedPage is how many rows are opened at a time.
const sealedPage = 5000

// mostOpened bounds how many rows of a column one run opens: all of a small
// campaign, the newest of a large one.
const mostOpened = 200_000

// verifySealed: each sealed column opens with its own row's binding, and with
// no other.
func (o *Core) verifySealed(ctx context.Context) ([]appeal.Finding, error) {
	var found []appeal.Finding
	for _, c := range sealedColumns() {
		f, err := o.verifyColumn(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("verify column %s.%s: %w", c.Table, c.Name, err)
		}
		found = append(found, f...)
	}
	return found, nil
}

func (o *Core) verifyColumn(ctx context.Context, c seal.Column) ([]appeal.Finding, error) {
	var found []appeal.Finding
	before := int64(1<<63 - 1)
	for opened := 0; opened < mostOpened; opened += sealedPage {
		var rows []struct {
			ID     int64
			Sealed []byte
		}
		err := o.Store.Read(ctx).Table(c.Table).Select("id, "+c.Name+" AS sealed").Where("id < ? AND "+c.Name+" IS NOT NULL", before).
			Order("id DESC").Limit(sealedPage).Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			before = r.ID
			problem := ""
			if _, err := o.Keys.Open(c.Binding, r.ID, r.Sealed); err != nil {
				problem = "does not open for its own row"
			} else if _, err := o.Keys.Open(c.Binding, r.ID+1, r.Sealed); !errors.Is(err, seal.ErrOpen) {
				problem = "opens for another row"
			}
			if problem != "" {
				found = append(found, appeal.Finding{Invariant: 6, Row: fmt.Sprintf("%s %d", c.Table, r.ID), Problem: c.Name + " " + problem})
			}
		}
		if len(rows) < sealedPage {
			break
		}
	}
	return found, nil
}

// secrets are words that must not be in the database in the clear: the
// canaries, and the newest addresses and names that are sealed.
func (o *Core) secrets(ctx context.Context) (map[string]string, error) {
	known, err := o.Staff.Addresses(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, c := range sealedColumns() {
		if c.Table == "outbox" {
			continue // JSON around the same addresses
		}
		var rows []struct {
			ID     int64
			Sealed []byte
		}
		err := o.Store.Read(ctx).Table(c.Table).Select("id, " + c.Name + " AS sealed").Where(c.Name + " IS NOT NULL").Order("id DESC").Limit(50).Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			plain, err := o.Keys.Open(c.Binding, r.ID, r.Sealed)
			if err == nil && !slices.Contains(known, string(plain)) && (c.Table == "canaries" || utf8.Valid(plain) && bytes.ContainsRune(plain, '@')) {
				out[string(plain)] = fmt.Sprintf("%s %d", c.Table, r.ID)
			}
		}
	}
	return out, nil
}

// verifyClear: no secret is anywhere in the clear: in the bytes of SQLite's
// files, free pages and log included, or in any column of PostgreSQL.
func (o *Core) verifyClear(ctx context.Context) ([]appeal.Finding, error) {
	secrets, err := o.secrets(ctx)
	if err != nil {
		return nil, fmt.Errorf("collect secrets: %w", err)
	}
	leaks := map[string]string{} // row to place
	if o.Store.Postgres() {
		err = o.searchColumns(ctx, secrets, leaks)
	} else {
		err = o.Store.Bytes(func(_ string, bytes io.Reader) error { return searchFile(bytes, secrets, leaks) })
	}
	if err != nil {
		return nil, fmt.Errorf("search for secrets in the clear: %w", err)
	}
	var found []appeal.Finding
	for row, place := range leaks {
		found = append(found, appeal.Finding{Invariant: 6, Row: row, Problem: "is in the clear in " + place})
	}
	return found, nil
}

// searchFile looks through a file of any size, a piece at a time; pieces
// overlap so that nothing is missed between them.
func searchFile(f io.Reader, secrets, leaks map[string]string) error {
	const overlap = 512
	piece := make([]byte, 1<<20)
	kept := 0
	for {
		n, err := io.ReadFull(f, piece[kept:])
		part := piece[:kept+n]
		for secret, row := range secrets {
			if bytes.Contains(part, []byte(secret)) {
				leaks[row] = "the database file"
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil
		}
		if err != nil {
			return err
		}
		kept = copy(piece, part[max(0, len(part)-overlap):])
	}
}

func (o *Core) searchColumns(ctx context.Context, secrets, leaks map[string]string) error {
	var columns []struct{ TableName, ColumnName, DataType string }
	db := o.Store.Read(ctx)
	err := db.Raw("SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() AND data_type IN ('text', 'bytea', 'character varying')").Scan(&columns).Error
	if err != nil {
		return err
	}
	for _, c := range columns {
		column := fmt.Sprintf("%q", c.ColumnName)
		if c.DataType == "bytea" {
			column = "encode(" + column + ", 'escape')"
		}
		for secret, row := range secrets {
			var n int64
			if err := db.Raw(fmt.Sprintf("SELECT count(*) FROM %q WHERE position(? in %s) > 0", c.TableName, column), secret).Scan(&n).Error; err != nil {
				return err
			}
			if n > 0 {
				leaks[row] = c.TableName + "." + c.ColumnName
			}
		}
	}
	return nil
}

func (a *App) verifyJob(ctx context.Context) (string, error) {
	found, err := a.Verify(ctx)
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return "", fmt.Errorf("%d findings, the first: invariant %d, %s %s", len(found), found[0].Invariant, found[0].Row, found[0].Problem)
	}
	return "all invariants hold", nil
}
