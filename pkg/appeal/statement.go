package appeal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
)

// Statement is what staff had said the number is, on a day, for whoever quotes
// it. It is never changed: the figures stay, and the words around them too, in
// every language that the site spoke then.
type Statement struct {
	ID       int64
	AppealID int64
	Name     string // in its address: the day, UTC; with "-2" and so on for a further one of that day
	At       int64
	Counted  int64
	Frozen   `gorm:"-"`
	Body     string // of Frozen, in JSON
}

// TableName names GORM's table.
func (Statement) TableName() string { return "number_statements" }

// Frozen is what a statement keeps. Its shape in JSON, and that of what is in
// it, can be added to, but no more: statements are read as long as they are
// quoted.
type Frozen struct {
	Number Number                 `json:"number"`
	Words  map[string]NumberWords `json:"words"` // by language
}

// NumberWords say in one language what the number means.
type NumberWords struct {
	Title    string          `json:"title"`    // of the appeal
	Lang     string          `json:"lang"`     // of the title
	Heading  string          `json:"heading"`  // "Signatures as of May 3, 2026, 12:00 UTC"
	Total    string          `json:"total"`    // in the language's digits
	Unit     string          `json:"unit"`     // "signatures", in the plural that the total asks for
	Sentence string          `json:"sentence"` // to be quoted
	Beside   []string        `json:"beside"`   // what else there is: paper, countries, partners
	Left     string          `json:"left"`     // leads to Excluded
	Excluded []ExcludedWords `json:"excluded"`
	Checks   string          `json:"checks"` // leads to How
	How      []string        `json:"how"`    // it is counted and checked
}

// ExcludedWords are a kind of signatures that is not in the number, and how
// many of them there are; N is "" where that is not known.
type ExcludedWords struct {
	Label string `json:"label"`
	N     string `json:"n"`
}

// Statements are those of the main appeal. Safe for concurrent use.
type Statements struct {
	Store     *store.Store
	Appeal    *Appeal
	Bulletins *Bulletins
	Trail     audit.Trail
	Partners  func() int // how many there are
	Words     func(Number) map[string]NumberWords
}

// Errors about statements.
var (
	ErrNoStatement = fault.New(fault.NotFound, "statement.none")
	// ErrFrozenMeanwhile answers who has not seen the newest statement: a second
	// click, or a colleague's.
	ErrFrozenMeanwhile = fault.New(fault.Conflict, "statements.meanwhile")
)

// Now is the number as it would be frozen now.
func (s *Statements) Now(ctx context.Context) (Number, error) {
	var n Number
	if err := s.complete(ctx, &n); err != nil {
		return n, err
	}
	return n, n.count(s.Store.Read(ctx), s.Appeal.Current().ID)
}

// complete adds what the bulletin and the register know.
func (s *Statements) complete(ctx context.Context, n *Number) error {
	n.Partners = s.Partners()
	b, err := s.Bulletins.Latest(ctx)
	if errors.Is(err, ErrNoBulletin) {
		return nil
	}
	n.Tell(b)
	return err
}

// Freeze makes a statement of what the number is now. seen is the id of the
// newest statement that whoever asks for it knows of, 0 for none:
// ErrFrozenMeanwhile when there is another.
func (s *Statements) Freeze(ctx context.Context, seen int64, by audit.Actor) (Statement, error) {
	told := Number{}
	if err := s.complete(ctx, &told); err != nil {
		return Statement{}, err
	}
	made := Statement{ID: s.Store.NewID(), AppealID: s.Appeal.Current().ID}
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		now := tx.NowFunc().UTC()
		var err error
		if made.Name, err = s.nextName(tx, seen, now.Format(time.DateOnly)); err != nil {
			return err
		}
		if err = told.count(tx, made.AppealID); err != nil {
			return err
		}
		made.At, made.Counted, made.Frozen = told.At, told.Total, Frozen{told, s.Words(told)}
		body, err := json.Marshal(made.Frozen)
		if err != nil {
			return err
		}
		made.Body = string(body)
		if err := tx.Create(&made).Error; err != nil {
			if errors.Is(err, gorm.ErrDuplicatedKey) { // another copy of the program was quicker
				return ErrFrozenMeanwhile.Because(err)
			}
			return fmt.Errorf("keep the statement %s: %w", made.Name, err)
		}
		return s.Trail.Note(tx, by, audit.Deed{Action: "statement.frozen", Subject: "statement", SubjectID: made.ID,
			After: map[string]any{"name": made.Name, "signatures": made.Counted}})
	})
	return made, err
}

// nextName is the name of the next statement, unless there is one that was not
// seen.
func (s *Statements) nextName(tx *gorm.DB, seen int64, today string) (string, error) {
	list, err := s.list(tx)
	if err != nil {
		return "", err
	}
	if len(list) > 0 && list[0].ID != seen {
		return "", ErrFrozenMeanwhile
	}
	n := 1
	for _, other := range list {
		if len(other.Name) >= len(today) && other.Name[:len(today)] == today {
			n++
		}
	}
	if n == 1 {
		return today, nil
	}
	return fmt.Sprintf("%s-%d", today, n), nil
}

// List is all statements, newest first, without what they say.
func (s *Statements) List(ctx context.Context) ([]Statement, error) { return s.list(s.Store.Read(ctx)) }

func (s *Statements) list(db *gorm.DB) ([]Statement, error) {
	var found []Statement
	err := db.Omit("body").Where("appeal_id = ?", s.Appeal.Current().ID).Order("id DESC").Find(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list the statements: %w", err)
	}
	return found, nil
}

// Find is the statement of a name. ErrNoStatement.
func (s *Statements) Find(ctx context.Context, name string) (Statement, error) {
	var found Statement
	if len(name) < len(time.DateOnly) || strings.Trim(name, "0123456789-") != "" {
		return found, ErrNoStatement
	}
	err := s.Store.Read(ctx).Where("appeal_id = ? AND name = ?", s.Appeal.Current().ID, name).Take(&found).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return found, ErrNoStatement.Because(err)
	}
	if err == nil {
		err = json.Unmarshal([]byte(found.Body), &found.Frozen)
	}
	if err != nil {
		return found, fmt.Errorf("read the statement %q: %w", name, err)
	}
	return found, nil
}
