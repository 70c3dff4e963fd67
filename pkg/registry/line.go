package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/store"
)

// MostLine is how many characters a partner's own line has on its banner; half
// as many of Korean, Chinese and Japanese.
const MostLine = 80

// bannerLine bounds it, so that it fits into the narrowest layout.
var bannerLine = plaintext.Limit{Graphemes: MostLine, Bytes: 4 * MostLine, Columns: MostLine}

// ProposeLine puts a line of the partner's own for its banner before staff,
// together with what else waits for them. Until they publish it, the old one
// shows. Invalid naming line and line_lang; Conflict for partners that
// visitors may not see.
func (r *Registry) ProposeLine(ctx context.Context, rep *Representative, line, lang string) error {
	line, err := checkedLine(line, &lang)
	if err != nil {
		return err
	}
	err = r.onChanges(ctx, rep.PartnerID, func(ctx context.Context, tx *gorm.DB, p *Partner) error {
		if p.State != Active && p.State != Paused {
			return errNoPublishing
		}
		wish := p.Public()
		waiting, err := r.waitingChange(ctx, p.ID)
		if err != nil {
			return err
		}
		if waiting != nil {
			now, err := r.Rebase(ctx, waiting, p)
			if err != nil {
				return err
			}
			wish = now.Published
		}
		wish.Line, wish.LineLang = line, lang
		live, err := r.LiveVersion(ctx, p.ID)
		if err != nil {
			return err
		}
		base, err := r.keepLive(ctx, tx, p, live)
		if err != nil {
			return err
		}
		return r.propose(ctx, tx, p, rep, base, wish, nil)
	})
	if err != nil {
		return fmt.Errorf("propose a line of partner %d: %w", rep.PartnerID, err)
	}
	return nil
}

func checkedLine(line string, lang *string) (string, error) {
	refused := fault.Fields{}
	line, err := plaintext.Required(line, bannerLine)
	refused.Add("line", err)
	refused.Add("line_lang", goodLang(lang))
	return line, refused.Err()
}

// waitingChange is the change of a partner that waits; nil for none.
func (r *Registry) waitingChange(ctx context.Context, partner int64) (*Change, error) {
	c, err := r.change1(ctx, "partner_id = ? AND state = ?", partner, ChangeWaiting)
	if errors.Is(err, ErrNoChange) {
		return nil, nil
	}
	return c, err
}

// RemoveLine takes the partner's own line from its banner, at once, and out of
// the change that waits. The rest of that change goes on waiting.
func (r *Registry) RemoveLine(ctx context.Context, partner int64, by audit.Actor) error {
	_, err := r.changePartner(ctx, partner, AnyVersion, func(tx *gorm.DB, p *Partner) error {
		if err := r.dropWaitingLine(store.With(ctx, tx), tx, p); err != nil {
			return err
		}
		public := p.Public()
		if public.Line == "" {
			return nil
		}
		public.Line, public.LineLang = "", ""
		if err := r.publish(tx, p, public, by, nil); err != nil {
			return err
		}
		return r.Trail.Note(tx, by, audit.Deed{Action: "partner.line_removed", Subject: OfPartner, SubjectID: p.ID})
	})
	return err
}

// dropWaitingLine makes the change that waits one without a line; if nothing
// else is in it, it ends.
func (r *Registry) dropWaitingLine(ctx context.Context, tx *gorm.DB, p *Partner) error {
	if err := wait(tx, p.ID); err != nil {
		return err
	}
	c, err := r.waitingChange(ctx, p.ID)
	if c == nil || err != nil {
		return err
	}
	wish, err := c.Wish()
	if err != nil {
		return err
	}
	wish.Line, wish.LineLang = "", ""
	base, err := r.partnerVersion(ctx, p.ID, c.Version)
	if err != nil {
		return err
	}
	base.Public.Line, base.Public.LineLang = "", ""
	if len(Differences(base.Public, wish)) == 0 {
		return r.endWaiting(tx, p.ID, ChangeTakenBack)
	}
	profile, err := json.Marshal(wish)
	if err != nil {
		return err
	}
	return tx.Model(&Change{}).Where("id = ?", c.ID).Update("profile", string(profile)).Error
}
