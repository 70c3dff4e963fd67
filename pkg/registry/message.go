package registry

import (
	"context"

	"gorm.io/gorm"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/seal"
)

// SetMessage changes the message of solidarity that an application brings,
// "" for none. Invalid naming message; ErrMoved before the address is
// confirmed and after the decision; ErrForgotten, ErrReplaced.
func (r *Registry) SetMessage(ctx context.Context, t seal.Token, message string) (*Application, error) {
	message, err := plaintext.Clean(message, plaintext.Message)
	if err != nil {
		refused := fault.Fields{}
		refused.Add("message", err)
		return nil, refused.Err()
	}
	return r.changeLinked(ctx, t, func(tx *gorm.DB, a *Application) error {
		if !a.Open() {
			return ErrMoved
		}
		if a.Message == message {
			return nil
		}
		a.Message = message
		if err := r.revise(tx, a, map[string]any{"message": message}); err != nil {
			return err
		}
		return r.deed(tx, a, applicant, "message", nil, nil)
	})
}
