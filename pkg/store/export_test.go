package store

import "database/sql"

// RefuseOld is refuseOld, since a test has only one SQLite at hand.
var RefuseOld = refuseOld

// Pools are the connections behind the two handles.
func (s *Store) Pools() (writer, readers *sql.DB, err error) {
	if writer, err = s.writer.DB(); err != nil {
		return nil, nil, err
	}
	readers, err = s.readers.DB()
	return writer, readers, err
}
