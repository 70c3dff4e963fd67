package store

import "database/sql"

// RefuseOld is refuseOld, since a test has only one SQLite at hand.
var RefuseOld = refuseOld

// Down is down, since a test cannot make every error happen.
var Down = down

// DSN is the address of a connection.
var DSN = sqliteDSN

// Connect makes one connection of the writer's kind to an address.
func Connect(dsn string) error {
	registerDrivers()
	db, err := sql.Open(writerDriver, dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Ping()
}

// Pools are the connections behind the two handles.
func (s *Store) Pools() (writer, readers *sql.DB, err error) {
	if writer, err = s.writer.DB(); err != nil {
		return nil, nil, err
	}
	readers, err = s.readers.DB()
	return writer, readers, err
}
