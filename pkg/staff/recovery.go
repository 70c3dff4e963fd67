package staff

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"

	"gorm.io/gorm"
)

// RecoveryCodes is how many an account has at a time.
const RecoveryCodes = 10

// recoveryBytes makes codes of 80 bits: beyond guessing also for who has the
// hashes, so that these need no slow function.
const recoveryBytes = 10

// letters leaves out those that look like digits.
var letters = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// recoveryCode is a row. Only the hash of the code is stored.
type recoveryCode struct {
	ID      int64
	StaffID int64
	Hash    []byte
	UsedAt  int64
}

// TableName names GORM's table.
func (recoveryCode) TableName() string { return "recovery_codes" }

// MakeCodes gives an account new recovery codes and ends the old ones. They
// cannot be read again. ErrNoFactor.
func (s *Staff) MakeCodes(ctx context.Context, account int64) ([]string, error) {
	codes, rows := make([]string, RecoveryCodes), make([]recoveryCode, RecoveryCodes)
	for i := range codes {
		raw := make([]byte, recoveryBytes)
		_, _ = rand.Read(raw)
		c := letters.EncodeToString(raw)
		rows[i] = recoveryCode{ID: s.Store.NewID(), StaffID: account, Hash: recoveryHash(account, c)}
		codes[i] = c[:4] + "-" + c[4:8] + "-" + c[8:12] + "-" + c[12:]
	}
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var a Account
		if err := lockRow(tx, account, &a); err != nil {
			return err
		}
		if f, err := factorsOf(tx, &a); err != nil || !f.Any() {
			if err == nil {
				err = ErrNoFactor
			}
			return err
		}
		if err := tx.Where("staff_id = ?", account).Delete(&recoveryCode{}).Error; err != nil {
			return err
		}
		if err := tx.Create(&rows).Error; err != nil {
			return err
		}
		return s.noteOwn(tx, account, "staff.codes_made", nil)
	})
	if err != nil {
		return nil, fmt.Errorf("make recovery codes: %w", err)
	}
	return codes, nil
}

// useRecovery accepts each code once, however its letters are grouped.
func (s *Staff) useRecovery(tx *gorm.DB, account int64, code string) (bool, error) {
	code = strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(code))
	used := tx.Model(&recoveryCode{}).Where("staff_id = ? AND hash = ? AND used_at = 0", account, recoveryHash(account, code)).
		Update("used_at", s.Now().UnixMilli())
	return used.RowsAffected == 1, used.Error
}

func recoveryHash(account int64, code string) []byte {
	sum := sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, uint64(account)), code...))
	return sum[:]
}
