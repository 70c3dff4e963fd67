package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/seal"
)

// VouchState is where the question stands whether a partner knows an
// applicant.
type VouchState string

// The states of a vouch. They are stored: never change one.
const (
	VouchNamed     VouchState = "named" // by the applicant; nobody has written to the partner
	VouchAsked     VouchState = "asked"
	VouchKnown     VouchState = "known"
	VouchUnknown   VouchState = "unknown"
	VouchDoubts    VouchState = "doubts"
	VouchWithdrawn VouchState = "withdrawn" // staff took the question back
)

// VouchStates are all of them; VouchAnswers those a partner gives.
var (
	VouchAnswers = []VouchState{VouchKnown, VouchUnknown, VouchDoubts}
	VouchStates  = append([]VouchState{VouchNamed, VouchAsked, VouchWithdrawn}, VouchAnswers...)
)

// VouchLife is how long a partner may answer.
const VouchLife = 14 * 24 * time.Hour

// MostNamed is how many partners an applicant may name.
const MostNamed = 2

// Vouch is a row: the question to a partner whether it knows an applicant,
// and the answer. Each partner is asked once. Times are Unix milliseconds.
type Vouch struct {
	ID            int64
	ApplicationID int64
	PartnerID     int64
	State         VouchState
	Words         string // the partner's own, for staff
	StaffID       int64  // who asked
	Counter       int64  // rises when the question is taken back, which ends its links
	CreatedAt     int64  // when it was asked, or named
	AnsweredAt    int64
}

// Why a partner is not asked, or cannot answer.
var (
	ErrVouchOver   = fault.New(fault.Gone, "vouch.over")
	errVouchTwice  = fault.New(fault.Invalid, "vouch.asked_already")
	errVouchNobody = fault.New(fault.Invalid, "vouch.nobody")
	errVouchAnswer = fault.New(fault.Invalid, "vouch.answer_required")
)

// Undecided says that staff still ask about an application.
func (a *Application) Undecided() bool {
	return slices.Contains([]State{Verified, InReview, NeedsInfo}, a.State)
}

// Vouches lists whom an application names or staff asked, oldest first.
func (r *Registry) Vouches(ctx context.Context, application int64) ([]Vouch, error) {
	var rows []Vouch
	if err := r.Store.Read(ctx).Where("application_id = ?", application).Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read vouches of application %d: %w", application, err)
	}
	return rows, nil
}

// Vouch reads one. ErrVouchOver if there is none.
func (r *Registry) Vouch(ctx context.Context, id int64) (*Vouch, error) {
	var v Vouch
	err := r.Store.Read(ctx).Where("id = ?", id).Take(&v).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrVouchOver
	}
	if err != nil {
		return nil, fmt.Errorf("read vouch %d: %w", id, err)
	}
	return &v, nil
}

// NamePartners keeps which partners an applicant says know it, none for none,
// in place of those named before that were not asked. ErrMoved.
func (r *Registry) NamePartners(ctx context.Context, id int64, partners []int64) error {
	_, err := r.change(ctx, id, func(tx *gorm.DB, a *Application) error {
		if !a.Undecided() {
			return ErrMoved
		}
		var before []Vouch
		if err := tx.Where("application_id = ? AND state = ?", id, VouchNamed).Find(&before).Error; err != nil {
			return fmt.Errorf("read partners named before: %w", err)
		}
		for _, v := range before {
			if slices.Contains(partners, v.PartnerID) {
				continue
			}
			if err := tx.Where("id = ? AND state = ?", v.ID, VouchNamed).Delete(&Vouch{}).Error; err != nil {
				return fmt.Errorf("drop a partner named before: %w", err)
			}
			v.State = VouchWithdrawn
			if err := r.noteVouch(tx, audit.Actor{Kind: audit.Applicant}, &v, VouchNamed); err != nil {
				return err
			}
		}
		for _, p := range partners[:min(len(partners), MostNamed)] {
			v := Vouch{ID: r.Store.NewID(), ApplicationID: id, PartnerID: p, State: VouchNamed, CreatedAt: r.Now().UnixMilli()}
			res := tx.Clauses(clause.OnConflict{Columns: vouchKey, DoNothing: true}).Create(&v)
			if res.Error != nil {
				return fmt.Errorf("name a partner: %w", res.Error)
			}
			if res.RowsAffected == 0 {
				continue // named or asked before
			}
			if err := r.noteVouch(tx, audit.Actor{Kind: audit.Applicant}, &v, ""); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

var vouchKey = []clause.Column{{Name: "application_id"}, {Name: "partner_id"}}

// AskPartner mails the representatives of an active partner the question
// whether they know an applicant. Invalid for partner when it was asked
// before or has nobody to ask; ErrMoved when the application is decided.
func (r *Registry) AskPartner(ctx context.Context, id int64, p *Partner, by audit.Actor) (*Vouch, error) {
	v := &Vouch{ID: r.Store.NewID(), ApplicationID: id, PartnerID: p.ID, State: VouchAsked, StaffID: by.ID, CreatedAt: r.Now().UnixMilli()}
	_, err := r.change(ctx, id, func(tx *gorm.DB, a *Application) error {
		if !a.Undecided() {
			return ErrMoved
		}
		// One that the applicant named becomes one that is asked.
		ask := clause.OnConflict{Columns: vouchKey, DoUpdates: clause.AssignmentColumns([]string{"state", "staff_id", "created_at"}),
			Where: clause.Where{Exprs: []clause.Expression{clause.Eq{Column: "vouches.state", Value: VouchNamed}}}}
		res := tx.Clauses(ask).Create(v)
		if res.Error != nil {
			return fmt.Errorf("ask a partner: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.Fields{"partner": errVouchTwice}.Err()
		}
		if err := tx.Where("application_id = ? AND partner_id = ?", id, p.ID).Take(v).Error; err != nil {
			return fmt.Errorf("read whom was asked: %w", err)
		}
		if err := r.writeVouchRequest(tx, a, v); err != nil {
			return err
		}
		return r.noteVouch(tx, by, v, "")
	})
	return v, err
}

// writeVouchRequest writes to each who acts for the partner, in their language,
// and keeps the letter with the application, in that of the first. It holds the
// organization's name; the rest of its public profile, and nothing else, is on
// the page behind the link.
func (r *Registry) writeVouchRequest(tx *gorm.DB, a *Application, v *Vouch) error {
	m := outbox.Mail{Kind: outbox.VouchRequest, Args: map[string]string{outbox.ArgOrganization: a.Name}}
	mails, err := r.toPartner(tx, v.PartnerID, m)
	if err != nil {
		return err
	}
	if len(mails) == 0 {
		return fault.Fields{"partner": errVouchNobody}.Err()
	}
	for i := range mails {
		mails[i].Action = r.vouchLink(v, mails[i].Lang)
	}
	m.Lang = mails[0].Lang
	if err := r.keepLetter(tx, About{OfApplication, a.ID}, m); err != nil {
		return err
	}
	return r.Outbox.Enqueue(tx, mails...)
}

func (r *Registry) vouchLink(v *Vouch, lang string) string {
	return "/" + lang + "/vouch/" + r.Keys.Token(seal.Token{Purpose: seal.Vouch, Row: v.ID, Counter: uint16(v.Counter),
		Expires: time.UnixMilli(v.CreatedAt).Add(VouchLife)})
}

// AnswerVouch keeps what a partner says about an applicant. Invalid for
// answer or words; ErrVouchOver when it was answered or taken back, the
// application is decided, or the partner is not active any more.
func (r *Registry) AnswerVouch(ctx context.Context, id int64, answer VouchState, words string) error {
	refused := fault.Fields{}
	if !slices.Contains(VouchAnswers, answer) {
		refused.Add("answer", errVouchAnswer)
	}
	words, err := plaintext.Clean(words, plaintext.Message)
	refused.Add("words", err)
	if err := refused.Err(); err != nil {
		return err
	}
	return r.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		v, _, err := r.OpenVouch(ctx, id)
		if err != nil {
			return err
		}
		return r.moveVouch(tx, v, VouchAsked, answer, audit.Actor{Kind: audit.Representative},
			map[string]any{"words": words, "answered_at": r.Now().UnixMilli()})
	})
}

// OpenVouch reads a question that may still be answered, and the application
// it is about. ErrVouchOver.
func (r *Registry) OpenVouch(ctx context.Context, id int64) (*Vouch, *Application, error) {
	v, err := r.Vouch(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	a, err := r.Application(ctx, v.ApplicationID)
	if err != nil {
		return nil, nil, err
	}
	var active int64
	if err := r.Store.Read(ctx).Model(&Partner{}).Where("id = ? AND state = ?", v.PartnerID, Active).Count(&active).Error; err != nil {
		return nil, nil, fmt.Errorf("read partner of vouch %d: %w", id, err)
	}
	if v.State != VouchAsked || !a.Undecided() || active == 0 {
		return nil, nil, ErrVouchOver
	}
	return v, a, nil
}

// WithdrawVouch takes a question back; its links end. One that is answered
// stays, and so does one that was taken back.
func (r *Registry) WithdrawVouch(ctx context.Context, id int64, by audit.Actor) (*Vouch, error) {
	var v *Vouch
	err := r.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var err error
		if v, err = r.Vouch(ctx, id); err != nil || v.State != VouchAsked {
			return err
		}
		return r.moveVouch(tx, v, VouchAsked, VouchWithdrawn, by, map[string]any{"counter": v.Counter + 1})
	})
	return v, err
}

// moveVouch changes a vouch's state; of two at once one wins, the other gets
// ErrVouchOver.
func (r *Registry) moveVouch(tx *gorm.DB, v *Vouch, from, to VouchState, by audit.Actor, columns map[string]any) error {
	columns["state"] = to
	res := tx.Model(&Vouch{}).Where("id = ? AND state = ? AND counter = ?", v.ID, from, v.Counter).Updates(columns)
	if res.Error != nil {
		return fmt.Errorf("change vouch %d: %w", v.ID, res.Error)
	}
	if res.RowsAffected == 0 {
		return ErrVouchOver
	}
	v.State = to
	return r.noteVouch(tx, by, v, from)
}

func (r *Registry) noteVouch(tx *gorm.DB, by audit.Actor, v *Vouch, from VouchState) error {
	return r.Trail.Note(tx, by, audit.Deed{Action: "vouch." + string(v.State), Subject: "application", SubjectID: v.ApplicationID,
		Before: map[string]any{"partner": v.PartnerID, "state": from}, After: map[string]any{"partner": v.PartnerID, "state": v.State}})
}
