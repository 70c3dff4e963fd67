package registry

import (
	"gorm.io/gorm"

	"olivebranch/pkg/audit"
)

// Move is the one function that moves applications.
func (r *Registry) Move(tx *gorm.DB, a *Application, to State, by audit.Actor) error {
	return r.move(tx, a, to, by, nil)
}
