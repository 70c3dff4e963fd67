package store

import (
	"context"
	"database/sql"
	"errors"
)

// session is the writer's own connection, while nobody else in this process
// can write.
type session struct{ *sql.Conn }

func (w session) exec(ctx context.Context, statement string, args ...any) error {
	_, err := w.ExecContext(ctx, statement, args...)
	return err
}

// alone lends SQLite's one writing connection. What do begins it carries
// through, also when ctx ends meanwhile.
func (s *Store) alone(ctx context.Context, do func(ctx context.Context, w session) error) error {
	pool, err := s.writer.DB()
	if err != nil {
		return err
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(context.WithoutCancel(ctx), session{conn}), conn.Close())
}
