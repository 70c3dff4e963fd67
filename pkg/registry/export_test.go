package registry

import (
	"gorm.io/gorm"

	"olivebranch/pkg/audit"
)

// Move is the one function that moves applications.
func (r *Registry) Move(tx *gorm.DB, a *Application, to State, by audit.Actor) error {
	return r.move(tx, a, to, by, nil)
}

// Belongings are the tables whose rows are forgotten with their application.
func Belongings() []string {
	var tables []string
	for _, b := range belongings {
		tables = append(tables, b.table)
	}
	return tables
}
